// SPDX-License-Identifier: Apache-2.0
#include "sweep/merge.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "config/errors.hpp"
#include "results/digest.hpp"
#include "sweep/statistics.hpp"
#include "sweep_directory.hpp"

using namespace tokenyard;
using results::Attribute;
using results::Reader;
using sweep::Metrics;
using sweep::Run;
using sweep::RunState;
using test::SweepDirectory;

namespace {

constexpr const char* three_by_two =
    "axes:\n"
    "  fleet.pools[chat].replicas: [2, 3, 4]\n"
    "  warm_up: [1 s, 1 min]\n"
    "skip: ['fleet.pools[chat].replicas == 3 and warm_up > 2 s']\n"
    "replications: 2\n"
    "keep: [ttft_p99_s, 'utilisation[chat]']\n"
    "feasible: [ttft_p99_s < 5.1 s]\n"
    "objective: minimise cost_usd * fleet.pools[chat].replicas\n";

// Of the run at point index p, replication r: ttft p + r / 4, cost 10 - p + r.
Metrics found(const Run& run) {
  const double p = run.point, r = run.replication;
  return {{"ttft_p99_s", p + r / 4},
          {"utilisation[chat]", 0.5},
          {"cost_usd", 10 - p + r},
          {"energy_total_j", 1}};
}

std::string flags(const Reader& file, const std::string& path) {
  return std::get<std::string>(file.attribute(path, "flag_meanings").value());
}

bool is_none(double value) { return std::isnan(value); }

}  // namespace

TEST_CASE("a merged file has a row for each run") {
  const SweepDirectory made(three_by_two);
  made.write_all(found);
  const sweep::Merged merged = made.merge();
  CHECK(merged.runs == 10);
  CHECK(merged.survey.count(RunState::done) == 10);
  const Reader file(made.out());
  CHECK(results::verify(made.out()));
  CHECK(file.numbers("/runs/point") == std::vector<double>{1, 1, 2, 2, 3, 3, 5, 5, 6, 6});
  CHECK(file.numbers("/runs/replication") == std::vector<double>{0, 1, 0, 1, 0, 1, 0, 1, 0, 1});
  CHECK(file.numbers("/runs/fleet.pools[chat].replicas") ==
        std::vector<double>{2, 2, 2, 2, 3, 3, 4, 4, 4, 4});
  CHECK(file.numbers("/runs/warm_up") == std::vector<double>{1, 1, 60, 60, 1, 1, 1, 1, 60, 60});
  CHECK(file.dataset("/runs/warm_up").unit == "s");
  CHECK(file.numbers("/runs/ttft_p99_s") ==
        std::vector<double>{0, 0.25, 1, 1.25, 2, 2.25, 4, 4.25, 5, 5.25});
  CHECK(file.dataset("/runs/ttft_p99_s").unit == "s");
  CHECK(file.numbers("/runs/utilisation[chat]") == std::vector<double>(10, 0.5));
  CHECK(file.numbers("/runs/feasible") == std::vector<double>{1, 1, 1, 1, 1, 1, 1, 1, 1, 0});
  CHECK(file.numbers("/runs/objective") ==
        std::vector<double>{20, 22, 18, 20, 24, 27, 24, 28, 20, 24});
  CHECK(file.numbers("/runs/status") == std::vector<double>(10, 0));
  CHECK(flags(file, "/runs/status") == "done failed missing not_needed");
  // What the study does not keep is left out.
  CHECK(std::find(file.datasets().begin(), file.datasets().end(), "/runs/energy_total_j") ==
        file.datasets().end());
}

TEST_CASE("a merged file has the means of each point, their intervals and ranks") {
  const SweepDirectory made(three_by_two);
  made.write_all(found);
  made.merge();
  const Reader file(made.out());
  CHECK(file.numbers("/points/point") == std::vector<double>{1, 2, 3, 5, 6});
  CHECK(file.numbers("/points/warm_up") == std::vector<double>{1, 60, 1, 1, 60});
  CHECK(file.numbers("/points/ttft_p99_s") ==
        std::vector<double>{0.125, 1.125, 2.125, 4.125, 5.125});
  const double half_width = sweep::interval_of(std::vector<double>{1, 1.25}).half_width;
  CHECK(file.numbers("/points/ttft_p99_s_half_width").at(1) == half_width);
  CHECK(file.numbers("/points/replications") == std::vector<double>(5, 2));
  CHECK(file.numbers("/points/feasible") == std::vector<double>{1, 1, 1, 1, 0});
  // Means of cost 10.5 - p, times replicas.
  CHECK(file.numbers("/points/objective") == std::vector<double>{21, 19, 25.5, 26, 22});
  CHECK(file.numbers("/points/rank") == std::vector<double>{2, 1, 3, 4, 0});
  CHECK(file.attribute("/points/rank", "_FillValue") == Attribute(std::int64_t{0}));
}

TEST_CASE("plans that are equally good share their rank, and more may be better") {
  const SweepDirectory made("axes: {seed: [1, 2, 3, 4]}\nobjective: maximise goodput_per_s\n");
  const std::vector<double> goodputs = {5, 7, 7, results::no_value};
  made.write_all([&](const Run& run) { return Metrics{{"goodput_per_s", goodputs[run.point]}}; });
  made.merge();
  CHECK(Reader(made.out()).numbers("/points/rank") == std::vector<double>{3, 1, 1, 0});
  CHECK(Reader(made.out()).numbers("/points/feasible") == std::vector<double>(4, 1));
  // One replication says nothing of how sure its value is.
  CHECK(std::isinf(Reader(made.out()).numbers("/points/goodput_per_s_half_width").at(0)));
}

TEST_CASE("a grid is a cube with an axis for each of the study's, and the replications") {
  const SweepDirectory made(three_by_two);
  made.write_all(found);
  CHECK(made.merge().cube_is_out.empty());
  const Reader file(made.out());
  CHECK(file.dataset("/cube/ttft_p99_s").shape == std::vector<std::uint64_t>{3, 2, 2});
  CHECK(file.numbers("/cube/fleet.pools[chat].replicas") == std::vector<double>{2, 3, 4});
  CHECK(file.numbers("/cube/warm_up") == std::vector<double>{1, 60});
  CHECK(file.numbers("/cube/replication") == std::vector<double>{0, 1});
  const std::vector<double> cube = file.numbers("/cube/ttft_p99_s");
  for (std::size_t i = 0; i < cube.size(); ++i) {
    const std::size_t point = i / 2;
    INFO(i);
    if (point == 3)
      CHECK(is_none(cube[i]));  // skipped
    else
      CHECK(cube[i] == static_cast<double>(point) + static_cast<double>(i % 2) / 4);
  }
}

TEST_CASE("a sampled design has no cube, and its ranges are numbers") {
  const SweepDirectory made(
      "design: sobol 4\naxes:\n  workload.tenants[chat].rate.scale: {from: 1, to: 2}\n"
      "  mix: {variants: [{name: few, set: {fleet.pools.0.replicas: 1}}, "
      "{name: 'a lot', set: {fleet.pools.0.replicas: 8}}]}\n");
  made.write_all([](const Run&) { return Metrics{}; });
  made.merge();
  const Reader file(made.out());
  CHECK(file.groups() == std::vector<std::string>{"/points", "/runs"});
  const std::vector<double> scales = file.numbers("/points/workload.tenants[chat].rate.scale");
  CHECK(std::set<double>(scales.begin(), scales.end()).size() == 4);
  CHECK(*std::min_element(scales.begin(), scales.end()) >= 1);
  CHECK(*std::max_element(scales.begin(), scales.end()) <= 2);
  CHECK(flags(file, "/points/mix") == "few a_lot");
  CHECK(file.dataset("/points/mix").type == results::Type::u1);
}

TEST_CASE("an axis whose name a column has is told apart") {
  const SweepDirectory made(
      "axes:\n  replication: [0, 1]\n"
      "  rank: {variants: [{name: a, set: {seed: 1}}, {name: b, set: {seed: 2}}]}\n");
  made.write_all([](const Run& run) { return Metrics{{"ttft_p99_s", run.point}}; });
  made.merge();
  const Reader file(made.out());
  CHECK(file.numbers("/runs/replication_axis") == std::vector<double>{0, 0, 1, 1});
  CHECK(file.numbers("/runs/rank_axis") == std::vector<double>{0, 1, 0, 1});
  CHECK(file.dataset("/cube/ttft_p99_s").shape == std::vector<std::uint64_t>{2, 2, 1});
}

TEST_CASE("runs of one identity share a file, and have a row each") {
  const SweepDirectory made("axes: {warm_up: [60 s, 1 min]}\n");
  REQUIRE(made.run(0).identity == made.run(1).identity);
  made.write_run(0, {{"ttft_p99_s", 7}});
  made.merge();
  CHECK(Reader(made.out()).numbers("/runs/ttft_p99_s") == std::vector<double>{7, 7});
  CHECK(Reader(made.out()).numbers("/points/ttft_p99_s") == std::vector<double>{7, 7});
}

TEST_CASE("what goal seeking adds to the metrics is kept") {
  const SweepDirectory made("axes: {seed: [1, 2, 3]}\nkeep: [goodput_per_s]\n");
  made.write_run(0, {{"goodput_per_s", 1}});
  made.write_run(1, {{"goodput_per_s", 2}, {"goal_low", 5}, {"goal", 6}});
  made.write_run(2, {{"goodput_per_s", 2}, {"goal_low", 7}});
  made.merge();
  const Reader file(made.out());
  CHECK(is_none(file.numbers("/runs/goal").at(0)));
  CHECK(file.numbers("/runs/goal").at(1) == 6);
  CHECK(file.numbers("/points/goal_low").at(2) == 7);
  CHECK(file.numbers("/cube/goal_low").at(1) == 5);
  CHECK_FALSE(file.has("/runs/goal_high"));
}

TEST_CASE("the value of a goal is in the unit of its key") {
  const SweepDirectory made(
      "axes: {seed: [1]}\n"
      "goal: {fewest: 'routing.delay', from: 1 ms, to: 9 ms, meets: slo}\n");
  made.write_run(0, {{"goal", 0.003}, {"goal_simulations", 5}});
  made.merge();
  const Reader file(made.out());
  CHECK(file.numbers("/points/goal") == std::vector<double>{0.003});
  CHECK(file.dataset("/points/goal").unit == "s");
  CHECK(file.dataset("/points/goal_simulations").unit.empty());
}

TEST_CASE("a mean over a replication without a number is none") {
  const SweepDirectory made("axes: {seed: [1]}\nreplications: 3\nfeasible: [ttft_p99_s < 9 s]\n");
  made.write_all([](const Run& run) {
    return Metrics{{"ttft_p99_s", run.replication == 1 ? results::no_value : 1},
                   {"goodput_per_s", 2}};
  });
  made.merge();
  const Reader file(made.out());
  CHECK(is_none(file.numbers("/points/ttft_p99_s").at(0)));
  CHECK(file.numbers("/points/goodput_per_s") == std::vector<double>{2});
  CHECK(file.numbers("/points/feasible") == std::vector<double>{0});
}

TEST_CASE("a merged file holds the study and its scenario") {
  const SweepDirectory made("axes: {seed: [1]}\n");
  made.write_all([](const Run&) { return Metrics{}; });
  made.merge();
  const Reader file(made.out());
  CHECK(file.text("/study") == bytes_of(made.file("s.yaml")));
  CHECK(file.text("/scenario_base") == bytes_of(TOKENYARD_SOURCE_DIR "/configs/azure-conv.yaml"));
  CHECK(file.attribute("/", "title") == Attribute(std::string("s")));
  CHECK(file.attribute("/", "version") == Attribute(std::string("0.1.0")));
  CHECK(file.attribute("/", "runs_done") == Attribute(std::int64_t{1}));
}

TEST_CASE(
    "the digest depends neither on the order of runs, nor on machines, nor on what else is there") {
  SweepDirectory made(three_by_two);
  made.write_all(found);
  const std::string digest = made.merge().digest;
  CHECK(digest.size() == 64);
  made.host = "elsewhere";
  for (std::size_t i = made.sweep().runs.size(); i > 0; i -= 2) {
    std::filesystem::remove(made.point_file(i - 1));
    made.write_run(i - 1, found(made.run(i - 1)));
  }
  write_bytes(made.directory().points() + "/note.txt", "by hand");
  CHECK(made.merge().digest == digest);
  made.write_run(3, {{"ttft_p99_s", 1}});
  CHECK(made.merge().digest != digest);
}
