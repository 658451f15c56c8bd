// SPDX-License-Identifier: Apache-2.0
#include "traffic/open_arrivals.hpp"

#include "core/contracts.hpp"

namespace tokenyard::traffic {

OpenArrivals::OpenArrivals(const StreamInput& input, DatesPlan dates)
    : pattern_(input.pattern),
      lengths_(input.lengths),
      dates_(std::move(dates), input.seeding),
      prompts_(input.seeding.stream("prompt")),
      outputs_(input.seeding.stream("output")),
      next_(dates_.next()) {
  if (input.prefixes != nullptr) prefixes_.emplace(*input.prefixes, input.seeding);
}

void OpenArrivals::take(Request& request) {
  SIM_EXPECT(next_ < Instant::never());
  request = pattern_;
  request.arrival = next_;
  lengths_->draw_prompt(request, prompts_);
  lengths_->draw_output(request, outputs_);
  if (prefixes_) prefixes_->compose(request, pieces_);
  next_ = dates_.next();
}

}  // namespace tokenyard::traffic
