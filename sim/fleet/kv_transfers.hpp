// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "core/ids.hpp"
#include "core/quantity.hpp"
#include "network/transfers.hpp"
#include "serving/replica.hpp"
#include "serving/request_store.hpp"

namespace tokenyard::fleet {

inline constexpr network::TransferId no_transfer{std::numeric_limits<std::uint32_t>::max()};

// KV cache of a request under way, or weights.
struct KvTransfer {
  enum class Kind : std::uint8_t {
    hand_over,  // all of it, from the replica that read the prompt to the one that answers
    fetch,      // blocks of its prompt, from the pool's store to the replica
    put,        // blocks that the store has not, from the replica to it
    chunk,      // a part of a hand-over, while the prompt is read
    weights     // from a store to a replica that starts without them
  };

  Kind kind = Kind::hand_over;
  RequestId request{};
  serving::Slot slot = serving::no_slot;
  PoolId from_pool = no_pool;
  ReplicaId from = no_replica;  // or: the store
  ReplicaId to = no_replica;
  Bytes bytes;
  Instant start;
  std::vector<std::uint64_t> names{};  // of blocks for the store, or from it

  // Of a hand-over: room for it, once there is any; and what is sent while the prompt is read.
  Tokens load{};  // that it puts on the replica that answers
  serving::Replica::Landing landing{};
  Tokens sent{};                // of the prompt
  Bytes last_layer{};           // of the last chunk, that no iteration is left to hide
  std::uint32_t parts = 0;      // under way
  bool read = false;            // the prompt is, and the request has left
  bool abandoned = false;       // nobody waits for it any more
  bool live = false;            // under way, or waiting for room
  bool lost = false;            // the replica that it is from or for has failed
  network::TransferId whole{};  // of a chunk: the hand-over that it is a part of

  bool moves_answer() const { return kind == Kind::hand_over || kind == Kind::chunk; }
};

// The KV caches under way, and those whose next step has a date: first a transfer enters the wire,
// later it is delivered. Steps of one date come in this order, and then by request
// id, kind, and what was sent.
class KvTransfers {
 public:
  enum class Step : std::uint8_t { enter, deliver };
  struct Due {
    Instant date;
    Step step;
    RequestId request;
    KvTransfer::Kind kind;
    Tokens sent;  // of the prompt, up to a chunk
    network::TransferId id;
  };

  network::TransferId add(const KvTransfer& transfer);
  const KvTransfer& operator[](network::TransferId id) const { return transfers_[index(id)]; }
  KvTransfer& operator[](network::TransferId id) { return transfers_[index(id)]; }
  void remove(network::TransferId id) {
    transfers_[index(id)].live = false;
    free_.push_back(id);
  }
  // Those under way from or to a replica; O(all).
  std::vector<network::TransferId> of(ReplicaId replica) const;

  void schedule(network::TransferId id, Instant date, Step step);  // O(log scheduled)
  Instant next_date() const { return due_.empty() ? Instant::never() : due_.front().date; }
  // The next step that is due at `now`.
  std::optional<Due> pop(Instant now);

  std::size_t size() const { return transfers_.size() - free_.size(); }

 private:
  std::vector<KvTransfer> transfers_;
  std::vector<network::TransferId> free_;
  std::vector<Due> due_;  // a heap
};

}  // namespace tokenyard::fleet
