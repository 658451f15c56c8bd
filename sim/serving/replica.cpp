// SPDX-License-Identifier: Apache-2.0
#include "serving/replica.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tokenyard::serving {
namespace {

constexpr std::int64_t most_ranks = 255;
constexpr std::int64_t most_stages = 255;

}  // namespace

Replica::Replica(const Input& input)
    : first_({input.limits, input.engine, input.batcher->reservation(), input.hand_over,
              input.store, input.gaps}),
      engine_(input.engine),
      plain_(input.engine->plain()),
      batcher_(input.batcher),
      time_(input.time),
      store_(input.store),
      per_context_(input.time->per_context().value()),
      per_pair_(input.time->per_pair().value()),
      leaping_(input.leaping),
      log_(input.log),
      number_(input.number),
      pipeline_(input.engine->stages) {
  SIM_EXPECT(engine_->ranks >= 1 && engine_->ranks <= most_ranks);
  for (std::int64_t rank = 1; rank < engine_->ranks; ++rank) {
    others_.emplace_back(Schedule::Input{input.limits, input.engine, input.batcher->reservation(),
                                         input.hand_over, input.store, input.gaps});
  }
  SIM_EXPECT(engine_->stages >= 1 && engine_->stages <= most_stages);
  if (engine_->stages == 1) return;
  SIM_EXPECT(engine_->ranks == 1 && engine_->scheduling == Scheduling::sync);
  lanes_.resize(static_cast<std::size_t>(engine_->stages));
}

bool Replica::can_serve(const traffic::Request& request) const {
  return first_.fits(request) && batcher_->can_serve(request, first_.limits());
}

bool Replica::offer(Slot slot) {
  const std::int64_t most = first_.limits().in_flight;
  if (most > 0 && waiting() + running() >= most) return false;
  if (plain_) {
    first_.enqueue(slot);
  } else {
    (*store_)[slot].rank = rank_to_join();
    schedule_of(slot).enqueue(slot, under_way());
  }
  return true;
}

std::optional<Replica::Landing> Replica::reserve_landing(const traffic::Request& request,
                                                         Tokens tokens, KvMove move) {
  const Landing landing{rank_to_join(), first_.landing_blocks(request, tokens)};
  Schedule& lands = schedule(landing.rank);
  if (!lands.may_land(landing.blocks, move)) return std::nullopt;
  lands.reserve_landing(landing.blocks);
  return landing;
}

void Replica::take_over(Slot slot, const Landing& landing) {
  (*store_)[slot].rank = landing.blocks > Blocks(0) ? landing.rank : rank_to_join();
  schedule_of(slot).take_over(slot, under_way(), landing.blocks);
}

// The one with the fewest requests.
std::uint8_t Replica::rank_to_join() const {
  const auto requests = [](const Schedule& s) { return s.queued() + s.running() + s.landing(); };
  std::uint8_t choice = 0;
  std::int64_t fewest = requests(first_);
  for (std::size_t i = 0; i < others_.size(); ++i) {
    if (requests(others_[i]) >= fewest) continue;
    fewest = requests(others_[i]);
    choice = static_cast<std::uint8_t>(i + 1);
  }
  return choice;
}

bool Replica::resting(Slot slot) const {
  if (lanes_.empty()) return idle_;
  const InFlight& r = (*store_)[slot];
  return !first_.runs(r) || lanes_[r.lane].end == Instant::never();
}

void Replica::release(Slot slot, Instant now) {
  if (log_ != nullptr) observe(now);  // what ran before is told with the blocks of then
  schedule_of(slot).release(slot);
}

void Replica::form_batch(Schedule& schedule) {
  do {
    schedule.begin();
    batcher_->form(schedule);
  } while (schedule.batch().empty() && (schedule.preempted() || schedule.see_arrivals()));
  schedule.end();
}

// Those of further ranks.
void Replica::form_others(Formed& formed) {
  for (Schedule& schedule : others_) {
    form_batch(schedule);
    formed.empty = formed.empty && schedule.batch().empty();
    formed.changed = formed.changed || schedule.changed();
    formed.reads = formed.reads || schedule.batch().reads();
  }
  formed.changed = formed.changed || segment_.done >= segment_.limit;
}

Instant Replica::start(Instant now) {
  if (!plain_ && !lanes_.empty()) return start_lanes(now);
  SIM_EXPECT(idle_);
  form_batch(first_);
  Formed formed{first_.batch().empty(), first_.changed(), first_.batch().reads()};
  if (!plain_) form_others(formed);
  if (formed.changed) close_gaps();
  if (formed.empty) {
    turn(Doing::nothing, now);
    return Instant::never();
  }
  if (formed.changed) begin_segment(now);
  std::int64_t steps = 1;
  if (plain_) {
    if (leaping_ == Leaping::on) steps = first_.stable();
  } else {
    for_each([](Schedule& schedule) { schedule.see_arrivals(); });
    if (leaping_ == Leaping::on) steps = stable();
  }
  segment_.planned = segment_.done + steps;
  turn(formed.reads ? Doing::reading : Doing::writing, now);
  idle_ = false;
  return segment_.end(segment_.planned);
}

// Iterations that can be taken in one.
std::int64_t Replica::stable() const {
  std::int64_t steps = segment_.limit - segment_.done;
  if (!first_.batch().empty()) steps = std::min(steps, first_.stable());
  for (const Schedule& schedule : others_) {
    if (!schedule.batch().empty()) steps = std::min(steps, schedule.stable());
  }
  return steps;
}

Instant Replica::cut(Slot slot, Instant now) {
  SIM_EXPECT(!idle_);
  if (!plain_ && !lanes_.empty()) return stop(now);
  const Schedule& schedule = plain_ ? first_ : schedule_of(slot);
  // Behind others that wait, nothing is admitted that was not before; and without a sequence free
  // nothing is until one ends. One that was not seen yet must be, at the next boundary.
  const bool unseen = !plain_ && schedule.queued() > schedule.waiting();
  const bool first = !unseen && schedule.head() == slot;
  if (unseen || (first && schedule.running() < schedule.limits().sequences)) return stop(now);
  return segment_.end(segment_.planned);
}

Instant Replica::stop(Instant now) {
  if (!plain_ && !lanes_.empty()) return lanes_[next_lane()].end;
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
  if (!plain_) return end_specially(now);
  SIM_EXPECT(!idle_ && now == segment_.end(segment_.planned));
  pass(segment_.planned - segment_.done, Schedule::Then::ends);
  first_.gaps().reach(now);
  idle_ = true;
}

void Replica::end_specially(Instant now) {
  if (!lanes_.empty()) return end_lane(now);
  SIM_EXPECT(!idle_ && now == segment_.end(segment_.planned));
  pass(segment_.planned - segment_.done, Schedule::Then::ends);
  for_each([now](Schedule& schedule) {
    schedule.write_drafts(now);
    schedule.gaps().reach(now);
  });
  idle_ = true;
}

Slot Replica::next_leaving_of_others(Instant now) {
  for (Schedule& schedule : others_) {
    const Slot slot = schedule.next_leaving(now);
    if (slot != no_slot) return slot;
  }
  return no_slot;
}

void Replica::observe(Instant now) {
  if (idle_ || !lanes_.empty()) return;
  std::int64_t i = std::clamp(boundary_near(now), segment_.done, segment_.planned - 1);
  while (i > segment_.done && segment_.end(i) > now) --i;
  while (i + 1 < segment_.planned && segment_.end(i + 1) <= now) ++i;
  if (i > segment_.done) pass(i - segment_.done, Schedule::Then::goes_on);
}

void Replica::tell(std::int64_t iterations) const {
  const std::int64_t done = segment_.done;
  if (!log_->wants(segment_.end(done), segment_.end(done + iterations))) return;
  for (std::int64_t k = 0; k < iterations; ++k) {
    IterationRecord record = first_.iteration(k);
    for (const Schedule& schedule : others_) record += schedule.iteration(k);
    record.start = segment_.end(done + k);
    record.end = segment_.end(done + k + 1);
    log_->ran(number_, record);
  }
}

void Replica::begin_segment(Instant now) {
  segment_.anchor = now;
  segment_.done = 0;
  if (!plain_) return begin_special_segment(now);
  const Batch& batch = first_.batch();
  const std::int64_t decodes = batch.decoding ? first_.decodes() : 0;
  const double context = batch.decoding ? first_.context() : 0;
  segment_.first = time_->batch(batch.prefill_tokens, decodes).value() + per_context_ * context +
                   per_pair_ * batch.pairs;
  segment_.growth = per_context_ * static_cast<double>(decodes) + per_pair_ * first_.pairs_growth();
  SIM_ENSURE(segment_.first > 0);
  first_.gaps().begin(now, segment_.first, segment_.growth, decodes);
}

void Replica::begin_special_segment(Instant now) {
  const Course course = slowest_course();
  SIM_ENSURE(course.first > 0);
  segment_.first = course.first;
  segment_.growth = course.growth;
  segment_.limit = course.limit;
  segment_.padding = course.padding;
  for_each([&](Schedule& schedule) {
    const std::int64_t writing = schedule.batch().decoding ? schedule.decodes() : 0;
    schedule.gaps().begin(now, course.first, course.growth, writing);
  });
}

// Of ranks that iterate together.
Replica::Course Replica::slowest_course() const {
  Course slowest = course_of(first_);
  for (const Schedule& schedule : others_) {
    const Course course = course_of(schedule);
    // The slowest at first remains so if it also grows most; else this holds for one iteration.
    const bool slower = course.first > slowest.first ||
                        (course.first == slowest.first && course.growth > slowest.growth);
    Course next = slower ? course : slowest;
    const Course& other = slower ? slowest : course;
    next.limit = other.growth <= next.growth ? std::min(slowest.limit, course.limit) : 1;
    next.padding = slowest.padding + course.padding;
    slowest = next;
  }
  return slowest;
}

Replica::Course Replica::course_of(const Schedule& schedule) const {
  const Batch& batch = schedule.batch();
  Course course;
  if (batch.empty()) return course;  // rides along
  const bool writes = batch.decoding || batch.drafting;
  std::int64_t decodes = writes ? schedule.decodes() : 0;
  double context = writes ? schedule.context() : 0;
  course.growth = per_context_ * static_cast<double>(decodes);
  decodes += batch.riders;
  context += static_cast<double>(batch.rider_context);
  if (engine_->shapes) pad(schedule, decodes, context, course);
  if (engine_->speculation && decodes > 0) {
    course.first += engine_->speculation->drafting(decodes).value();
    decodes *= 1 + engine_->speculation->length();
  }
  course.first += batch.copying.value();
  course.first -= engine_->hidden.value();
  course.first += time_->batch(batch.padded_tokens, decodes).value() + per_context_ * context +
                  per_pair_ * batch.pairs;
  course.growth += per_pair_ * schedule.pairs_growth();
  return course;
}

// Rounds up to the shapes that were compiled.
void Replica::pad(const Schedule& schedule, std::int64_t& decodes, double& context,
                  Course& course) const {
  const StaticShapes& shapes = *engine_->shapes;
  const Batch& batch = schedule.batch();
  const std::int64_t padded = StaticShapes::padded(shapes.sequences, decodes);
  course.padding = batch.padded_tokens - batch.prefill_tokens + Tokens(padded - decodes);
  decodes = padded;
  if (shapes.context.empty() || !(batch.decoding || batch.drafting)) return;
  const std::int64_t longest = schedule.longest_context();
  const std::int64_t bucket = StaticShapes::padded(shapes.context, longest);
  context = static_cast<double>(padded * bucket);
  course.growth = 0;
  course.limit = bucket - longest + 1;
}

void Replica::audit() const {
  const Schedule::Then then = idle_ ? Schedule::Then::ends : Schedule::Then::goes_on;
  first_.audit(then);
  for (const Schedule& schedule : others_) schedule.audit(then);
}

std::int64_t Replica::boundary_near(Instant date) const {
  // The positive root of first * i + growth * i(i-1)/2 = x, in the form that does not cancel.
  const double x = (date - segment_.anchor).value();
  const double b = segment_.first - segment_.growth / 2;
  const double root = 2 * x / (b + std::sqrt(b * b + 2 * segment_.growth * x));
  return static_cast<std::int64_t>(std::min(root, 9e15));
}

}  // namespace tokenyard::serving
