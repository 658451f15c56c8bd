// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <limits>
#include <set>
#include <tuple>

#include "serving/request_store.hpp"

namespace tokenyard::fleet {

// When requests of the lowest tiers may enter: while the pool they are routed to has fewer requests
// than this share of the sequences that its open replicas may run.
struct AdmissionRules {
  double flex_below = std::numeric_limits<double>::infinity();   // else refused, as throttled
  double batch_below = std::numeric_limits<double>::infinity();  // else held back
  Duration batch_at_latest{0};  // before its deadline, what is held back enters in any case

  bool any() const {
    constexpr double none = std::numeric_limits<double>::infinity();
    return flex_below < none || batch_below < none;
  }
};

// Requests that are held back, by deadline and then in the order of arrival.
class HeldBack {
 public:
  struct Entry {
    Instant deadline;
    RequestId request;
    serving::Slot slot;

    friend bool operator<(const Entry& a, const Entry& b) {
      return std::tie(a.deadline, a.request) < std::tie(b.deadline, b.request);
    }
  };

  bool empty() const { return entries_.empty(); }
  std::size_t size() const { return entries_.size(); }
  const Entry& first() const { return *entries_.begin(); }
  void add(const Entry& entry) { entries_.insert(entry); }
  void remove(const Entry& entry) { entries_.erase(entry); }

 private:
  std::set<Entry> entries_;
};

}  // namespace tokenyard::fleet
