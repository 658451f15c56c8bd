// SPDX-License-Identifier: Apache-2.0
#include "fleet/accounting.hpp"

#include <catch2/catch.hpp>

namespace tokenyard::fleet {
namespace {

// A node of 100 W and one replica of 40 W more, for 1,000 s: 400 s busy, 100 s of it reading 200
// tokens beside 10 that are written; 290 more are written alone.
PoolUse sample_pool(const std::string& name, const std::string& region) {
  PoolUse pool;
  pool.name = name;
  pool.region = region;
  pool.accelerators = 8;
  pool.price = DollarsPerHour(36);
  pool.draw = {Watts(100), Watts(40), 1, 0.5, 1.1, 1.2};
  pool.looks = {{0, Duration(0), Duration(0)}, {1000, Duration(400), Duration(100)}};
  pool.g_per_kwh = {360};
  pool.prompt = Tokens(200);
  pool.output = Tokens(300);
  pool.output_reading = Tokens(10);
  pool.work = {{Tokens(200), Tokens(300)}};
  return pool;
}

AccountingInput sample() {
  AccountingInput input;
  input.time = Duration(1000);
  input.models = {"model"};
  input.pools = {sample_pool("pool", "a/one")};
  input.tenants.push_back({"tenant", 0, 200, 0, 300, {}});
  return input;
}

}  // namespace

TEST_CASE("a pool's account in closed form") {
  const Accounts accounts = account(sample());
  const Account& pool = accounts.pools[0];
  CHECK(pool.accelerator_h == Approx(8 * 1000 / 3600.0));
  const double joules = (100 * 1000 + 40 * (100 * 1 + 300 * 0.5)) * 1.1 * 1.2;
  CHECK(pool.energy_j == Approx(joules));
  CHECK(pool.carbon_kg == Approx(joules / 3.6e6 * 0.36));
  CHECK(pool.cost_usd() == Approx(10));
  CHECK(pool.cost_per_million_prompt_tokens_usd() == Approx(10 / 200e-6));
  CHECK(pool.cost_per_million_output_tokens_usd() == Approx(10 / 300e-6));
  CHECK(pool.cost_per_million_tokens_usd() == Approx(10 / 500e-6));
  CHECK(pool.tokens_per_j() == Approx(500 / joules));
  CHECK(std::isnan(pool.revenue_usd));
  CHECK(std::isnan(pool.margin_usd()));
}

TEST_CASE("beside prompts a token weighs what it does alone, and prompts the rest") {
  const PoolUse pool = sample_pool("pool", "a/one");
  const TokenWeights weights = token_weights(pool);
  CHECK(weights.output == Approx(300.0 / 290));
  CHECK(weights.prompt == Approx((100 - 10 * 300.0 / 290) / 200));
  CHECK(weights.prompt * 200 + weights.output * 300 == Approx(400));
}

TEST_CASE("where nothing tells tokens apart, those of an iteration weigh alike") {
  PoolUse pool = sample_pool("pool", "a/one");
  pool.output_reading = pool.output;  // none is written alone
  pool.looks.back().reading = pool.looks.back().busy;
  CHECK(token_weights(pool).prompt == Approx(400 / 500.0));
  CHECK(token_weights(pool).output == Approx(400 / 500.0));
  pool = sample_pool("pool", "a/one");
  pool.output_reading = Tokens(200);  // alone, these would take longer than their iterations did
  CHECK(token_weights(pool).prompt == Approx(100 / 400.0));
  CHECK(token_weights(pool).output == Approx((300 + 200 * 100 / 400.0) / 300));
  pool.prompt = pool.output = pool.output_reading = Tokens(0);
  CHECK((token_weights(pool).prompt == 0 && token_weights(pool).output == 0));
}

TEST_CASE("tenants share a pool by what was computed for them") {
  AccountingInput input = sample();
  input.tenants.push_back({"other", 0, 50, 0, 0, {}});
  input.pools[0].work = {{Tokens(150), Tokens(300)}, {Tokens(50), Tokens(0)}};
  const Accounts accounts = account(input);
  const TokenWeights weights = token_weights(input.pools[0]);
  const double share = weights.prompt * 50 / 400;  // of 400 s
  CHECK(accounts.tenants[1].cost_usd() == Approx(10 * share));
  CHECK(accounts.tenants[0].cost_usd() == Approx(10 * (1 - share)));
  CHECK(accounts.tenants[1].energy_j == Approx(accounts.total.energy_j * share));
  CHECK(accounts.unassigned.cost_usd() == 0);
}

TEST_CASE("what a pool without tokens costs is nobody's") {
  AccountingInput input = sample();
  PoolUse idle = sample_pool("idle", "a/one");
  idle.looks.back() = {1000, Duration(0), Duration(0)};
  idle.prompt = idle.output = idle.output_reading = Tokens(0);
  idle.work = {Work{}};
  input.pools.push_back(idle);
  const Accounts accounts = account(input);
  CHECK(accounts.unassigned.cost_usd() == Approx(10));
  CHECK(accounts.unassigned.energy_j == Approx(100 * 1000 * 1.1 * 1.2));
  CHECK(accounts.tenants[0].cost_usd() == Approx(10));
  CHECK(accounts.models[0].cost_usd() == Approx(20));
  CHECK(accounts.total.cost_usd() == Approx(20));
}

TEST_CASE("bytes that leave a region are paid for there, and by the pool") {
  AccountingInput input = sample();
  input.pools.push_back(sample_pool("other", "b/one"));
  input.pools[0].out = {{"a/one", 5e9, 0.02}, {"c/store", 1e9, 0.1}};
  const Accounts accounts = account(input);
  CHECK(accounts.pools[0].cost_egress_usd == Approx(0.2));
  CHECK(accounts.pools[0].cost_usd() == Approx(10.2));
  CHECK(accounts.total.egress_bytes == 6e9);
  REQUIRE(accounts.regions.size() == 3);
  CHECK(accounts.regions[0].cost_egress_usd == Approx(0.1));
  CHECK(accounts.regions[1].name == "c/store");
  CHECK(accounts.regions[1].cost_egress_usd == Approx(0.1));
  CHECK(accounts.regions[1].cost_nodes_usd == 0);
  CHECK(accounts.regions[2].cost_usd() == Approx(10));
  REQUIRE(accounts.providers.size() == 3);
  CHECK(accounts.providers[0].name == "a");
}

TEST_CASE("revenue goes to the pools that read the prompts and wrote the answers") {
  AccountingInput input = sample();
  input.pools = {sample_pool("read", "a/one"), sample_pool("write", "a/two")};
  input.pools[0].work = {{Tokens(200), Tokens(30)}};
  input.pools[1].work = {{Tokens(0), Tokens(270)}};
  input.tenants[0].cached = 100;
  input.tenants[0].price = traffic::TokenPrice{4, 1, 10};
  const Accounts accounts = account(input);
  const double in = (100 * 4 + 100 * 1) / 1e6, out = 300 * 10 / 1e6;
  CHECK(accounts.total.revenue_usd == Approx(in + out));
  CHECK(accounts.pools[0].revenue_usd == Approx(in + out * 0.1));
  CHECK(accounts.pools[1].revenue_usd == Approx(out * 0.9));
  CHECK(accounts.regions[1].revenue_usd == Approx(out * 0.9));
  CHECK(accounts.total.margin_usd() == Approx(in + out - 20));
  // If all prompts were cached, the pools that wrote have all of it.
  input.pools[0].work = {{Tokens(0), Tokens(30)}};
  CHECK(account(input).pools[1].revenue_usd == Approx((in + out) * 0.9));
}

TEST_CASE("sums that do not add up end a run") {
  AccountingInput input = sample();
  input.pools[0].price = DollarsPerHour(std::numeric_limits<double>::quiet_NaN());
  CHECK_THROWS(account(input));
}

}  // namespace tokenyard::fleet
