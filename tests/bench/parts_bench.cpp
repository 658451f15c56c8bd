// SPDX-License-Identifier: Apache-2.0
// The parts that every event passes: the calendar, the routers with their index.
#include <benchmark/benchmark.h>

#include "core/calendar.hpp"
#include "core/random.hpp"
#include "fleet/router.hpp"

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

// What a request costs a router: the choice, and the load going up and, of some replica, down.
void router(benchmark::State& state) {
  const auto& entry = fleet::routers()[static_cast<std::size_t>(state.range(0))];
  const auto replicas = static_cast<std::size_t>(state.range(1));
  const auto router = entry.make();
  fleet::LoadIndex loads(replicas);
  RandomStream stream(1, 0, "router");
  RandomStream draw(2, 0, "ends");
  std::vector<std::uint32_t> ends(1 << 16);
  for (std::uint32_t& end : ends) end = static_cast<std::uint32_t>(draw.below(replicas));
  for (std::size_t i = 0; i < 8 * replicas; ++i) loads.add(i % replicas, 1);
  fleet::PoolView view(loads, stream);
  std::size_t at = 0;
  for (auto _ : state) {
    loads.add(router->choose({}, view), 1);
    std::size_t end = ends[at++ % ends.size()];
    while (loads.load(end) == 0) end = end + 1 == replicas ? 0 : end + 1;
    loads.add(end, -1);
  }
  state.SetLabel(std::string(entry.name));
}
BENCHMARK(router)->ArgsProduct({{0, 1}, {64, 10000}});

}  // namespace
