// SPDX-License-Identifier: Apache-2.0
#include "traffic/trace_writer.hpp"

#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "traffic/arrival_pattern.hpp"
#include "traffic/ordered_trace.hpp"
#include "traffic/superposition.hpp"

using namespace tokenyard;
using namespace tokenyard::traffic;

namespace {

namespace fs = std::filesystem;

// A folder of the test's own.
class Folder {
 public:
  Folder() : path_(fs::temp_directory_path() / ("tokenyard_" + std::to_string(::getpid()))) {
    fs::remove_all(path_);
    fs::create_directory(path_);
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string file(const std::string& name) const { return (path_ / name).string(); }
  std::string file(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name) << text;
    return file(name);
  }
  std::size_t files() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(path_), fs::directory_iterator()));
  }

 private:
  fs::path path_;
};

std::string bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TraceRow row(double arrival_s, std::int64_t prompt, std::int64_t output) {
  TraceRow r;
  r.arrival_s = arrival_s;
  r.prompt = Tokens(prompt);
  r.output = Tokens(output);
  return r;
}

void write(const std::string& path, int rows) {
  TraceWriter writer(path, {});
  for (int i = 0; i < rows; ++i) writer.add(row(i / 7.0, 100 + i, 1 + i % 50));
  writer.finish();
}

std::vector<TraceRow> read(const std::string& path) {
  OrderedTrace rows(path, survey(path));
  std::vector<TraceRow> all;
  for (TraceRow r; rows.next(r);) all.push_back(r);
  return all;
}

std::vector<double> scaled(const std::string& path, const ScalePlan& plan) {
  Superposition rows(path, survey(path), plan);
  std::vector<double> dates;
  for (TraceRow r; rows.next(r);) dates.push_back(r.arrival_s);
  return dates;
}

}  // namespace

TEST_CASE("a written trace has the columns that were asked for, and shortest numbers") {
  const Folder folder;
  TraceRow full = row(0.1, 20, 3);
  full.tenant = "chat";
  full.session = 9;
  full.max_tokens = Tokens(64);
  full.pieces = {{5, 16}, {6, 20}};
  TraceColumns columns;
  columns.tenant = columns.session = columns.max_tokens = columns.pieces = true;
  TraceWriter writer(folder.file("a.csv"), columns);
  writer.add(full);
  writer.add(row(2, 1, 1));
  writer.finish();
  CHECK(bytes(folder.file("a.csv")) ==
        "arrival_s,prompt_tokens,output_tokens,tenant,session,max_tokens,pieces\n"
        "0.1,20,3,chat,9,64,5:16 6:20\n2,1,1,,,,\n");
  TraceWriter plain(folder.file("b.csv"), {});
  plain.add(full);
  plain.finish();
  CHECK(bytes(folder.file("b.csv")) == "arrival_s,prompt_tokens,output_tokens\n0.1,20,3\n");
}

TEST_CASE("a trace of many buffers is read back to the last bit, plain and compressed") {
  const Folder folder;
  for (const char* name : {"a.csv", "a.csv.gz"}) {
    write(folder.file(name), 60'000);
    const std::vector<TraceRow> rows = read(folder.file(name));
    REQUIRE(rows.size() == 60'000);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      REQUIRE(rows[i].arrival_s == static_cast<double>(i) / 7.0);
      REQUIRE(rows[i].prompt.value() == 100 + static_cast<std::int64_t>(i));
    }
  }
  CHECK(fs::file_size(folder.file("a.csv")) > 4 * (std::size_t{1} << 18));
}

TEST_CASE("the same rows give the same compressed bytes") {
  const Folder folder;
  write(folder.file("a.csv.gz"), 1000);
  write(folder.file("b.csv.gz"), 1000);
  CHECK(bytes(folder.file("a.csv.gz")) == bytes(folder.file("b.csv.gz")));
  CHECK(bytes(folder.file("a.csv.gz")).substr(0, 2) == "\x1f\x8b");
  CHECK(bytes(folder.file("a.csv.gz")).substr(4, 4) == std::string(4, '\0'));  // no date
}

TEST_CASE("a writer that does not finish leaves nothing, and one that does only its file") {
  const Folder folder;
  {
    TraceWriter writer(folder.file("a.csv"), {});
    writer.add(row(0, 1, 1));
    CHECK_FALSE(fs::exists(folder.file("a.csv")));
  }
  CHECK(folder.files() == 0);
  write(folder.file("a.csv"), 10);
  CHECK(folder.files() == 1);
}

TEST_CASE("a writer refuses an existing file, other names, and tenants that break a cell") {
  const Folder folder;
  write(folder.file("a.csv"), 1);
  CHECK_THROWS_WITH(TraceWriter(folder.file("a.csv"), {}), Catch::Contains("--force"));
  CHECK_NOTHROW(TraceWriter(folder.file("a.csv"), {}, results::Existing::replace));
  CHECK_THROWS_WITH(TraceWriter(folder.file("a.txt"), {}), Catch::Contains(".csv.gz"));
  TraceWriter writer(folder.file("b.csv"), {.tenant = true});
  TraceRow bad = row(0, 1, 1);
  bad.tenant = "a,b";
  CHECK_THROWS_WITH(writer.add(bad), Catch::Contains("'a,b'"));
}

TEST_CASE("rows in any order are given by arrival, equals as they stand") {
  const Folder folder;
  const std::string path =
      folder.file("a.csv", "arrival_s,prompt_tokens,output_tokens\n5,1,1\n3,2,1\n5,3,1\n1.5,4,1\n");
  const TraceContents contents = survey(path);
  CHECK_FALSE(contents.in_order);
  CHECK(contents.first_s == 1.5);
  CHECK(contents.last_s == 5);
  std::vector<std::int64_t> prompts;
  for (const TraceRow& r : read(path)) prompts.push_back(r.prompt.value());
  CHECK(prompts == std::vector<std::int64_t>{4, 2, 1, 3});
}

TEST_CASE("thinning keeps a share of the rows, and greater shares keep what smaller ones keep") {
  const Folder folder;
  write(folder.file("a.csv"), 20'000);
  const auto third = scaled(folder.file("a.csv"), {.by = 0.3});
  const auto half = scaled(folder.file("a.csv"), {.by = 0.5});
  CHECK(std::abs(static_cast<double>(third.size()) - 6000) < 5 * std::sqrt(20'000 * 0.21));
  CHECK(std::includes(half.begin(), half.end(), third.begin(), third.end()));
  CHECK(scaled(folder.file("a.csv"), {.by = 0.5, .seed = 2}) != half);
}

TEST_CASE("copies keep every request and the order, and their bursts do not coincide") {
  const Folder folder;
  TraceWriter writer(folder.file("a.csv"), {});
  for (int i = 0; i < 6000; ++i) writer.add(row(10 * (i / 10), 100, 10));  // ten at once
  writer.finish();
  const auto dates = scaled(folder.file("a.csv"), {.by = 3});
  REQUIRE(dates.size() == 18'000);
  CHECK(std::is_sorted(dates.begin(), dates.end()));
  WindowCounts seconds(1), source(1);
  for (const double date : dates) seconds.add(date);
  for (const TraceRow& r : read(folder.file("a.csv"))) source.add(r.arrival_s);
  CHECK(source.dispersion() == Approx(9).epsilon(0.01));
  CHECK(seconds.dispersion() < 14);  // thirty at once would have 27
  CHECK(dates.back() < 5990 * (1 + 1.0 / 5999) + 1e-9);
}

TEST_CASE("without a shift, copies coincide; a part of a copy is thinned") {
  const Folder folder;
  write(folder.file("a.csv"), 5000);
  const auto dates = scaled(folder.file("a.csv"), {.by = 2, .shift_s = 0});
  for (std::size_t i = 0; i < dates.size(); i += 2) REQUIRE(dates[i] == dates[i + 1]);
  const auto more = scaled(folder.file("a.csv"), {.by = 1.25}).size();
  CHECK(std::abs(static_cast<double>(more) - 6250) < 5 * std::sqrt(5000 * 0.1875));
}

TEST_CASE("a single request has copies, too") {
  const Folder folder;
  write(folder.file("a.csv"), 1);
  const auto dates = scaled(folder.file("a.csv"), {.by = 3});
  REQUIRE(dates.size() == 3);
  CHECK(dates[0] == 0);
  CHECK((dates[1] > 0 && dates[2] < 60));
  CHECK(scaled(folder.file("a.csv"), {.by = 2, .shift_s = 0}) == std::vector<double>{0, 0});
}
