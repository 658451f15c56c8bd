// SPDX-License-Identifier: Apache-2.0
#include "serving/replica.hpp"

#include <algorithm>
#include <cmath>

namespace tokenyard::serving {

Replica::Replica(const Input& input)
    : schedule_(input.limits, input.batcher->reservation(), *input.store),
      batcher_(input.batcher),
      time_(input.time),
      per_context_(input.time->per_context().value()),
      per_pair_(input.time->per_pair().value()),
      leaping_(input.leaping) {}

Replica::Verdict Replica::offer(Slot slot) {
  const traffic::Request& r = schedule_.request(slot).request;
  const Limits& limits = schedule_.limits();
  // The last output token never needs KV.
  const Blocks most = schedule_.kv().blocks_for(r.prompt + r.output - Tokens(1));
  if (most > limits.blocks || !batcher_->can_serve(r, limits)) return Verdict::rejected;
  if (limits.in_flight > 0 && waiting() + running() >= limits.in_flight) return Verdict::dropped;
  schedule_.enqueue(slot);
  return Verdict::accepted;
}

Instant Replica::start(Instant now) {
  SIM_EXPECT(idle_);
  do {
    schedule_.begin();
    batcher_->form(schedule_);
  } while (schedule_.preempted() && schedule_.batch().empty());
  schedule_.end();
  if (schedule_.batch().empty()) {
    busy_ = busy(now);
    busy_since_ = Instant::never();
    return Instant::never();
  }
  if (schedule_.changed()) segment_ = begin_segment(now);
  segment_.planned = segment_.done + (leaping_ == Leaping::on ? schedule_.stable() : 1);
  if (busy_since_ == Instant::never()) busy_since_ = now;
  idle_ = false;
  return segment_.end(segment_.planned);
}

Instant Replica::cut(Instant now) {
  SIM_EXPECT(!idle_);
  // Behind others that wait, nothing is admitted that was not before; and without a sequence free
  // nothing is until one ends.
  if (segment_.planned - segment_.done > 1 && waiting() == 1 &&
      running() < schedule_.limits().sequences) {
    std::int64_t i = std::clamp(boundary_near(now), segment_.done + 1, segment_.planned);
    while (i > segment_.done + 1 && segment_.end(i - 1) >= now) --i;
    while (i < segment_.planned && segment_.end(i) < now) ++i;
    segment_.planned = i;
  }
  return segment_.end(segment_.planned);
}

void Replica::end(Instant now) {
  SIM_EXPECT(!idle_ && now == segment_.end(segment_.planned));
  iterations_ += segment_.planned - segment_.done;
  schedule_.advance(segment_.planned - segment_.done, Schedule::Then::ends);
  segment_.done = segment_.planned;
  idle_ = true;
}

void Replica::observe(Instant now) {
  if (idle_) return;
  std::int64_t i = std::clamp(boundary_near(now), segment_.done, segment_.planned - 1);
  while (i > segment_.done && segment_.end(i) > now) --i;
  while (i + 1 < segment_.planned && segment_.end(i + 1) <= now) ++i;
  if (i == segment_.done) return;
  iterations_ += i - segment_.done;
  schedule_.advance(i - segment_.done, Schedule::Then::goes_on);
  segment_.done = i;
}

Replica::Segment Replica::begin_segment(Instant now) const {
  const Batch& batch = schedule_.batch();
  const std::int64_t decodes = batch.decoding ? schedule_.decodes() : 0;
  const double context = batch.decoding ? schedule_.context() : 0;
  Segment segment;
  segment.anchor = now;
  segment.first = time_->batch(batch.prefill_tokens, decodes).value() + per_context_ * context +
                  per_pair_ * batch.pairs;
  segment.growth =
      per_context_ * static_cast<double>(decodes) + per_pair_ * schedule_.pairs_growth();
  SIM_ENSURE(segment.first > 0);
  return segment;
}

std::int64_t Replica::boundary_near(Instant date) const {
  // The positive root of first * i + growth * i(i-1)/2 = x, in the form that does not cancel.
  const double x = (date - segment_.anchor).value();
  const double b = segment_.first - segment_.growth / 2;
  const double root = 2 * x / (b + std::sqrt(b * b + 2 * segment_.growth * x));
  return static_cast<std::int64_t>(std::min(root, 9e15));
}

}  // namespace tokenyard::serving
