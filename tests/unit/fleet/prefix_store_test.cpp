// SPDX-License-Identifier: Apache-2.0
// Prefixes that come from a memory far away: hand-computed cases.
#include <catch2/catch.hpp>

#include "one_replica.hpp"

using namespace tokenyard;
using namespace tokenyard::test;
using Kind = fleet::KvTransfer::Kind;

namespace {

// Requests go to two replicas by turns. A block of 100 B takes 2 s to or from the store, behind a
// latency of 1 s; from the tier of a replica it takes 1/4 s.
One two_with_store(std::int64_t blocks) {
  One two;
  two.replicas = 2;
  two.engine.prefix_cache = true;
  two.engine.offload = {{Blocks(100), Duration(0.25), Duration(0)}};
  two.times.prefill_token = Duration(1);
  two.store = {Blocks(blocks), Bytes(100), {}, fleet::Wire{Duration(1), BytesPerSecond(50)}};
  return two;
}

Ask ask(double at, std::uint64_t content, std::int64_t tokens) {
  return {at, tokens, 1, {{content, tokens}}};
}

}  // namespace

TEST_CASE("a replica fetches what another has read") {
  const Seen seen = two_with_store(100).run({ask(0, 7, 10), ask(100, 7, 10)});
  CHECK(seen.end(0) == 11);
  CHECK(seen.cached(1) == 8);
  // 5 s under way; then the two blocks are read from the tier, and the last 2 tokens computed.
  CHECK(seen.first(1) == 100 + 5 + 0.5 + 1 + 2);
  // The second has nothing that the store has not.
  CHECK(seen.transfers == std::vector<Seen::Transferred>{{Kind::put, 0, 200, 11, 16},
                                                         {Kind::fetch, 1, 200, 100, 105}});
}

TEST_CASE("what a replica has itself is not fetched") {
  const Seen seen = two_with_store(100).run(
      {ask(0, 7, 10), ask(100, 7, 10), ask(200, 7, 10), {300, 18, 1, {{7, 10}, {8, 18}}}});
  CHECK(seen.first(2) == 200 + 1 + 2);
  CHECK(seen.first(3) == 300 + 1 + 10);  // from its cache, where admission had put it
  // Of the longer prompt only what comes behind the blocks known so far is sent.
  REQUIRE(seen.transfers.size() == 3);
  CHECK(seen.transfers.back() == Seen::Transferred{Kind::put, 3, 200, 311, 316});
}

TEST_CASE("content can be fetched from when it is delivered on") {
  const Seen seen = two_with_store(100).run({ask(0, 7, 10), ask(15, 7, 10)});
  CHECK(seen.cached(1) == 0);
  CHECK(seen.end(1) == 15 + 11);
  CHECK(seen.transfers.size() == 1);  // it came there at 16
}

TEST_CASE("the store loses what is unused for longest") {
  // Room for three blocks: the second prompt takes one of the first's two, its later one.
  const Seen seen =
      two_with_store(3).run({ask(0, 7, 10), ask(100, 8, 10), ask(200, 9, 1), ask(300, 7, 10)});
  CHECK(seen.cached(3) == 4);
  CHECK(seen.first(3) == 300 + (1 + 2) + 0.25 + 1 + 6);
}

TEST_CASE("a fetch is a use") {
  // The first prompt, fetched before another block comes, which takes one of the second's.
  const Seen seen =
      two_with_store(4).run({ask(0, 7, 10), ask(100, 8, 10), ask(200, 9, 1), ask(300, 7, 10),
                             ask(400, 6, 6), ask(500, 5, 1), ask(600, 8, 10)});
  CHECK(seen.cached(3) == 8);
  CHECK(seen.cached(6) == 4);
}

TEST_CASE("who gives up while content is under way leaves when it is there, and it stays") {
  One two = two_with_store(100);
  two.clients.timeout = Duration(20);
  Seen seen = two.run({ask(0, 7, 10), ask(100, 7, 10), ask(200, 9, 1), ask(300, 7, 10)});
  CHECK(seen.records.at(1).status == results::Status::ok);
  two.clients.timeout = Duration(4);
  two.times.prefill_token = Duration(0.125);
  seen = two.run({ask(0, 7, 10), ask(100, 7, 10), ask(200, 9, 1), ask(300, 7, 10)});
  CHECK(seen.records.at(1).status == results::Status::timed_out);
  CHECK(seen.first(3) == 300 + 0.5 + 1 + 0.25);
}
