// SPDX-License-Identifier: Apache-2.0
#include "fleet/autoscaler.hpp"

#include <algorithm>
#include <cmath>

#include "core/contracts.hpp"

namespace tokenyard::fleet {
namespace {

std::int64_t rounded_up(double value) { return static_cast<std::int64_t>(std::ceil(value)); }

bool near(double value, const AutoscalePlan& plan) {
  return std::abs(value - plan.target) <= plan.tolerance * plan.target;
}

// As many as bring the mean to the target.
std::int64_t by_utilisation(const AutoscalePlan& plan, const ScalingView& view, Duration) {
  const auto sequences = static_cast<double>(view.sequences);
  const auto requests = static_cast<double>(view.requests);
  if (view.present > 0 && near(requests / (static_cast<double>(view.present) * sequences), plan)) {
    return view.present;
  }
  return rounded_up(requests / (sequences * plan.target));
}

// A queue tells how much is too little, but not how much is too much: up in proportion, to twice as
// many at most; down by one when nobody waits.
std::int64_t by_queue(const AutoscalePlan& plan, const ScalingView& view, Duration) {
  if (view.present == 0) return view.requests > 0 ? 1 : 0;
  const double each = static_cast<double>(view.waiting) / static_cast<double>(view.present);
  if (view.waiting == 0) return view.present - 1;
  if (each <= plan.target || near(each, plan)) return view.present;
  return std::min(2 * view.present, rounded_up(static_cast<double>(view.waiting) / plan.target));
}

// A quarter more while too many requests miss their limits; one less when none did and the rest
// could take its work.
std::int64_t by_slo(const AutoscalePlan& plan, const ScalingView& view, Duration) {
  if (view.present == 0) return view.requests > 0 ? 1 : 0;
  if (view.judged == 0 && view.requests > 0) return view.present;
  const double met =
      view.judged > 0 ? static_cast<double>(view.met) / static_cast<double>(view.judged) : 1;
  if (met < plan.target) return view.present + (view.present + 3) / 4;
  const bool room = view.requests < (view.present - 1) * view.sequences;
  return view.met == view.judged && view.waiting == 0 && room ? view.present - 1 : view.present;
}

std::int64_t by_schedule(const AutoscalePlan& plan, const ScalingView& view, Duration time_of_day) {
  if (plan.schedule.empty()) return view.present;
  std::int64_t replicas = plan.schedule.back().replicas;  // since yesterday
  for (const ScheduledReplicas& entry : plan.schedule) {
    if (entry.at <= time_of_day) replicas = entry.replicas;
  }
  return replicas;
}

constexpr AutoscalerEntry entries[] = {
    {"target-utilisation", "requests / sequences of the replicas at a target", by_utilisation},
    {"queue-length", "more while too many requests wait, one less when none does", by_queue},
    {"slo", "more while too few requests meet their limits, one less when all do", by_slo},
    {"scheduled", "so many from this time of the day on", by_schedule},
};

}  // namespace

std::span<const AutoscalerEntry> autoscalers() { return entries; }

std::int64_t Autoscaler::decide(const ScalingView& view, Instant now) {
  constexpr double day_s = 86400;
  const double seconds = plan_.time_of_day.value() + now.value();
  const Duration time_of_day(seconds - day_s * std::floor(seconds / day_s));
  const std::int64_t wanted =
      std::clamp(plan_.policy->wanted(plan_, view, time_of_day), plan_.least, plan_.most);
  if (wanted == view.present) return wanted;
  const Duration rest = wanted > view.present ? plan_.cool_down_up : plan_.cool_down;
  if (has_changed_ && now < changed_ + rest) return view.present;
  has_changed_ = true;
  changed_ = now;
  return wanted;
}

}  // namespace tokenyard::fleet
