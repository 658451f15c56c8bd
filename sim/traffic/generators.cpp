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
  advance();
}

void PoissonArrivals::take(Request& request) {
  SIM_EXPECT(next_ < Instant::never());
  request = maker_.make(next_);
  advance();
}

void PoissonArrivals::advance() {
  // A unit-rate gap is spent at the rate of each step: exact, whatever the curve.
  double gap = gaps_.exponential();
  while (step_ < rate_.per_s.size()) {
    const double end = static_cast<double>(step_ + 1) * rate_.step.value();
    const double rate = rate_.per_s[step_];
    if (rate > 0 && date_ + gap / rate <= end) {
      date_ += gap / rate;
      next_ = Instant(date_);
      return;
    }
    gap -= rate * (end - date_);
    if (gap < 0) gap = 0;
    date_ = end;
    ++step_;
  }
  next_ = Instant::never();
}

ClosedLoop::ClosedLoop(const GeneratorInput& input, Users users)
    : maker_(input), users_(users), due_(static_cast<std::size_t>(users.count), Instant(0)) {}

Instant ClosedLoop::date() const {
  return due_.empty() || users_.requests == 0 ? Instant::never() : due_.front();
}

void ClosedLoop::take(Request& request) {
  SIM_EXPECT(date() < Instant::never());
  --users_.requests;
  request = maker_.make(due_.front());
  due_.pop_front();
}

void ClosedLoop::ended(const Request&, Instant now, Answer) {
  due_.push_back(now + users_.think_time);
}

}  // namespace tokenyard::traffic
