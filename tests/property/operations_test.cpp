// SPDX-License-Identifier: Apache-2.0
// Fleets that fail, are scaled, maintained, and routed between, at random: whatever happens, leaps
// give the bits of single iterations, every request ends once, and no rule is broken.
#include <algorithm>

#include "random_case.hpp"

using namespace tokenyard;
using namespace tokenyard::test;

namespace {

Duration some(bool dyadic, RandomStream& draw, double most) {
  return Duration(
      dyadic ? 0.5 * static_cast<double>(1 + draw.below(static_cast<std::uint64_t>(2 * most)))
             : most * draw.uniform());
}

std::vector<std::uint32_t> some_replicas(const Case& c, RandomStream& draw) {
  std::vector<std::uint32_t> replicas;
  for (std::uint32_t i = 0; i < c.pools() * c.replicas; ++i) {
    if (draw.below(2) == 0) replicas.push_back(i);
  }
  return replicas;
}

void add_faults(Case& c, bool dyadic, RandomStream& draw) {
  fleet::FaultInput& faults = c.faults;
  faults.kinds = {{"often", {some(dyadic, draw, 60), some(dyadic, draw, 10), {}, false}},
                  {"worn", {some(dyadic, draw, 90), some(dyadic, draw, 5), 2.0, true}}};
  const std::uint64_t components = 1 + draw.below(5);
  for (std::uint32_t i = 0; i < components; ++i) {
    fleet::Component component;
    component.name = "part " + std::to_string(i);
    component.replicas = some_replicas(c, draw);
    if (draw.below(4) == 0) {
      component.replicas.clear();
      component.pools = {static_cast<std::uint16_t>(draw.below(c.pools()))};
    }
    faults.components.push_back(component);
    if (draw.below(2) == 0) faults.lives.push_back({i, static_cast<std::uint32_t>(draw.below(2))});
    if (draw.below(2) == 0) {
      const Instant begin = Instant(0) + some(dyadic, draw, 100);
      faults.scripted.push_back({i, begin, begin + some(dyadic, draw, 30)});
    }
  }
}

void add_people(Case& c, bool dyadic, RandomStream& draw) {
  if (draw.below(2) == 0) {
    fleet::AutoscalePlan plan;
    plan.policy = &fleet::autoscalers()[draw.below(3)];
    plan.target = 0.2 + draw.uniform();
    plan.most = static_cast<std::int64_t>(c.replicas);
    plan.every = some(dyadic, draw, 10);
    plan.cool_down = some(dyadic, draw, 20);
    plan.provisioning = some(dyadic, draw, 8);
    c.autoscale = plan;
    c.initial = 1 + draw.below(c.replicas);
  }
  if (draw.below(2) == 0) {
    fleet::MaintenancePlan plan;
    plan.replicas = some_replicas(c, draw);
    plan.starts = Instant(0) + some(dyadic, draw, 60);
    plan.every = Duration(100);
    plan.takes = some(dyadic, draw, 10);
    plan.at_once = 1 + static_cast<std::int64_t>(draw.below(2));
    if (draw.below(2) == 0) plan.patience = some(dyadic, draw, 10);
    if (!plan.replicas.empty()) c.maintenance.push_back(plan);
  }
}

// Where rules and residency let requests go, and a date from which on they let them go elsewhere.
void add_rules(Case& c, RandomStream& draw) {
  fleet::TenantRoutes routes;
  const std::size_t step = c.hand_over ? 2 : 1;
  for (std::size_t i = 0; i < c.fleets; ++i) routes.all.push_back(i * step);
  for (const double from : {0.0, 50.0}) {
    fleet::Allowed allowed{Instant(from), {}, {}};
    for (const std::size_t pool : routes.all) {
      const std::uint64_t whether = draw.below(3);
      if (whether == 0) allowed.preferred.push_back(pool);
      if (whether == 1) allowed.others.push_back(pool);
    }
    if (allowed.preferred.empty() && allowed.others.empty()) allowed.others.push_back(0);
    routes.allowed.push_back(allowed);
  }
  c.routes = {routes};
}

void add_network(Case& c, RandomStream& draw) {
  const std::vector<traffic::Place> places = {{"a", Duration(0), 40, -74},
                                              {"b", Duration(0), 35, 139}};
  std::vector<catalog::Region> regions(c.pools());
  std::vector<const catalog::Region*> sites;
  for (catalog::Region& region : regions) {
    region.latitude = 60 * draw.uniform();
    region.longitude = 180 * draw.uniform();
    sites.push_back(&region);
  }
  fleet::ClientNetworkPlan plan;
  plan.policy = fleet::ClientNetworkPlan::Policy::distance;
  plan.last_mile = Duration(draw.uniform());
  c.network = fleet::ClientNetwork(plan, places, sites);
  for (traffic::Request& r : c.requests) r.origin = static_cast<std::uint16_t>(draw.below(2));
}

void add_tiers(Case& c, RandomStream& draw) {
  c.slos = {traffic::Slo{"jobs", Duration(10), Duration(2), Duration(20 + 100 * draw.uniform())}};
  c.admission.batch_below = 0.1 + draw.uniform();
  c.admission.flex_below = 0.1 + draw.uniform();
  c.admission.batch_at_latest = Duration(20 * draw.uniform());
  for (traffic::Request& r : c.requests) r.tier = static_cast<std::uint8_t>(draw.below(5));
}

Case operated(std::uint64_t number) {
  Case c = with_routing(make_case(number, number % 2 == 1), number);
  RandomStream draw(number, 0, "property/operations");
  const bool dyadic = draw.below(2) == 0;
  c.fleets = 1 + draw.below(3);
  c.between = draw.below(fleet::pool_routers().size());
  c.between_delay = draw.below(2) == 0 ? c.routing_delay : some(dyadic, draw, 10);
  if (draw.below(3) > 0) add_faults(c, dyadic, draw);
  add_people(c, dyadic, draw);
  if (draw.below(2) == 0) add_rules(c, draw);
  if (draw.below(3) == 0) add_network(c, draw);
  if (draw.below(3) == 0) add_tiers(c, draw);
  return c;
}

std::string described(const Case& c, std::uint64_t number) {
  return "case " + std::to_string(number) + ": " + features_of(c) + ", " +
         std::to_string(c.fleets) + " fleets of " + std::to_string(c.replicas) +
         (c.faults.components.empty() ? "" : " faults") + (c.autoscale ? " scaled" : "") +
         (c.maintenance.empty() ? "" : " maintained") + (c.routes.empty() ? "" : " rules") +
         (c.network.any() ? " network" : "") + (c.admission.any() ? " tiers" : "");
}

// Of each attempt that came to a pool only the last is told; that one must have been allowed when
// it was sent, which is at some date of the request's life.
bool allowed(const Case& c, const results::RequestRecord& record, Instant ended) {
  if (c.routes.empty() || record.pool == no_pool) return true;
  const std::size_t entry = c.hand_over ? index(record.pool) / 2 * 2 : index(record.pool);
  const auto has = [entry](const fleet::Allowed& a) {
    return std::find(a.preferred.begin(), a.preferred.end(), entry) != a.preferred.end() ||
           std::find(a.others.begin(), a.others.end(), entry) != a.others.end();
  };
  const std::vector<fleet::Allowed>& all = c.routes[0].allowed;
  if (ended < all[1].from) return has(all[0]);
  return has(all[1]) || (record.arrival < all[1].from && has(all[0]));
}

}  // namespace

TEST_CASE("operated fleets: leaps give the same bits, every request ends once, within the rules") {
  std::map<results::Status, int> states;
  std::int64_t retries = 0;
  std::int64_t failures = 0;
  std::int64_t scaled = 0;
  double away = 0;
  for (std::uint64_t number = 0; number < 3000; number += every) {
    const Case c = operated(number);
    INFO(described(c, number));
    const Instant until = number % 3 == 0 ? Instant(40.3) : Instant::never();
    const Everything leaps = simulate(c, serving::Leaping::on, until);
    const Everything steps = simulate(c, serving::Leaping::off, until);
    REQUIRE(leaps.seen == steps.seen);
    REQUIRE(leaps.iterations == steps.iterations);
    REQUIRE(same_counts(leaps.gaps, steps.gaps));
    std::map<std::uint64_t, int> ends;
    for (const auto& [record, ended] : leaps.ended_records) {
      ++ends[index(record.id)];
      REQUIRE(allowed(c, record, ended));
    }
    const std::size_t arrived = ends.size();
    REQUIRE(leaps.ended_records.size() == arrived);
    if (until == Instant::never()) {
      REQUIRE(arrived == c.requests.size());
      REQUIRE(leaps.states.count(results::Status::in_flight) == 0);
    }
    for (const auto& [state, count] : leaps.states) states[state] += count;
    retries += leaps.retries;
    for (const fleet::PoolCounts& counts : leaps.pools) {
      failures += counts.failures;
      scaled += counts.scaled;
      away += counts.duties[fleet::Duty::away].value();
    }
  }
  // The cases bite.
  CHECK(states[results::Status::ok] > 10000 / every);
  CHECK(states[results::Status::failed] > 1000 / every);
  CHECK(states[results::Status::timed_out] > 250 / every);
  CHECK(states[results::Status::throttled] > 250 / every);
  CHECK(retries > 2500 / every);
  CHECK(failures > 2500 / every);
  CHECK(scaled > 1000 / every);
  CHECK(away > 2500 / every);
}

TEST_CASE("faults of rate 0, and work that never is due, change no bit") {
  for (std::uint64_t number = 0; number < 300; ++number) {
    Case c = with_routing(make_case(number, true), number);
    INFO(described(c, number));
    const Everything without = simulate(c, serving::Leaping::on, Instant::never());
    fleet::Component component;
    component.name = "all";
    for (std::uint32_t i = 0; i < c.pools() * c.replicas; ++i) component.replicas.push_back(i);
    c.faults.components = {component};
    c.faults.kinds = {{"never", {Duration(0), Duration(60), {}, false}}};
    c.faults.lives = {{0, 0}};
    const Everything with = simulate(c, serving::Leaping::on, Instant::never());
    REQUIRE(with.seen == without.seen);
    REQUIRE(with.iterations == without.iterations);
  }
}
