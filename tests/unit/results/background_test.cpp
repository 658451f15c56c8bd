// SPDX-License-Identifier: Apache-2.0
#include "results/background.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <stdexcept>

#include "results/reader.hpp"
#include "results/row_table.hpp"
#include "scratch.hpp"

using namespace tokenyard;
using namespace tokenyard::results;

namespace {

using Numbers = RowTable<double, std::uint32_t>;
const std::array<Numbers::Column, 2> columns{{{"half", {"s"}}, {"replica", {}}}};

void fill(Numbers& table, std::size_t rows) {
  for (std::size_t i = 0; i < rows; ++i) {
    table.add(0.5 * static_cast<double>(i), static_cast<std::uint32_t>(i % 7));
  }
}

void nap() { std::this_thread::sleep_for(std::chrono::milliseconds(5)); }

std::string write_two_tables(const std::string& path, bool slowly) {
  Writer writer(path, Existing::replace, Compression::none);
  Background background;
  Numbers a(writer, background, "/a", "row", columns);
  Numbers b(writer, background, "/b", "row", columns);
  for (int part = 0; part < 3; ++part) {
    fill(a, 100'000);
    if (slowly) background.submit(nap);
    fill(b, 150'000);
  }
  a.finish();
  b.finish();
  return writer.commit();
}

}  // namespace

TEST_CASE("what is submitted runs once, in order, and a slow disk makes the next wait") {
  Background background;
  std::atomic<int> done = 0;
  int most_ahead = 0;
  for (int i = 0; i < 20; ++i) {
    background.submit([&done, i] {
      nap();
      if (done == i) ++done;
    });
    most_ahead = std::max(most_ahead, i + 1 - done);
  }
  background.drain();
  CHECK(done == 20);
  CHECK(most_ahead <= static_cast<int>(Background::buffers) - 1);
  CHECK(most_ahead >= 1);
}

TEST_CASE("a failure reaches who submits or drains, and nothing runs after it") {
  Background background;
  std::atomic<int> later = 0;
  background.submit([] { throw std::runtime_error("disk full"); });
  const auto go_on = [&] {
    for (int i = 0; i < 5; ++i) background.submit([&later] { ++later; });
    background.drain();
  };
  CHECK_THROWS_WITH(go_on(), "disk full");
  CHECK_THROWS_WITH(background.drain(), "disk full");
  CHECK(later == 0);
  background.settle();
}

TEST_CASE("rows of many chunks are in the file as they came") {
  const Scratch scratch;
  const std::string path = scratch.file("rows.h5");
  constexpr std::size_t rows = 5 * rows_per_chunk + 17;
  {
    Writer writer(path, Existing::refuse);
    Background background;
    Numbers table(writer, background, "/trace/numbers", "row", columns);
    fill(table, rows);
    table.finish();
    writer.commit();
  }
  Reader reader(path);
  const std::vector<double> halves = reader.numbers("/trace/numbers/half");
  const std::vector<double> replicas = reader.numbers("/trace/numbers/replica");
  REQUIRE(halves.size() == rows);
  bool same = true;
  for (std::size_t i = 0; i < rows; ++i) {
    same = same && halves[i] == 0.5 * static_cast<double>(i) &&
           replicas[i] == static_cast<double>(i % 7);
  }
  CHECK(same);
}

TEST_CASE("tables share a thread, and its pace does not change a bit of the file") {
  const Scratch scratch;
  CHECK(write_two_tables(scratch.file("a.h5"), false) ==
        write_two_tables(scratch.file("b.h5"), true));
}

TEST_CASE("a table that is given up while the thread writes leaves no file") {
  const Scratch scratch;
  const std::string path = scratch.file("given-up.h5");
  {
    Writer writer(path, Existing::refuse);
    Background background;
    Numbers table(writer, background, "/numbers", "row", columns);
    fill(table, 3 * rows_per_chunk);
  }
  CHECK(scratch.files() == 0);
}
