// SPDX-License-Identifier: Apache-2.0
#include "fleet/faults.hpp"

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

#include "core/contracts.hpp"
#include "core/portable_math.hpp"

namespace tokenyard::fleet {
namespace {

constexpr double forever = std::numeric_limits<double>::infinity();

// A Weibull variable has the mean scale * Gamma(1 + 1 / shape).
double scale_of(const Life& life) {
  const double mean = life.between_failures.value();
  return life.shape ? mean / portable_exp(portable_log_gamma(1 + 1 / *life.shape)) : mean;
}

}  // namespace

bool Life::fails() const {
  return between_failures > Duration(0) && between_failures < Duration(forever);
}

FaultClock::FaultClock(FaultInput input) : input_(std::move(input)) {
  for (const FaultKind& kind : input_.kinds) {
    scales_.push_back(kind.life.fails() ? scale_of(kind.life) : forever);
  }
  for (const FaultInput::Process& process : input_.lives) {
    const FaultKind& kind = input_.kinds[process.kind];
    if (!kind.life.fails()) continue;
    const Component& component = input_.components[process.component];
    const std::string name = "fault/" + component.name + "/" + kind.name;
    Random& random = random_.emplace_back(
        Random{{input_.seed, input_.replication, name}, process.component, process.kind});
    const auto source = static_cast<std::uint32_t>(random_.size() - 1);
    heap_.push_back({time_to_failure(random), true, process.component, source});
  }
  auto source = static_cast<std::uint32_t>(random_.size());
  for (const FaultInput::Outage& outage : input_.scripted) {
    SIM_EXPECT(outage.begin < outage.end);
    heap_.push_back({outage.begin.value(), true, outage.component, source});
    heap_.push_back({outage.end.value(), false, outage.component, source++});
  }
  std::make_heap(heap_.begin(), heap_.end(), later);
}

bool FaultClock::later(const Expected& a, const Expected& b) {
  return std::tie(a.date, a.begins, a.component, a.source) >
         std::tie(b.date, b.begins, b.component, b.source);
}

Instant FaultClock::next() const {
  return heap_.empty() ? Instant::never() : Instant(heap_.front().date);
}

FaultEvent FaultClock::pop() {
  SIM_EXPECT(next() < Instant::never());
  std::pop_heap(heap_.begin(), heap_.end(), later);
  Expected event = heap_.back();
  heap_.pop_back();
  const bool scripted = event.source >= random_.size();
  const FaultEvent happens{Instant(event.date), event.begins, event.component, scripted};
  if (!scripted) {
    Random& random = random_[event.source];
    event.date += event.begins ? time_to_repair(random) : time_to_failure(random);
    event.begins = !event.begins;
    expect(event);
  }
  return happens;
}

void FaultClock::expect(const Expected& event) {
  heap_.push_back(event);
  std::push_heap(heap_.begin(), heap_.end(), later);
}

double FaultClock::time_to_failure(Random& random) const {
  const double drawn = random.stream.exponential();
  const std::optional<double>& shape = input_.kinds[random.kind].life.shape;
  return scales_[random.kind] * (shape ? portable_exp(portable_log(drawn) / *shape) : drawn);
}

double FaultClock::time_to_repair(Random& random) const {
  const Life& life = input_.kinds[random.kind].life;
  return life.repair.value() * (life.fixed_repair ? 1 : random.stream.exponential());
}

}  // namespace tokenyard::fleet
