// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "core/contracts.hpp"
#include "core/ids.hpp"
#include "core/quantity.hpp"
#include "serving/prefix_cache.hpp"
#include "traffic/request.hpp"

namespace tokenyard::serving {

// Where a request in flight is kept. Slots are reused: memory follows the requests in flight.
enum class Slot : std::uint32_t {};
inline constexpr Slot no_slot{std::numeric_limits<std::uint32_t>::max()};

// A request in flight and how far it has come.
struct InFlight {
  traffic::Request request;
  Instant first_token;  // meaningful once emitted > 0
  Instant last_token;   // the latest when it began to decode, or when it was preempted
  Tokens emitted;       // of a decoding request: brought up to date when it leaves the decode set
  Tokens computed;      // tokens whose KV is in the cache; likewise
  Blocks blocks;        // held, while in prefill; a decoding request's follow from its tokens
  std::int64_t finish_at = 0;   // the replica's decode count at which the last token comes
  std::uint64_t admission = 0;  // number of its admission in the replica: order of running
  Slot previous = no_slot;      // in the queue it stands in
  Slot next = no_slot;
  PoolId pool = no_pool;
  PoolId entry = no_pool;  // the pool that its attempt was sent to
  std::uint16_t attempt = 1;
  ReplicaId replica = no_replica;
  std::uint32_t preemptions = 0;
  std::uint8_t rank = 0;  // of the replica, in whose queue it is
  std::uint8_t lane = 0;  // of the replica's pipeline that it runs in, or did
  bool decoding : 1 = false;
  bool cancelled : 1 = false;    // to be taken out of its replica between two iterations
  bool in_transfer : 1 = false;  // its KV cache is under way to the replica that answers
  bool handed_over : 1 = false;  // its prompt was read by another replica
  bool landed : 1 = false;       // waits with the blocks that its KV cache was delivered into
  bool placed : 1 = false;       // at a replica, or on its way to the one that answers
  bool travelling : 1 = false;   // from its client to the pool
  bool held_back : 1 = false;    // until there is room for its tier
  bool lost : 1 = false;         // its other replica failed: it is taken out of this one
  bool live : 1 = false;         // false in a free slot

  Tokens tokens() const { return request.prompt + emitted; }
};

// What few engines need to know of a request besides.
struct Extra {
  std::vector<traffic::Piece> pieces;  // of its prompt
  PrefixHold prefix;
  Blocks swapped;  // of its KV cache, in host memory
};

class RequestStore {
 public:
  // The request is for the caller to fill.
  Slot add() {
    Slot slot = free_;
    if (slot == no_slot) {
      SIM_EXPECT(slots_.size() < index(no_slot));
      slot = Slot(static_cast<std::uint32_t>(slots_.size()));
      slots_.emplace_back();
    } else {
      free_ = slots_[index(slot)].next;
      slots_[index(slot)] = InFlight{};
    }
    if (index(slot) < extras_.size()) clear(extras_[index(slot)]);
    slots_[index(slot)].live = true;
    ++size_;
    return slot;
  }

  void remove(Slot slot) {
    slots_[index(slot)].live = false;
    slots_[index(slot)].next = free_;
    free_ = slot;
    --size_;
  }

  InFlight& operator[](Slot slot) { return slots_[index(slot)]; }
  const InFlight& operator[](Slot slot) const { return slots_[index(slot)]; }

  // Made when first asked for.
  Extra& extra(Slot slot) {
    if (index(slot) >= extras_.size()) extras_.resize(slots_.size());
    return extras_[index(slot)];
  }
  const Extra* find_extra(Slot slot) const {
    return index(slot) < extras_.size() ? &extras_[index(slot)] : nullptr;
  }

  // Its replica has failed, with all that was there of it.
  void lose(Slot slot) {
    InFlight& r = slots_[index(slot)];
    r.blocks = Blocks(0);
    r.finish_at = 0;
    r.admission = 0;
    r.previous = r.next = no_slot;
    r.lane = 0;
    r.decoding = r.landed = r.in_transfer = false;
    if (index(slot) >= extras_.size()) return;
    extras_[index(slot)].prefix.entries.clear();
    extras_[index(slot)].swapped = Blocks(0);
  }

  // It leaves its replica, to come again: what is known of it there is not, but its prompt is.
  void forget(Slot slot) { clear(extra(slot).prefix); }

  std::size_t size() const { return size_; }

  // The slots in use, by request id. O(slots).
  std::vector<Slot> in_flight() const {
    std::vector<Slot> live;
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      if (slots_[i].live) live.push_back(Slot(static_cast<std::uint32_t>(i)));
    }
    std::sort(live.begin(), live.end(),
              [this](Slot a, Slot b) { return (*this)[a].request.id < (*this)[b].request.id; });
    return live;
  }

 private:
  // Keeps the memory of its lists.
  static void clear(Extra& extra) {
    extra.pieces.clear();
    clear(extra.prefix);
    SIM_EXPECT(extra.swapped == Blocks(0));
  }
  static void clear(PrefixHold& prefix) {
    SIM_EXPECT(prefix.entries.empty());
    prefix.chain.clear();
    prefix.published = 0;
    prefix.cached = Tokens(0);
    prefix.admitted = false;
  }

  std::vector<InFlight> slots_;
  std::vector<Extra> extras_;  // by slot, empty or as long as some slot asked for
  Slot free_ = no_slot;
  std::size_t size_ = 0;
};

}  // namespace tokenyard::serving
