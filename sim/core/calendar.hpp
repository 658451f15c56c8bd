// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
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
enum class Role : std::uint8_t { replica, transfer, traffic, fleet, observer };

struct Event {
  Instant date;
  Phase phase;
  Role role;
  std::uint32_t entity;
};

// The pending events of one simulation. An owner opens one slot for each thing it may wait for,
// and moves that slot's date: rescheduling leaves no stale event behind and allocates nothing.
class Calendar {
 public:
  enum class Slot : std::uint32_t {};

  // Reserves a slot; O(1). The slot lives as long as the calendar.
  Slot open(Role role, std::uint32_t entity);

  // Puts the slot's event at `date` (not NaN), or moves it there; O(log pending).
  void schedule(Slot slot, Instant date, Phase phase);

  // Takes the slot's event off, if it has one; O(log pending).
  void cancel(Slot slot);
  void cancel_all();

  bool empty() const { return heap_.empty(); }
  std::size_t size() const { return heap_.size(); }

  // The date of the next event; Instant::never() when there is none.
  Instant next_date() const { return heap_.empty() ? Instant::never() : heap_.front().date; }

  // The phase of the next event; there must be one.
  Phase next_phase() const {
    SIM_EXPECT(!heap_.empty());
    return static_cast<Phase>(heap_.front().order >> phase_shift);
  }

  // Removes and returns the next event in the order (date, phase, role, entity).
  Event pop();

 private:
  struct Entry {
    Instant date;
    std::uint64_t order;  // phase, role, entity packed: one comparison settles a tie
    std::uint32_t slot;
  };

  static constexpr unsigned phase_shift = 56;
  static constexpr unsigned role_shift = 48;
  static constexpr std::uint32_t absent = ~std::uint32_t{0};

  static bool before(const Entry& a, const Entry& b) {
    return a.date < b.date || (a.date == b.date && a.order < b.order);
  }

  void place(std::size_t at, const Entry& entry) {
    heap_[at] = entry;
    position_[entry.slot] = static_cast<std::uint32_t>(at);
  }
  void sift_up(std::size_t at, Entry entry);
  void sift_down(std::size_t at, Entry entry);
  void remove(std::size_t at);

  std::vector<Entry> heap_;              // 4-ary: half the depth of a binary heap, one cache line
  std::vector<std::uint32_t> position_;  // slot -> place in heap_, or absent
  std::vector<std::uint64_t> key_;       // slot -> role and entity packed
};

}  // namespace tokenyard
