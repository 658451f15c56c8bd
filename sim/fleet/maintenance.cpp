// SPDX-License-Identifier: Apache-2.0
#include "fleet/maintenance.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/contracts.hpp"

namespace tokenyard::fleet {
namespace {

constexpr Duration day{86400};

}  // namespace

MaintenanceCrew::MaintenanceCrew(MaintenancePlan plan) : plan_(std::move(plan)) {
  SIM_EXPECT(plan_.at_once >= 1);
  SIM_EXPECT(!plan_.window || plan_.patience + plan_.takes <= plan_.window->length);
  if (!plan_.replicas.empty()) next_ = in_window(plan_.starts);
}

Instant MaintenanceCrew::start_of(std::uint64_t round) const {
  return plan_.starts + static_cast<double>(round) * plan_.every;
}

// The first date, this or later, from which a replica is back before the window closes.
Instant MaintenanceCrew::in_window(Instant date) const {
  if (!plan_.window) return date;
  const Duration first = plan_.window->from - plan_.clock;  // opening, of the day of the start
  const double days = std::floor((date - Instant(0) - first) / day);
  const Instant opens = Instant(0) + first + days * day;
  const Instant last = opens + (plan_.window->length - plan_.patience - plan_.takes);
  return date <= last ? std::max(date, opens) : opens + day;
}

std::vector<std::uint32_t> MaintenanceCrew::begin(Instant now) {
  SIM_EXPECT(now >= next_);
  const std::size_t free = static_cast<std::size_t>(plan_.at_once) - away_.size();
  const std::size_t count = std::min(free, plan_.replicas.size() - at_);
  const auto first = plan_.replicas.begin() + static_cast<std::ptrdiff_t>(at_);
  std::vector<std::uint32_t> taken(first, first + static_cast<std::ptrdiff_t>(count));
  away_.insert(away_.end(), taken.begin(), taken.end());
  at_ += count;
  look_ahead(now);
  return taken;
}

void MaintenanceCrew::returned(std::uint32_t replica, Instant now) {
  const auto place = std::find(away_.begin(), away_.end(), replica);
  SIM_EXPECT(place != away_.end());
  away_.erase(place);
  look_ahead(now);
}

void MaintenanceCrew::look_ahead(Instant now) {
  next_ = Instant::never();
  if (at_ < plan_.replicas.size()) {
    if (std::ssize(away_) < plan_.at_once) next_ = in_window(now);
    return;
  }
  if (!away_.empty() || plan_.every == Duration(0)) return;
  const double due = std::ceil((now - plan_.starts) / plan_.every);
  round_ = std::max(round_ + 1, static_cast<std::uint64_t>(std::max(0.0, due)));
  at_ = 0;
  next_ = in_window(std::max(now, start_of(round_)));
}

}  // namespace tokenyard::fleet
