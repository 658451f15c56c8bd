// SPDX-License-Identifier: Apache-2.0
// How many replicas a pool has, and who changes that; and when low tiers may enter.
#include <fmt/format.h>

#include <algorithm>

#include "fleet/scenario.hpp"

namespace tokenyard::fleet {
namespace {

using config::Section;

constexpr double most_replicas = 1e6;
constexpr double day_s = 86400;

std::vector<std::string_view> names_of_policies() {
  std::vector<std::string_view> names;
  for (const AutoscalerEntry& entry : autoscalers()) names.push_back(entry.name);
  return names;
}

void read_schedule(Section& section, const PoolPlan& pool, AutoscalePlan& plan) {
  for (Section& entry : section.children("schedule", 1)) {
    ScheduledReplicas at;
    at.at = entry.required<Duration>("at", {0, day_s});
    at.replicas = entry.required<std::int64_t>("replicas", {1, static_cast<double>(pool.replicas)});
    entry.finish();
    if (!plan.schedule.empty() && at.at <= plan.schedule.back().at) {
      entry.mistake("at", "is not after the one before; put them in the order of the day");
    }
    plan.schedule.push_back(at);
  }
}

void read_target(Section& section, AutoscalePlan& plan) {
  const std::string_view policy = plan.policy->name;
  if (policy == "queue-length") {
    plan.target = section.optional<double>("target", 1, {1e-3, 1e9});
  } else {
    const config::Fraction usual{policy == "slo" ? 0.99 : 0.7};
    plan.target = section.optional<config::Fraction>("target", usual, {0.01, 1}).value;
  }
}

}  // namespace

void read_replicas(Section& section, PoolPlan& pool) {
  if (!section.has_map("replicas")) {
    pool.replicas =
        std::max<std::int64_t>(1, section.required<std::int64_t>("replicas", {1, most_replicas}));
    pool.initial = pool.least = pool.replicas;
    if (section.has("autoscale")) {
      section.mistake("autoscale", "has no bounds; say replicas: {initial, min, max}");
      section.skip("autoscale");
    }
    return;
  }
  Section replicas = section.child("replicas");
  pool.replicas =
      std::max<std::int64_t>(1, replicas.required<std::int64_t>("max", {1, most_replicas}));
  const auto most = static_cast<double>(pool.replicas);
  pool.least = std::max<std::int64_t>(1, replicas.optional<std::int64_t>("min", 1, {1, most}));
  pool.initial =
      std::max(pool.least, replicas.optional<std::int64_t>(
                               "initial", pool.least, {static_cast<double>(pool.least), most}));
  replicas.finish();
  if (!section.has("autoscale")) {
    section.mistake("replicas", "has bounds, and nothing scales between them; add autoscale");
    return;
  }
  read_autoscale(section.child("autoscale"), pool);
}

void read_autoscale(Section section, PoolPlan& pool) {
  AutoscalePlan plan;
  plan.policy = &autoscalers()[section.choice("policy", names_of_policies(), 0)];
  plan.least = pool.least;
  plan.most = pool.replicas;
  if (plan.policy->name == "scheduled") {
    read_schedule(section, pool, plan);
  } else {
    read_target(section, plan);
    plan.tolerance =
        section.optional<config::Fraction>("tolerance", {plan.tolerance}, {0, 1}).value;
  }
  const auto time = [&section](std::string_view key, Duration usual, double least) {
    return section.optional<Duration>(key, usual, {least, 1e9});
  };
  constexpr double least_look_s = 0.1;
  plan.every = time("every", plan.every, least_look_s);
  plan.cool_down = time("cool_down", plan.cool_down, 0);
  plan.cool_down_up = time("cool_down_up", plan.cool_down_up, 0);
  plan.provisioning = time("provisioning", plan.provisioning, 0);
  section.finish();
  pool.autoscale = plan;
}

void read_admission(Section section, Scenario& scenario) {
  AdmissionRules& rules = scenario.admission;
  constexpr config::Limits shares{0.01, 100};
  if (const auto share = section.maybe<config::Fraction>("flex_below", shares)) {
    rules.flex_below = share->value;
  }
  if (const auto share = section.maybe<config::Fraction>("batch_below", shares)) {
    rules.batch_below = share->value;
  }
  rules.batch_at_latest =
      section.optional<Duration>("batch_at_latest", Duration(0), config::not_negative);
  section.finish();
}

void assume_of_scaling(Scenario& scenario) {
  for (const PoolPlan& pool : scenario.pools) {
    if (!pool.autoscale) continue;
    const AutoscalePlan& plan = *pool.autoscale;
    const std::string start = pool.cold_start
                                  ? fmt::format(", their weights, and {} s to start up",
                                                pool.cold_start->start_up.value())
                                  : std::string(", and no time to load weights (no cold_start)");
    scenario.assumptions.push_back(fmt::format(
        "{} has {} to {} replicas by {}, looked at every {} s; new ones take {} s for their nodes"
        "{}; nodes are paid from then on until the last request of a drained replica",
        pool.name, plan.least, plan.most, plan.policy->name, plan.every.value(),
        plan.provisioning.value(), start));
  }
}

}  // namespace tokenyard::fleet
