// SPDX-License-Identifier: Apache-2.0
#include "fleet/commitments.hpp"

#include <catch2/catch.hpp>

#include "fleet/accounting.hpp"

using namespace tokenyard;
using namespace tokenyard::fleet;

namespace {

// Eight accelerators of a node for an hour at so much, busy for half of it.
PoolUse pool(const std::string& name, const std::string& region, double usd_per_h) {
  PoolUse use;
  use.name = name;
  use.region = region;
  use.rack = "h100";
  use.accelerators = 8;
  use.price = DollarsPerHour(usd_per_h);
  use.draw = {Watts(100), Watts(40), 1, 0.5, 1, 1};
  use.looks = {{0, Duration(0), Duration(0)}, {3600, Duration(1800), Duration(900)}};
  use.g_per_kwh = {100};
  use.prompt = Tokens(100);
  use.output = Tokens(100);
  use.work = {{Tokens(100), Tokens(100)}};
  return use;
}

AccountingInput sample() {
  AccountingInput input;
  input.time = Duration(3600);
  input.models = {"model"};
  input.pools = {pool("one", "azure/us", 30), pool("two", "azure/eu", 10),
                 pool("three", "aws/us", 20)};
  input.tenants.push_back({"tenant", 0, 300, 0, 300, {}});
  return input;
}

// 720 h a term.
Commitment spend(const std::string& provider, double usd) {
  Commitment commitment;
  commitment.name = "spend";
  commitment.provider = provider;
  commitment.spend = DollarsPerHour(usd / 720);
  return commitment;
}

Commitment nodes(const std::string& region, double count, double usd_per_node_h) {
  Commitment commitment;
  commitment.name = "nodes";
  commitment.provider = catalog::provider_of(region);
  commitment.region = region;
  commitment.rack = "h100";
  commitment.accelerators = 8 * count;
  commitment.price = DollarsPerHour(usd_per_node_h / 8);
  return commitment;
}

double shortfall(const std::vector<Account>& accounts, const std::string& name) {
  for (const Account& account : accounts) {
    if (account.name == name) return account.cost_shortfall_usd;
  }
  FAIL("no account " << name);
  return 0;
}

}  // namespace

TEST_CASE("what was to be spent and was not is borne by the provider's pools by their cost") {
  AccountingInput input = sample();
  input.commitments = {spend("azure", 72000)};  // 100 USD an hour; nodes cost 40
  const Accounts accounts = account(input);
  CHECK(accounts.total.cost_shortfall_usd == Approx(60));
  CHECK(shortfall(accounts.pools, "one") == Approx(45));
  CHECK(shortfall(accounts.pools, "two") == Approx(15));
  CHECK(shortfall(accounts.pools, "three") == 0);
  CHECK(shortfall(accounts.providers, "azure") == Approx(60));
  CHECK(shortfall(accounts.regions, "azure/eu") == Approx(15));
  CHECK(shortfall(accounts.models, "model") == Approx(60));
  CHECK(shortfall(accounts.tenants, "tenant") == Approx(60));
  CHECK(accounts.pools[0].cost_usd() == Approx(75));
  CHECK(accounts.total.cost_usd() == Approx(120));
  REQUIRE(accounts.commitments.size() == 1);
  CHECK(accounts.commitments[0].committed_usd == Approx(100));
  CHECK(accounts.commitments[0].used_usd == Approx(40));
}

TEST_CASE("what is spent beyond a commitment is no credit") {
  AccountingInput input = sample();
  input.commitments = {spend("azure", 720 * 39)};
  const Accounts accounts = account(input);
  CHECK(accounts.total.cost_shortfall_usd == 0);
  CHECK(accounts.commitments[0].used_usd == Approx(39));
  CHECK(accounts.commitments[0].shortfall_usd() == 0);
}

TEST_CASE("bytes that leave a provider are spent there, whoever caused them") {
  AccountingInput input = sample();
  input.pools[2].out = {{"azure/us", 100e9, 0.05}, {"aws/us", 100e9, 0.09}};
  input.commitments = {spend("azure", 720 * 50)};
  CHECK(account(input).total.cost_shortfall_usd == Approx(5));
}

TEST_CASE("nodes are paid at their committed price, used or not") {
  AccountingInput input = sample();
  input.commitments = {nodes("azure/us", 3, 12)};  // one of them is used
  Accounts accounts = account(input);
  CHECK(accounts.total.cost_shortfall_usd == Approx(24));
  CHECK(shortfall(accounts.pools, "one") == Approx(24));
  CHECK(accounts.commitments[0].committed_usd == Approx(36));
  CHECK(accounts.commitments[0].used_usd == Approx(12));
  input.commitments = {nodes("azure/us", 1, 12)};
  CHECK(account(input).total.cost_shortfall_usd == 0);
  // Of another rack kind, nothing is used.
  input.pools[1].region = "azure/us";
  input.pools[1].rack = "h200";
  input.commitments = {nodes("azure/us", 2, 12)};
  accounts = account(input);
  CHECK(shortfall(accounts.pools, "one") == Approx(12));
  CHECK(shortfall(accounts.pools, "two") == 0);
}

TEST_CASE("nodes that nobody used count as spent") {
  AccountingInput input = sample();
  input.commitments = {spend("azure", 720 * 100), nodes("azure/us", 3, 12)};
  const Accounts accounts = account(input);
  CHECK(accounts.commitments[1].shortfall_usd() == Approx(24));
  CHECK(accounts.commitments[0].used_usd == Approx(64));
  CHECK(accounts.total.cost_shortfall_usd == Approx(24 + 36));
  CHECK(shortfall(accounts.pools, "one") == Approx(24 + 27));
}

TEST_CASE("commitments for the same thing add up") {
  AccountingInput input = sample();
  input.commitments = {spend("azure", 720 * 30), spend("azure", 720 * 30)};
  const Accounts accounts = account(input);
  CHECK(accounts.commitments[0].shortfall_usd() == 0);
  CHECK(accounts.commitments[1].used_usd == Approx(10));
  CHECK(accounts.total.cost_shortfall_usd == Approx(20));
}

TEST_CASE("what owners pay for their nodes is spent at no provider") {
  AccountingInput input = sample();
  input.pools[0].owned = true;
  input.commitments = {spend("azure", 720 * 40), nodes("azure/eu", 1, 10)};
  const Accounts accounts = account(input);
  CHECK(accounts.commitments[0].shortfall_usd() == Approx(30));
  CHECK(shortfall(accounts.pools, "one") == 0);
  CHECK(shortfall(accounts.pools, "two") == Approx(30));
}

TEST_CASE("pools whose nodes were off all the time share a shortfall alike") {
  AccountingInput input = sample();
  input.pools[0].price = input.pools[1].price = DollarsPerHour(0);
  input.commitments = {spend("azure", 720 * 40)};
  const Accounts accounts = account(input);
  CHECK(shortfall(accounts.pools, "one") == Approx(20));
  CHECK(shortfall(accounts.pools, "two") == Approx(20));
}
