// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/quantity.hpp"
#include "model/iteration_time.hpp"
#include "serving/batcher.hpp"
#include "serving/schedule.hpp"

namespace tokenyard::serving {

// Whether iterations of an unchanged batch are taken in one event. Both give the same bits.
enum class Leaping : std::uint8_t { off, on };

// One copy of a model: it turns the batches of its schedule into time. It knows dates but no
// calendar: its owner asks when the iterations under way end and comes back then.
class Replica {
 public:
  struct Input {
    Limits limits;
    const Batcher* batcher;            // outlives the replica
    const model::IterationTime* time;  // outlives the replica
    RequestStore* store;               // outlives the replica
    Leaping leaping = Leaping::on;
  };

  explicit Replica(const Input& input);

  enum class Verdict : std::uint8_t { accepted, rejected, dropped };

  // A request arrives: it is queued, or refused because it can never fit or the replica is full.
  Verdict offer(Slot slot);

  bool idle() const { return idle_; }

  // While idle: forms the next batch. Returns when its iterations end; never() if there is none.
  Instant start(Instant now);

  // While busy, after an accepted offer at `now`: if it may change the batch, the iterations under
  // way end at their next boundary. Returns when they end.
  Instant cut(Instant now);

  // The iterations under way end now: the replica is idle, then next_finished() gives the requests
  // that emitted their last token, in batch order, no_slot at the end.
  void end(Instant now);
  Slot next_finished(Instant now) { return schedule_.next_finished(now); }

  // Brings the counts below up to the last iteration boundary before `now`.
  void observe(Instant now);

  std::int64_t waiting() const { return schedule_.waiting(); }
  std::int64_t running() const { return schedule_.running(); }
  Tokens emitted() const { return schedule_.emitted(); }
  Tokens prefilled() const { return schedule_.prefilled(); }
  Tokens emitted_by(const InFlight& request) const { return schedule_.emitted_by(request); }
  const KvCache& kv() const { return schedule_.kv(); }
  Duration busy(Instant now) const {
    return busy_since_ == Instant::never() ? busy_ : busy_ + (now - busy_since_);
  }
  std::int64_t iterations() const { return iterations_; }

  // Recounts what is kept incrementally, O(requests); for tests.
  void audit() const { schedule_.audit(idle_ ? Schedule::Then::ends : Schedule::Then::goes_on); }

 private:
  // Iterations of one unchanged batch. They follow the closed form
  //   end of iteration i = anchor + (first * i + growth * i(i-1)/2),
  // and the anchor moves only when the batch changes, so that a leap and single steps agree.
  struct Segment {
    Instant anchor;
    double first = 0;   // s, the first iteration
    double growth = 0;  // s, what each further one takes more
    std::int64_t done = 0;
    std::int64_t planned = 0;  // the next event is the end of this iteration

    Instant end(std::int64_t i) const {
      const auto n = static_cast<double>(i);
      return anchor + Duration(first * n + growth * (n * (n - 1) / 2));
    }
  };

  Segment begin_segment(Instant now) const;
  std::int64_t boundary_near(Instant date) const;

  Schedule schedule_;
  const Batcher* batcher_;
  const model::IterationTime* time_;
  double per_context_;
  double per_pair_;
  Leaping leaping_;
  bool idle_ = true;
  Segment segment_;
  Duration busy_;
  Instant busy_since_ = Instant::never();
  std::int64_t iterations_ = 0;
};

}  // namespace tokenyard::serving
