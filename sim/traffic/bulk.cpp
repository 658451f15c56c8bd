// SPDX-License-Identifier: Apache-2.0
#include "traffic/bulk.hpp"

#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <queue>

namespace tokenyard::traffic {
namespace {

constexpr std::size_t wanted = 100'000;  // requests at once
constexpr std::size_t most = 2'000'000;  // in all lanes, whatever a burst brings

}  // namespace

Bulk::Bulk(std::vector<std::unique_ptr<Arrivals>> streams, Keep keep) : keep_(keep) {
  most_in_lane_ = std::max<std::size_t>(64, most / std::max<std::size_t>(1, streams.size()));
  for (auto& stream : streams) {
    lanes_.emplace_back();
    lanes_.back().stream = std::move(stream);
  }
}

void Bulk::fill(Lane& lane, Instant until) const {
  // What was given makes room; items keep their memory.
  std::rotate(lane.items.begin(), lane.items.begin() + static_cast<std::ptrdiff_t>(lane.first),
              lane.items.begin() + static_cast<std::ptrdiff_t>(lane.first + lane.count));
  lane.first = 0;
  while (lane.count < most_in_lane_ && lane.stream->date() < until) {
    if (lane.count == lane.items.size()) lane.items.emplace_back();
    Item& item = lane.items[lane.count++];
    lane.stream->take(item.request);
    if (keep_ == Keep::requests) continue;
    const auto pieces = lane.stream->pieces();
    item.pieces.assign(pieces.begin(), pieces.end());
  }
}

// All that no stream can come before any more.
void Bulk::merge() {
  // Of one date, the first lane's come first, so its own next request holds back none of its items.
  using Head = std::pair<Instant, std::size_t>;
  Head horizon{Instant::never(), lanes_.size()};
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    horizon = std::min(horizon, Head{lanes_[i].stream->date(), i});
  }
  std::priority_queue<Head, std::vector<Head>, std::greater<>> heads;
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    if (lanes_[i].count > 0) heads.emplace(lanes_[i].items[lanes_[i].first].request.arrival, i);
  }
  std::size_t n = 0;
  while (!heads.empty() && heads.top() <= horizon) {
    Lane& lane = lanes_[heads.top().second];
    heads.pop();
    // A run of one lane that is before all others needs no queue.
    const Head next = heads.empty() ? Head{Instant::never(), lanes_.size()} : heads.top();
    const auto number = static_cast<std::size_t>(&lane - lanes_.data());
    for (;;) {
      if (n == merged_.size()) merged_.emplace_back();
      std::swap(merged_[n], lane.items[lane.first]);
      merged_[n++].request.id = RequestId(given_++);
      ++lane.first;
      if (--lane.count == 0) break;
      const Head head{lane.items[lane.first].request.arrival, number};
      if (head > horizon || head > next) {
        heads.push(head);
        break;
      }
    }
  }
  merged_.resize(n);
}

const std::vector<Bulk::Item>& Bulk::next() {
  merged_.clear();
  for (;;) {
    Instant first = Instant::never();
    for (const Lane& lane : lanes_) first = std::min(first, lane.stream->date());
    const bool ended = first == Instant::never();
    // Where nothing comes for a while, the window begins with what comes next.
    filled_ = std::max(filled_, ended ? filled_ : first) + window_;
    tbb::parallel_for(std::size_t{0}, lanes_.size(),
                      [this](std::size_t i) { fill(lanes_[i], filled_); });
    merge();
    const auto got = static_cast<double>(merged_.size());
    window_ = window_ * std::clamp(wanted / std::max(got, 1.0), 0.25, 4.0);
    if (!merged_.empty() || ended) return merged_;
  }
}

}  // namespace tokenyard::traffic
