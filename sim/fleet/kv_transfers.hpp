// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/ids.hpp"
#include "core/quantity.hpp"
#include "network/transfers.hpp"
#include "serving/request_store.hpp"

namespace tokenyard::fleet {

// A request's KV cache on its way from the replica that read its prompt to the one that answers.
struct KvTransfer {
  RequestId request{};
  serving::Slot slot = serving::no_slot;
  PoolId from_pool = no_pool;
  ReplicaId from = no_replica;
  ReplicaId to = no_replica;
  Bytes bytes;
  Instant start;
};

// The KV caches under way, and those whose next step has a date: first a transfer enters the wire,
// later it is delivered. Steps of one date come in this order, and then by request id.
class KvTransfers {
 public:
  enum class Step : std::uint8_t { enter, deliver };
  struct Due {
    Instant date;
    Step step;
    RequestId request;
    network::TransferId id;
  };

  network::TransferId add(const KvTransfer& transfer);
  const KvTransfer& operator[](network::TransferId id) const { return transfers_[index(id)]; }
  void remove(network::TransferId id) { free_.push_back(id); }

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
