// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "core/quantity.hpp"
#include "model/iteration_time.hpp"
#include "serving/batcher.hpp"
#include "serving/busy_time.hpp"
#include "serving/engine.hpp"
#include "serving/pipeline.hpp"
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
    const Engine* engine;                 // outlives the replica
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

  // Prefixes of a replica with a cache and a tier below it; not with several ranks.
  Schedule::Prefix prefix_of(Slot slot) { return first_.prefix_of(slot); }
  std::span<const std::uint64_t> computed_prefix(Slot slot) const {
    return first_.computed_prefix(slot);
  }
  void bring_below(std::span<const std::uint64_t> names) { first_.bring_below(names); }

  // Room that a replica keeps for a KV cache on its way to it.
  struct Landing {
    std::uint8_t rank = 0;  // in which it is
    Blocks blocks;          // none: it was not reserved
  };
  // For a request whose prompt another replica reads, and of which so many tokens are known on
  // delivery. Nothing if there is no room now. The state is that of the last boundary observed;
  // while iterations are under way, they are then to end at their next boundary.
  std::optional<Landing> reserve_landing(const traffic::Request& request, Tokens tokens,
                                         KvMove move);
  void cancel_landing(const Landing& landing) {
    schedule(landing.rank).cancel_landing(landing.blocks);
  }
  // Whether requests want to land that cannot yet.
  void expect_landings(bool wanted) {
    for_each([wanted](Schedule& schedule) { schedule.expect_landings(wanted); });
  }

  // A request is delivered whose prompt another replica has read.
  void take_over(Slot slot, const Landing& landing);

  // The chunks of prompts in the iteration that has just been started, of one rank after another,
  // and how long it takes.
  template <class Act>
  void for_each_chunk(Act act) const {
    for (const Batch::Chunk& chunk : first_.batch().prefill) act(chunk);
    for (const Schedule& other : others_) {
      for (const Batch::Chunk& chunk : other.batch().prefill) act(chunk);
    }
  }

  // The KV cache of a request that left for another replica is delivered there.
  void release(Slot slot, Instant now);

  // Whether another batch could begin: nothing is under way, or not in all lanes of a pipeline.
  bool idle() const { return idle_; }

  // While idle: forms the next batch. Returns when its iterations end, in a pipeline those of the
  // lane that ends next; never() if there is none.
  Instant start(Instant now);

  // While not idle, after `slot` was queued at `now`: if it may change the batch, the iterations
  // under way end at their next boundary. Returns when they end.
  Instant cut(Slot slot, Instant now);
  // The same, whatever it may change, while anything is under way.
  Instant stop(Instant now);

  // Whether a request here can be taken out: it is in no iteration under way.
  bool resting(Slot slot) const;

  // After all that leave have left, a request that is resting is taken out for good.
  void cancel(Slot slot) {
    SIM_EXPECT(resting(slot));
    schedule_of(slot).cancel(slot);
  }

  // The iterations under way end now, in a pipeline those of one lane: the replica is idle, then
  // next_leaving() gives the requests that emitted their last token or are to be handed over, in
  // batch order, no_slot at the end.
  void end(Instant now);
  Slot next_leaving(Instant now) {
    const Slot slot = first_.next_leaving(now);
    return slot != no_slot || plain_ ? slot : next_leaving_of_others(now);
  }

  // Brings the counts below up to the last iteration boundary before `now`.
  void observe(Instant now);

  // Counts the gaps between tokens of the iterations that are over; at the end of a run.
  void close_gaps() {
    for_each([this](Schedule& s) { s.gaps().close(segment_.done); });
  }

  std::int64_t waiting() const { return sum(&Schedule::queued); }
  std::int64_t running() const { return sum(&Schedule::running); }
  Tokens emitted() const { return sum(&Schedule::emitted); }
  Tokens prefilled() const { return sum(&Schedule::prefilled); }
  // Of the prompts of all requests admitted, each once: tokens, and those found in a prefix cache.
  Tokens prompts() const { return sum(&Schedule::prompts); }
  Tokens cached() const { return sum(&Schedule::cached); }
  // Computed for nothing, since shapes are static: tokens of prompts and of answers.
  Tokens padding() const { return padding_; }
  Blocks kv_used() const { return sum(&Schedule::kv_used); }
  Blocks kv_total() const { return sum(&Schedule::kv_total); }
  Tokens emitted_by(const InFlight& request) const {
    return request.rank == 0 ? first_.emitted_by(request)
                             : others_[request.rank - 1].emitted_by(request);
  }
  Duration busy(Instant now) const { return busy_.busy(now); }
  // Of it, with an iteration under way that reads prompts; and what was written then.
  Duration reading(Instant now) const { return busy_.reading(now); }
  Tokens emitted_reading() const { return busy_.emitted_reading(emitted()); }
  std::int64_t iterations() const { return iterations_; }

  // Recounts what is kept incrementally, O(requests); for tests.
  void audit() const;

 private:
  // Iterations of one unchanged batch. They follow the closed form
  //   end of iteration i = anchor + (first * i + growth * i(i-1)/2),
  // and the anchor moves only when the batch changes, so that a leap and single steps agree.
  struct Segment {
    Instant anchor;
    double first = 0;   // s, the first iteration
    double growth = 0;  // s, what each further one takes more
    std::int64_t done = 0;
    std::int64_t limit = 0;    // iterations that the closed form holds for
    Tokens padding;            // of each
    std::int64_t planned = 0;  // the next event is the end of this iteration

    Instant end(std::int64_t i) const {
      const auto n = static_cast<double>(i);
      return anchor + Duration(first * n + growth * (n * (n - 1) / 2));
    }
  };

  // A micro-batch of a pipeline.
  struct Lane {
    Segment segment;
    Instant end = Instant::never();  // of the iteration under way
    bool reads = false;              // prompts in it
  };

  // What the iterations of one rank's batch take, were it alone.
  struct Course {
    double first = 0;
    double growth = 0;
    std::int64_t limit = std::numeric_limits<std::int64_t>::max();  // iterations that it holds for
    Tokens padding{};                                               // of each
  };

  std::size_t ranks() const { return 1 + others_.size(); }
  Schedule& schedule(std::size_t rank) { return rank == 0 ? first_ : others_[rank - 1]; }
  Schedule& schedule_of(Slot slot) { return schedule((*store_)[slot].rank); }
  Schedule::Under under_way() const {
    // Between two iterations, the next is decided.
    return busy_.doing() == Doing::nothing ? Schedule::Under::nothing : Schedule::Under::iteration;
  }
  template <class Act>
  void for_each(Act act) {
    act(first_);
    for (Schedule& schedule : others_) act(schedule);
  }
  template <class Value>
  Value sum(Value (Schedule::*get)() const) const {
    Value total = (first_.*get)();
    for (const Schedule& schedule : others_) total += (schedule.*get)();
    return total;
  }
  std::uint8_t rank_to_join() const;
  void end_specially(Instant now);
  Slot next_leaving_of_others(Instant now);
  struct Formed {
    bool empty;    // nothing to do
    bool changed;  // since the iteration before
    bool reads;    // prompts
  };
  void form_batch(Schedule& schedule);
  void form_others(Formed& formed);
  void turn(Doing doing, Instant now) {
    if (doing != busy_.doing()) busy_.turn(doing, emitted(), now);
  }
  std::int64_t stable() const;
  void begin_segment(Instant now);
  void begin_special_segment(Instant now);
  Course slowest_course() const;
  Course course_of(const Schedule& schedule) const;
  void pad(const Schedule& schedule, std::int64_t& decodes, double& context, Course& course) const;
  std::int64_t boundary_near(Instant date) const;
  void pass(std::int64_t iterations, Schedule::Then then) {
    if (log_ != nullptr) tell(iterations);
    if (plain_) {
      first_.advance(iterations, then);
    } else {
      for_each([&](Schedule& schedule) { schedule.advance(iterations, then); });
      padding_ += segment_.padding * iterations;
    }
    segment_.done += iterations;
    iterations_ += iterations;
  }
  void tell(std::int64_t iterations) const;
  void turn_to(std::size_t lane);
  Instant start_lanes(Instant now);
  template <class Condition>
  void start_lanes_if(Condition condition, Instant now);
  void start_lane(Instant now);
  void end_lane(Instant now);
  std::size_t next_lane() const;

  Schedule first_;
  std::vector<Schedule> others_;  // ranks that iterate together with the first
  const Engine* engine_;
  bool plain_;  // the engine
  const Batcher* batcher_;
  const model::IterationTime* time_;
  RequestStore* store_;
  double per_context_;
  double per_pair_;
  Leaping leaping_;
  IterationLog* log_;
  std::uint32_t number_;
  bool idle_ = true;
  Segment segment_;
  BusyTime busy_;
  std::int64_t iterations_ = 0;
  Tokens padding_;
  Pipeline pipeline_;
  std::vector<Lane> lanes_;  // of a pipeline, else empty
  std::size_t lane_ = 0;     // that segment_ is of
};

}  // namespace tokenyard::serving
