// SPDX-License-Identifier: Apache-2.0
#include "fleet/autoscaler.hpp"

#include <catch2/catch.hpp>
#include <string_view>

#include "fleet/survive.hpp"

using namespace tokenyard;
using namespace tokenyard::fleet;

namespace {

AutoscalePlan plan_of(std::string_view policy, double target) {
  AutoscalePlan plan;
  for (const AutoscalerEntry& entry : autoscalers()) {
    if (entry.name == policy) plan.policy = &entry;
  }
  plan.target = target;
  plan.most = 100;
  plan.cool_down = Duration(0);
  return plan;
}

// With so many present, requests there, and of these waiting.
ScalingView view_of(std::int64_t present, std::int64_t requests, std::int64_t waiting = 0) {
  ScalingView view;
  view.present = present;
  view.requests = requests;
  view.waiting = waiting;
  view.sequences = 10;
  return view;
}

std::int64_t decided(const AutoscalePlan& plan, const ScalingView& view, double now = 0) {
  return Autoscaler(plan).decide(view, Instant(now));
}

}  // namespace

TEST_CASE(
    "target-utilisation brings requests over sequences to the target, and leaves what is near") {
  AutoscalePlan plan = plan_of("target-utilisation", 0.5);
  CHECK(decided(plan, view_of(4, 40)) == 8);
  CHECK(decided(plan, view_of(4, 41)) == 9);
  CHECK(decided(plan, view_of(4, 10)) == 2);
  CHECK(decided(plan, view_of(4, 21)) == 4);  // 0.525, within 10 % of the target
  CHECK(decided(plan, view_of(4, 23)) == 5);
  CHECK(decided(plan, view_of(4, 0)) == 1);
  plan.most = 6;
  plan.least = 3;
  CHECK(decided(plan, view_of(4, 400)) == 6);
  CHECK(decided(plan, view_of(4, 0)) == 3);
}

TEST_CASE(
    "queue-length adds in proportion, at most twice as many, and takes one when nobody waits") {
  const AutoscalePlan plan = plan_of("queue-length", 2);
  CHECK(decided(plan, view_of(4, 50, 12)) == 6);
  CHECK(decided(plan, view_of(4, 90, 60)) == 8);
  CHECK(decided(plan, view_of(4, 50, 8)) == 4);
  CHECK(decided(plan, view_of(4, 50, 3)) == 4);
  CHECK(decided(plan, view_of(4, 40, 0)) == 3);
}

TEST_CASE(
    "slo adds a quarter when too few meet their limits, and takes one when all do and there is "
    "room") {
  const AutoscalePlan plan = plan_of("slo", 0.9);
  ScalingView view = view_of(4, 20);
  view.judged = 100;
  view.met = 89;
  CHECK(decided(plan, view) == 5);
  view.met = 95;
  CHECK(decided(plan, view) == 4);
  view.met = 100;
  CHECK(decided(plan, view) == 3);
  view.requests = 30;  // the other three would be full
  CHECK(decided(plan, view) == 4);
  view.judged = view.met = 0;
  CHECK(decided(plan, view) == 4);
}

TEST_CASE("scheduled goes by the time of the day, and starts with what was yesterday's last") {
  AutoscalePlan plan = plan_of("scheduled", 0);
  plan.schedule = {{Duration(8 * 3600.0), 20}, {Duration(20 * 3600.0), 5}};
  plan.time_of_day = Duration(6 * 3600.0);
  CHECK(decided(plan, view_of(1, 0), 0) == 5);
  CHECK(decided(plan, view_of(5, 0), 2 * 3600.0) == 20);
  CHECK(decided(plan, view_of(20, 0), 14 * 3600.0) == 5);
  CHECK(decided(plan, view_of(5, 0), 26 * 3600.0) == 20);
}

TEST_CASE("cool-downs count from any change") {
  AutoscalePlan plan = plan_of("target-utilisation", 0.5);
  plan.cool_down = Duration(100);
  plan.cool_down_up = Duration(10);
  Autoscaler scaler(plan);
  CHECK(scaler.decide(view_of(2, 20), Instant(0)) == 4);
  CHECK(scaler.decide(view_of(4, 40), Instant(5)) == 4);
  CHECK(scaler.decide(view_of(4, 40), Instant(10)) == 8);
  CHECK(scaler.decide(view_of(8, 10), Instant(109)) == 8);
  CHECK(scaler.decide(view_of(8, 10), Instant(110)) == 2);
}

TEST_CASE("a fleet survives if all classes attain what is wanted; the nearest to failing is told") {
  Summary summary;
  summary.classes.resize(3);
  summary.classes[0] = {"a", 100, 100, 1.0, 1, 0.99};
  summary.classes[1] = {"b", 100, 95, 0.95, 1, 0.9};
  summary.classes[2] = {"nobody came", 0, 0, results::no_value, 0, 0.99};
  CHECK(verdict_of(summary).slo_class == "a");
  CHECK(verdict_of(summary).survives);
  summary.classes[1].attainment = 0.89;
  CHECK(verdict_of(summary).slo_class == "b");
  CHECK_FALSE(verdict_of(summary).survives);
}
