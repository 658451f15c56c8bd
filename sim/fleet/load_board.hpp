// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>

#include "core/quantity.hpp"
#include "fleet/load_index.hpp"

namespace tokenyard::fleet {

// What a router counts of a replica: requests waiting and running, or their prompt and max_tokens.
enum class LoadMeasure : std::uint8_t { requests, tokens };

// What routers know of a pool: its loads and which replicas are open, as they were `delay` ago.
// What happens is told at once, and is seen by whoever looks `delay` later, or after that.
class LoadBoard {
 public:
  LoadBoard(std::size_t replicas, LoadMeasure measure, Duration delay)
      : index_(replicas), measure_(measure), delay_(delay) {
    SIM_EXPECT(delay >= Duration(0));
  }

  std::size_t size() const { return index_.size(); }

  // A request comes to a replica (sign 1) or leaves it (-1), with so many tokens.
  void add(std::size_t replica, int sign, Tokens tokens, Instant now) {
    tell({now, sign * tokens.value(), number(replica), static_cast<std::int8_t>(sign)});
  }
  void close(std::size_t replica, Instant now) { tell({now, 0, number(replica), closing}); }
  void open(std::size_t replica, Instant now) { tell({now, 0, number(replica), opening}); }

  // Brings what is known to `now`, which never goes back.
  const LoadIndex& at(Instant now) {
    while (!told_.empty() && told_.front().date + delay_ <= now) {
      learn(told_.front());
      told_.pop_front();
    }
    return index_;
  }
  // Of all replicas, as known at the last look.
  std::int64_t requests() const { return requests_; }
  Tokens tokens() const { return tokens_; }
  // Whether every request that came has left, also where that is not known yet.
  bool empty() const {
    std::int64_t requests = requests_;
    Tokens tokens = tokens_;
    for (const Change& change : told_) {
      if (change.what < closing) requests += change.what;
      tokens += Tokens(change.tokens);
    }
    return requests == 0 && tokens == Tokens(0);
  }

 private:
  static constexpr std::int8_t closing = 2;
  static constexpr std::int8_t opening = 3;
  struct Change {
    Instant date;
    std::int64_t tokens;
    std::uint32_t replica;
    std::int8_t what;  // 1 or -1 request, closing, or opening
  };

  static std::uint32_t number(std::size_t replica) { return static_cast<std::uint32_t>(replica); }

  void tell(const Change& change) {
    if (delay_ == Duration(0)) return learn(change);
    SIM_EXPECT(told_.empty() || told_.back().date <= change.date);
    told_.push_back(change);
  }

  void learn(const Change& change) {
    if (change.what == closing) return index_.close(change.replica);
    if (change.what == opening) return index_.open(change.replica);
    requests_ += change.what;
    tokens_ += Tokens(change.tokens);
    index_.add(change.replica, measure_ == LoadMeasure::requests ? change.what : change.tokens);
  }

  LoadIndex index_;
  LoadMeasure measure_;
  Duration delay_;
  std::int64_t requests_ = 0;
  Tokens tokens_;
  std::deque<Change> told_;  // in order of their dates
};

}  // namespace tokenyard::fleet
