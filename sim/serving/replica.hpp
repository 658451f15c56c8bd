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
    const Batcher* batcher;               // outlives the replica
    const model::IterationTime* time;     // outlives the replica
    RequestStore* store;                  // outlives the replica
    std::optional<HandOver> hand_over{};  // for a replica that only reads prompts
    Leaping leaping = Leaping::on;
    TokenGaps::Input gaps{};      // where inter-token latencies are counted
    IterationLog* log = nullptr;  // outlives the replica; null: nobody wants single iterations
    std::uint32_t number = 0;     // of the replica, for the log
  };

  explicit Replica(const Input& input);

  // Whether it could ever serve the request, alone.
  bool can_serve(const traffic::Request& request) const;

  // A request arrives that the replica can serve: it is queued, or refused if the replica is full.
  bool offer(Slot slot);

  // A request is delivered whose prompt another replica has read.
  void take_over(Slot slot) { schedule_.take_over(slot); }

  // The KV cache of a request that left for another replica is delivered there.
  void release(Slot slot, Instant now);

  bool idle() const { return idle_; }

  // While idle: forms the next batch. Returns when its iterations end; never() if there is none.
  Instant start(Instant now);

  // While busy, after a request was queued at `now`: if it may change the batch, the iterations
  // under way end at their next boundary. Returns when they end.
  Instant cut(Instant now);
  // The same, whatever it may change.
  Instant stop(Instant now);

  // While idle, and after all that leave have left: a request is taken out for good.
  void cancel(Slot slot) {
    SIM_EXPECT(idle_);
    schedule_.cancel(slot);
  }

  // The iterations under way end now: the replica is idle, then next_leaving() gives the requests
  // that emitted their last token or are to be handed over, in batch order, no_slot at the end.
  void end(Instant now);
  Slot next_leaving(Instant now) { return schedule_.next_leaving(now); }

  // Brings the counts below up to the last iteration boundary before `now`.
  void observe(Instant now);

  // Counts the gaps between tokens of the iterations that are over; at the end of a run.
  void close_gaps() { schedule_.gaps().close(segment_.done); }

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

  void begin_segment(Instant now);
  std::int64_t boundary_near(Instant date) const;
  void pass(std::int64_t iterations, Schedule::Then then);
  void tell(std::int64_t iterations) const;

  Schedule schedule_;
  const Batcher* batcher_;
  const model::IterationTime* time_;
  bool hands_over_;
  double per_context_;
  double per_pair_;
  Leaping leaping_;
  IterationLog* log_;
  std::uint32_t number_;
  bool idle_ = true;
  Segment segment_;
  Duration busy_;
  Instant busy_since_ = Instant::never();
  std::int64_t iterations_ = 0;
};

}  // namespace tokenyard::serving
