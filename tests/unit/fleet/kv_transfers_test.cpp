// SPDX-License-Identifier: Apache-2.0
#include "fleet/kv_transfers.hpp"

#include <catch2/catch.hpp>

#include "core/contracts.hpp"

using namespace tokenyard;
using fleet::KvTransfers;

namespace {

network::TransferId add(KvTransfers& transfers, std::uint64_t request) {
  fleet::KvTransfer transfer;
  transfer.request = RequestId{request};
  return transfers.add(transfer);
}

}  // namespace

TEST_CASE("of one date transfers first enter, then are delivered in the order of their requests") {
  KvTransfers transfers;
  const auto late = add(transfers, 7), early = add(transfers, 3), entering = add(transfers, 9);
  transfers.schedule(late, Instant(2), KvTransfers::Step::deliver);
  transfers.schedule(early, Instant(2), KvTransfers::Step::deliver);
  transfers.schedule(entering, Instant(2), KvTransfers::Step::enter);
  CHECK(transfers.next_date() == Instant(2));
  CHECK_FALSE(transfers.pop(Instant(1)));
  CHECK(transfers.pop(Instant(2))->id == entering);
  CHECK(transfers.pop(Instant(2))->id == early);
  CHECK(transfers.pop(Instant(2))->id == late);
  CHECK_FALSE(transfers.pop(Instant(2)));
  CHECK(transfers.next_date() == Instant::never());
}

TEST_CASE("a delivered transfer leaves its number to the next") {
  KvTransfers transfers;
  const auto first = add(transfers, 1);
  add(transfers, 2);
  CHECK(transfers.size() == 2);
  transfers.remove(first);
  CHECK(transfers.size() == 1);
  CHECK(add(transfers, 3) == first);
  CHECK(transfers[first].request == RequestId{3});
}

TEST_CASE("a step whose date has passed is a mistake of the caller") {
  KvTransfers transfers;
  transfers.schedule(add(transfers, 1), Instant(1), KvTransfers::Step::deliver);
  CHECK_THROWS_AS(transfers.pop(Instant(2)), ContractViolation);
}
