// SPDX-License-Identifier: Apache-2.0
#include "commands/early_verdict.hpp"

#include <algorithm>
#include <variant>

namespace tokenyard::commands {
namespace {

using fleet::Scenario;

// Whether each request of a tenant arrives when it was drawn to, whatever became of others.
bool comes_by_itself(const traffic::Tenant& tenant) {
  const auto& clients = tenant.workload->clients;
  return std::all_of(clients.begin(), clients.end(), [](const traffic::Client& client) {
    return std::holds_alternative<traffic::DatesPlan>(client.arrivals) && !client.sessions;
  });
}

// How many requests of a tenant there may be that count: of a description, on the safe side of the
// expected.
double most_requests(const Scenario& scenario, const traffic::Tenant& tenant) {
  constexpr double safe = 1.25, few = 100;
  if (tenant.trace) return static_cast<double>(tenant.trace->requests);
  double expected = tenant.expected_requests(scenario.until - Instant(0));
  if (comes_by_itself(tenant)) {
    expected -= tenant.expected_requests(scenario.warm_up - Instant(0));
  }
  return safe * expected + few;
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

Duration EarlyVerdict::looks_every(Duration usual) const {
  constexpr double looks = 500;
  const Duration often = (until_ - warm_up_) / looks;
  if (until_ == Instant::never() || often <= Duration(0)) return usual;
  return usual > Duration(0) ? std::min(usual, often) : often;
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
