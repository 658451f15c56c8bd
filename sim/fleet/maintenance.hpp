// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/quantity.hpp"

namespace tokenyard::fleet {

// Hours of each day; one that ends at or before its beginning goes on after midnight.
struct DayWindow {
  Duration from;    // after midnight, UTC
  Duration length;  // at most a day
};

// Planned work on the replicas of some pools: a round takes each of them away once, one after the
// other.
struct MaintenancePlan {
  std::vector<std::size_t> pools{};
  std::vector<std::uint32_t> replicas{};  // of these, in their order; numbers over all pools
  Instant starts{};
  Duration every{};                             // from one round to the next; 0: there is one
  Duration takes{};                             // a replica is away for
  std::int64_t at_once = 1;                     // so many may drain or be away
  std::optional<DayWindow> window{};            // within which a replica drains and is away
  Duration clock{};                             // of the day, UTC, at the start of the run
  Duration patience{Instant::never().value()};  // what is not finished then is given up
};

// Says which replicas are to drain when. Whoever asks takes them away and tells when they are back.
// A round that is due while another goes on is left out.
class MaintenanceCrew {
 public:
  explicit MaintenanceCrew(MaintenancePlan plan);

  const MaintenancePlan& plan() const { return plan_; }

  Instant next() const { return next_; }  // never: nothing to do, or not before one is back
  // The replicas to drain from now on, at next() or later.
  std::vector<std::uint32_t> begin(Instant now);
  void returned(std::uint32_t replica, Instant now);

 private:
  Instant start_of(std::uint64_t round) const;
  Instant in_window(Instant date) const;
  void look_ahead(Instant now);

  MaintenancePlan plan_;
  std::uint64_t round_ = 0;
  std::size_t at_ = 0;  // of the replicas: the first that has not had its turn in the round
  std::vector<std::uint32_t> away_;
  Instant next_ = Instant::never();
};

}  // namespace tokenyard::fleet
