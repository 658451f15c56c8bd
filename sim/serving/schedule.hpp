// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/quantity.hpp"
#include "serving/engine.hpp"
#include "serving/hand_over.hpp"
#include "serving/iteration_log.hpp"
#include "serving/kv_cache.hpp"
#include "serving/lane.hpp"
#include "serving/limits.hpp"
#include "serving/request_queue.hpp"
#include "serving/request_store.hpp"

namespace tokenyard::serving {

// How much of a request's KV is reserved when it is admitted.
enum class Reservation : std::uint8_t {
  growing,  // what this chunk needs; a decoding request takes blocks as it grows
  full      // prompt and answer, for good
};

// The state that a replica schedules: its queues, its KV cache, the batch being formed. A batcher
// asks and acts through it; each act reserves all it needs or nothing.
class Schedule {
 public:
  struct Input {
    Limits limits;
    const Engine* engine;  // outlives the schedule
    Reservation reservation = Reservation::growing;
    std::optional<HandOver> hand_over;  // requests leave when their prompt is read
    RequestStore* store;                // outlives the schedule
    TokenGaps::Input gaps;
  };

  explicit Schedule(const Input& input);

  const Limits& limits() const { return limits_; }
  const KvCache& kv() const { return kv_; }
  Blocks kv_used() const { return kv_.used(); }
  Blocks kv_total() const { return kv_.total(); }
  const Batch& batch() const { return lane_.batch; }
  // Those that the next pass may admit, and all.
  std::int64_t waiting() const { return static_cast<std::int64_t>(waiting_.size()); }
  std::int64_t queued() const {
    const std::size_t unseen = special_ == nullptr ? 0 : special_->unseen.size();
    return static_cast<std::int64_t>(waiting_.size() + unseen);
  }
  std::int64_t running() const {
    const std::size_t others = special_ == nullptr ? 0 : running_aside();
    return static_cast<std::int64_t>(lane_.running.size() + others);
  }
  std::int64_t decodes() const { return lane_.decodes; }
  // Who is admitted next: what has landed goes before those without blocks, which would wait for
  // those it holds.
  Slot head() const { return landed_ == 0 ? waiting_.front() : first_landed(); }
  const InFlight& request(Slot slot) const { return (*store_)[slot]; }

  // True when the batch's members or chunks are not those of the iteration before.
  bool changed() const { return lane_.changed; }
  bool preempted() const { return lane_.preempted; }
  Tokens budget() const { return lane_.budget; }

  // Sum over decoding requests of the tokens each attends to in the coming iteration.
  double context() const { return static_cast<double>(lane_.context); }

  // The micro-batch of a pipeline that all acts are for from now on; at first, the first of them.
  void turn_to(std::uint8_t lane);
  // Whether it has any requests.
  bool lane_empty() const { return lane_.running.empty(); }
  // Whether one lacked blocks in the latest pass, and was not preempted.
  bool lane_waits() const { return lane_.waits; }
  // Whether the request is in a batch, or was, and where: in waiting, if not.
  bool runs(const InFlight& r) const { return r.decoding || (r.blocks > Blocks(0) && !r.landed); }

  // Whether a request could ever run, alone.
  bool fits(const traffic::Request& request) const;

  // A request that comes while an iteration is under way is not seen by asynchronous scheduling
  // until the next has begun.
  enum class Under : std::uint8_t { nothing, iteration };
  void enqueue(Slot slot, Under way);
  void enqueue(Slot slot) { waiting_.push_back(slot); }

  // The names of the blocks that a prefix cache could have of a prompt, and how many of the leading
  // ones it has, or its tiers.
  struct Prefix {
    std::span<const std::uint64_t> names;
    std::size_t found;
  };
  Prefix prefix_of(Slot slot);
  // Of those that are computed, when a request leaves.
  std::span<const std::uint64_t> computed_prefix(Slot slot) const;
  // Content that comes from elsewhere: it is in the first tier, as if just used.
  void bring_below(std::span<const std::uint64_t> names);

  // Queues a request whose prompt was read elsewhere. If its first token is written, only that one
  // is not in the cache; else the last token of the prompt is read again. `landed` are the blocks
  // that were reserved for it, which it waits with.
  void take_over(Slot slot, Under way, Blocks landed);

  // Room for what is on its way here: the blocks that admission will take for a request of which
  // so many tokens are known when it is delivered.
  Blocks landing_blocks(const traffic::Request& request, Tokens tokens) const;
  // Whether that is free, and nobody waits who has none of its own; to `pull`, a sequence too.
  bool may_land(Blocks blocks, KvMove move) const;
  void reserve_landing(Blocks blocks);
  void cancel_landing(Blocks blocks);
  std::int64_t landing() const { return landing_requests_; }  // on their way here, with room
  // Whether requests want to land here that cannot yet.
  void expect_landings(bool wanted) { landings_wanted_ = wanted; }

  // The tokens that the head of waiting would have to read, were it admitted now.
  Tokens head_left();

  // Begins a pass: an empty batch, the whole budget.
  void begin();
  // One token for every running request that decodes, in order; whoever needs a block that is
  // not free preempts the last of running.
  void decode_running();
  // The next chunks of the running requests that are still in prefill, in order.
  void continue_prefill();
  // Admits the head of waiting with at most `most` tokens of its prompt, if a sequence is free
  // and so are the blocks of that chunk, or what Limits::reserve says. One that only has its next
  // token to write decodes at once.
  bool admit(Tokens most);
  // Ends the pass: compares the batch with the one before.
  void end();
  // The iteration begins: whoever came during the one before is seen by the next pass. Whether
  // there is anybody.
  bool see_arrivals();

  // Iterations for which this batch stays as it is and the blocks suffice, at least 1.
  std::int64_t stable() const;
  // Query-key pairs added to those of the batch's chunk by each further iteration.
  double pairs_growth() const;

  // The most tokens that one of the decoding requests attends to in the coming iteration, where
  // shapes are static.
  std::int64_t longest_context() const;

  // `iterations` of this batch are over: counts them, all but the last in one sum. A batch that
  // is not over takes the blocks of its next iteration.
  enum class Then : std::uint8_t { goes_on, ends };
  void advance(std::int64_t iterations, Then then);

  // An iteration with drafts ends at `now`: each decoding request writes what was accepted.
  void write_drafts(Instant now);

  // The k-th iteration of this batch from now, the one under way being 0; without its dates.
  IterationRecord iteration(std::int64_t k) const;

  // The gaps between tokens; whoever dates the iterations tells when batches begin and end.
  TokenGaps& gaps() { return lane_.gaps; }

  // After advance(.., ends): the next request that leaves, in batch order, out of the running
  // queue; no_slot when there is none. It emitted its last token, or its prompt is read and it is
  // to be handed over. `now` dates first tokens.
  Slot next_leaving(Instant now);

  // Takes a request out for good that is queued or running; between iterations only.
  void cancel(Slot slot);

  // The blocks held for a request that was handed over are free.
  void release(Slot slot);

  // Tokens written so far for a request of this schedule, decoding or not.
  Tokens emitted_by(const InFlight& request) const { return emitted_by(request, lane_of(request)); }

  Tokens emitted() const { return emitted_; }      // tokens written so far
  Tokens prefilled() const { return prefilled_; }  // prompt tokens read so far
  Tokens cached() const { return cached_; }        // of prompts, found in the prefix cache
  Tokens prompts() const { return prompts_; }      // of all requests admitted, each once

  // Recounts everything that is kept incrementally; O(requests). For tests. `then` says whether an
  // iteration is under way, whose blocks are taken; with several lanes they know themselves.
  void audit(Then then) const;

 private:
  // A request that ended by its own stop while the next batch was already decided.
  struct Rider {
    Blocks own;  // beside what it shares
    PrefixHold prefix;
    std::int64_t context;
  };
  // A lane of a pipeline while another acts.
  struct Aside {
    Lane lane;
    KvCache::Decoders decoders;
  };
  // What few engines need.
  struct Special {
    explicit Special(RequestStore& store) : unseen(store) {}

    RequestQueue unseen;                       // came while an iteration was under way
    std::vector<Rider> ended;                  // in this iteration
    std::vector<Rider> riders;                 // in the one before
    const Speculation* speculation = nullptr;  // null: none
    std::int64_t lookahead = 0;                // tokens drafted for a request at a time
    Blocks swapped;                            // in host memory
    Blocks most_swapped;
    std::vector<Aside> aside;  // of a pipeline, by lane; that of the one that acts is empty
    std::uint8_t acting = 0;
  };
  // What admission of the head would take.
  struct Admission {
    Tokens computed{};           // in the cache once it is admitted
    PrefixCache::Found found{};  // of its prompt
    Blocks saves{};              // that need not be free: others hold them
  };

  InFlight& at(Slot slot) { return (*store_)[slot]; }
  PrefixHold& prefix(Slot slot) { return store_->extra(slot).prefix; }
  bool growing() const { return reservation_ == Reservation::growing; }
  Slot first_landed() const;
  void leave_waiting(Slot slot) {
    waiting_.remove(slot);
    if (landed_ > 0) leave_landed(slot);
  }
  void leave_landed(Slot slot);
  Blocks blocks_ahead(Tokens tokens) const;
  std::size_t running_aside() const;
  const Lane& lane_of(const InFlight& r) const {
    const bool acts = special_ == nullptr || r.lane == special_->acting;
    return acts ? lane_ : special_->aside[r.lane].lane;
  }
  Tokens emitted_by(const InFlight& request, const Lane& lane) const;
  bool lane_closed() const;
  bool may_wait(Slot slot);
  Tokens most_tokens(const traffic::Request& request) const;
  Tokens lookahead() const { return Tokens(special_ == nullptr ? 0 : special_->lookahead); }
  // Of a decoding request, for its next token and the drafts behind it.
  Blocks blocks_ahead(Slot slot) const;
  std::span<const std::uint64_t> prefix_names(Slot slot);
  Admission look_up(Slot slot);
  void bring_in(Slot slot, const Admission& admission);
  Tokens chunk(Tokens left, Tokens most) const;
  bool may_admit() const { return waiting() > 0 && running() < limits_.sequences; }
  void take_to(Slot slot, Blocks blocks);
  void publish(Slot slot, Tokens computed);
  void give_up_blocks(Slot slot);
  bool decode_under_pressure();
  void decode_drafting();
  bool continue_chunk(Slot slot);
  void preempt(Slot slot);
  void interrupt(Slot slot);
  void add_chunk(Slot slot, Tokens tokens);
  void join_decodes(Slot slot, Instant last_token);
  void leave_decodes(Slot slot);
  Slot leave(Slot slot);
  bool rides_on(const InFlight& r) const;
  void ride_on(Slot slot);
  void release_riders();
  Slot hand_over(Slot slot);
  Slot next_drafted();
  void add_partial(Slot slot);
  void put_tiers();
  Duration copying(Blocks blocks) const;
  Tokens padded_chunk(Tokens tokens) const;
  std::int64_t stable_specially() const;
  bool is_unseen(Slot slot) const;
  Blocks audit_running(const Lane& lane, Then then) const;

  Limits limits_;
  const Engine* engine_;
  Reservation reservation_;
  std::optional<HandOver> hand_over_;
  RequestStore* store_;
  KvCache kv_;
  RequestQueue waiting_;
  Lane lane_;  // that acts now
  std::uint64_t admissions_ = 0;
  Tokens emitted_;
  Tokens prefilled_;
  Tokens cached_;
  Tokens prompts_;
  Blocks handed_over_;  // held for requests that left
  Blocks landing_;      // held for requests on their way here
  std::int64_t landing_requests_ = 0;
  std::int64_t landed_ = 0;  // of waiting, those with blocks
  bool landings_wanted_ = false;
  std::unique_ptr<Special> special_;  // null where nothing needs it
};

}  // namespace tokenyard::serving
