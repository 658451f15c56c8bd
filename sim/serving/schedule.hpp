// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/quantity.hpp"
#include "serving/finish_heap.hpp"
#include "serving/hand_over.hpp"
#include "serving/iteration_log.hpp"
#include "serving/kv_cache.hpp"
#include "serving/limits.hpp"
#include "serving/request_queue.hpp"
#include "serving/request_store.hpp"
#include "serving/token_gaps.hpp"

namespace tokenyard::serving {

// How much of a request's KV is reserved when it is admitted.
enum class Reservation : std::uint8_t {
  growing,  // what this chunk needs; a decoding request takes blocks as it grows
  full      // prompt and answer, for good
};

// The batch of an iteration: all decoding requests or none, and chunks of prompts.
struct Batch {
  struct Chunk {
    Slot slot;
    Tokens tokens;

    bool operator==(const Chunk&) const = default;
  };

  bool decoding = false;
  std::vector<Chunk> prefill;
  Tokens prefill_tokens;
  double pairs = 0;  // query-key pairs of the chunks

  bool empty() const { return !decoding && prefill.empty(); }
};

// The state that a replica schedules: its queues, its KV cache, the batch being formed. A batcher
// asks and acts through it; each act reserves all it needs or nothing.
class Schedule {
 public:
  struct Input {
    Limits limits;
    Reservation reservation = Reservation::growing;
    std::optional<HandOver> hand_over;  // requests leave when their prompt is read
    RequestStore* store;                // outlives the schedule
    TokenGaps::Input gaps;
  };

  explicit Schedule(const Input& input);

  const Limits& limits() const { return limits_; }
  const KvCache& kv() const { return kv_; }
  const Batch& batch() const { return batch_; }
  std::int64_t waiting() const { return static_cast<std::int64_t>(waiting_.size()); }
  std::int64_t running() const { return static_cast<std::int64_t>(running_.size()); }
  std::int64_t decodes() const { return static_cast<std::int64_t>(finishes_.size()); }
  Slot head() const { return waiting_.front(); }
  const InFlight& request(Slot slot) const { return (*store_)[slot]; }

  // True when the batch's members or chunks are not those of the iteration before.
  bool changed() const { return changed_; }
  bool preempted() const { return preempted_; }
  Tokens budget() const { return budget_; }

  // Sum over decoding requests of the tokens each attends to in the coming iteration.
  double context() const { return static_cast<double>(context_); }

  void enqueue(Slot slot) { waiting_.push_back(slot); }

  // Queues a request whose prompt was read elsewhere. If its first token is written, only that one
  // is not in the cache; else the last token of the prompt is read again.
  void take_over(Slot slot) {
    at(slot).computed = at(slot).tokens() - Tokens(1);
    enqueue(slot);
  }

  // Begins a pass: an empty batch, the whole budget.
  void begin();
  // One token for every running request that decodes, in order; whoever needs a block that is
  // not free preempts the last of running.
  void decode_running();
  // The next chunk of the running request that is still in prefill, if there is one.
  void continue_prefill();
  // Admits the head of waiting with at most `most` tokens of its prompt, if a sequence is free
  // and so are the blocks of that chunk; with Limits::reserve_full_prompt, those of the prompt.
  // One that was handed over with its first token written decodes at once.
  bool admit(Tokens most);
  // Ends the pass: compares the batch with the one before.
  void end();

  // Iterations for which this batch stays as it is and the blocks suffice, at least 1.
  std::int64_t stable() const;
  // Query-key pairs added to those of the batch's chunk by each further iteration.
  double pairs_growth() const;

  // `iterations` of this batch are over: counts them, all but the last in one sum. A batch that
  // is not over takes the blocks of its next iteration.
  enum class Then : std::uint8_t { goes_on, ends };
  void advance(std::int64_t iterations, Then then);

  // The k-th iteration of this batch from now, the one under way being 0; without its dates.
  IterationRecord iteration(std::int64_t k) const;

  // The gaps between tokens; whoever dates the iterations tells when batches begin and end.
  TokenGaps& gaps() { return gaps_; }

  // After advance(.., ends): the next request that leaves, in batch order, out of the running
  // queue; no_slot when there is none. It emitted its last token, or its prompt is read and it is
  // to be handed over. `now` dates first tokens.
  Slot next_leaving(Instant now);

  // Takes a request out for good that is queued or running; between iterations only.
  void cancel(Slot slot);

  // The blocks held for a request that was handed over are free.
  void release(Slot slot);

  // Tokens written so far for a request of this schedule, decoding or not.
  Tokens emitted_by(const InFlight& request) const;

  Tokens emitted() const { return emitted_; }      // tokens written so far
  Tokens prefilled() const { return prefilled_; }  // prompt tokens read so far

  // Recounts everything that is kept incrementally; O(requests). For tests. `then` says whether an
  // iteration is under way, whose blocks are taken.
  void audit(Then then) const;

 private:
  InFlight& at(Slot slot) { return (*store_)[slot]; }
  void decode_under_pressure();
  void preempt_last();
  void interrupt(Slot slot);
  void add_chunk(Slot slot, Tokens tokens);
  void join_decodes(Slot slot, Instant last_token);
  void leave_decodes(Slot slot);
  Slot leave(Slot slot);
  Slot hand_over(Slot slot);

  Limits limits_;
  Reservation reservation_;
  std::optional<HandOver> hand_over_;
  RequestStore* store_;
  KvCache kv_;
  RequestQueue waiting_;
  RequestQueue running_;
  FinishHeap finishes_;
  TokenGaps gaps_;
  Batch batch_;
  Batch::Chunk previous_chunk_{no_slot, Tokens(0)};  // the first of the batch before, if any
  std::size_t previous_chunks_ = 0;
  Slot partial_ = no_slot;  // the running request still in prefill, if one
  Tokens budget_;
  std::int64_t count_ = 0;  // decode iterations done
  std::int64_t context_ = 0;
  std::uint64_t admissions_ = 0;
  Tokens emitted_;
  Tokens prefilled_;
  Blocks handed_over_;          // held for requests that left
  std::size_t next_chunk_ = 0;  // first chunk that next_leaving has not looked at
  bool previous_decoding_ = false;
  bool members_changed_ = true;
  bool changed_ = true;
  bool preempted_ = false;
};

}  // namespace tokenyard::serving
