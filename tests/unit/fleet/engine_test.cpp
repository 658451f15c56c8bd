// SPDX-License-Identifier: Apache-2.0
// What engines do beside the plain rules: hand-computed cases and closed forms.
#include "serving/engine.hpp"

#include <bit>
#include <catch2/catch.hpp>
#include <cmath>

#include "one_replica.hpp"

using namespace tokenyard;
using namespace tokenyard::test;

namespace {

// Times in which every count shows.
const model::Affine::Input all_times{Duration(0.5), Duration(0.25), Duration(0.125),
                                     Duration(0.0625), Duration(0.03125)};

// A crowd of requests in a small cache, so that some are preempted.
std::vector<Ask> crowd() {
  RandomStream draw(5, 0, "engine");
  std::vector<Ask> asks;
  double date = 0;
  for (int i = 0; i < 200; ++i) {
    date += 8 * draw.exponential();
    asks.push_back({date, 1 + static_cast<std::int64_t>(draw.below(40)),
                    1 + static_cast<std::int64_t>(draw.below(30))});
  }
  return asks;
}

void check_same(const Seen& a, const Seen& b) {
  REQUIRE(a.records.size() == b.records.size());
  for (const auto& [id, record] : a.records) {
    INFO("request " << id);
    const results::RequestRecord& other = b.records.at(id);
    CHECK(record.status == other.status);
    CHECK(record.preemptions == other.preemptions);
    // NaN where there is none, so by bits.
    CHECK(std::bit_cast<std::uint64_t>(record.time_to_first_token_s) ==
          std::bit_cast<std::uint64_t>(other.time_to_first_token_s));
    CHECK(std::bit_cast<std::uint64_t>(record.end_to_end_s) ==
          std::bit_cast<std::uint64_t>(other.end_to_end_s));
  }
}

}  // namespace

TEST_CASE("windows longer than the context equal full attention") {
  One full;
  full.limits.blocks = Blocks(60);
  full.times = all_times;
  full.engine.kv.weight = 3;
  One windows = full;
  windows.engine.kv.weight = 1;
  windows.engine.kv.windows = {{1, Tokens(1000), false}, {1, Tokens(1000), true}};
  const Seen a = full.run(crowd());
  check_same(a, windows.run(crowd()));
  std::int64_t preemptions = 0;
  for (const auto& [id, record] : a.records) preemptions += record.preemptions;
  CHECK(preemptions > 10);
}

TEST_CASE("windows and states hold what they say") {
  One one;
  one.limits.blocks = Blocks(20);
  one.limits.sequences = 2;
  const std::vector<Ask> asks = {{0, 37, 3}, {0, 37, 3}};  // 10 blocks each, with all layers
  const auto together = [&] { return one.run(asks).first(1) == 1; };
  one.engine.kv.windows = {{1, Tokens(8), false}};
  CHECK_FALSE(together());  // 10 + min(10, 3)
  one.limits.blocks = Blocks(26);
  CHECK(together());
  one.engine.kv.windows = {{2, Tokens(32), true}};
  one.limits.blocks = Blocks(27);
  CHECK_FALSE(
      together());  // 10 + 2 * 2, since 5 to 7 tokens follow the 32nd; but 10 + 2 * 8 on the way
  one.engine.kv.windows.clear();
  one.engine.kv.fixed = Blocks(3);
  one.limits.blocks = Blocks(25);
  CHECK_FALSE(together());
  one.limits.blocks = Blocks(26);
  CHECK(together());
}

TEST_CASE("full reservation admits what will never be preempted") {
  One one;
  one.limits.blocks = Blocks(5);
  one.limits.reserve = serving::Reserve::full;
  // 6 + 4 tokens, of which the last needs no KV: 3 blocks each. With 8 tokens at most: 4.
  const Seen seen = one.run({{0, 6, 4}, {0, 6, 4}});
  CHECK(seen.first(1) == 5);
  CHECK(seen.records.at(1).preemptions == 0);
  one.limits.blocks = Blocks(6);
  CHECK(one.run({{0, 6, 4}, {0, 6, 4}}).first(1) == 1);
  CHECK(one.run({{0, 6, 4, {}, 0, 8}, {0, 6, 4}}).first(1) == 5);
  CHECK(one.run({{0, 6, 4, {}, 0, 20}}).records.at(0).status == results::Status::rejected);
}

TEST_CASE("asynchronous scheduling: arrivals are seen an iteration later, ends ride along") {
  One one;
  one.engine.scheduling = serving::Scheduling::async;
  SECTION("an end that could not be foreseen") {
    const Seen seen = one.run({{0, 4, 3, {}, 0, 10}, {2.5, 4, 1}});
    CHECK(seen.end(0) == 3);
    // [3, 4] was decided at 2, with a fourth token of the first request; at 3 the second is seen.
    CHECK(seen.first(1) == 5);
  }
  SECTION("an end at the client's limit") {
    const Seen seen = one.run({{0, 4, 3}, {2.5, 4, 1}});
    CHECK(seen.end(0) == 3);
    CHECK(seen.first(1) == 4);  // nothing was under way at 3
  }
  SECTION("a batch goes on") {
    const Seen seen = one.run({{0, 4, 9}, {2.5, 4, 1}, {5, 4, 1}});
    CHECK(seen.first(1) == 5);  // seen at 3, in the batch of [4, 5]
    CHECK(seen.first(2) == 7);  // [5, 6] was decided at 4
  }
  SECTION("the host's time is hidden") {
    one.engine.hidden = Duration(0.25);
    CHECK(one.run({{0, 4, 3}}).end(0) == 2.25);
  }
  SECTION("whoever rides along holds its blocks") {
    one.limits.blocks = Blocks(2);
    // 5 tokens: 2 blocks. Free at 4, when the rider is gone.
    const Seen seen = one.run({{0, 4, 2, {}, 0, 10}, {0, 5, 1}});
    CHECK(seen.end(0) == 2);
    CHECK(seen.first(1) == 4);
  }
}

TEST_CASE("a long prompt leaves room for others beside it") {
  One one;
  const std::vector<Ask> asks = {{0, 10, 1}, {0, 2, 1}};
  one.limits.batch_tokens = Tokens(8);
  CHECK(one.run(asks).first(1) == 2);
  one.engine.long_prompt = Tokens(4);
  const Seen seen = one.run(asks);
  CHECK(seen.first(0) == 3);  // 4, 4, 2
  CHECK(seen.first(1) == 1);
}

TEST_CASE("priorities: the urgent are admitted first and preempted last") {
  One one;
  one.engine.order = serving::Order::priority;
  SECTION("admission") {
    one.limits.sequences = 1;
    const Seen seen =
        one.run({{0, 4, 1, {}, 1}, {0.25, 4, 1, {}, 2}, {0.5, 4, 1, {}, 0}, {0.75, 4, 1, {}, 1}});
    CHECK(seen.first(2) == 2);
    CHECK(seen.first(3) == 3);
    CHECK(seen.first(1) == 4);
  }
  SECTION("preemption") {
    one.limits.blocks = Blocks(4);
    // The worked example, but the second is more urgent.
    const Seen seen = one.run({{0, 6, 4, {}, 1}, {0, 6, 4, {}, 0}});
    CHECK(seen.end(1) == 4);
    CHECK(seen.records.at(0).preemptions == 1);
    CHECK(seen.end(0) == 5);
  }
}

TEST_CASE("a swapped request goes on where it was, for the time of the copies") {
  One one;
  one.limits.blocks = Blocks(4);
  one.times.prefill_token = Duration(1);
  one.engine.swap = serving::Swap{Bytes(1000), Bytes(8), BytesPerSecond(32)};
  const std::vector<Ask> asks = {{0, 6, 4}, {0, 6, 4}};
  // Both prefill until 13 and decode until 15. Then two blocks of the second go out, 0.5 s, while
  // the first writes its last token; they come back and the second writes its own.
  const Seen seen = one.run(asks);
  CHECK(seen.records.at(1).preemptions == 1);
  CHECK(seen.end(0) == 16.5);
  CHECK(seen.end(1) == 18);
  one.engine.swap->capacity = Bytes(8);  // a block only: it is computed anew
  CHECK(one.run(asks).end(1) == 16 + 1 + 9);
}

TEST_CASE("speculation: accepted tokens come in bursts") {
  One one;
  one.engine.speculation.emplace();
  SECTION("all accepted") {
    one.engine.speculation->acceptance = {1, 1};
    const Seen seen = one.run({{0, 4, 7}});
    CHECK(seen.first(0) == 1);
    CHECK(seen.end(0) == 3);
    CHECK(seen.gaps.count() == 6);
    CHECK(seen.gaps.sum() == 2);
    CHECK(seen.gaps.quantile(0.5) == 0);
  }
  SECTION("no more than asked for") {
    one.engine.speculation->acceptance = {1, 1};
    const Seen seen = one.run({{0, 4, 6}});
    CHECK(seen.end(0) == 3);
    CHECK(seen.records.at(0).output == Tokens(6));
  }
  SECTION("drafting and verifying take time") {
    one.engine.speculation->acceptance = {1, 1};
    one.engine.speculation->step = Duration(0.5);
    one.engine.speculation->sequence = Duration(0.25);
    one.times.decode_sequence = Duration(0.125);
    // An iteration: 1 + 2 * (0.5 + 0.25) + 3 * 0.125.
    CHECK(one.run({{0, 4, 7}}).end(0) == 1 + 2 * 2.875);
  }
  SECTION("drafts need room") {
    one.engine.speculation->acceptance = {1, 1, 1};
    one.limits.blocks = Blocks(2);
    CHECK(one.run({{0, 4, 2}}).records.at(0).status == results::Status::ok);
    CHECK(one.run({{0, 4, 3}}).records.at(0).status == results::Status::rejected);
  }
}

TEST_CASE("nothing accepted, nothing spent on it: as without speculation") {
  One plain;
  plain.limits.blocks = Blocks(1000);
  plain.times = {Duration(0.5), Duration(0.25), {}, Duration(0.0625), Duration(0.03125)};
  One drafts = plain;
  drafts.engine.speculation.emplace();
  drafts.engine.speculation->acceptance = {0, 1};
  check_same(plain.run(crowd()), drafts.run(crowd()));
}

TEST_CASE("as many tokens are accepted as the chances say") {
  One one;
  one.engine.speculation.emplace();
  one.engine.speculation->acceptance = {0.8, 0.5};
  one.limits.blocks = Blocks(100'000);
  const std::int64_t tokens = 200'001;
  const double iterations = one.run({{0, 4, tokens}}).end(0) - 1;
  // 1 + 0.8 + 0.8 * 0.5 tokens an iteration; their variance is 0.2 * 1.2^2 + 0.4 * 0.2^2 + 0.4 *
  // 0.8^2.
  const double mean = static_cast<double>(tokens - 1) / iterations;
  CHECK(std::abs(mean - 2.2) < 4 * std::sqrt(0.56 / iterations));
}

TEST_CASE("one shape a token equals none") {
  One plain;
  plain.limits.blocks = Blocks(40);
  plain.times = all_times;
  One shapes = plain;
  shapes.engine.shapes.emplace();
  for (std::int64_t i = 1; i <= 100; ++i) {
    shapes.engine.shapes->prompt.push_back(i);
    shapes.engine.shapes->sequences.push_back(i);
  }
  const Seen seen = shapes.run(crowd());
  check_same(plain.run(crowd()), seen);
  CHECK(seen.counts.padding == Tokens(0));
}

TEST_CASE("one shape a token of context equals none, where contexts are alike") {
  One plain;
  plain.times = all_times;
  One shapes = plain;
  shapes.engine.shapes.emplace();
  for (std::int64_t i = 1; i <= 100; ++i) shapes.engine.shapes->context.push_back(i);
  const std::vector<Ask> asks = {{0, 5, 20}, {0, 5, 20}, {0, 5, 20}};
  const Seen a = plain.run(asks);
  const Seen b = shapes.run(asks);
  for (std::uint64_t id = 0; id < 3; ++id) CHECK(a.end(id) == Approx(b.end(id)).epsilon(1e-14));
}

TEST_CASE("batches run in the next larger shape, and the waste is counted") {
  One one;
  one.times = {Duration(1), Duration(1), Duration(0.5), Duration(0.25), {}};
  one.engine.shapes = serving::StaticShapes{{8, 16}, {4}, {16, 32}};
  // Prompts of 5 and 9 run as 8 and 16. Then two decode as four, of 16 tokens each at 10 and 6.
  const Seen seen = one.run({{0, 5, 2}, {0, 9, 2}});
  CHECK(seen.first(0) == 25);
  CHECK(seen.end(0) == 25 + 1 + 4 * 0.5 + 4 * 16 * 0.25);
  CHECK(seen.counts.padding == Tokens(3 + 7 + 2));
  // Above the largest, multiples of it; the context goes from 16 to 32 as it grows.
  CHECK(one.run({{0, 33, 1}}).first(0) == 1 + 48);
  const double short_one = 1 + 2 + 16;
  const double long_one = 1 + 2 + 32;
  CHECK(one.run({{0, 8, 12}}).end(0) == 9 + 8 * short_one + 3 * long_one);
}

TEST_CASE("ranks with one busy equal one rank of that speed") {
  One plain;
  plain.times = all_times;
  One ranks = plain;
  ranks.engine.ranks = 4;
  std::vector<Ask> asks;
  for (int i = 0; i < 20; ++i) asks.push_back({1000.0 * i, 7 + i, 3 + i});
  check_same(plain.run(asks), ranks.run(asks));
}

TEST_CASE("ranks iterate together, as long as the slowest") {
  One one;
  one.engine.ranks = 2;
  one.times.prefill_token = Duration(1);
  // At 5 the first decodes on its own rank while the second's prompt is read on the other.
  const Seen seen = one.run({{0, 4, 5}, {5.5, 9, 2}});
  CHECK(seen.first(0) == 5);
  CHECK(seen.first(1) == 6 + 10);
  CHECK(seen.end(0) == 16 + 2);  // two tokens by 16, two more
  CHECK(seen.end(1) == 17);
  // On one rank, likewise; but each rank has a KV cache of its own.
  one.limits.blocks = Blocks(3);
  CHECK(one.run({{0, 9, 1}, {0, 9, 1}}).first(1) == 10);
  one.engine.ranks = 1;
  CHECK(one.run({{0, 9, 1}, {0, 9, 1}}).first(1) == 20);
}

TEST_CASE("a request alone goes through a pipeline as if there were none") {
  One plain;
  plain.times = all_times;
  One pipeline = plain;
  pipeline.engine.stages = 4;
  std::vector<Ask> asks;
  for (int i = 0; i < 20; ++i) asks.push_back({1000.0 * i, 7 + i, 3 + i});
  const Seen seen = pipeline.run(asks);
  check_same(plain.run(asks), seen);
  double busy = 0;
  for (const auto& [id, record] : seen.records) busy += record.end_to_end_s;
  CHECK(seen.counts.busy.value() == Approx(busy));
}

TEST_CASE("as many micro-batches as stages are under way") {
  One one;
  one.engine.stages = 2;
  one.limits.sequences = 2;  // one in each micro-batch
  SECTION("the second enters when the first stage is free") {
    const Seen seen = one.run({{0, 4, 3}, {0, 4, 3}, {0, 4, 1}});
    CHECK(seen.first(0) == 1);
    CHECK(seen.first(1) == 1.5);
    CHECK(seen.end(0) == 3);
    CHECK(seen.end(1) == 3.5);
    CHECK(seen.first(2) == 4);  // in the place of the first
    CHECK(seen.counts.busy == Duration(4));
    CHECK(seen.gaps.count() == 4);
    CHECK(seen.gaps.sum() == 4);
  }
  SECTION("a long one holds up those behind") {
    one.times.prefill_token = Duration(1);
    // 9 + 1 seconds: 5 in each stage. The other has 1 in each: at [5, 6] and [10, 11].
    const Seen seen = one.run({{0, 9, 2}, {0, 1, 2}});
    CHECK(seen.first(0) == 10);
    CHECK(seen.first(1) == 11);
    CHECK(seen.end(0) == 11.5);  // the second stage is taken until 11
    CHECK(seen.end(1) == 12);
  }
  SECTION("a request that comes while one is under way has the free micro-batch") {
    const Seen seen = one.run({{0, 4, 2}, {0.75, 4, 1}});
    CHECK(seen.first(1) == 1.75);
    CHECK(seen.end(0) == 2.25);  // the first stage is taken until 1.25: 1.75, 2.25
  }
  SECTION("the blocks are shared, and the first of all waits for one") {
    one.limits.blocks = Blocks(3);
    const Seen seen = one.run({{0, 8, 2}, {0, 4, 2}, {0, 4, 1}});
    // At 1 the first needs a third block, which the second has: it waits. At 1.5 the second needs
    // another and is preempted for it. It comes back at 2.5, when the first has ended.
    CHECK(seen.end(0) == 2.5);
    CHECK(seen.records.at(0).preemptions == 0);
    CHECK(seen.records.at(1).preemptions == 1);
    CHECK(seen.end(1) == 3.5);
    CHECK(seen.first(2) == 4);
  }
}

TEST_CASE("requests that crowd each other out of a pipeline come to their end nevertheless") {
  One one;
  one.engine.stages = 4;
  one.limits.blocks = Blocks(20);
  one.limits.batch_tokens = Tokens(10);  // prompts are read in chunks, while all others grow
  const Seen seen = one.run(crowd());
  std::int64_t preemptions = 0;
  for (const auto& [id, record] : seen.records) {
    CHECK(record.status == results::Status::ok);
    preemptions += record.preemptions;
  }
  CHECK(preemptions > 10);
}
