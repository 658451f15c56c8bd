// SPDX-License-Identifier: Apache-2.0
#include "fleet/kv_transfers.hpp"

#include <algorithm>
#include <tuple>

#include "core/contracts.hpp"

namespace tokenyard::fleet {
namespace {

bool later(const KvTransfers::Due& a, const KvTransfers::Due& b) {
  return std::tie(a.date, a.step, a.request, a.kind, a.sent) >
         std::tie(b.date, b.step, b.request, b.kind, b.sent);
}

}  // namespace

network::TransferId KvTransfers::add(const KvTransfer& transfer) {
  if (free_.empty()) {
    transfers_.push_back(transfer);
    transfers_.back().live = true;
    return network::TransferId(static_cast<std::uint32_t>(transfers_.size() - 1));
  }
  const network::TransferId id = free_.back();
  free_.pop_back();
  transfers_[index(id)] = transfer;
  transfers_[index(id)].live = true;
  return id;
}

std::vector<network::TransferId> KvTransfers::of(ReplicaId replica) const {
  std::vector<network::TransferId> found;
  for (std::size_t i = 0; i < transfers_.size(); ++i) {
    const KvTransfer& t = transfers_[i];
    if (t.live && (t.from == replica || t.to == replica)) {
      found.push_back(network::TransferId(static_cast<std::uint32_t>(i)));
    }
  }
  return found;
}

void KvTransfers::schedule(network::TransferId id, Instant date, Step step) {
  const KvTransfer& transfer = transfers_[index(id)];
  due_.push_back({date, step, transfer.request, transfer.kind, transfer.sent, id});
  std::push_heap(due_.begin(), due_.end(), later);
}

std::optional<KvTransfers::Due> KvTransfers::pop(Instant now) {
  if (due_.empty() || due_.front().date > now) return std::nullopt;
  SIM_ASSERT(due_.front().date == now);
  std::pop_heap(due_.begin(), due_.end(), later);
  const Due due = due_.back();
  due_.pop_back();
  return due;
}

}  // namespace tokenyard::fleet
