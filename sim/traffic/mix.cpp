// SPDX-License-Identifier: Apache-2.0
#include "traffic/mix.hpp"

#include <algorithm>
#include <bit>

#include "core/contracts.hpp"

namespace tokenyard::traffic {

Mix::Mix(std::vector<std::unique_ptr<Arrivals>> streams) : streams_(std::move(streams)) {
  SIM_EXPECT(!streams_.empty());
  const std::size_t leaves = std::max<std::size_t>(2, std::bit_ceil(streams_.size()));
  dates_.assign(leaves, Instant::never());
  winners_.assign(2 * leaves, 0);
  for (std::size_t i = 0; i < leaves; ++i) winners_[leaves + i] = i;
  for (std::size_t i = 0; i < streams_.size(); ++i) dates_[i] = streams_[i]->date();
  for (std::size_t i = leaves - 1; i > 0; --i) {
    const std::size_t a = winners_[2 * i], b = winners_[2 * i + 1];
    winners_[i] = dates_[b] < dates_[a] ? b : a;
  }
}

void Mix::refresh(std::size_t stream) {
  dates_[stream] = streams_[stream]->date();
  for (std::size_t i = (dates_.size() + stream) / 2; i > 0; i /= 2) {
    const std::size_t a = winners_[2 * i], b = winners_[2 * i + 1];
    winners_[i] = dates_[b] < dates_[a] ? b : a;
  }
}

void Mix::take(Request& request) {
  last_ = first();
  streams_[last_]->take(request);
  SIM_ASSERT(request.client == last_);
  refresh(last_);
}

bool Mix::follows() const {
  return std::any_of(streams_.begin(), streams_.end(),
                     [](const auto& stream) { return stream->follows(); });
}

void Mix::ended(const Request& request, Instant now, Answer answer) {
  if (!streams_[request.client]->follows()) return;
  streams_[request.client]->ended(request, now, answer);
  refresh(request.client);
}

}  // namespace tokenyard::traffic
