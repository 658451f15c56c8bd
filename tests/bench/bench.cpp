// SPDX-License-Identifier: Apache-2.0
// How fast the calendar and a pool are. Run by hand: build/release/tests/tokenyard_bench.
#include <benchmark/benchmark.h>

#include "fleet/simulation.hpp"
#include "model/affine.hpp"
#include "results/histogram.hpp"
#include "traffic/generators.hpp"

using namespace tokenyard;

namespace {

// Hold model: the next event is taken and put back later, with `pending` events at all times.
void calendar(benchmark::State& state) {
  const auto pending = static_cast<std::uint32_t>(state.range(0));
  RandomStream draw(1, 0, "bench");
  Calendar calendar;
  std::vector<Calendar::Slot> slots;
  std::vector<double> gaps(4096);
  for (double& gap : gaps) gap = draw.exponential();
  for (std::uint32_t i = 0; i < pending; ++i) {
    slots.push_back(calendar.open(Role::replica, i));
    calendar.schedule(slots.back(), Instant(draw.exponential()), Phase::iteration_end);
  }
  std::size_t at = 0;
  for (auto _ : state) {
    const Event event = calendar.pop();
    calendar.schedule(slots[event.entity], event.date + Duration(gaps[at++ % gaps.size()]),
                      Phase::iteration_end);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(calendar)->Arg(64)->Arg(1000)->Arg(10000);

class Counter final : public fleet::Observer {
 public:
  void ended(const results::RequestRecord& record, Instant) override {
    if (record.status == results::Status::ok) {
      ttft.add(record.time_to_first_token_s);
      end_to_end.add(record.end_to_end_s);
    }
  }
  results::LogHistogram ttft, end_to_end;
};

// 64 replicas of one pool under Poisson traffic of 1,000 prompt and 200 output tokens on average;
// the argument is about the batch of a replica. Items are requests; events are reported beside.
void one_pool(benchmark::State& state) {
  constexpr std::size_t replicas = 64;
  constexpr double requests = 500'000;
  const auto batch = static_cast<double>(state.range(0));
  // An iteration takes about 10 ms, so a request stays about 2 s.
  const model::Affine time(
      {Duration(0.01), Duration(2e-6), Duration(1e-6), Duration(1e-10), Duration(1e-11)});
  const double rate = replicas * batch / 2.1;
  const auto batcher = serving::batchers().front().make();
  double events = 0, served = 0;
  for (auto _ : state) {
    traffic::PoissonArrivals arrivals({{},
                                       traffic::Lengths({{0, 1}, {1, 1999}}),
                                       traffic::Lengths({{0, 1}, {1, 399}}),
                                       1,
                                       "bench"},
                                      {Duration(requests / rate), {rate}});
    Counter counter;
    fleet::Simulation::Input input;
    input.streams = {&arrivals};
    input.observer = &counter;
    const serving::Limits limits{256, Tokens(8192), Tokens(16), Blocks(100'000), 0, false};
    input.pools.push_back({"pool",
                           replicas,
                           limits,
                           batcher.get(),
                           &time,
                           fleet::routers().front().make(),
                           {ModelId{}}});
    const fleet::Totals totals = fleet::Simulation(std::move(input)).run();
    events += static_cast<double>(totals.events);
    served += static_cast<double>(totals.arrived);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(served));
  state.counters["events/s"] = benchmark::Counter(events, benchmark::Counter::kIsRate);
}
BENCHMARK(one_pool)->Arg(2)->Arg(8)->Arg(100)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
