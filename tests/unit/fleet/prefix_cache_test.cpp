// SPDX-License-Identifier: Apache-2.0
// Prompts that begin alike: hand-computed cases.
#include <catch2/catch.hpp>

#include "one_replica.hpp"

using namespace tokenyard;
using namespace tokenyard::test;

TEST_CASE("a prompt that is all in the cache costs what its last tokens cost") {
  One one;
  one.engine.prefix_cache = true;
  one.times = {Duration(1), Duration(1), {}, {}, {}};
  const std::vector<Piece> content = {{7, 33}};
  const Seen seen = one.run({{0, 33, 1, content}, {100, 33, 1, content}, {200, 33, 1, {{8, 33}}}});
  CHECK(seen.cached(0) == 0);
  CHECK(seen.first(0) == 34);
  CHECK(seen.cached(1) == 32);
  CHECK(seen.first(1) == 102);  // as a prompt of one token
  CHECK(seen.cached(2) == 0);
  CHECK(seen.counts.cached == Tokens(32));
  CHECK(seen.counts.prompts == Tokens(99));
  CHECK(seen.counts.prefilled == Tokens(67));
}

TEST_CASE("cached tokens are attended to: pairs are those of the rest of the prompt") {
  One one;
  one.engine.prefix_cache = true;
  one.times.attention_pair = Duration(1);
  const Seen seen = one.run({{0, 8, 1, {{7, 8}}}, {100, 10, 1, {{7, 8}, {9, 10}}}});
  CHECK(seen.first(0) == 1 + 36);  // 8 * 9 / 2
  CHECK(seen.cached(1) == 8);
  CHECK(seen.first(1) == 100 + 1 + (16 + 3));  // 2 tokens with 8 before them, and 2 * 3 / 2
}

TEST_CASE("the last token of a prompt is always computed, in a whole block") {
  One one;
  one.engine.prefix_cache = true;
  const std::vector<Piece> content = {{7, 8}};
  const Seen seen = one.run({{0, 8, 1, content}, {10, 8, 1, content}});
  CHECK(seen.cached(1) == 4);
}

TEST_CASE("whoever is admitted in the same pass finds what is being computed") {
  One one;
  one.engine.prefix_cache = true;
  const std::vector<Piece> content = {{7, 9}};
  const Seen seen = one.run({{0, 9, 1, content}, {0, 9, 1, content}});
  CHECK(seen.cached(1) == 8);
}

TEST_CASE("content is found only behind the same content") {
  One one;
  one.engine.prefix_cache = true;
  // The second blocks are alike, the first are not.
  const Seen seen = one.run(
      {{0, 9, 1, {{1, 4}, {7, 9}}}, {10, 9, 1, {{2, 4}, {7, 9}}}, {20, 9, 1, {{2, 4}, {7, 9}}}});
  CHECK(seen.cached(1) == 0);
  CHECK(seen.cached(2) == 8);
}

TEST_CASE("an answer is found by the prompt that continues it") {
  One one;
  one.engine.prefix_cache = true;
  SECTION("plainly") {}
  SECTION("that ends by itself") { one.engine.scheduling = serving::Scheduling::async; }
  SECTION("that was drafted") { one.engine.speculation.emplace().acceptance = {0.5}; }
  const Seen seen = one.run({{0, 6, 11, {{7, 6}}, 0, 20}, {50, 20, 1, {{7, 17}, {8, 20}}}});
  // 6 + 11 tokens, the last without KV: 16 in the cache.
  CHECK(seen.cached(1) == 16);
}

TEST_CASE("the longest unused content makes room, from its end") {
  One one;
  one.engine.prefix_cache = true;
  one.limits.blocks = Blocks(6);
  const auto ask = [](double at, std::uint64_t content, std::int64_t tokens) {
    return Ask{at, tokens, 1, {{content, tokens}}};
  };
  SECTION("the one not used again goes") {
    // Each holds two blocks and its last, of which only the two are found again.
    const Seen seen = one.run(
        {ask(0, 1, 8), ask(10, 2, 8), ask(20, 1, 9), ask(30, 3, 8), ask(40, 1, 9), ask(50, 2, 9)});
    CHECK(seen.cached(2) == 8);
    CHECK(seen.cached(4) == 8);
    CHECK(seen.cached(5) == 0);
  }
  SECTION("its later blocks go first") {
    const Seen seen = one.run({ask(0, 1, 16), ask(10, 2, 12), ask(20, 1, 16)});
    CHECK(seen.cached(2) == 12);  // one of four blocks was taken
  }
}

TEST_CASE("what is held in common counts once, and what is cached holds blocks") {
  One one;
  one.limits.blocks = Blocks(6);
  one.limits.sequences = 2;
  std::vector<Ask> asks = {{0, 17, 4, {{7, 16}, {1, 17}}}, {1, 17, 4, {{7, 16}, {2, 17}}}};
  one.engine.prefix_cache = true;
  // 4 blocks in common and one each: both fit.
  const Seen both = one.run(asks);
  CHECK(both.cached(1) == 16);
  CHECK(both.first(1) == 2);
  one.engine.prefix_cache = false;
  CHECK(one.run(asks).first(1) == 5);  // after the other
}

TEST_CASE("a preempted request finds what it had") {
  One one;
  one.limits.blocks = Blocks(4);
  one.engine.prefix_cache = true;
  one.times.prefill_token = Duration(1);
  // The worked example of the semantics. The second leaves 8 tokens of KV in two blocks, of which
  // the first request takes one; the other is found.
  const Seen seen = one.run({{0, 6, 4, {{1, 6}}}, {0, 6, 4, {{2, 6}}}});
  CHECK(seen.records.at(1).preemptions == 1);
  CHECK(seen.end(0) == 13 + 3);
  CHECK(seen.end(1) == 16 + 1 + (9 - 4));
  CHECK(seen.cached(1) == 0);  // of its first admission
}

TEST_CASE("what made room is read again from the tiers below, for their time") {
  One one;
  one.engine.prefix_cache = true;
  one.limits.blocks = Blocks(4);
  one.times.prefill_token = Duration(1);
  one.engine.offload = {{Blocks(2), Duration(0.25), Duration(0.125)},
                        {Blocks(100), Duration(2), Duration(8)}};
  const auto ask = [](double at, std::uint64_t content) { return Ask{at, 16, 1, {{content, 16}}}; };
  SECTION("each block from where it is") {
    // Each prompt fills the cache. The first loses its blocks from the last to the first: the third
    // and the fourth go on to the lower tier as the second and the first come.
    const Seen seen = one.run({ask(0, 1), ask(100, 2), ask(200, 1)});
    CHECK(seen.cached(2) == 12);
    CHECK(seen.first(2) == 200 + 1 + 4 + (0.125 + 2 * 0.25) + (8 + 2));
    CHECK(seen.counts.prefilled == Tokens(16 + 16 + 4));
  }
  SECTION("what is read again is as if just used") {
    one.engine.offload = {{Blocks(8), Duration(0), Duration(0)}};
    // The tier has the first two when the first is read again. The third takes the place of four
    // blocks: the first's last, which was not asked for, and three of the second.
    const Seen seen = one.run({ask(0, 1), ask(100, 2), ask(200, 3), ask(300, 1), ask(400, 2)});
    CHECK(seen.cached(3) == 12);
    CHECK(seen.cached(4) == 4);
  }
  SECTION("nothing is read for what is in the cache") {
    const Seen seen = one.run({ask(0, 1), ask(100, 1)});
    CHECK(seen.first(1) == 100 + 1 + 4);
  }
  SECTION("without room below it is lost") {
    one.engine.offload = {{Blocks(0), Duration(0.25), Duration(0.125)}};
    CHECK(one.run({ask(0, 1), ask(100, 2), ask(200, 1)}).cached(2) == 0);
  }
}
