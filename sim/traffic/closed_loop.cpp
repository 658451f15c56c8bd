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

// Who is refused at once and would ask again at once would stop the clock.
void ClosedLoop::ended(const Request&, Instant now, Answer answer) {
  constexpr double least_s = 1;
  const double pause = users_->think_time_s.draw(pauses_);
  due_.push_back(now + Duration(answer == Answer::refused ? std::max(pause, least_s) : pause));
  std::push_heap(due_.begin(), due_.end(), std::greater<>());
}

}  // namespace tokenyard::traffic
