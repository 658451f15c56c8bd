// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "serving/request_store.hpp"

namespace tokenyard::serving {

// A queue of requests linked through their slots: O(1) at both ends and for removal anywhere.
// A request stands in at most one queue.
class RequestQueue {
 public:
  explicit RequestQueue(RequestStore& store) : store_(&store) {}

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  Slot front() const { return front_; }
  Slot back() const { return back_; }
  Slot after(Slot slot) const { return (*store_)[slot].next; }

  void push_back(Slot slot) { insert(slot, back_, no_slot); }
  void push_front(Slot slot) { insert(slot, no_slot, front_); }

  void remove(Slot slot) {
    const InFlight& r = (*store_)[slot];
    (r.previous == no_slot ? front_ : (*store_)[r.previous].next) = r.next;
    (r.next == no_slot ? back_ : (*store_)[r.next].previous) = r.previous;
    --size_;
  }

 private:
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
};

}  // namespace tokenyard::serving
