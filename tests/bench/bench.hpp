// SPDX-License-Identifier: Apache-2.0
// What the benchmarks of whole simulations share: a pool, its traffic, and what is told of a run.
#pragma once

#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include "fleet/recorder.hpp"
#include "model/affine.hpp"
#include "traffic/open_arrivals.hpp"

namespace tokenyard::bench {

// A request stays about 2.1 s, so this many arrive a second for a replica to hold one.
inline constexpr double stay_s = 2.1;
// An iteration takes about 10 ms.
inline const model::Affine times({Duration(0.01), Duration(2e-6), Duration(1e-6), Duration(1e-10),
                                  Duration(1e-11)});
inline const serving::Limits limits{256, Tokens(8192), Tokens(16), Blocks(100'000)};

struct Case {
  std::size_t replicas = 64;
  double batch = 8;
  double requests = 1e6;
  std::size_t router = 0;
  serving::Leaping leaping = serving::Leaping::on;
};

inline double rate(const Case& c) { return static_cast<double>(c.replicas) * c.batch / stay_s; }

inline traffic::OpenArrivals arrivals(const Case& c, const traffic::Request& pattern = {}) {
  using traffic::Distribution;
  static const traffic::Lengths lengths = {
      Distribution::quantiles({{0, 1}, {1, 1999}}),
      traffic::GivenPrompt(Distribution::quantiles({{0, 1}, {1, 399}})),
      {},
      {}};
  traffic::DatesPlan dates;
  dates.curve.factors = {traffic::RateCurve::constant(rate(c))};
  dates.curve.until = c.requests / rate(c);
  const std::string name = "bench" + std::to_string(index(pattern.tenant));
  return {{pattern, &lengths, nullptr, {1, 0, name}}, dates};
}

// As much of a scenario as the recorder reads: tenants with an SLO.
inline fleet::Scenario scenario(std::size_t pools, std::size_t tenants = 1) {
  fleet::Scenario made;
  made.tenants.resize(tenants);
  made.slo_classes = {{"bench", Duration(1), Duration(0.05), Duration(30), 0.99}};
  made.openings.resize(tenants);
  made.origins = {traffic::unspecified};
  made.pools.resize(pools);
  return made;
}

inline fleet::Simulation::PoolInput pool(const Case& c, const serving::Batcher& batcher) {
  fleet::Simulation::PoolInput made;
  made.name = "pool";
  made.replicas = c.replicas;
  made.limits = limits;
  made.batcher = &batcher;
  made.time = &times;
  made.router = fleet::routers()[c.router].make();
  return made;
}

// SimGrid takes one platform a process, and runs it once.
inline bool take_simgrid(benchmark::State& state) {
  static bool taken = false;
  if (taken) {
    state.SkipWithError("one run with transfers a process: ask for it with --benchmark_filter");
    return false;
  }
  taken = true;
  return true;
}

inline void report(benchmark::State& state, const fleet::Totals& totals) {
  using benchmark::Counter;
  state.SetItemsProcessed(state.iterations() * totals.arrived);
  state.counters["events"] =
      Counter(static_cast<double>(totals.events) / static_cast<double>(totals.arrived));
  state.counters["iterations"] =
      Counter(static_cast<double>(totals.iterations) / static_cast<double>(totals.arrived));
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  state.counters["rss_MB"] = Counter(static_cast<double>(usage.ru_maxrss) / 1000);
}

}  // namespace tokenyard::bench
