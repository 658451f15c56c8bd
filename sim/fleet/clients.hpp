// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <queue>
#include <vector>

#include "fleet/quota.hpp"
#include "serving/request_store.hpp"

namespace tokenyard::fleet {

// A request whose client waits for a date, if it is still the same attempt of the same request.
struct Waiting {
  Instant date;
  RequestId request{};
  serving::Slot slot = serving::no_slot;
  std::uint16_t attempt = 0;

  bool is(const serving::InFlight& r) const {
    return r.live && r.request.id == request && r.attempt == attempt;
  }
  bool operator>(const Waiting& other) const {
    return date != other.date ? date > other.date : request > other.request;
  }
};

// What a tenant's clients do that the fleet does not: they use up a quota, give up after a while,
// and come again.
struct ClientRules {
  Duration timeout{std::numeric_limits<double>::infinity()};
  traffic::Retry retry;
  traffic::Quota quota;

  bool any() const {
    return timeout < Duration(std::numeric_limits<double>::infinity()) || retry.attempts > 1 ||
           quota.limited();
  }
};

// The clients of one stream.
class Clients {
 public:
  explicit Clients(const ClientRules& rules) : rules_(rules), quota_(rules.quota) {}

  QuotaMeter& quota() { return quota_; }

  // An attempt begins at `now`: it is given up at its deadline.
  void begin(const serving::InFlight& r, serving::Slot slot, Instant now);
  // An attempt had no answer: whether its client comes again, and if so it is noted.
  bool come_again(const serving::InFlight& r, serving::Slot slot, Instant now);

  // When the next client gives up or comes again; attempts that have ended are dropped.
  Instant next(const serving::RequestStore& store);
  // The next attempt to give up, or to begin, at `now`; no_slot if there is none.
  serving::Slot give_up(const serving::RequestStore& store, Instant now);
  serving::Slot return_at(Instant now);

 private:
  void drop_ended(const serving::RequestStore& store);

  ClientRules rules_;
  QuotaMeter quota_;
  std::deque<Waiting> deadlines_;  // in order, as all wait equally long
  std::priority_queue<Waiting, std::vector<Waiting>, std::greater<>> returns_;
};

}  // namespace tokenyard::fleet
