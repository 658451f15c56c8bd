// SPDX-License-Identifier: Apache-2.0
#include "traffic/unattended.hpp"

namespace tokenyard::traffic {

Unattended::Unattended(std::unique_ptr<Arrivals> stream, NominalAnswer answer)
    : stream_(std::move(stream)), answer_(answer) {}

void Unattended::take(Request& request) {
  stream_->take(request);
  if (!stream_->follows()) return;
  ends_.push({request.arrival + answer_.of(request), taken_++, request});
  // What ends before the next arrival may bring it forward.
  while (!ends_.empty() && ends_.top().date <= stream_->date()) {
    const End end = ends_.top();
    ends_.pop();
    stream_->ended(end.request, end.date, Answer::given);
  }
}

}  // namespace tokenyard::traffic
