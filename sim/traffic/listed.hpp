// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>
#include <vector>

#include "core/contracts.hpp"
#include "traffic/arrivals.hpp"

namespace tokenyard::traffic {

// Requests that are all known, in order of arrival; their ids are overwritten by whoever counts.
class Listed final : public Arrivals {
 public:
  explicit Listed(std::vector<Request> requests) : requests_(std::move(requests)) {}

  Instant date() const override {
    return at_ < requests_.size() ? requests_[at_].arrival : Instant::never();
  }

  void take(Request& request) override {
    SIM_EXPECT(at_ < requests_.size());
    request = requests_[at_++];
  }

 private:
  std::vector<Request> requests_;
  std::size_t at_ = 0;
};

}  // namespace tokenyard::traffic
