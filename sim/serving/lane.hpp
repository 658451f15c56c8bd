// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "core/quantity.hpp"
#include "serving/finish_heap.hpp"
#include "serving/request_queue.hpp"
#include "serving/request_store.hpp"
#include "serving/token_gaps.hpp"

namespace tokenyard::serving {

// The batch of an iteration: all decoding requests or none, and chunks of prompts.
struct Batch {
  struct Chunk {
    Slot slot;
    Tokens tokens;

    bool operator==(const Chunk&) const = default;
  };

  bool decoding = false;
  bool drafting = false;  // decoding, but with speculation
  std::vector<Chunk> prefill;
  Tokens prefill_tokens;
  Tokens padded_tokens;  // the same, each chunk as long as the shape it runs in
  double pairs = 0;      // query-key pairs of the chunks, so padded
  // What few engines add.
  std::int64_t riders = 0;         // that ended in the iteration before, and decode once more
  std::int64_t rider_context = 0;  // tokens they attend to
  Duration copying{0};             // to the KV cache and from it, before it begins

  // Whether it reads prompts: a chunk of one token, such as the first after a hand-over, is worked
  // through like a token that is written.
  bool reads() const { return prefill_tokens > Tokens(static_cast<std::int64_t>(prefill.size())); }
  bool empty() const { return !decoding && prefill.empty() && !drafting && riders == 0; }
};

// The requests that iterate together, and how far they are: all that run in a replica, but in a
// pipeline those of one micro-batch.
struct Lane {
  Lane(const RequestQueue& queue, const TokenGaps& counted) : running(queue), gaps(counted) {}

  RequestQueue running;
  FinishHeap finishes;
  TokenGaps gaps;
  Batch batch;
  Batch::Chunk previous_chunk{no_slot, Tokens(0)};  // the first of the batch before, if any
  std::size_t previous_chunks = 0;
  std::vector<Slot> partials;  // running, and their prompt not read in one iteration; in order
  Tokens budget;
  std::int64_t decodes = 0;
  std::int64_t count = 0;  // decode iterations done
  std::int64_t context = 0;
  std::size_t next_chunk = 0;  // first chunk that next_leaving has not looked at
  bool previous_decoding = false;
  bool members_changed = true;
  bool changed = true;
  bool preempted = false;
  bool decodes_taken = false;  // in this pass, decode_running() was called
  bool more_unseen = false;    // arrivals were seen as this iteration began
  // What few engines add.
  bool waits = false;             // its first request, for blocks
  bool under_way = false;         // an iteration, whose blocks are taken
  std::vector<Slot> drafting;     // decoding with speculation, in the order they began
  std::size_t next_drafting = 0;  // first that next_leaving has not looked at
  std::map<std::int64_t, std::int64_t> contexts;  // with static shapes: decoding requests, by
                                                  // tokens in the cache less the decode count
};

}  // namespace tokenyard::serving
