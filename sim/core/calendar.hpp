// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>
#include <limits>
#include <vector>

#include "core/contracts.hpp"
#include "core/quantity.hpp"

namespace tokenyard {

// Order of events that share one date: what ends frees room before what starts.
enum class Phase : std::uint8_t {
  iteration_end,
  delivery,
  fail,
  arrive,
  control,
  iterate,
  observe
};

// Whose event it is. Ties inside a phase are ordered by (role, entity), never by insertion, so
// that leaping, threads and refactoring cannot reorder them.
enum class Role : std::uint8_t { replica, transfer, traffic, clients, fleet, observer };

struct Event {
  Instant date;
  Phase phase;
  Role role;
  std::uint32_t entity;
};

// The pending events of one simulation. An owner opens one slot for each thing it may wait for,
// and moves that slot's date: rescheduling leaves no stale event behind and allocates nothing.
//
// A tournament over the slots: each node of a binary tree holds the slot that comes first below
// it. A change replays the matches from its leaf to the root, whose opponents are known beforehand,
// so the processor loads them all at once; in a heap each level waits for the one before.
class Calendar {
 public:
  enum class Slot : std::uint32_t {};

  Calendar();

  // Reserves a slot; O(1) on average. The slot lives as long as the calendar.
  Slot open(Role role, std::uint32_t entity);

  // Puts the slot's event at `date`, finite and not negative, or moves it there; O(log slots).
  void schedule(Slot slot, Instant date, Phase phase);

  // Takes the slot's event off, if it has one; O(log slots).
  void cancel(Slot slot);
  void cancel_all();

  bool empty() const { return keys_[winners_[1]] == never; }
  std::size_t size() const;  // events pending; O(slots)

  // The date of the next event; Instant::never() when there is none.
  Instant next_date() const { return date_of(keys_[winners_[1]]); }

  // The phase of the next event; there must be one.
  Phase next_phase() const {
    SIM_EXPECT(!empty());
    return static_cast<Phase>(static_cast<std::uint64_t>(keys_[winners_[1]]) >> phase_shift);
  }

  // The next event in the order (date, phase, role, entity); there must be one.
  Event next() const {
    SIM_EXPECT(!empty());
    const Key key = keys_[winners_[1]];
    const auto order = static_cast<std::uint64_t>(key);
    return {date_of(key), static_cast<Phase>(order >> phase_shift),
            static_cast<Role>(order >> role_shift & 0xff), static_cast<std::uint32_t>(order)};
  }

  // Whether the next event, if there is one, comes before (date, phase).
  bool next_before(Instant date, Phase phase) const {
    return keys_[winners_[1]] < key_of(date, phase);
  }

  // Whether another event than the next comes before (date, phase). For an owner that handles the
  // next event and leaves it there until it schedules its slot anew, which spares the removal.
  bool another_before(Instant date, Phase phase) const;

  // Removes and returns the next event.
  Event pop();

 private:
  static constexpr unsigned phase_shift = 56;
  static constexpr unsigned role_shift = 48;

  // The bits of a date, which for numbers that are not negative have their order, above phase, role
  // and entity: one comparison of integers tells which event comes first.
  __extension__ using Key = unsigned __int128;
  static constexpr unsigned date_shift = 64;
  static constexpr Key never =
      Key{std::bit_cast<std::uint64_t>(std::numeric_limits<double>::infinity())} << date_shift;

  static Instant date_of(Key key) {
    return Instant(std::bit_cast<double>(static_cast<std::uint64_t>(key >> date_shift)));
  }
  static Key key_of(Instant date, Phase phase) {
    const auto bits = std::bit_cast<std::uint64_t>(date.value() + 0.0);  // -0 becomes 0
    return Key{bits} << date_shift | static_cast<std::uint64_t>(phase) << phase_shift;
  }
  void replay(std::uint32_t slot);
  void replay_all();

  std::vector<std::uint64_t> owners_;  // slot -> role and entity packed
  std::vector<Key> keys_;              // by slot, and a few more that stay empty
  // Node 1 is the root, the children of n are 2 n and 2 n + 1, the last half are the slots.
  std::vector<std::uint32_t> winners_;
};

}  // namespace tokenyard
