// SPDX-License-Identifier: Apache-2.0
// A replica whose layers are spread over the stages of a pipeline: as many micro-batches are under
// way, each in a lane of its own.
#include <algorithm>

#include "serving/replica.hpp"

namespace tokenyard::serving {

void Replica::turn_to(std::size_t lane) {
  lanes_[lane_].segment = segment_;
  lane_ = lane;
  segment_ = lanes_[lane].segment;
  first_.turn_to(static_cast<std::uint8_t>(lane));
}

// The one that ends next, the first of equals.
std::size_t Replica::next_lane() const {
  const auto ends_before = [](const Lane& a, const Lane& b) { return a.end < b.end; };
  return static_cast<std::size_t>(std::min_element(lanes_.begin(), lanes_.end(), ends_before) -
                                  lanes_.begin());
}

// Those that are free.
template <class Condition>
void Replica::start_lanes_if(Condition condition, Instant now) {
  for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
    if (lanes_[lane].end != Instant::never()) continue;
    turn_to(lane);
    if (condition()) start_lane(now);
  }
}

Instant Replica::start_lanes(Instant now) {
  // All that end at a date do so before any begins.
  if (lanes_[next_lane()].end == now) return now;
  // Those with requests go first: they need blocks that others would admit with. For one that
  // waits, others may be preempted.
  start_lanes_if([this] { return first_.lane_waits(); }, now);
  start_lanes_if([this] { return !first_.lane_empty(); }, now);
  start_lanes_if([this] { return first_.lane_empty(); }, now);
  start_lanes_if([this] { return first_.lane_waits(); }, now);
  const auto under_way = [](const Lane& lane) { return lane.end != Instant::never(); };
  const Instant next = lanes_[next_lane()].end;
  const bool reads = std::any_of(lanes_.begin(), lanes_.end(),
                                 [&](const Lane& lane) { return under_way(lane) && lane.reads; });
  turn(next == Instant::never() ? Doing::nothing : reads ? Doing::reading : Doing::writing, now);
  idle_ = !std::all_of(lanes_.begin(), lanes_.end(), under_way);
  return next;
}

void Replica::start_lane(Instant now) {
  form_batch(first_);
  if (first_.batch().empty()) return;
  const Course course = course_of(first_);
  SIM_ENSURE(course.first > 0);
  segment_ = {};
  segment_.anchor = now;
  segment_.first = (pipeline_.pass(now, Duration(course.first)) - now).value();
  segment_.padding = course.padding;
  segment_.planned = 1;
  lanes_[lane_].end = segment_.end(1);
  lanes_[lane_].reads = first_.batch().reads();
  first_.gaps().begin(now, segment_.first, 0, first_.batch().decoding ? first_.decodes() : 0);
}

void Replica::end_lane(Instant now) {
  turn_to(next_lane());
  SIM_EXPECT(lanes_[lane_].end == now);
  pass(1, Schedule::Then::ends);
  first_.write_drafts(now);
  first_.gaps().reach(now);
  first_.gaps().close(1);
  lanes_[lane_].end = Instant::never();
  idle_ = true;
}

}  // namespace tokenyard::serving
