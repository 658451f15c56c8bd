// SPDX-License-Identifier: Apache-2.0
#include "fleet/result_accounts.hpp"

#include <algorithm>

#include "fleet/result_columns.hpp"

namespace tokenyard::fleet {
namespace {

void write_group(results::Writer& writer, const std::string& group, const std::string& dimension,
                 const std::vector<Account>& accounts, const std::string& which) {
  std::vector<std::string> names;
  for (const Account& account : accounts) names.push_back(account.name);
  write_names(writer, group, dimension, names);
  Columns<Account> columns(writer, group, accounts);
  columns.add("prompt_tokens", "", "prompt tokens " + which,
              [](const Account& a) { return a.prompt_tokens; });
  columns.add("output_tokens", "", "output tokens " + which,
              [](const Account& a) { return a.output_tokens; });
  write_accounts(writer, group, accounts);
}

void write_commitments(results::Writer& writer, const std::vector<CommitmentUse>& commitments) {
  if (commitments.empty()) return;
  std::vector<std::string> names;
  for (const CommitmentUse& use : commitments) names.push_back(use.name);
  write_names(writer, "/commitments", "commitment", names);
  Columns<CommitmentUse> columns(writer, "/commitments", commitments);
  columns.add("committed_usd", "USD", "for the time of the run",
              [](const CommitmentUse& use) { return use.committed_usd; });
  columns.add("used_usd", "USD", "of it, spent or used",
              [](const CommitmentUse& use) { return use.used_usd; });
  columns.add("shortfall_usd", "USD", "of it, paid for nothing",
              [](const CommitmentUse& use) { return use.shortfall_usd(); });
}

}  // namespace

void write_names(results::Writer& writer, const std::string& group, const std::string& dimension,
                 std::vector<std::string> names) {
  std::vector<std::uint32_t> codes;
  for (std::uint32_t i = 0; i < names.size(); ++i) codes.push_back(i);
  results::ColumnInfo info;
  info.flag_meanings = std::move(names);
  writer.dimension(group, dimension, codes, info);
}

void write_accounts(results::Writer& writer, const std::string& group,
                    const std::vector<Account>& accounts) {
  Columns<Account> columns(writer, group, accounts);
  columns.add("accelerator_h", "h", "accelerators paid for, busy or not",
              [](const Account& a) { return a.accelerator_h; });
  columns.add("energy_j", "J", "energy of the site", [](const Account& a) { return a.energy_j; });
  columns.add("carbon_kg", "kg", "CO2 of the energy", [](const Account& a) { return a.carbon_kg; });
  columns.add("cost_usd", "USD", "cost of nodes and egress, and shortfall",
              [](const Account& a) { return a.cost_usd(); });
  columns.add("cost_nodes_usd", "USD", "cost of nodes",
              [](const Account& a) { return a.cost_nodes_usd; });
  columns.add("cost_egress_usd", "USD", "price of bytes that left a region",
              [](const Account& a) { return a.cost_egress_usd; });
  columns.add("cost_shortfall_usd", "USD", "price of what was committed and not used",
              [](const Account& a) { return a.cost_shortfall_usd; });
  columns.add("egress_bytes", "B", "that left a region for another",
              [](const Account& a) { return a.egress_bytes; });
  columns.add("cost_per_million_prompt_tokens_usd", "USD", "all of the cost, by prompt tokens",
              [](const Account& a) { return a.cost_per_million_prompt_tokens_usd(); });
  columns.add("cost_per_million_output_tokens_usd", "USD", "all of the cost, by output tokens",
              [](const Account& a) { return a.cost_per_million_output_tokens_usd(); });
  columns.add("cost_per_million_tokens_usd", "USD", "all of the cost, by tokens in and out",
              [](const Account& a) { return a.cost_per_million_tokens_usd(); });
  columns.add("tokens_per_j", "1/J", "tokens in and out",
              [](const Account& a) { return a.tokens_per_j(); });
  columns.add("revenue_usd", "USD", "price of the tokens of requests with status ok",
              [](const Account& a) { return a.revenue_usd; });
  columns.add("margin_usd", "USD", "revenue less cost",
              [](const Account& a) { return a.margin_usd(); });
}

void write_unassigned(results::Writer& writer, const Account& unassigned) {
  const auto put = [&writer](const std::string& name, const std::string& unit, double value) {
    writer.column("/summary/unassigned_" + name, std::vector<double>{value},
                  {unit, "of pools without tokens, in no tenant's account", {}, {}});
  };
  put("accelerator_h", "h", unassigned.accelerator_h);
  put("energy_j", "J", unassigned.energy_j);
  put("carbon_kg", "kg", unassigned.carbon_kg);
  put("cost_usd", "USD", unassigned.cost_usd());
}

void write_bases(results::Writer& writer, const Scenario& scenario) {
  results::ColumnInfo info;
  info.long_name = "what the cost of its nodes stands on";
  info.flag_meanings = {catalog::price_bases.begin(), catalog::price_bases.end()};
  std::vector<std::uint8_t> codes;
  for (const PoolPlan& pool : scenario.pools) {
    const auto* const basis = std::find(catalog::price_bases.begin(), catalog::price_bases.end(),
                                        std::string_view(pool.price->basis));
    codes.push_back(static_cast<std::uint8_t>(basis - catalog::price_bases.begin()));
  }
  writer.column("/pools/cost_basis", codes, info);
}

void write_groups(results::Writer& writer, const Accounts& accounts) {
  write_group(writer, "/regions", "region", accounts.regions, "computed");
  write_group(writer, "/providers", "provider", accounts.providers, "computed");
  write_group(writer, "/models", "model", accounts.models, "of requests with status ok");
  write_commitments(writer, accounts.commitments);
}

}  // namespace tokenyard::fleet
