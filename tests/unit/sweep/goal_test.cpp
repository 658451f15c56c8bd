// SPDX-License-Identifier: Apache-2.0
#include "sweep/goal.hpp"

#include <catch2/catch.hpp>

#include "complaint.hpp"
#include "sweep/points.hpp"
#include "sweep/runs.hpp"

using namespace tokenyard;
using test::study_of;

namespace {

const std::string axes = "axes:\n  fleet.pools[chat].replicas: [1, 2]\n";  // lines 3 and 4
const std::string chat = "largest: 'workload.tenants[chat].rate.scale'";

sweep::Goal goal_of(const std::string& goal) {
  return *study_of(axes + "goal: {" + goal + "}\n").goal;
}

// What is said of the fifth line, a goal.
std::string complaint(const std::string& goal, const std::string& rest = "") {
  const std::string said = test::complaint(axes + "goal: {" + goal + "}\n" + rest);
  return said.substr(0, said.find('\n'));
}

}  // namespace

TEST_CASE("a goal has a key, a range, and what must be met") {
  const sweep::Goal goal = goal_of(chat + ", from: 1, to: 200, tolerance: 1 %, survive: rack");
  CHECK(goal.range.sense == sweep::GoalSense::largest);
  CHECK(goal.range.from == 1);
  CHECK(goal.range.to == 200);
  CHECK_FALSE(goal.range.whole);
  CHECK(goal.range.tolerance == 0.01);
  CHECK(goal.survive == fleet::FaultScope::rack);
  CHECK(goal.meets.empty());
  CHECK(goal.stops_early());
  CHECK(goal.text(12.5) == "12.5");
}

TEST_CASE("fewest are whole numbers, which are exact") {
  const sweep::Goal goal = goal_of("fewest: 'routing.delay', from: 1 ms, to: 9 ms, meets: slo");
  CHECK(goal.range.whole);
  CHECK(goal.range.tolerance == 0);
  CHECK(goal.text(3) == "3 ms");
  CHECK(goal.in_si(3) == 0.003);
  CHECK(goal.settings(4).at(0).value.text == "4 ms");
}

TEST_CASE("conditions may stand for the SLO, and then no simulation stops early") {
  const sweep::Goal goal =
      goal_of(chat + ", from: 1, to: 9, meets: [ttft_p99_s <= 2 s, tpot_p99_s < 40 ms]");
  CHECK(goal.meets.size() == 2);
  CHECK(goal.measured.size() == 2);
  CHECK_FALSE(goal.stops_early());
}

TEST_CASE("keeping nothing in particular keeps what was found, and objectives may name it") {
  const sweep::Study study =
      study_of(axes + "goal: {" + chat + ", from: 1, to: 9}\nobjective: maximise goal\n");
  CHECK(study.measured.at(0).text() == "goal");
  CHECK(study.keep.back().text() == "goal_status");
  CHECK(test::complaint(axes + "objective: maximise goal\n")
            .starts_with("s.yaml:5:20: objective: 'goal' is of studies with a `goal`"));
  CHECK(
      test::complaint(axes + "keep: [goal_low]\n").starts_with("s.yaml:5:8: keep: 'goal_low' is"));
}

TEST_CASE("what is wrong with a goal has its place") {
  const std::string ends = ", from: 1, to: 9";
  const std::string at_key = "s.yaml:5:17: goal.largest: ";
  CHECK(complaint("from: 1, to: 2") ==
        "s.yaml:5:7: goal: seeks nothing; write 'largest: KEY' or 'fewest: KEY'");
  CHECK(complaint("largest: seed, fewest: seed" + ends) ==
        "s.yaml:5:7: goal: has both 'largest' and 'fewest'; keep one of the two");
  CHECK(complaint("largest: 'fleet.pools.0.replicas'" + ends) ==
        at_key +
            "'fleet.pools.0.replicas' is set by the axis 'fleet.pools[chat].replicas', too; "
            "leave it to one of them");
  CHECK(complaint("largest: warm_up, from: 1 s, to: 2 s", "set: {warm_up: 3 s}\n") ==
        at_key + "'warm_up' is set by `set`, too; leave it to one of them");
  CHECK(complaint("largest: name" + ends) == at_key + "changes no result of a run; remove it");
  CHECK(complaint("largest: 'fleet..pools'" + ends).starts_with(at_key + "an empty step"));
  CHECK(complaint("largest: 5" + ends).starts_with(at_key + "5 where a key is wanted"));
  CHECK(complaint("largest: []" + ends) == at_key + "names no key; write at least one");
  CHECK(complaint("largest: [seed, seed]" + ends) == at_key + "'seed' is there twice; remove one");
  CHECK(complaint(chat + ", from: 1") ==
        "s.yaml:5:7: goal.to: missing (it has no default); add it");
  CHECK(complaint(chat + ", from: few, to: 2")
            .find("goal.from: 'few' is no number; write it like 5 or '10 ms'") !=
        std::string::npos);
  CHECK(complaint(chat + ", from: 2, to: 2").find("goal.to: is not above 'from'; exchange them") !=
        std::string::npos);
  CHECK(complaint(chat + ", from: 1 s, to: 2").find("goal.to: is in no unit and 'from' in 's'") !=
        std::string::npos);
  CHECK(complaint(chat + ", from: 0, to: 2").find("goal.from: is not above 0") !=
        std::string::npos);
  CHECK(complaint("fewest: seed, from: 1.5, to: 2").find("goal.from: is no whole number") !=
        std::string::npos);
  CHECK(complaint(chat + ends + ", survive: rak").find("did you mean 'rack'?") !=
        std::string::npos);
  CHECK(complaint(chat + ends + ", tolerance: 0").find("goal.tolerance: ") != std::string::npos);
  CHECK(complaint(chat + ends + ", meats: slo").find("did you mean 'meets'?") != std::string::npos);
  CHECK(complaint(chat + ends + ", meets: [goal > 1]")
            .find("'goal' is known only when the goal is found") != std::string::npos);
  CHECK(complaint(chat + ends + ", meets: [ttft_p99_s]").find("goal.meets: compares nothing") !=
        std::string::npos);
}

TEST_CASE("a key of a goal that leads nowhere is noted where it is written") {
  const sweep::Study study = study_of(axes +
                                      "goal: {largest: 'workload.tenants[chut].rate.scale'"
                                      ", from: 1, to: 9}\n");
  const sweep::Points points = sweep::points_of(study);
  config::Mistakes mistakes;
  sweep::scenario_of(study, points, points.all[0], 0, mistakes);
  REQUIRE(mistakes.size() == 1);
  const std::string said = config::describe(mistakes.all()[0]);
  CHECK(said.find("s.yaml:5:17: ") != std::string::npos);
  CHECK(said.find("'chut'") != std::string::npos);
}

TEST_CASE("the identity of a run is of its scenario without the key, and of the goal") {
  const auto identity = [](const std::string& goal, const std::string& set = "") {
    const sweep::Study study = study_of(axes + "goal: {" + goal + "}\n" + set);
    const sweep::Points points = sweep::points_of(study);
    return sweep::list_runs(study, points, points.all[0]).runs.at(0).identity;
  };
  const std::string chat_8b = "largest: 'workload.tenants.0.rate.scale'";
  const std::string first = identity(chat + ", from: 1, to: 9");
  CHECK(first.size() == 64);
  CHECK(identity(chat_8b + ", from: 1, to: 9") == first);  // another spelling
  CHECK(identity(chat + ", from: 1, to: 9, meets: slo") == first);
  CHECK(identity(chat + ", from: 1, to: 8") != first);
  CHECK(identity(chat + ", from: 2, to: 9") != first);
  CHECK(identity(chat + ", from: 1, to: 9, tolerance: 1 %") != first);
  CHECK(identity(chat + ", from: 1, to: 9, survive: node") != first);
  CHECK(identity(chat + ", from: 1, to: 9, meets: [ttft_p99_s < 1 s]") != first);
  CHECK(identity(chat + ", from: 1, to: 9, early_stop: false") != first);
  CHECK(identity(chat + ", from: 1, to: 9, early_stop: false") != first);
  CHECK(identity(chat + ", from: 1, to: 9", "set: {warm_up: 3 min}\n") != first);
  const sweep::Study plain = study_of(axes);
  CHECK(sweep::run_identity(plain, "abc") == "abc");
}
