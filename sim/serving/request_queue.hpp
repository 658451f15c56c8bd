// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "serving/request_store.hpp"

namespace tokenyard::serving {

// A queue of requests linked through their slots: O(1) at both ends and for removal anywhere.
// A request stands in at most one queue. With priorities, those of a lower number stand before
// those of a higher, and its ends are those of the request's own priority: O(priorities).
class RequestQueue {
 public:
  enum class Sorted : std::uint8_t { no, by_priority };

  explicit RequestQueue(RequestStore& store, Sorted sorted = Sorted::no)
      : store_(&store), last_(sorted == Sorted::no ? 0 : priorities, no_slot) {}

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  Slot front() const { return front_; }
  Slot back() const { return back_; }
  Slot after(Slot slot) const { return (*store_)[slot].next; }

  void push_back(Slot slot) {
    if (!last_.empty()) return insert_behind(slot, priority_of(slot));
    insert(slot, back_, no_slot);
  }
  void push_front(Slot slot) {
    if (!last_.empty()) return insert_behind(slot, priority_of(slot) - 1);
    insert(slot, no_slot, front_);
  }

  void remove(Slot slot) {
    const InFlight& r = (*store_)[slot];
    if (!last_.empty()) forget_last(slot);
    (r.previous == no_slot ? front_ : (*store_)[r.previous].next) = r.next;
    (r.next == no_slot ? back_ : (*store_)[r.next].previous) = r.previous;
    --size_;
  }

 private:
  static constexpr std::size_t priorities = 256;

  int priority_of(Slot slot) const { return (*store_)[slot].request.priority; }

  // Behind all of `priority` and those before them.
  void insert_behind(Slot slot, int priority) {
    Slot before = no_slot;
    for (int p = priority; p >= 0 && before == no_slot; --p) {
      before = last_[static_cast<std::size_t>(p)];
    }
    insert(slot, before, before == no_slot ? front_ : (*store_)[before].next);
    Slot& last = last_[static_cast<std::size_t>(priority_of(slot))];
    if (last == no_slot || last == before) last = slot;
  }

  void forget_last(Slot slot) {
    Slot& last = last_[static_cast<std::size_t>(priority_of(slot))];
    if (last != slot) return;
    const Slot previous = (*store_)[slot].previous;
    const bool alike = previous != no_slot && priority_of(previous) == priority_of(slot);
    last = alike ? previous : no_slot;
  }

  void insert(Slot slot, Slot before, Slot behind) {
    InFlight& r = (*store_)[slot];
    r.previous = before;
    r.next = behind;
    (before == no_slot ? front_ : (*store_)[before].next) = slot;
    (behind == no_slot ? back_ : (*store_)[behind].previous) = slot;
    ++size_;
  }

  RequestStore* store_;
  Slot front_ = no_slot;
  Slot back_ = no_slot;
  std::size_t size_ = 0;
  std::vector<Slot> last_;  // of each priority; empty: the queue is not sorted
};

}  // namespace tokenyard::serving
