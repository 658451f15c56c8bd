// SPDX-License-Identifier: Apache-2.0
// What the accounts of a run are made of.
#include <algorithm>

#include "fleet/accounting.hpp"

namespace tokenyard::fleet {
namespace {

double bytes_of(const PoolTally& tally, EgressRoute::Bytes bytes) {
  switch (bytes) {
    case EgressRoute::Bytes::fetched:
      return tally.fetched_bytes;
    case EgressRoute::Bytes::put:
      return tally.put_bytes;
    case EgressRoute::Bytes::weights:
      return tally.weights_bytes;
    default:
      return tally.transferred_bytes;
  }
}

PoolUse use_of(const Scenario& scenario, std::size_t number, const Recorder& recorder) {
  const PoolPlan& plan = scenario.pools[number];
  const EnergyRules& rules = scenario.accounting.energy;
  PoolUse use;
  use.name = plan.name;
  use.region = plan.region;
  use.rack = plan.rack_name;
  use.owned = plan.price->basis == catalog::owner_basis;
  use.model = index(plan.model);
  use.accelerators = plan.node_share * static_cast<double>(plan.rack->chips_per_node);
  use.price = price_of_nodes(plan);
  use.draw = draw_of(plan, rules);
  for (const SeriesRow& row : recorder.series()) {
    const PoolCounts& counts = row.pools[number];
    use.looks.push_back({row.time_s, counts.busy, counts.reading});
    // A pool that nobody scales has its nodes all the time, to the bit.
    if (!plan.autoscale) continue;
    const auto replicas = static_cast<double>(plan.replicas);
    use.looks.back().off = Duration(row.time_s) - counts.duties.paid() / replicas;
  }
  use.g_per_kwh = carbon_hours_of(scenario, plan);
  use.hours_start = rules.start;
  const PoolTally& tally = recorder.pools()[number];
  for (const EgressRoute& route : egress_routes(scenario, plan)) {
    use.out.push_back(
        {route.from, bytes_of(tally, route.bytes), egress_price(scenario, route).value()});
  }
  const PoolCounts& last = recorder.series().back().pools[number];
  use.prompt = last.prefilled;
  use.output = last.emitted;
  use.output_reading = last.emitted_reading;
  return use;
}

}  // namespace

DollarsPerHour price_of_nodes(const PoolPlan& plan) {
  const bool by_node = plan.price->per == catalog::Price::Per::node;
  const auto chips = static_cast<double>(plan.rack->chips_per_node);
  return plan.price->price * (by_node ? plan.node_share : plan.node_share * chips);
}

std::vector<double> carbon_hours_of(const Scenario& scenario, const PoolPlan& plan) {
  const auto& carbon = scenario.accounting.energy.carbon;
  const auto hours = carbon.find(plan.region);
  return hours != carbon.end() ? hours->second : std::vector<double>{plan.site->carbon_g_per_kwh};
}

AccountingInput accounting_input(const Scenario& scenario, const Recorder& recorder,
                                 const Totals& totals) {
  AccountingInput input;
  input.time = totals.end - Instant(0);
  input.commitments = scenario.accounting.cost.commitments;
  for (const auto& model : scenario.models) input.models.push_back(model->name);
  for (std::size_t i = 0; i < scenario.pools.size(); ++i) {
    input.pools.push_back(use_of(scenario, i, recorder));
    input.pools.back().work = totals.work[i];
  }
  for (std::size_t i = 0; i < scenario.tenants.size(); ++i) {
    const TenantTally& tally = recorder.tenants()[i];
    TenantUse& use = input.tenants.emplace_back();
    use.name = scenario.tenants[i].name;
    use.model = index(scenario.openings[i].model);
    use.prompt = static_cast<double>(tally.prompt_served.value());
    use.cached = static_cast<double>(tally.cached_served.value());
    use.output = static_cast<double>(tally.output_served.value());
    use.price = scenario.tenants[i].price;
  }
  return input;
}

PowerDraw draw_of(const PoolPlan& pool, const EnergyRules& rules) {
  const catalog::Accelerator& a = *pool.deployment.accelerator;
  const auto chips = static_cast<double>(pool.rack->chips_per_node);
  const Watts rest = std::max(pool.rack->node_power - a.busy * chips, Watts(0));
  PowerDraw draw;
  draw.always = (rest + a.idle * chips) * pool.node_share;
  draw.range = (a.busy - a.idle) * static_cast<double>(pool.deployment.chips());
  draw.prefill = rules.prefill;
  draw.decode = rules.decode;
  draw.overhead = rules.overhead;
  draw.pue = pool.site->pue;
  return draw;
}

}  // namespace tokenyard::fleet
