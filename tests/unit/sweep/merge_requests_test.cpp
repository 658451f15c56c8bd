// SPDX-License-Identifier: Apache-2.0
#include <hdf5.h>

#include <catch2/catch.hpp>
#include <numeric>

#include "config/errors.hpp"
#include "results/background.hpp"
#include "results/request_table.hpp"
#include "sweep/request_layout.hpp"
#include "sweep_directory.hpp"

using namespace tokenyard;
using results::Attribute;
using results::Reader;
using sweep::Requests;
using test::SweepDirectory;

namespace {

using Names = std::vector<std::string>;

// So many requests; the last was never routed, the others went to the last pool.
void write_table(results::Writer& writer, std::size_t requests, const Names& pools) {
  results::RequestTable::Names names{{"t"}, {"m"}, {"a"}, {"b"}, {"o"}, pools, {"s"}};
  results::Background background;
  results::RequestTable table(writer, background, names);
  for (std::size_t i = 0; i < requests; ++i) {
    results::RequestRecord record;
    record.id = RequestId{i};
    record.arrival = Instant(static_cast<double>(i));
    record.prompt = Tokens(static_cast<std::int64_t>(100 + i));
    if (i + 1 < requests) record.pool = static_cast<PoolId>(pools.size() - 1);
    table.add(record);
  }
  table.finish();
}

SweepDirectory made_of(const std::vector<std::size_t>& requests) {
  std::string seeds;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    seeds += (i == 0 ? "" : ", ") + std::to_string(i + 1);
  }
  return SweepDirectory("axes: {seed: [" + seeds + "]}\nkeep: [ttft_p99_s]\n", "100%b");
}

void fill(const SweepDirectory& made, const std::vector<std::size_t>& requests,
          const std::vector<Names>& pools) {
  for (std::size_t i = 0; i < requests.size(); ++i) {
    made.write_run(i, {{"ttft_p99_s", 1}}, [&](results::Writer& writer) {
      if (requests[i] > 0) write_table(writer, requests[i], pools[i]);
    });
  }
}

// As HDF5 sees it, wherever the values lie.
std::vector<double> read(const std::string& path, const std::string& name) {
  const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
  const hid_t dataset = H5Dopen2(file, name.c_str(), H5P_DEFAULT);
  const hid_t space = H5Dget_space(dataset);
  std::vector<double> values(static_cast<std::size_t>(H5Sget_simple_extent_npoints(space)));
  H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
  H5Sclose(space);
  H5Dclose(dataset);
  H5Fclose(file);
  return values;
}

}  // namespace

TEST_CASE("request tables follow one another, in their files or copied") {
  const std::vector<std::size_t> requests = {3, 0, 2};
  const std::vector<Names> pools(3, Names{"p"});
  const SweepDirectory made = made_of(requests);
  fill(made, requests, pools);
  const auto kind = GENERATE(Requests::refer, Requests::copy);
  made.merge(false, kind);
  const auto column = [&](const char* name) {
    return read(made.out(), "/requests/" + std::string(name));
  };
  CHECK(column("request") == std::vector<double>{0, 1, 2, 3, 4});
  CHECK(column("run") == std::vector<double>{0, 0, 0, 2, 2});
  CHECK(column("id") == std::vector<double>{0, 1, 2, 0, 1});
  CHECK(column("prompt_tokens") == std::vector<double>{100, 101, 102, 100, 101});
  CHECK(column("pool") == std::vector<double>{0, 0, 255, 0, 255});
  const Reader file(made.out());
  CHECK(file.dataset("/requests/id").is_virtual == (kind == Requests::refer));
  CHECK(file.dataset("/requests/arrival_s").unit == "s");
  CHECK(file.attribute("/requests/pool", "flag_meanings") == Attribute(std::string("p")));
}

TEST_CASE("codes that mean other names are recoded in copies, and refused otherwise") {
  const std::vector<std::size_t> requests = {2, 2, 2};
  Names many(300);
  for (std::size_t i = 0; i < many.size(); ++i) many[i] = "x" + std::to_string(i);
  const std::vector<Names> pools = {{"a", "b"}, {"c", "a"}, many};
  const SweepDirectory made = made_of(requests);
  fill(made, requests, pools);
  CHECK_THAT(message_of<config::ConfigError>([&] { made.merge(); }),
             Catch::Contains("has other meanings of pool than the points before it, which cannot "
                             "stay in their files; add --copy"));
  CHECK_FALSE(std::filesystem::exists(made.out()));
  made.merge(false, Requests::copy);
  // a b c x0 x1 ...; what was 255 or 65535 for none is the latter.
  CHECK(read(made.out(), "/requests/pool") ==
        std::vector<double>{1, 65'535, 0, 65'535, 302, 65'535});
  const Reader file(made.out());
  const auto flags =
      std::get<std::string>(file.attribute("/requests/pool", "flag_meanings").value());
  CHECK(flags.starts_with("a b c x0 x1 "));
  CHECK(file.attribute("/requests/pool", "_FillValue") == Attribute(std::int64_t{65'535}));
}

TEST_CASE("copies of more than a chunk are in chunks, whatever the lengths of the tables") {
  const std::vector<std::size_t> requests = {100'000, 31'072, 150'000, 7};
  const std::vector<Names> pools(4, Names{"p"});
  const SweepDirectory made = made_of(requests);
  fill(made, requests, pools);
  made.merge(false, Requests::copy);
  const Reader file(made.out());
  const std::vector<double> ids = file.numbers("/requests/id");
  const std::vector<double> runs = file.numbers("/requests/run");
  std::vector<double> wanted(281'079), wanted_runs;
  std::size_t at = 0;
  for (std::size_t run = 0; run < requests.size(); ++run) {
    std::iota(wanted.begin() + static_cast<std::ptrdiff_t>(at),
              wanted.begin() + static_cast<std::ptrdiff_t>(at + requests[run]), 0.0);
    at += requests[run];
    wanted_runs.resize(at, static_cast<double>(run));
  }
  CHECK((ids == wanted));
  CHECK((runs == wanted_runs));
}

TEST_CASE("tables of more files than a program may open at once are copied or left out") {
  const std::vector<std::size_t> requests = {1, 0, 1, 1};
  const SweepDirectory made = made_of(requests);
  fill(made, requests, std::vector<Names>(4, Names{"p"}));
  sweep::MergeOptions options = made.options();
  options.most_files_referred = 2;
  CHECK_THAT(message_of<config::ConfigError>([&] { merge(made.directory(), options); }),
             Catch::Contains("of 3 files, more than programs may open at once; add --copy, or "
                             "--no-requests"));
  options.requests = Requests::leave;
  merge(made.directory(), options);
  CHECK_FALSE(Reader(made.out()).has("/requests"));
  options.requests = Requests::copy;
  merge(made.directory(), options);
  CHECK(Reader(made.out()).dataset("/requests/id").rows == 3);
  options.requests = Requests::refer;
  options.most_files_referred = 3;
  CHECK(merge(made.directory(), options).digest.size() == 64);
}

TEST_CASE("columns are widened by the meanings that they lack, and no more") {
  using sweep::RequestColumn;
  const RequestColumn a{"/requests/x", "x", results::Type::u1, {"", "", {"p", "q"}, 255}};
  const RequestColumn b{"/requests/x", "x", results::Type::u1, {"", "", {"r", "p"}, 255}};
  std::vector<RequestColumn> all = {a};
  CHECK(sweep::difference({a}, {a}).empty());
  CHECK(sweep::difference({a}, {b}) == "meanings of x");
  REQUIRE(sweep::widen(all, {b}));
  CHECK(all[0].info.flag_meanings == Names{"p", "q", "r"});
  CHECK(sweep::recoding(b, all[0]) == std::vector<std::uint64_t>{2, 0});
  CHECK(sweep::recoding(a, all[0]) == std::vector<std::uint64_t>{0, 1});
  CHECK_FALSE(sweep::widen(all, {a, b}));
  CHECK(sweep::difference({a}, {a, b}) == "columns");
}
