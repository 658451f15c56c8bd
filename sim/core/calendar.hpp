// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
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

  Calendar() { resize(0); }

  // Reserves a slot; O(1). The slot lives as long as the calendar.
  Slot open(Role role, std::uint32_t entity);

  // Puts the slot's event at `date` (not NaN), or moves it there; O(log pending).
  void schedule(Slot slot, Instant date, Phase phase);

  // Takes the slot's event off, if it has one; O(log pending).
  void cancel(Slot slot);
  void cancel_all();

  bool empty() const { return size() == 0; }
  std::size_t size() const { return size_ - (hole_ ? 1 : 0); }

  // The date of the next event; Instant::never() when there is none.
  Instant next_date() const { return empty() ? Instant::never() : dates_[front()]; }

  // The phase of the next event; there must be one.
  Phase next_phase() const {
    SIM_EXPECT(!empty());
    return static_cast<Phase>(orders_[front()] >> phase_shift);
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
  static constexpr Entry never{Instant::never(), ~std::uint64_t{0}, absent};

  bool before(const Entry& a, std::size_t b) const {
    return a.date < dates_[b] || (a.date == dates_[b] && a.order < orders_[b]);
  }
  bool before(std::size_t a, std::size_t b) const {
    return dates_[a] < dates_[b] || (dates_[a] == dates_[b] && orders_[a] < orders_[b]);
  }

  // The first of the children of `at`, which must have one. Absent ones come last.
  std::size_t least_child(std::size_t at) const {
    const std::size_t first = 4 * at + 1;
    const std::size_t a = before(first + 1, first) ? first + 1 : first;
    const std::size_t b = before(first + 3, first + 2) ? first + 3 : first + 2;
    return before(b, a) ? b : a;
  }

  std::size_t front() const { return hole_ ? least_child(0) : 0; }

  Entry entry(std::size_t at) const { return {dates_[at], orders_[at], slots_[at]}; }
  void place(std::size_t at, const Entry& entry) {
    dates_[at] = entry.date;
    orders_[at] = entry.order;
    slots_[at] = entry.slot;
  }
  void settle(std::size_t at, const Entry& entry) {
    place(at, entry);
    position_[entry.slot] = static_cast<std::uint32_t>(at);
  }
  void resize(std::size_t size);
  Entry drop_last();
  void sift_up(std::size_t at, const Entry& entry);
  void sift_down(std::size_t at, const Entry& entry);
  void fill_hole();
  void remove(std::size_t at);

  // A 4-ary heap: half the depth of a binary one, and the dates of children side by side. An array
  // a field, since an entry written in parts and read whole at once waits for its parts. As many
  // absent entries as a node may lack children stand behind the last.
  std::vector<Instant> dates_;
  std::vector<std::uint64_t> orders_;
  std::vector<std::uint32_t> slots_;
  std::size_t size_ = 0;                 // of the heap, a hole included
  std::vector<std::uint32_t> position_;  // slot -> place in the heap, or absent
  std::vector<std::uint64_t> key_;       // slot -> role and entity packed
  // The root was taken and its place is empty: what took an event mostly schedules the next one,
  // which fills the place in one descent instead of two. Its date is then before all others.
  bool hole_ = false;
};

}  // namespace tokenyard
