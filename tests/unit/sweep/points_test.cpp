// SPDX-License-Identifier: Apache-2.0
#include "sweep/points.hpp"

#include <catch2/catch.hpp>
#include <set>

#include "complaint.hpp"
#include "fleet/scenario.hpp"
#include "sweep/dry_run.hpp"

using namespace tokenyard;
using sweep::Points;
using sweep::Study;
using test::study_of;

namespace {

std::vector<std::string> described(const Study& study) {
  const Points points = sweep::points_of(study);
  std::vector<std::string> all;
  for (const sweep::Point* point : points.kept()) all.push_back(describe(study, points, *point));
  return all;
}

std::string identity(const config::Document& document) {
  config::Reading reading;
  const std::string found = fleet::read_scenario(document, reading).identity;
  reading.mistakes.throw_if_any();
  return found;
}

std::string said_by_dry_run(const std::string& text, std::size_t most = 64) {
  const Study study = study_of(text);
  config::Mistakes mistakes;
  sweep::dry_run(study, sweep::points_of(study), most, mistakes);
  std::string said;
  for (config::Mistake mistake : mistakes.all()) {
    mistake.file = mistake.file.substr(mistake.file.find_last_of('/') + 1);
    said += config::describe(mistake) + "\n";
  }
  return said;
}

}  // namespace

TEST_CASE("a grid has all combinations, the last axis fastest") {
  CHECK(described(study_of("axes: {seed: [1, 2], warm_up: [1 s, 2 s]}\n")) ==
        std::vector<std::string>{"seed = 1, warm_up = 1 s", "seed = 1, warm_up = 2 s",
                                 "seed = 2, warm_up = 1 s", "seed = 2, warm_up = 2 s"});
}

TEST_CASE("conditions skip points, and the first that holds is told") {
  const Study study = study_of(
      "axes: {seed: [1, 2, 3], warm_up: [1 s, 1 min]}\n"
      "skip: [seed > 2, warm_up >= 60 s and seed != 1]\n");
  const Points points = sweep::points_of(study);
  CHECK(points.all.size() == 6);
  CHECK(points.skipped(0) == 2);
  CHECK(points.skipped(1) == 1);
  CHECK(described(study) == std::vector<std::string>{"seed = 1, warm_up = 1 s",
                                                     "seed = 1, warm_up = 1 min",
                                                     "seed = 2, warm_up = 1 s"});
}

TEST_CASE("a point is the scenario with its values written in, and replications number it") {
  const Study study = study_of("replications: 3\naxes:\n  fleet.pools[chat].replicas: [2, 3]\n");
  const Points points = sweep::points_of(study);
  config::Document written = config::load_yaml(TOKENYARD_SOURCE_DIR "/configs/azure-conv.yaml");
  config::assign(written, "fleet.pools[chat].replicas", "3");
  config::Mistakes mistakes;
  const auto of = [&](std::size_t point, std::int64_t replication) {
    return identity(scenario_of(study, points, points.all[point], replication, mistakes));
  };
  CHECK(of(1, 0) == identity(written));
  config::assign(written, "replication", "2");
  CHECK(of(1, 2) == identity(written));
  CHECK(of(0, 2) != of(1, 2));
  const Study later = study_of("set: {replication: 5}\nreplications: 2\naxes: {seed: [1]}\n");
  const auto second =
      scenario_of(later, sweep::points_of(later), sweep::points_of(later).all[0], 1, mistakes);
  CHECK(second.root.find("replication")->text == "6");
  CHECK(mistakes.empty());
}

TEST_CASE("wide keys are set before what lies in them, whatever the order of the axes") {
  for (const bool first : {true, false}) {
    const std::string narrow = "  fleet.pools.0.replicas: [7]\n";
    const std::string wide =
        "  mix: {variants: [{name: a, set: {fleet.pools: [{name: b, replicas: 1}]}}]}\n";
    const Study study = study_of("axes:\n" + (first ? narrow + wide : wide + narrow));
    const Points points = sweep::points_of(study);
    config::Mistakes mistakes;
    const auto document = scenario_of(study, points, points.all[0], 0, mistakes);
    const config::Value& pool = document.root.find("fleet")->find("pools")->items.at(0);
    CHECK(pool.find("name")->text == "b");
    CHECK(pool.find("replicas")->text == "7");
  }
}

TEST_CASE("a sampled design takes ranges anywhere, whole ones and lists by their values") {
  const Study study = study_of(
      "design: latin-hypercube 40\n"
      "axes:\n"
      "  workload.tenants[chat].rate.scale: {from: 1, to: 100, spacing: log}\n"
      "  fleet.pools[chat].replicas: {from: 1, to: 4, whole: true}\n"
      "  fleet.pools[chat].batching.sequences: [16, 256]\n");
  const Points points = sweep::points_of(study);
  CHECK(points.all.size() == 40);
  CHECK(points.levels[0].size() == 40);
  CHECK(points.levels[1].size() == 4);
  std::vector<std::size_t> counts(4);
  std::size_t small = 0, below_ten = 0;
  for (const sweep::Point& point : points.all) {
    const std::vector<sweep::Operand> operands = operands_of(study, points, point);
    CHECK((operands[0].number >= 1 && operands[0].number <= 100));
    below_ten += operands[0].number < 10 ? 1 : 0;
    ++counts.at(static_cast<std::size_t>(operands[1].number) - 1);
    small += operands[2].number == 16 ? 1 : 0;
  }
  CHECK(below_ten == 20);  // half of the logarithms
  CHECK(counts == std::vector<std::size_t>{10, 10, 10, 10});
  CHECK(small == 20);
}

TEST_CASE("a design that draws a point twice has it once") {
  const Study study = study_of("design: random 100\naxes: {seed: [1, 2], replication: [1, 2]}\n");
  const Points points = sweep::points_of(study);
  CHECK(points.all.size() == 4);
  CHECK(points.repeated == 96);
}

TEST_CASE("a dry run tells each mistake once, with the first point that has it") {
  const std::string said =
      said_by_dry_run("axes:\n  fleet.pools[chat].replicas: [1, many, 500]\n  seed: [1, 2]\n");
  CHECK(said.find("s.yaml:4:35: point 3 (fleet.pools[chat].replicas = many, seed = 1): "
                  "fleet.pools[chat].replicas: ") == 0);
  CHECK(said.find("point 5 (fleet.pools[chat].replicas = 500, seed = 1)") != std::string::npos);
  CHECK(said.find("point 4") == std::string::npos);
  CHECK(said.find("point 6") == std::string::npos);
}

TEST_CASE("a key that leads nowhere has the place of the axis") {
  CHECK(said_by_dry_run("axes:\n  fleet.pools[chta].replicas: [1]\n") ==
        "s.yaml:4:3: point 1 (fleet.pools[chta].replicas = 1): fleet.pools[chta].replicas: in "
        "'fleet.pools', 'chta' is not one of: chat; did you mean 'chat'?\n");
  CHECK(said_by_dry_run("axes:\n  fleet.pools[chat].replicsa: [1]\n")
            .find("did you mean 'replicas'?") != std::string::npos);
}

TEST_CASE("a fraction where a whole number is wanted is told at the range") {
  const std::string said =
      said_by_dry_run("axes:\n  fleet.pools[chat].replicas: {from: 1, to: 2, steps: 3}\n");
  CHECK(said.find("s.yaml:4:31: point 2 (fleet.pools[chat].replicas = 1.5)") == 0);
}

TEST_CASE("equal scenarios of several points are found") {
  const Study study = study_of("axes:\n  warm_up: [60 s, 1 min, 2 min]\n");
  config::Mistakes mistakes;
  const Points points = sweep::points_of(study);
  const sweep::DryRun found = sweep::dry_run(study, points, 64, mistakes);
  REQUIRE(found.looked.size() == 3);
  CHECK(found.looked[1].equal_to == found.looked[0].point);
  CHECK(found.looked[2].equal_to == nullptr);
  CHECK(found.looked[0].requests > 100);
}

TEST_CASE("a sample of points holds every value of every axis, and the corners") {
  const Study study = study_of(
      "axes:\n  seed: {from: 1, to: 20, steps: 20}\n  replication: {from: 1, to: 20, steps: 20}\n");
  config::Mistakes mistakes;
  const Points points = sweep::points_of(study);
  const sweep::DryRun found = sweep::dry_run(study, points, 30, mistakes);
  CHECK(found.looked.size() == 30);
  std::set<std::uint32_t> first, second, corners;
  for (const auto& looked : found.looked) {
    const std::uint32_t a = looked.point->levels[0], b = looked.point->levels[1];
    first.insert(a);
    second.insert(b);
    if (a % 19 == 0 && b % 19 == 0) corners.insert(a + b * 100);
  }
  CHECK(first.size() == 20);
  CHECK(second.size() == 20);
  CHECK(corners.size() == 4);
}

TEST_CASE("parts of metrics must be of some point's scenario") {
  CHECK(said_by_dry_run("axes: {seed: [1]}\nkeep: [\"ttft_p99_s[chta]\"]\n") ==
        "s.yaml: ttft_p99_s[chta]: 'chta' is not one of: chat; did you mean 'chat'?\n");
  CHECK(said_by_dry_run("axes: {seed: [1]}\nkeep: [\"ttft_p99_s[chat]\", \"utilisation[chat]\", "
                        "\"class_attainment[interactive]\", \"region_cost_usd[aws/us-east-1]\", "
                        "\"provider_energy_j[aws]\", \"model_cost_usd[llama-3.1-70b]\"]\n")
            .empty());
}
