// SPDX-License-Identifier: Apache-2.0
#include "traffic/generators.hpp"

#include <utility>

#include "core/contracts.hpp"

namespace tokenyard::traffic {

RequestMaker::RequestMaker(const GeneratorInput& input)
    : pattern_(input.pattern),
      prompt_(input.prompt),
      output_(input.output),
      prompt_stream_(input.seed, 0, "prompt/" + input.name),
      output_stream_(input.seed, 0, "output/" + input.name) {}

Request RequestMaker::make(Instant arrival) {
  Request request = pattern_;
  request.arrival = arrival;
  request.prompt = prompt_.draw(prompt_stream_);
  request.output = output_.draw(output_stream_);
  request.max_tokens = request.output;
  return request;
}

PoissonArrivals::PoissonArrivals(const GeneratorInput& input, Rate rate)
    : maker_(input), gaps_(input.seed, 0, "arrivals/" + input.name), rate_(std::move(rate)) {
  SIM_EXPECT(rate_.step > Duration(0));
}

bool PoissonArrivals::next(Request& request) {
  // A unit-rate gap is spent at the rate of each step: exact, whatever the curve.
  double gap = gaps_.exponential();
  while (step_ < rate_.per_s.size()) {
    const double end = static_cast<double>(step_ + 1) * rate_.step.value();
    const double rate = rate_.per_s[step_];
    if (rate > 0 && date_ + gap / rate <= end) {
      date_ += gap / rate;
      request = maker_.make(Instant(date_));
      return true;
    }
    gap -= rate * (end - date_);
    if (gap < 0) gap = 0;
    date_ = end;
    ++step_;
  }
  return false;
}

ClosedLoop::ClosedLoop(const GeneratorInput& input, Users users)
    : maker_(input), users_(users), due_(static_cast<std::size_t>(users.count), Instant(0)) {}

bool ClosedLoop::next(Request& request) {
  if (due_.empty() || users_.requests == 0) return false;
  --users_.requests;
  request = maker_.make(due_.front());
  due_.pop_front();
  return true;
}

bool ClosedLoop::ended(Instant now) {
  due_.push_back(now + users_.think_time);
  return users_.requests > 0;
}

}  // namespace tokenyard::traffic
