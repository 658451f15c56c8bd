// SPDX-License-Identifier: Apache-2.0
#include "serving/replica.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "model/affine.hpp"

using namespace tokenyard;
using serving::Slot;

namespace {

// Keeps the iterations that end after `since`, as the numbers of their records.
struct Log final : serving::IterationLog {
  bool wants(Instant, Instant end) const override { return end > since; }
  void ran(std::uint32_t replica, const serving::IterationRecord& r) override {
    CHECK(replica == 3);
    told.push_back({r.start.value(), r.end.value(), static_cast<double>(r.prefill.value()),
                    static_cast<double>(r.decodes), static_cast<double>(r.context),
                    static_cast<double>(r.kv_used.value())});
  }

  Instant since;
  std::vector<std::vector<double>> told;
};

// A replica whose iterations take a second each and whose blocks hold 4 tokens; of policy v1.
struct OneSecond {
  explicit OneSecond(std::int64_t blocks, std::int64_t budget = 100, std::int64_t sequences = 8,
                     std::size_t policy = 0)
      : batcher(serving::batchers()[policy].make()),
        replica({{sequences, Tokens(budget), Tokens(4), Blocks(blocks)},
                 batcher.get(),
                 &time,
                 &store,
                 &serving::plain_engine,
                 {},
                 serving::Leaping::on,
                 {},
                 &log,
                 3}) {}

  Slot offer(std::int64_t prompt, std::int64_t output) {
    traffic::Request request;
    request.prompt = Tokens(prompt);
    request.output = Tokens(output);
    const Slot slot = store.add();
    store[slot].request = request;
    REQUIRE(replica.offer(slot));
    latest = slot;
    return slot;
  }
  // Starts at `now` what waits, and takes it to the end of its first leap.
  void pass(double now) {
    const Instant end = replica.start(Instant(now));
    replica.end(end);
    while (replica.next_leaving(end) != serving::no_slot) {
    }
  }
  double start(double now) { return replica.start(Instant(now)).value(); }
  // After the latest offer.
  double cut(double now) { return replica.cut(latest, Instant(now)).value(); }

  std::unique_ptr<serving::Batcher> batcher;
  Log log;
  model::Affine time{{Duration(1), {}, {}, {}, {}}};
  serving::RequestStore store;
  Slot latest = serving::no_slot;
  serving::Replica replica;
};

}  // namespace

TEST_CASE("one leap takes a decoding batch to the first end of a request") {
  OneSecond one(100);
  one.offer(4, 10);
  one.offer(4, 7);
  CHECK(one.start(0) == 1);
  one.replica.end(Instant(1));
  CHECK(one.replica.next_leaving(Instant(1)) == serving::no_slot);
  CHECK(one.start(1) == 7);
}

TEST_CASE("a leap of decodes ends where the blocks do") {
  // Two requests of 4 tokens need a block each in their iterations 1, 5 and 9.
  for (const auto& [blocks, end] : {std::pair{8, 10}, {7, 9}, {6, 9}, {5, 5}, {4, 5}}) {
    OneSecond one(blocks);
    one.offer(4, 10);
    one.offer(4, 10);
    one.pass(0);
    INFO(blocks << " blocks");
    CHECK(one.start(1) == end);
  }
}

TEST_CASE("a leap goes through the equal chunks of a prompt, up to the rest") {
  OneSecond one(100, 8);
  one.offer(30, 1);
  CHECK(one.start(0) == 3);
  one.replica.observe(Instant(2.5));
  CHECK(one.replica.prefilled() == Tokens(16));
  one.replica.end(Instant(3));
  CHECK(one.replica.prefilled() == Tokens(24));
  CHECK(one.start(3) == 4);
}

TEST_CASE("a leap of chunks beside decodes needs the blocks of all its iterations") {
  // Chunks of 4 from 19 tokens, 4 times: 4 blocks; beside it a request with 2, which grows by 1.
  for (const auto& [blocks, end] : {std::pair{7, 5}, {6, 2}}) {
    OneSecond one(blocks, 5, 5);
    one.offer(4, 10);
    one.pass(0);
    one.offer(19, 1);
    INFO(blocks << " blocks");
    CHECK(one.start(1) == end);
  }
}

TEST_CASE("an arrival ends a leap at the next boundary, if it may be admitted there") {
  OneSecond one(100, 100, 2);
  one.offer(4, 10);
  one.pass(0);
  CHECK(one.start(1) == 10);
  SECTION("between two boundaries") {
    one.offer(4, 1);
    CHECK(one.cut(3.5) == 4);
  }
  SECTION("on a boundary") {
    one.offer(4, 1);
    CHECK(one.cut(4) == 4);
  }
  SECTION("in the last iteration") {
    one.offer(4, 1);
    CHECK(one.cut(9.5) == 10);
  }
}

TEST_CASE("an arrival that cannot be admitted before the leap ends does not cut it") {
  SECTION("no sequence is free") {
    OneSecond one(100, 100, 1);
    one.offer(4, 10);
    one.pass(0);
    CHECK(one.start(1) == 10);
    one.offer(4, 1);
    CHECK(one.cut(3.5) == 10);
  }
  SECTION("another waits before it") {
    OneSecond one(4);
    one.offer(4, 10);
    one.pass(0);
    one.offer(16, 1);  // needs all blocks
    CHECK(one.start(1) == 10);
    one.offer(1, 1);
    CHECK(one.cut(3.5) == 10);
  }
}

TEST_CASE("an observer sees the iterations that are over") {
  OneSecond one(100);
  one.offer(4, 10);
  one.pass(0);
  CHECK(one.start(1) == 10);
  for (const auto& [now, tokens] : {std::pair{1.5, 1}, {3.0, 3}, {3.5, 3}, {9.5, 9}}) {
    one.replica.observe(Instant(now));
    CHECK(one.replica.emitted() == Tokens(tokens));
    CHECK(one.replica.iterations() == tokens);
    one.replica.audit();
  }
}

TEST_CASE("a static batch holds the blocks of its whole answers as long as each runs") {
  OneSecond one(8, 100, 8, 2);
  one.offer(2, 8);   // 3 blocks
  one.offer(4, 12);  // 4 blocks
  for (const auto& [now, used] : {std::pair{0, 7}, {1, 7}, {8, 4}, {12, 0}}) {
    const double end = one.start(now);
    CHECK(one.replica.kv_used() == Blocks(used));
    if (used == 0) break;
    one.replica.end(Instant(end));
    while (one.replica.next_leaving(Instant(end)) != serving::no_slot) {
    }
  }
}

TEST_CASE("the log tells the iterations of a leap one by one, as they were") {
  using Told = std::vector<std::vector<double>>;  // start, end, prefill, decodes, context, blocks
  SECTION("decodes, then chunks beside them") {
    OneSecond one(100, 5, 5);
    one.offer(3, 9);
    one.pass(0);
    CHECK(one.start(1) == 9);
    one.offer(9, 1);
    CHECK(one.cut(2.5) == 3);
    one.replica.end(Instant(3));
    one.pass(3);
    CHECK(one.log.told == Told{{0, 1, 3, 0, 0, 1},
                               {1, 2, 0, 1, 4, 1},
                               {2, 3, 0, 1, 5, 2},
                               {3, 4, 4, 1, 6, 3},
                               {4, 5, 4, 1, 7, 4}});
  }
  SECTION("v0: requests that wait while others are in prefill do not decode") {
    OneSecond one(100, 100, 8, 1);
    one.offer(3, 9);
    one.pass(0);
    one.offer(4, 9);
    one.pass(1);
    CHECK(one.log.told == Told{{0, 1, 3, 0, 0, 1}, {1, 2, 4, 0, 0, 2}});
    CHECK(one.start(2) == 10);
    one.replica.observe(Instant(4));
    CHECK(one.log.told.size() == 4);
    CHECK(one.log.told[2] == std::vector<double>{2, 3, 0, 2, 9, 3});
    CHECK(one.log.told[3] == std::vector<double>{3, 4, 0, 2, 11, 4});
  }
  SECTION("only those that are wanted") {
    OneSecond one(100);
    one.log.since = Instant(1);
    one.offer(3, 9);
    one.pass(0);
    CHECK(one.log.told.empty());
    one.pass(1);
    CHECK(one.log.told.size() == 8);
  }
}

TEST_CASE("a replica is busy from the start of a batch until nothing is left") {
  OneSecond one(100);
  CHECK(one.replica.busy(Instant(2)) == Duration(0));
  for (const double begin : {2, 10}) {
    const Duration before = one.replica.busy(Instant(begin));
    one.offer(4, 4);
    one.pass(begin);
    CHECK(one.replica.busy(Instant(begin + 1)) == before + Duration(1));
    CHECK(one.start(begin + 1) == begin + 4);
    CHECK(one.replica.busy(Instant(begin + 2.5)) == before + Duration(2.5));
    one.replica.end(Instant(begin + 4));
    CHECK(one.replica.next_leaving(Instant(begin + 4)) != serving::no_slot);
    CHECK(one.replica.start(Instant(begin + 4)) == Instant::never());
    CHECK(one.replica.busy(Instant(begin + 5)) == before + Duration(4));
  }
}

TEST_CASE("a replica reads while an iteration holds tokens of a prompt") {
  OneSecond one(100);
  one.offer(4, 4);
  one.pass(0);  // the prompt, and the first of four tokens
  CHECK(one.replica.reading(Instant(1)) == Duration(1));
  CHECK(one.start(1) == 4);
  CHECK(one.replica.reading(Instant(3)) == Duration(1));
  CHECK(one.replica.emitted_reading() == Tokens(1));
  // Another prompt comes, and is read beside the tokens that are written.
  const Slot second = one.offer(4, 1);
  CHECK(one.replica.cut(second, Instant(1.5)) == Instant(2));
  one.replica.end(Instant(2));
  one.pass(2);
  CHECK(one.replica.reading(Instant(3)) == Duration(2));
  CHECK(one.replica.emitted_reading() == Tokens(3));
  one.pass(3);
  CHECK(one.replica.start(Instant(4)) == Instant::never());
  CHECK(one.replica.reading(Instant(9)) == Duration(2));
  CHECK(one.replica.busy(Instant(9)) == Duration(4));
  CHECK(one.replica.emitted_reading() == Tokens(3));
}

TEST_CASE("the boundary nearest a date is found to the last bit") {
  for (const double step : {0.1, 0.3, 1.0 / 3, 0.7}) {
    OneSecond one(100);
    one.time = model::Affine({Duration(step), {}, {}, {}, {}});
    one.offer(4, 200);
    one.pass(0);
    one.start(step);
    for (std::int64_t i = 1; i < 190; ++i) {
      const double boundary = step + step * static_cast<double>(i);
      one.replica.observe(Instant(std::nextafter(boundary, 0)));
      REQUIRE(one.replica.iterations() == i);
      one.replica.observe(Instant(boundary));
      REQUIRE(one.replica.iterations() == i + 1);
    }
  }
}
