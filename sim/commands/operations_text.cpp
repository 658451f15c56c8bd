// SPDX-License-Identifier: Apache-2.0
#include "commands/operations_text.hpp"

#include <fmt/format.h>

#include <cmath>

#include "commands/summary_table.hpp"

namespace tokenyard::commands {
namespace {

std::string line(const std::string& text) { return wrapped(text, 10); }

std::string percent(double share) { return fmt::format("{:.4g} %", 100 * share); }

// At the door, where not all that came was let in.
std::string loads(const fleet::Scenario& scenario, const fleet::Summary& summary) {
  const double time = summary.totals.end.value();
  std::string text;
  for (std::size_t i = 0; i < summary.tenants.size(); ++i) {
    const fleet::TenantSummary& tenant = summary.tenants[i];
    const fleet::Load& load = tenant.load;
    const bool limited = scenario.tenants[i].quota.limited() || load.throttled.requests > 0;
    if (limited && time > 0) {
      const auto each = [time](const fleet::Attempts& attempts) {
        return fmt::format("{:.4g}/s ({:.4g} tokens/s)",
                           static_cast<double>(attempts.requests) / time,
                           static_cast<double>(attempts.tokens.value()) / time);
      };
      text += line(fmt::format("load      {}: {} attempts offered, {} admitted, {} throttled",
                               tenant.name, each(load.offered), each(load.admitted),
                               each(load.throttled)));
    }
    if (tenant.prevented > 0) {
      text += line(fmt::format("rules     {}: {} attempts kept from pools that may not serve them",
                               tenant.name, tenant.prevented));
    }
  }
  return text;
}

std::string budgets(const fleet::Summary& summary) {
  std::string text;
  for (const fleet::ClassSummary& c : summary.classes) {
    if (!(c.error_budget_used > 1)) continue;
    const std::string used =
        std::isinf(c.error_budget_used)
            ? std::string("there is no error budget, and some missed")
            : fmt::format("{:.3g} times the error budget", c.error_budget_used);
    text += line(fmt::format("SLO       {}: {}; below {} for {}, {} at a stretch", c.name, used,
                             percent(c.wanted), seconds(c.below_s), seconds(c.longest_below_s)));
  }
  return text;
}

std::string failures(const fleet::PoolSummary& pool) {
  std::string text;
  if (pool.failures > 0) {
    text += fmt::format("; {} failures of replicas, availability {:.6g} %", pool.failures,
                        100 * pool.availability);
  }
  if (pool.recoveries > 0) {
    text += fmt::format("; back after {} on the mean, {} at most", seconds(pool.recovery_mean_s),
                        seconds(pool.recovery_longest_s));
  }
  if (pool.away_s > 0) text += fmt::format("; away for planned work {}", seconds(pool.away_s));
  return text;
}

std::string pools(const fleet::Scenario& scenario, const fleet::Summary& summary) {
  const double time = summary.totals.end.value();
  std::string text;
  for (std::size_t i = 0; i < summary.pools.size(); ++i) {
    const fleet::PoolSummary& pool = summary.pools[i];
    std::string said = failures(pool);
    if (scenario.pools[i].autoscale && time > 0) {
      said = fmt::format(
                 "; {:.4g} replicas paid for on the mean, {} to {} serving, {} added or "
                 "taken away",
                 pool.paid_s / time, pool.serving_least, pool.serving_most, pool.scaled) +
             said;
    }
    if (!said.empty()) text += line("fleet     " + pool.name + ": " + said.substr(2));
  }
  return text;
}

}  // namespace

std::string operations_text(const fleet::Scenario& scenario, const fleet::Summary& summary) {
  std::string text = loads(scenario, summary) + pools(scenario, summary) + budgets(summary);
  if (summary.availability < 1) {
    text += line(fmt::format("answered  {:.6g} % of the requests that were not rejected",
                             100 * summary.availability));
  }
  return text;
}

}  // namespace tokenyard::commands
