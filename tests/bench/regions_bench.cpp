// SPDX-License-Identifier: Apache-2.0
// The fleet of a hyperscaler: 5,000 replicas in the 27 regions of platforms/multicloud.xml, each
// with the traffic of its own clients; with and without a KV transfer a request.
#include "bench.hpp"
#include "network/platform.hpp"
#include "network/platform_file.hpp"
#include "network/precheck.hpp"
#include "network/transfers.hpp"

using namespace tokenyard;
using namespace tokenyard::bench;

namespace {

constexpr double all_requests = 10e6;
constexpr std::size_t all_replicas = 5000;

// The clusters of each region, in file order.
std::vector<std::vector<network::Cluster>> read_regions(const std::string& file) {
  config::Mistakes mistakes;
  const auto source = network::read_platform_file(file, mistakes);
  mistakes.throw_if_any();
  std::vector<std::vector<network::Cluster>> regions;
  for (const network::Cluster& cluster : network::precheck(*source, mistakes).clusters) {
    const bool known = !regions.empty() && regions.back().front().region == cluster.region;
    if (!known) regions.emplace_back();
    regions.back().push_back(cluster);
  }
  return regions;
}

// Replicas on the nodes of half a cluster, or of one of two.
std::vector<network::NodeRange> nodes(const std::vector<network::Cluster>& region, std::size_t half,
                                      std::size_t replicas) {
  const network::Cluster& cluster = region[region.size() > 1 ? half : 0];
  const std::uint32_t all = region.size() > 1 ? cluster.nodes : cluster.nodes / 2;
  const auto skipped = static_cast<std::uint32_t>(region.size() > 1 ? 0 : half * all);
  std::vector<network::NodeRange> places;
  for (std::uint32_t i = 0; i < replicas; ++i) {
    places.push_back({network::NodeIndex{cluster.first_node + skipped + i % all}, 1});
  }
  return places;
}

enum class Pools : std::uint8_t { mixed, apart };

struct Fleet {
  std::vector<traffic::OpenArrivals> streams;
  std::unique_ptr<serving::Batcher> batcher = serving::batchers().front().make();
  fleet::Scenario planned;
  std::optional<fleet::Recorder> recorder;
  fleet::Simulation::Input input;
};

void open(Fleet& fleet, const std::vector<std::vector<network::Cluster>>& regions, Pools pools,
          network::Transfers* transfers) {
  const std::size_t kinds = pools == Pools::mixed ? 1 : 2;
  const std::size_t replicas = all_replicas / regions.size() / kinds;
  const Case c{replicas, 8, all_requests / static_cast<double>(regions.size())};
  fleet.planned = scenario(regions.size() * kinds, regions.size());
  fleet.recorder.emplace(fleet.planned, nullptr, nullptr);
  fleet.streams.reserve(regions.size());
  for (std::size_t i = 0; i < regions.size(); ++i) {
    traffic::Request pattern;
    pattern.tenant = TenantId(static_cast<std::uint16_t>(i));
    pattern.model = ModelId(static_cast<std::uint16_t>(i));
    fleet.streams.push_back(arrivals(c, pattern));
    fleet.input.streams.push_back(&fleet.streams.back());
    for (std::size_t kind = 0; kind < kinds; ++kind) {
      fleet.input.pools.push_back(pool(c, *fleet.batcher));
      fleet::Simulation::PoolInput& made = fleet.input.pools.back();
      made.name += std::to_string(fleet.input.pools.size());
      made.gaps = fleet.recorder->gaps_of(fleet.input.pools.size() - 1);
      made.nodes = nodes(regions[i], kind, replicas);
      if (kind == 0) made.models = {pattern.model};
      if (kind != 0 || pools == Pools::mixed) continue;
      fleet::HandOverPlan& hand_over = made.hand_over.emplace();
      hand_over.to = fleet.input.pools.size();
      hand_over.per_token = Bytes(163'840);
      hand_over.rules.landing = serving::Landing::reserved;
    }
  }
  fleet.input.observer = &*fleet.recorder;
  fleet.input.transfers = transfers;
  fleet.input.observe_every = Duration(10);
}

void regions_27(benchmark::State& state, Pools pools) {
  const std::string file = TOKENYARD_SOURCE_DIR "/platforms/multicloud.xml";
  std::optional<network::Platform> platform;
  std::optional<network::Transfers> transfers;
  if (pools == Pools::apart) {
    if (!take_simgrid(state)) return;
    platform.emplace(network::Platform::load(file));
    transfers.emplace(*platform);
  }
  Fleet fleet;
  open(fleet, read_regions(file), pools, transfers ? &*transfers : nullptr);
  fleet::Simulation simulation(std::move(fleet.input));
  fleet::Totals totals;
  for (auto _ : state) totals = simulation.run();
  report(state, totals);
}
// The same with quotas, an autoscaler a pool, and replicas that fail: about one in a hundred does.
void operate(Fleet& fleet) {
  const fleet::ClientRules rules{Duration(60), {3, Duration(1), Duration(60)}, {1e6, 1e9}};
  fleet.input.clients.assign(fleet.input.streams.size(), rules);
  fleet.input.slos = fleet.planned.slo_classes;
  std::uint32_t replica = 0;
  fleet.input.faults.kinds = {{"fails", {Duration(50'000), Duration(60), {}, false}}};
  for (fleet::PoolInput& pool : fleet.input.pools) {
    fleet::AutoscalePlan plan;
    plan.policy = &fleet::autoscalers().front();
    plan.target = 8.0 / static_cast<double>(limits.sequences);
    plan.most = static_cast<std::int64_t>(pool.replicas);
    plan.every = Duration(10);
    plan.cool_down = Duration(60);
    plan.provisioning = Duration(30);
    pool.autoscale = plan;
    pool.initial = pool.replicas * 9 / 10;
    for (std::size_t i = 0; i < pool.replicas; ++i, ++replica) {
      fleet.input.faults.components.push_back(
          {"replica " + std::to_string(replica), {}, {replica}});
      fleet.input.faults.lives.push_back({replica, 0});
    }
  }
}

void regions_27_operated(benchmark::State& state) {
  Fleet fleet;
  open(fleet, read_regions(TOKENYARD_SOURCE_DIR "/platforms/multicloud.xml"), Pools::mixed,
       nullptr);
  operate(fleet);
  fleet::Simulation simulation(std::move(fleet.input));
  fleet::Totals totals;
  for (auto _ : state) totals = simulation.run();
  report(state, totals);
  double failures = 0, scaled = 0, throttled = 0;
  for (const fleet::PoolCounts& pool : fleet.recorder->series().back().pools) {
    failures += static_cast<double>(pool.failures);
    scaled += static_cast<double>(pool.scaled);
  }
  for (const fleet::Load& load : totals.loads) {
    throttled += static_cast<double>(load.throttled.requests);
  }
  state.counters["failures"] = failures;
  state.counters["scaled"] = scaled;
  state.counters["throttled"] = throttled;
}
BENCHMARK(regions_27_operated)->Iterations(1);
BENCHMARK_CAPTURE(regions_27, no_transfers, Pools::mixed)->Iterations(1);
BENCHMARK_CAPTURE(regions_27, a_transfer_a_request, Pools::apart)->Iterations(1);

}  // namespace
