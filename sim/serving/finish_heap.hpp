// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/contracts.hpp"
#include "serving/request_store.hpp"

namespace tokenyard::serving {

// The decoding requests of a replica, by the decode count at which each ends; those that end
// together leave in the order of their admission.
class FinishHeap {
 public:
  bool empty() const { return heap_.empty(); }
  std::size_t size() const { return heap_.size(); }
  std::int64_t next() const { return heap_.front().finish_at; }

  void push(Slot slot, const InFlight& request) {
    heap_.push_back({request.finish_at, request.admission, slot});
    std::push_heap(heap_.begin(), heap_.end(), Later());
  }

  Slot pop() {
    SIM_EXPECT(!heap_.empty());
    const Slot slot = heap_.front().slot;
    std::pop_heap(heap_.begin(), heap_.end(), Later());
    heap_.pop_back();
    return slot;
  }

  // O(batch): only preemption and cancellation take a request out before its end.
  void remove(Slot slot) {
    const auto at = std::find_if(heap_.begin(), heap_.end(),
                                 [slot](const Entry& entry) { return entry.slot == slot; });
    SIM_EXPECT(at != heap_.end());
    *at = heap_.back();
    heap_.pop_back();
    std::make_heap(heap_.begin(), heap_.end(), Later());
  }

 private:
  struct Entry {
    std::int64_t finish_at;
    std::uint64_t admission;
    Slot slot;
  };

  struct Later {
    bool operator()(const Entry& a, const Entry& b) const {
      return a.finish_at > b.finish_at || (a.finish_at == b.finish_at && a.admission > b.admission);
    }
  };

  std::vector<Entry> heap_;
};

}  // namespace tokenyard::serving
