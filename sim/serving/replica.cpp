// SPDX-License-Identifier: Apache-2.0
#include "serving/replica.hpp"

#include <algorithm>
#include <cmath>

namespace tokenyard::serving {

Replica::Replica(const Input& input)
    : schedule_(
          {input.limits, input.batcher->reservation(), input.hand_over, input.store, input.gaps}),
      batcher_(input.batcher),
      time_(input.time),
      hands_over_(input.hand_over.has_value()),
      per_context_(input.time->per_context().value()),
      per_pair_(input.time->per_pair().value()),
      leaping_(input.leaping),
      log_(input.log),
      number_(input.number) {}

bool Replica::can_serve(const traffic::Request& request) const {
  const Limits& limits = schedule_.limits();
  // The last output token never needs KV.
  const Tokens most = hands_over_ ? request.prompt : request.prompt + request.output - Tokens(1);
  return schedule_.kv().blocks_for(most) <= limits.blocks && batcher_->can_serve(request, limits);
}

bool Replica::offer(Slot slot) {
  const std::int64_t most = schedule_.limits().in_flight;
  if (most > 0 && waiting() + running() >= most) return false;
  schedule_.enqueue(slot);
  return true;
}

void Replica::release(Slot slot, Instant now) {
  if (log_ != nullptr) observe(now);  // what ran before is told with the blocks of then
  schedule_.release(slot);
}

Instant Replica::start(Instant now) {
  SIM_EXPECT(idle_);
  do {
    schedule_.begin();
    batcher_->form(schedule_);
  } while (schedule_.preempted() && schedule_.batch().empty());
  schedule_.end();
  if (schedule_.changed()) schedule_.gaps().close(segment_.done);
  if (schedule_.batch().empty()) {
    busy_ = busy(now);
    busy_since_ = Instant::never();
    return Instant::never();
  }
  if (schedule_.changed()) begin_segment(now);
  segment_.planned = segment_.done + (leaping_ == Leaping::on ? schedule_.stable() : 1);
  if (busy_since_ == Instant::never()) busy_since_ = now;
  idle_ = false;
  return segment_.end(segment_.planned);
}

Instant Replica::cut(Instant now) {
  SIM_EXPECT(!idle_);
  // Behind others that wait, nothing is admitted that was not before; and without a sequence free
  // nothing is until one ends.
  if (waiting() == 1 && running() < schedule_.limits().sequences) return stop(now);
  return segment_.end(segment_.planned);
}

Instant Replica::stop(Instant now) {
  SIM_EXPECT(!idle_);
  if (segment_.planned - segment_.done > 1) {
    std::int64_t i = std::clamp(boundary_near(now), segment_.done + 1, segment_.planned);
    while (i > segment_.done + 1 && segment_.end(i - 1) >= now) --i;
    while (i < segment_.planned && segment_.end(i) < now) ++i;
    segment_.planned = i;
  }
  return segment_.end(segment_.planned);
}

void Replica::end(Instant now) {
  SIM_EXPECT(!idle_ && now == segment_.end(segment_.planned));
  pass(segment_.planned - segment_.done, Schedule::Then::ends);
  schedule_.gaps().reach(now);
  idle_ = true;
}

void Replica::observe(Instant now) {
  if (idle_) return;
  std::int64_t i = std::clamp(boundary_near(now), segment_.done, segment_.planned - 1);
  while (i > segment_.done && segment_.end(i) > now) --i;
  while (i + 1 < segment_.planned && segment_.end(i + 1) <= now) ++i;
  if (i > segment_.done) pass(i - segment_.done, Schedule::Then::goes_on);
}

void Replica::pass(std::int64_t iterations, Schedule::Then then) {
  if (log_ != nullptr) tell(iterations);
  schedule_.advance(iterations, then);
  segment_.done += iterations;
  iterations_ += iterations;
}

void Replica::tell(std::int64_t iterations) const {
  const std::int64_t done = segment_.done;
  if (!log_->wants(segment_.end(done), segment_.end(done + iterations))) return;
  for (std::int64_t k = 0; k < iterations; ++k) {
    IterationRecord record = schedule_.iteration(k);
    record.start = segment_.end(done + k);
    record.end = segment_.end(done + k + 1);
    log_->ran(number_, record);
  }
}

void Replica::begin_segment(Instant now) {
  const Batch& batch = schedule_.batch();
  const std::int64_t decodes = batch.decoding ? schedule_.decodes() : 0;
  const double context = batch.decoding ? schedule_.context() : 0;
  const double first = time_->batch(batch.prefill_tokens, decodes).value() +
                       per_context_ * context + per_pair_ * batch.pairs;
  const double growth =
      per_context_ * static_cast<double>(decodes) + per_pair_ * schedule_.pairs_growth();
  SIM_ENSURE(first > 0);
  segment_.anchor = now;
  segment_.first = first;
  segment_.growth = growth;
  segment_.done = 0;
  schedule_.gaps().begin(now, first, growth, decodes);
}

std::int64_t Replica::boundary_near(Instant date) const {
  // The positive root of first * i + growth * i(i-1)/2 = x, in the form that does not cancel.
  const double x = (date - segment_.anchor).value();
  const double b = segment_.first - segment_.growth / 2;
  const double root = 2 * x / (b + std::sqrt(b * b + 2 * segment_.growth * x));
  return static_cast<std::int64_t>(std::min(root, 9e15));
}

}  // namespace tokenyard::serving
