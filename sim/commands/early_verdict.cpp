// SPDX-License-Identifier: Apache-2.0
#include "commands/early_verdict.hpp"

#include <algorithm>

namespace tokenyard::commands {
namespace {

using fleet::Scenario;

// How many requests of a tenant there may be: of a description, on the safe side of the expected.
double most_requests(const Scenario& scenario, const traffic::Tenant& tenant) {
  constexpr double safe = 1.25, few = 100;
  if (tenant.trace) return static_cast<double>(tenant.trace->requests);
  return safe * tenant.expected_requests(scenario.until - Instant(0)) + few;
}

std::vector<sweep::Certainty::Class> classes_of(const Scenario& scenario) {
  std::vector<sweep::Certainty::Class> classes;
  for (const traffic::Slo& slo : scenario.slo_classes) {
    classes.push_back({slo.share, 0, true});
  }
  for (std::size_t i = 0; i < scenario.tenants.size(); ++i) {
    sweep::Certainty::Class& own = classes[index(scenario.openings[i].slo_class)];
    own.most += most_requests(scenario, scenario.tenants[i]);
    own.most_is_known = own.most_is_known && scenario.tenants[i].trace.has_value();
  }
  return classes;
}

}  // namespace

EarlyVerdict::EarlyVerdict(const Scenario& scenario)
    : warm_up_(scenario.warm_up),
      until_(scenario.until),
      judged_(scenario.slo_classes.size()),
      certainty_(classes_of(scenario)) {
  for (const traffic::Opened& opening : scenario.openings) {
    class_of_tenant_.push_back(index(opening.slo_class));
  }
}

bool EarlyVerdict::has_enough(Instant now, const fleet::Recorder& recorder,
                              const std::vector<fleet::PoolCounts>&) {
  if (verdict_) return true;
  if (now <= warm_up_ || now >= until_) return false;
  constexpr auto in_flight = static_cast<std::size_t>(results::Status::in_flight);
  std::fill(judged_.begin(), judged_.end(), sweep::Judged{});
  for (std::size_t i = 0; i < class_of_tenant_.size(); ++i) {
    const fleet::TenantTally& tally = recorder.tenants()[i];
    sweep::Judged& own = judged_[class_of_tenant_[i]];
    own.all += tally.arrived - tally.by_status[in_flight];
    own.met += tally.attained;
  }
  verdict_ = certainty_.look(judged_);
  return verdict_.has_value();
}

}  // namespace tokenyard::commands
