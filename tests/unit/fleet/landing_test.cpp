// SPDX-License-Identifier: Apache-2.0
// KV caches pushed, pulled and sent layer by layer, and the room they land in: hand-computed cases.
#include <catch2/catch.hpp>

#include "one_replica.hpp"

using namespace tokenyard;
using namespace tokenyard::test;
using serving::KvMove;

namespace {

// One replica reads, one answers; an iteration of each takes 1 s, a token 1/4 s on a wire of its
// own that is 1 s long, and blocks hold 4 tokens. The reading side writes the first token.
One pair(KvMove move) {
  One one;
  fleet::HandOverPlan& plan = one.hand_over.emplace();
  plan.rules.first_token = serving::FirstToken::prefill;
  plan.rules.move = move;
  plan.rules.landing = serving::Landing::reserved;
  plan.to = 1;
  plan.per_token = Bytes(1);
  plan.layers = 4;
  plan.wire = fleet::Wire{Duration(1), BytesPerSecond(4)};
  return one;
}

const std::vector<Ask> two_asks = {{0, 8, 3}, {0, 8, 3}};

}  // namespace

TEST_CASE("a pushed KV cache leaves when its prompt is read") {
  const Seen seen = pair(KvMove::push).run({{0, 8, 3}});
  CHECK(seen.first(0) == 1);
  CHECK(seen.end(0) == 1 + 1 + 2 + 2);  // latency, 8 tokens, two more iterations
}

TEST_CASE("to pull a KV cache takes the latency twice") {
  CHECK(pair(KvMove::pull).run({{0, 8, 3}}).end(0) == 1 + 1 + 1 + 2 + 2);
}

TEST_CASE("layer by layer a KV cache leaves from when its first layer is computed") {
  const Seen seen = pair(KvMove::layerwise).run({{0, 8, 3}});
  CHECK(seen.first(0) == 1);
  CHECK(seen.end(0) == 0.25 + 1 + 2 + 2);
}

TEST_CASE("layer by layer, the last layer leaves when the prompt is read") {
  One one = pair(KvMove::layerwise);
  one.hand_over->wire = fleet::Wire{Duration(1), BytesPerSecond(32)};
  // All is there at 1/4 + 1 + 1/4 but the last quarter of it, 2 bytes.
  CHECK(one.run({{0, 8, 3}}).end(0) == 1 + 1 + 2.0 / 32 + 2);
}

TEST_CASE("layer by layer, each chunk of a prompt is sent by itself") {
  One one = pair(KvMove::layerwise);
  one.limits.batch_tokens = Tokens(8);
  one.limits.sequences = 1;
  // [0,1] reads 8 tokens, sent from 1/4 to 3 1/4, [1,2] the other 4: from 1 1/4 to 3 1/4.
  const Seen seen = one.run({{0, 12, 2}});
  CHECK(seen.first(0) == 2);
  CHECK(seen.end(0) == 3.25 + 1);
  using Kind = fleet::KvTransfer::Kind;
  REQUIRE(seen.transfers.size() == 3);
  std::int64_t parts = 0;
  for (const Seen::Transferred& t : seen.transfers) parts += t.kind == Kind::chunk ? t.bytes : 0;
  CHECK(parts == 12);
  CHECK(seen.transfers.back() == Seen::Transferred{Kind::hand_over, 0, 12, 2, 3.25});
}

TEST_CASE("who finds no room waits until it is free, and so do the blocks of its prompt") {
  One one = pair(KvMove::push);
  one.answering.blocks = Blocks(4);  // a request lands in 3
  one.limits.blocks = Blocks(4);     // a prompt takes 2
  const Seen seen = one.run({{0, 8, 3}, {0, 8, 3}, {0, 8, 1}});
  CHECK(seen.end(0) == 6);
  CHECK(seen.end(1) == 6 + 1 + 2 + 2);
  CHECK(seen.first(2) == 4 + 1);  // with the blocks that are free when the first is delivered
}

TEST_CASE("without room kept for it, a KV cache lands at once and waits there") {
  One one = pair(KvMove::push);
  one.answering.blocks = Blocks(4);
  one.hand_over->rules.landing = serving::Landing::unreserved;
  CHECK(one.run(two_asks).end(1) == 8);
}

TEST_CASE("what is pulled waits for a sequence, what is pushed does not") {
  One one = pair(KvMove::push);
  one.answering.sequences = 1;
  CHECK(one.run(two_asks).end(1) == 6 + 2);
  one = pair(KvMove::pull);
  one.answering.sequences = 1;
  CHECK(one.run(two_asks).end(0) == 7);
  CHECK(one.run(two_asks).end(1) == 7 + 1 + 1 + 2 + 2);
}

TEST_CASE("layer by layer, a prompt is not read before there is room for it") {
  One one = pair(KvMove::layerwise);
  one.answering.blocks = Blocks(4);
  const Seen seen = one.run(two_asks);
  CHECK(seen.end(0) == 5.25);
  CHECK(seen.first(1) == 5.25 + 1);
  CHECK(seen.end(1) == 5.25 + 5.25);
}

TEST_CASE("who gives up while it waits for room leaves its blocks to others") {
  for (const KvMove move : {KvMove::push, KvMove::layerwise}) {
    One one = pair(move);
    one.answering.blocks = Blocks(4);
    one.limits.blocks = Blocks(4);
    one.clients.timeout = Duration(3);
    const Seen seen = one.run({{0, 8, 3}, {0, 8, 3}, {0, 8, 1}});
    for (const std::uint64_t id : {0u, 1u}) {
      CHECK(seen.records.at(id).status == results::Status::timed_out);
    }
    CHECK(seen.left.at(1) == 3);
    // Layer by layer the second is not read, so that the third is at once.
    CHECK(seen.records.at(2).status ==
          (move == KvMove::push ? results::Status::timed_out : results::Status::ok));
  }
}

TEST_CASE("what has landed runs before those that were preempted, which would else wait for it") {
  One one = pair(KvMove::push);
  one.answering.blocks = Blocks(6);
  // Both land in 3 blocks and cannot grow beyond 12 tokens together: the later one begins anew.
  const Seen seen = one.run({{0, 8, 8}, {0, 8, 8}, {3, 8, 8}});
  for (const std::uint64_t id : {0u, 1u, 2u}) {
    CHECK(seen.records.at(id).status == results::Status::ok);
  }
  CHECK(seen.records.at(1).preemptions >= 1);
}
