// SPDX-License-Identifier: Apache-2.0
#include "traffic/closed_loop.hpp"

#include <algorithm>
#include <functional>

#include "core/contracts.hpp"

namespace tokenyard::traffic {

ClosedLoop::ClosedLoop(const StreamInput& input, const UsersPlan& users, std::int64_t count)
    : pattern_(input.pattern),
      lengths_(input.lengths),
      users_(&users),
      prompts_(input.seeding.stream("prompt")),
      outputs_(input.seeding.stream("output")),
      pauses_(input.seeding.stream("pauses")),
      due_(static_cast<std::size_t>(count), Instant(0)),
      left_(users.requests) {}

Instant ClosedLoop::date() const {
  return due_.empty() || left_ == 0 ? Instant::never() : due_.front();
}

void ClosedLoop::take(Request& request) {
  SIM_EXPECT(date() < Instant::never());
  --left_;
  request = pattern_;
  request.arrival = due_.front();
  lengths_->draw_prompt(request, prompts_);
  lengths_->draw_output(request, outputs_);
  std::pop_heap(due_.begin(), due_.end(), std::greater<>());
  due_.pop_back();
}

void ClosedLoop::ended(const Request&, Instant now, Answer) {
  due_.push_back(now + Duration(users_->think_time_s.draw(pauses_)));
  std::push_heap(due_.begin(), due_.end(), std::greater<>());
}

}  // namespace tokenyard::traffic
