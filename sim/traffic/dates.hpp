// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/random.hpp"
#include "traffic/distribution.hpp"
#include "traffic/gaps.hpp"
#include "traffic/rate_curve.hpp"

namespace tokenyard::traffic {

// Where the random numbers of a stream come from.
struct Seeding {
  std::uint64_t seed = 0;
  std::uint64_t replication = 0;
  std::string name;      // of the stream: adding another leaves this one as it was
  std::string family{};  // of streams that have system prompts in common; may be empty

  RandomStream stream(const std::string& part) const {
    return {seed, replication, part + '/' + name};
  }
};

// The name of a part of a stream: different from all names that people give.
inline std::string joined(const std::string& whole, const std::string& part) {
  return whole + '\x1f' + part;
}

// When requests, or sessions, or jobs begin.
struct DatesPlan {
  // A state that traffic changes to and from by chance: its rate against the curve's, and how long
  // it stays on average.
  struct State {
    double times;
    double stay_s;
  };

  RateCurve curve;
  // Of the gaps, on a clock that runs with the rate: one for all, or one for each point of the
  // curve's first factor.
  std::vector<Gaps> gaps = {Gaps::exponential()};
  std::vector<State> states;          // none, or at least two; the mean rate is the curve's
  std::optional<Distribution> batch;  // how many arrive together; absent: one

  // Expected arrivals before a date (finite).
  double expected(Duration until) const;
};

// The dates, one after the other.
class Dates {
 public:
  Dates(DatesPlan plan, const Seeding& seeding);

  // The next date, never when there is none any more.
  Instant next();

 private:
  Instant next_begin();
  double gap();
  void change_state();

  std::unique_ptr<const DatesPlan> plan_;  // where the walk looks, also after a move
  RateWalk walk_;
  RandomStream gaps_;
  RandomStream states_;
  RandomStream batches_;
  Instant date_;
  std::int64_t left_ = 0;  // of the batch at hand
  bool begun_ = false;
  double mean_times_ = 1;  // over the states
  std::size_t state_ = 0;
  Instant state_ends_ = Instant::never();
};

}  // namespace tokenyard::traffic
