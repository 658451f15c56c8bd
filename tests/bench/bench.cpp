// SPDX-License-Identifier: Apache-2.0
// How fast whole simulations are. Run by hand, on one core:
//   taskset -c 0 build/release/tests/tokenyard_bench [--benchmark_filter=REGEX]
// Poisson traffic of 1,000 prompt and 200 output tokens on average, least-loaded router unless
// said, all metrics on as in `tokenyard run`. Times are CPU times; items are requests.
#include <cstdio>
#include <cstdlib>
#include <optional>

#include "bench.hpp"
#include "fleet/result_file.hpp"
#include "network/platform.hpp"
#include "network/transfers.hpp"

using namespace tokenyard;
using namespace tokenyard::bench;

namespace {

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
void two_pools(benchmark::State& state) {
  if (!take_simgrid(state)) return;
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
