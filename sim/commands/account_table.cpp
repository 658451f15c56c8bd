// SPDX-License-Identifier: Apache-2.0
#include "commands/account_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "commands/summary_table.hpp"

namespace tokenyard::commands {
namespace {

constexpr double joules_a_kilowatt_hour = 3.6e6;
constexpr double bytes_a_gigabyte = 1e9;

std::string dollars(double value) {
  return std::isnan(value) ? std::string("-") : fmt::format("{:.3f} USD", value);
}

std::string plain(double value, const char* format) {
  return std::isnan(value) ? std::string("-") : fmt::format(fmt::runtime(format), value);
}

std::string totals(const fleet::Scenario& scenario, const fleet::Account& all) {
  std::string cost =
      fmt::format("cost      {:.2f} USD ({}): nodes {:.2f}, egress {:.2f} for {:.4g} GB",
                  all.cost_usd(), bases(scenario), all.cost_nodes_usd, all.cost_egress_usd,
                  all.egress_bytes / bytes_a_gigabyte);
  if (all.cost_shortfall_usd > 0) {
    cost += fmt::format(", committed and not used {:.2f}", all.cost_shortfall_usd);
  }
  std::string text = wrapped(cost, 10);
  text +=
      wrapped(fmt::format("price     {} a million prompt tokens, {} a million output tokens, {} "
                          "a million of both; each is all of the cost",
                          dollars(all.cost_per_million_prompt_tokens_usd()),
                          dollars(all.cost_per_million_output_tokens_usd()),
                          dollars(all.cost_per_million_tokens_usd())),
              10);
  if (!std::isnan(all.revenue_usd)) {
    const double share = 100 * all.margin_usd() / all.revenue_usd;
    text += wrapped(fmt::format("margin    {:.2f} USD: revenue {:.2f} for served tokens, less the "
                                "cost{}",
                                all.margin_usd(), all.revenue_usd,
                                all.revenue_usd > 0 ? fmt::format(" ({:.1f} %)", share) : ""),
                    10);
  }
  text += wrapped(
      fmt::format(
          "energy    {:.3f} kWh, {:.4g} kg CO2, {} tokens/J, {} J an output token",
          all.energy_j / joules_a_kilowatt_hour, all.carbon_kg, plain(all.tokens_per_j(), "{:.4g}"),
          plain(all.output_tokens > 0 ? all.energy_j / all.output_tokens : std::nan(""), "{:.4g}")),
      10);
  return text;
}

std::string commitments(const std::vector<fleet::CommitmentUse>& uses) {
  std::string text;
  for (const fleet::CommitmentUse& use : uses) {
    text += wrapped(fmt::format("committed {}: {:.2f} USD for this time, of which {:.2f} were used "
                                "and {:.2f} fall short",
                                use.name, use.committed_usd, use.used_usd, use.shortfall_usd()),
                    10);
  }
  return text;
}

std::string rows(const char* what, const std::vector<fleet::Account>& accounts) {
  std::string text = fmt::format("\n{:<16}{:>9}{:>11}{:>10}{:>9}{:>9}{:>8}{:>8}\n", what, "chip-h",
                                 "USD", "kWh", "kg CO2", "USD/Mtok", "tok/J", "margin");
  for (const fleet::Account& a : accounts) {
    text += fmt::format("{:<16.15}{:>9.4g}{:>11.2f}{:>10.3f}{:>9.4g}{:>9}{:>8}{:>8}\n", a.name,
                        a.accelerator_h, a.cost_usd(), a.energy_j / joules_a_kilowatt_hour,
                        a.carbon_kg, plain(a.cost_per_million_tokens_usd(), "{:.4g}"),
                        plain(a.tokens_per_j(), "{:.3g}"), plain(a.margin_usd(), "{:.5g}"));
  }
  return text;
}

}  // namespace

std::string bases(const fleet::Scenario& scenario) {
  std::vector<std::string> seen;
  for (const fleet::PoolPlan& pool : scenario.pools) {
    const std::string& basis = pool.price->basis;
    if (std::find(seen.begin(), seen.end(), basis) == seen.end()) seen.push_back(basis);
  }
  return fmt::format("{}", fmt::join(seen, " + "));
}

std::string accounts(const fleet::Scenario& scenario, const fleet::Accounts& accounts) {
  std::string text = totals(scenario, accounts.total) + commitments(accounts.commitments);
  const auto add = [&text](const char* what, std::vector<fleet::Account> parts,
                           const fleet::Account& rest) {
    if (rest.accelerator_h > 0) parts.push_back(rest);
    if (parts.size() > 1) text += rows(what, parts);
  };
  add("pool", accounts.pools, {});
  add("region", accounts.regions, {});
  add("provider", accounts.providers, {});
  add("model", accounts.models, {});
  add("tenant", accounts.tenants, accounts.unassigned);
  return text;
}

}  // namespace tokenyard::commands
