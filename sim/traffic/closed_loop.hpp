// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "traffic/open_arrivals.hpp"

namespace tokenyard::traffic {

struct UsersPlan {
  std::int64_t count = 1;
  Distribution think_time_s = Distribution::constant(0);
  static constexpr std::int64_t without_end = std::numeric_limits<std::int64_t>::max();
  std::int64_t requests = without_end;  // in all

  bool ends() const { return requests < without_end; }
};

// A fixed number of users, each with one request at a time and a pause after its end.
class ClosedLoop final : public Arrivals {
 public:
  // `users` must outlive it.
  ClosedLoop(const StreamInput& input, const UsersPlan& users, std::int64_t count);

  Instant date() const override;
  void take(Request& request) override;
  bool follows() const override { return true; }
  void ended(const Request&, Instant now, Answer) override;

 private:
  Request pattern_;
  const Lengths* lengths_;
  const UsersPlan* users_;
  RandomStream prompts_;
  RandomStream outputs_;
  RandomStream pauses_;
  std::vector<Instant> due_;  // a heap, the first on top
  std::int64_t left_;
};

}  // namespace tokenyard::traffic
