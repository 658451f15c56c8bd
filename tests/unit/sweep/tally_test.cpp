// SPDX-License-Identifier: Apache-2.0
#include "sweep/tally.hpp"

#include <catch2/catch.hpp>

#include "results/record.hpp"
#include "sweep/inventory.hpp"
#include "sweep_directory.hpp"

using namespace tokenyard;
using sweep::Shard;
using sweep::Tally;
using test::SweepDirectory;
using Runs = std::vector<std::size_t>;

namespace {

constexpr const char* four = "axes: {seed: [1, 2, 3, 4]}\n";

// Six runs: three points, replications 2 to 4.
constexpr const char* until =
    "axes: {seed: [1, 2, 3]}\n"
    "replications: {until: 10 %, of: cost_usd, least: 2, most: 4}\n"
    "objective: minimise cost_usd\n";

Runs done(Tally& tally, const SweepDirectory& made, std::size_t run, double cost) {
  return tally.done(made.run(run).identity, {cost});
}

}  // namespace

TEST_CASE("a run is missing, failed or done, and once only") {
  const SweepDirectory made(four);
  Tally tally(made.sweep());
  CHECK(tally.runs() == 4);
  CHECK(tally.to_do() == Runs{0, 1, 2, 3});
  tally.failed(made.run(1).identity);
  CHECK(tally.failed() == 1);
  CHECK(tally.to_do() == Runs{0, 2, 3});
  for (const std::size_t run : {1U, 2U, 2U}) tally.done(made.run(run).identity, {});
  tally.failed(made.run(2).identity);  // too late: its file is there
  CHECK(tally.done() == 2);
  CHECK(tally.failed() == 0);
  CHECK(tally.missing() == 2);
  CHECK(tally.whole() == 2);
}

TEST_CASE("a shard counts its own points, and all shards have them all") {
  const SweepDirectory made("axes: {seed: [1, 2, 3, 4, 5]}\nreplications: 2\n");
  Tally first(made.sweep(), Shard{1, 2}), second(made.sweep(), Shard{2, 2});
  CHECK(first.to_do() == Runs{0, 1, 4, 5, 8, 9});
  CHECK(second.to_do() == Runs{2, 3, 6, 7});
  CHECK(first.runs() == 6);
  CHECK(second.runs() == 4);
  CHECK(first.knows(made.run(4).identity));
  CHECK_FALSE(first.knows(made.run(2).identity));
}

TEST_CASE("points of one identity are simulated once and count each") {
  const SweepDirectory made("axes: {warm_up: [1 min, 60 s, 61 s]}\n");
  REQUIRE(made.run(0).identity == made.run(1).identity);
  Tally tally(made.sweep());
  CHECK(tally.to_do() == Runs{0, 2});
  tally.done(made.run(0).identity, {});
  CHECK(tally.done() == 2);
  CHECK(tally.to_do() == Runs{2});
}

TEST_CASE("replications go on until the mean is precise, or there are as many as may be") {
  const SweepDirectory made(until);
  Tally tally(made.sweep());
  CHECK(tally.runs() == 6);
  CHECK(tally.to_do() == Runs{0, 1, 4, 5, 8, 9});
  CHECK(done(tally, made, 0, 10).empty());
  CHECK(done(tally, made, 1, 10.01).empty());  // precise
  CHECK(tally.whole() == 1);
  CHECK(done(tally, made, 4, 10).empty());
  CHECK(done(tally, made, 5, 20) == Runs{6});
  CHECK(tally.runs() == 7);
  CHECK(tally.is_wanted(6));
  CHECK(done(tally, made, 6, 30) == Runs{7});
  CHECK(done(tally, made, 7, 40).empty());  // four are the most
  CHECK(tally.whole() == 2);
  CHECK(tally.to_do() == Runs{8, 9});
}

TEST_CASE("points of one identity ask for one more run, not for two") {
  const SweepDirectory made(
      "axes: {warm_up: [1 min, 60 s]}\n"
      "replications: {until: 10 %, of: cost_usd, least: 2, most: 4}\n");
  REQUIRE(made.run(2).identity == made.run(6).identity);
  Tally tally(made.sweep());
  CHECK(done(tally, made, 0, 10).empty());
  CHECK(done(tally, made, 1, 20) == Runs{2});
  CHECK(tally.runs() == 6);
}

TEST_CASE("what is there already counts, in whatever order it is found") {
  const SweepDirectory made(until);
  Tally tally(made.sweep());
  CHECK(done(tally, made, 3, 40).empty());  // replication 3 of the first point: not wanted yet
  CHECK(done(tally, made, 2, 30).empty());
  CHECK(tally.done() == 0);
  CHECK(done(tally, made, 1, 20).empty());
  CHECK(done(tally, made, 0, 10).empty());  // brings the third and the fourth with it
  CHECK(tally.done() == 4);
  CHECK(tally.runs() == 8);
  CHECK(tally.whole() == 1);
}

TEST_CASE("what is no number is not repeated") {
  const SweepDirectory made(until);
  Tally tally(made.sweep());
  CHECK(done(tally, made, 0, results::no_value).empty());
  CHECK(done(tally, made, 1, 3).empty());
  CHECK(tally.whole() == 1);
  CHECK_FALSE(tally.best());
}

TEST_CASE("the best plan is feasible, by its means, and the first of equals") {
  const SweepDirectory made(
      "axes: {seed: [1, 2, 3, 4]}\nreplications: 2\nfeasible: [ttft_p99_s < 2 s]\n"
      "objective: minimise cost_usd\n");
  REQUIRE(made.sweep().study.measured.front().text() == "ttft_p99_s");
  Tally tally(made.sweep());
  const auto tell = [&](std::size_t run, double ttft, double cost) {
    tally.done(made.run(run).identity, {ttft, cost});
  };
  tell(0, 1, 5);
  CHECK_FALSE(tally.best());  // half of it
  tell(1, 2.5, 6);            // 1.75 s in the mean
  REQUIRE(tally.best());
  CHECK(tally.best()->objective == 5.5);
  tell(2, 3, 1), tell(3, 3, 1);
  CHECK(tally.infeasible() == 1);
  tell(6, 1, 4), tell(7, 1, 4);
  CHECK(tally.best()->point->number == 4);
  tell(4, 1, 3), tell(5, 1, 5);
  CHECK(tally.best()->point->number == 3);
}

TEST_CASE("a file that cannot be read is not done where its values are needed") {
  for (const bool needed : {true, false}) {
    const SweepDirectory made(needed ? "axes: {seed: [1, 2]}\nobjective: minimise cost_usd\n"
                                     : "axes: {seed: [1, 2]}\n");
    made.write_all([](const sweep::Run&) { return sweep::Metrics{{"cost_usd", 1}}; });
    std::filesystem::resize_file(made.point_file(1), 100);
    Tally tally(made.sweep());
    sweep::count_done(made.sweep(), made.directory(), tally, {});
    CHECK(tally.to_do() == (needed ? Runs{1} : Runs{}));
  }
}
