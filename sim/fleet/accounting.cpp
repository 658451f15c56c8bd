// SPDX-License-Identifier: Apache-2.0
#include "fleet/accounting.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace tokenyard::fleet {
namespace {

constexpr double bytes_a_gigabyte = 1e9;
constexpr double seconds_an_hour = 3600;

double number(Tokens tokens) { return static_cast<double>(tokens.value()); }

Account& find(std::vector<Account>& accounts, const std::string& name) {
  const auto found = std::find_if(accounts.begin(), accounts.end(),
                                  [&name](const Account& a) { return a.name == name; });
  if (found != accounts.end()) return *found;
  accounts.emplace_back().name = name;
  return accounts.back();
}

Account account_of_pool(const PoolUse& pool, Duration time) {
  Account account;
  account.name = pool.name;
  const BusyUpTo& last = pool.looks.back();
  time -= last.off;
  account.accelerator_h = pool.accelerators * time.value() / seconds_an_hour;
  account.energy_j = pool.draw.energy(time, last.busy, last.reading).value();
  account.carbon_kg = carbon_kg(pool.draw, pool.looks, pool.g_per_kwh, pool.hours_start);
  account.cost_nodes_usd = (pool.price * time).value();
  for (const Outflow& out : pool.out) {
    account.egress_bytes += out.bytes;
    account.cost_egress_usd += out.bytes / bytes_a_gigabyte * out.usd_per_gb;
  }
  account.prompt_tokens = number(pool.prompt);
  account.output_tokens = number(pool.output);
  return account;
}

// A pool's nodes count where they stand, its bytes where they leave.
void add_to_place(std::vector<Account>& places, const PoolUse& pool, const Account& account,
                  std::string (*place_of)(const std::string&)) {
  Account at_home = account;
  at_home.egress_bytes = at_home.cost_egress_usd = 0;
  Account& home = find(places, place_of(pool.region));
  home.bear(at_home, 1);
  home.prompt_tokens += account.prompt_tokens;
  home.output_tokens += account.output_tokens;
  if (!std::isnan(account.revenue_usd)) home.earn(account.revenue_usd);
  for (const Outflow& out : pool.out) {
    Account& left = find(places, place_of(out.from));
    left.egress_bytes += out.bytes;
    left.cost_egress_usd += out.bytes / bytes_a_gigabyte * out.usd_per_gb;
  }
}

// What a tenant pays for its answers goes to the pools that made them: for prompts in proportion
// to the tokens computed there, for output to those written there.
void sell(const TenantUse& tenant, std::size_t number_of_it, const AccountingInput& input,
          Accounts& accounts) {
  constexpr double million = 1e6;
  const double read_usd = ((tenant.prompt - tenant.cached) * tenant.price->input_usd +
                           tenant.cached * tenant.price->cached_input_usd) /
                          million;
  const double written_usd = tenant.output * tenant.price->output_usd / million;
  Account& account = accounts.tenants[number_of_it];
  account.earn(read_usd + written_usd);
  double prompt = 0, output = 0;
  for (const PoolUse& pool : input.pools) {
    prompt += number(pool.work[number_of_it].prompt);
    output += number(pool.work[number_of_it].output);
  }
  if (output == 0) return;
  for (std::size_t i = 0; i < input.pools.size(); ++i) {
    const Work& work = input.pools[i].work[number_of_it];
    const double written = number(work.output) / output;
    // All of the prompts may have been cached.
    const double read = prompt > 0 ? number(work.prompt) / prompt : written;
    if (read + written > 0) accounts.pools[i].earn(read_usd * read + written_usd * written);
  }
}

void share_among_tenants(const PoolUse& pool, const Account& account, Accounts& accounts) {
  const TokenWeights weights = token_weights(pool);
  const auto weight = [&weights](const Work& work) {
    return weights.prompt * number(work.prompt) + weights.output * number(work.output);
  };
  double all = 0;
  for (const Work& work : pool.work) all += weight(work);
  if (!(all > 0)) return accounts.unassigned.bear(account, 1);
  for (std::size_t i = 0; i < pool.work.size(); ++i) {
    accounts.tenants[i].bear(account, weight(pool.work[i]) / all);
  }
}

bool agree(double part, double whole) {
  constexpr double tolerance = 1e-9;
  return std::abs(part - whole) <= tolerance * std::max(std::abs(part), std::abs(whole));
}

void check_sum(const std::vector<Account>& parts, const Account& rest, const Account& total) {
  static constexpr std::array fields = {&Account::accelerator_h,   &Account::energy_j,
                                        &Account::carbon_kg,       &Account::cost_nodes_usd,
                                        &Account::cost_egress_usd, &Account::cost_shortfall_usd,
                                        &Account::egress_bytes};
  for (const auto field : fields) {
    double sum = rest.*field;
    for (const Account& part : parts) sum += part.*field;
    SIM_ENSURE(agree(sum, total.*field));
  }
  double revenue = 0;
  for (const Account& part : parts) revenue += std::isnan(part.revenue_usd) ? 0 : part.revenue_usd;
  SIM_ENSURE(agree(revenue, std::isnan(total.revenue_usd) ? 0 : total.revenue_usd));
}

}  // namespace

TokenWeights token_weights(const PoolUse& pool) {
  const BusyUpTo& last = pool.looks.back();
  const double reading = last.reading.value();
  const double writing = last.busy.value() - reading;
  const double prompt = number(pool.prompt);
  const double beside = number(pool.output_reading);
  const double alone = number(pool.output) - beside;
  // Beside prompts a token costs what it does alone, and the prompts the rest.
  const double output = alone > 0 ? writing / alone : 0;
  const double rest = reading - output * beside;
  if (alone > 0 && prompt > 0 && rest > 0) return {rest / prompt, output};
  // Nothing tells them apart: all tokens of the iterations that read weigh alike.
  const double each = prompt + beside > 0 ? reading / (prompt + beside) : 0;
  const double all = alone + beside;
  return {each, all > 0 ? (writing + each * beside) / all : 0};
}

Accounts account(const AccountingInput& input) {
  Accounts accounts;
  accounts.total.name = "all";
  accounts.unassigned.name = "unassigned";
  for (const std::string& model : input.models) accounts.models.emplace_back().name = model;
  for (const TenantUse& tenant : input.tenants) {
    Account& account = accounts.tenants.emplace_back();
    account.name = tenant.name;
    for (Account* served : {&account, &accounts.models[tenant.model], &accounts.total}) {
      served->prompt_tokens += tenant.prompt;
      served->output_tokens += tenant.output;
    }
  }
  for (const PoolUse& pool : input.pools) {
    SIM_EXPECT(pool.work.size() == input.tenants.size() && !pool.looks.empty());
    accounts.pools.push_back(account_of_pool(pool, input.time));
  }
  shortfalls(input, accounts);
  for (std::size_t i = 0; i < input.tenants.size(); ++i) {
    if (!input.tenants[i].price) continue;
    sell(input.tenants[i], i, input, accounts);
    accounts.models[input.tenants[i].model].earn(accounts.tenants[i].revenue_usd);
    accounts.total.earn(accounts.tenants[i].revenue_usd);
  }
  for (std::size_t i = 0; i < input.pools.size(); ++i) {
    const PoolUse& pool = input.pools[i];
    const Account& account = accounts.pools[i];
    accounts.total.bear(account, 1);
    accounts.models[pool.model].bear(account, 1);
    add_to_place(accounts.regions, pool, account, [](const std::string& r) { return r; });
    add_to_place(accounts.providers, pool, account, catalog::provider_of);
    share_among_tenants(pool, account, accounts);
  }
  for (const auto* parts :
       {&accounts.pools, &accounts.regions, &accounts.providers, &accounts.models}) {
    check_sum(*parts, {}, accounts.total);
  }
  check_sum(accounts.tenants, accounts.unassigned, accounts.total);
  return accounts;
}

}  // namespace tokenyard::fleet
