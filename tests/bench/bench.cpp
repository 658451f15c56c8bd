// SPDX-License-Identifier: Apache-2.0
// How fast whole simulations are. Run by hand, on one core:
//   taskset -c 0 build/release/tests/tokenyard_bench [--benchmark_filter=REGEX]
// Poisson traffic of 1,000 prompt and 200 output tokens on average, least-loaded router unless
// said, all metrics on as in `tokenyard run`. Times are CPU times; items are requests.
#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <optional>

#include "fleet/recorder.hpp"
#include "fleet/result_file.hpp"
#include "model/affine.hpp"
#include "network/platform.hpp"
#include "network/transfers.hpp"
#include "traffic/open_arrivals.hpp"

using namespace tokenyard;

namespace {

// A request stays about 2.1 s, so this many arrive a second for a replica to hold one.
constexpr double stay_s = 2.1;
// An iteration takes about 10 ms.
const model::Affine times({Duration(0.01), Duration(2e-6), Duration(1e-6), Duration(1e-10),
                           Duration(1e-11)});
const serving::Limits limits{256, Tokens(8192), Tokens(16), Blocks(100'000)};

struct Case {
  std::size_t replicas = 64;
  double batch = 8;
  double requests = 1e6;
  std::size_t router = 0;
  serving::Leaping leaping = serving::Leaping::on;
};

double rate(const Case& c) { return static_cast<double>(c.replicas) * c.batch / stay_s; }

traffic::OpenArrivals arrivals(const Case& c) {
  using traffic::Distribution;
  static const traffic::Lengths lengths = {
      Distribution::quantiles({{0, 1}, {1, 1999}}),
      traffic::GivenPrompt(Distribution::quantiles({{0, 1}, {1, 399}})),
      {},
      {}};
  traffic::DatesPlan dates;
  dates.curve.factors = {traffic::RateCurve::constant(rate(c))};
  dates.curve.until = c.requests / rate(c);
  return {{{}, &lengths, nullptr, {1, 0, "bench"}}, dates};
}

// As much of a scenario as the recorder reads: one tenant with an SLO.
fleet::Scenario scenario(std::size_t pools) {
  fleet::Scenario made;
  made.tenants.resize(1);
  made.slo_classes = {{"bench", Duration(1), Duration(0.05), Duration(30), 0.99}};
  made.openings.resize(1);
  made.origins = {traffic::unspecified};
  made.pools.resize(pools);
  return made;
}

fleet::Simulation::PoolInput pool(const Case& c, const serving::Batcher& batcher) {
  fleet::Simulation::PoolInput made;
  made.name = "pool";
  made.replicas = c.replicas;
  made.limits = limits;
  made.batcher = &batcher;
  made.time = &times;
  made.router = fleet::routers()[c.router].make();
  return made;
}

void report(benchmark::State& state, const fleet::Totals& totals) {
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

fleet::Totals simulate(const Case& c, results::RequestTable* table) {
  const auto batcher = serving::batchers().front().make();
  const fleet::Scenario planned = scenario(1);
  fleet::Recorder recorder(planned, table, nullptr);
  traffic::OpenArrivals stream = arrivals(c);
  fleet::Simulation::Input input;
  input.streams = {&stream};
  input.observer = &recorder;
  input.leaping = c.leaping;
  input.observe_every = Duration(10);
  input.pools.push_back(pool(c, *batcher));
  input.pools[0].models = {ModelId{}};
  input.pools[0].gaps = recorder.gaps_of(0);
  return fleet::Simulation(std::move(input)).run();
}

void one_pool(benchmark::State& state, const Case& c) {
  fleet::Totals totals;
  for (auto _ : state) totals = simulate(c, nullptr);
  report(state, totals);
}
BENCHMARK_CAPTURE(one_pool, batch_2, Case{64, 2});
BENCHMARK_CAPTURE(one_pool, batch_8, Case{64, 8});
BENCHMARK_CAPTURE(one_pool, batch_100, Case{64, 100});
BENCHMARK_CAPTURE(one_pool, batch_2_no_leap, Case{64, 2, 1e5, 0, serving::Leaping::off});
BENCHMARK_CAPTURE(one_pool, batch_8_no_leap, Case{64, 8, 2e5, 0, serving::Leaping::off});
BENCHMARK_CAPTURE(one_pool, batch_100_no_leap, Case{64, 100, 1e6, 0, serving::Leaping::off});
BENCHMARK_CAPTURE(one_pool, replicas_2000_batch_8, Case{2000, 8, 2e6});
BENCHMARK_CAPTURE(one_pool, replicas_10000_batch_8, Case{10'000, 8, 2e6});
BENCHMARK_CAPTURE(one_pool, replicas_10000_batch_8_power_of_two, Case{10'000, 8, 2e6, 1});

// The CPU time of the thread that writes is counted too.
void request_table(benchmark::State& state) {
  const std::string file = "tokenyard-bench.h5";
  fleet::Totals totals;
  for (auto _ : state) {
    results::Writer writer(file, results::Existing::replace, results::Compression::none);
    results::Background background;
    results::RequestTable table(writer, background, fleet::table_names(scenario(1)));
    totals = simulate({64, 100, 2e6}, &table);
    table.finish();
    writer.commit();
  }
  std::remove(file.c_str());
  report(state, totals);
}
BENCHMARK(request_table)->Name("one_pool/batch_100_table")->MeasureProcessCPUTime()->UseRealTime();

// One KV cache a request from 64 replicas that read to 64 that answer, over the links of AWS.
// SimGrid takes one run a process, so there is one iteration.
void two_pools(benchmark::State& state) {
  static const network::Platform platform =
      network::Platform::load(TOKENYARD_SOURCE_DIR "/platforms/aws.xml");
  static network::Transfers transfers(platform);
  const Case c{64, static_cast<double>(state.range(0)), 3e5};
  const auto batcher = serving::batchers().front().make();
  const fleet::Scenario planned = scenario(2);
  fleet::Recorder recorder(planned, nullptr, nullptr);
  traffic::OpenArrivals stream = arrivals(c);
  fleet::Simulation::Input input;
  input.streams = {&stream};
  input.observer = &recorder;
  input.transfers = &transfers;
  input.observe_every = Duration(10);
  const char* clusters[] = {"aws/us-east-1/h100", "aws/us-east-1/h200"};
  for (std::size_t i = 0; i < 2; ++i) {
    input.pools.push_back(pool(c, *batcher));
    input.pools[i].gaps = recorder.gaps_of(i);
    const std::uint32_t first = platform.cluster(clusters[i])->first_node;
    for (std::uint32_t n = 0; n < 64; ++n) {
      input.pools[i].nodes.push_back({network::NodeIndex{first + n}, 1});
    }
  }
  input.pools[0].models = {ModelId{}};
  // 160 kB a token: Llama 3.1 70B in fp8.
  fleet::HandOverPlan& hand_over = input.pools[0].hand_over.emplace();
  hand_over.to = 1;
  hand_over.per_token = Bytes(163'840);
  hand_over.rules.landing = serving::Landing::reserved;
  fleet::Simulation simulation(std::move(input));
  fleet::Totals totals;
  for (auto _ : state) totals = simulation.run();
  report(state, totals);
  const results::LogHistogram& transfer = recorder.pools()[0].transfer;
  state.counters["alive"] = transfer.sum() / totals.end.value();
}
BENCHMARK(two_pools)->Arg(8)->Iterations(1);

// Takes a quarter of an hour: only on request.
void a_billion(benchmark::State& state) {
  if (std::getenv("TOKENYARD_BENCH_BILLION") == nullptr) {
    return state.SkipWithError("set TOKENYARD_BENCH_BILLION=1");
  }
  one_pool(state, Case{2000, 8, 1e9});
}
BENCHMARK(a_billion)->Iterations(1);

}  // namespace

BENCHMARK_MAIN();
