// SPDX-License-Identifier: Apache-2.0
#include "serving/kv_cache.hpp"

#include <catch2/catch.hpp>

#include "core/random.hpp"

using namespace tokenyard;
using serving::KvCache;

TEST_CASE("a decoding request needs a block exactly when its last one is full") {
  KvCache kv({Blocks(10), Tokens(4)});
  kv.join(Tokens(6), 100);  // two blocks, room for tokens 7 and 8
  CHECK(kv.demand(100) == Blocks(0));
  CHECK(kv.demand(101) == Blocks(0));
  CHECK(kv.demand(102) == Blocks(1));
  CHECK(kv.demand(103) == Blocks(0));
  CHECK(kv.demand(106) == Blocks(1));
  kv.leave(Tokens(8), 102);  // the same request, two iterations on
  CHECK(kv.demand(102) == Blocks(0));
}

TEST_CASE("the demand of many iterations is the sum of each, and covered() stops where it must") {
  RandomStream draw(9, 0, "kv");
  for (int round = 0; round < 300; ++round) {
    const auto block_size = static_cast<std::int64_t>(1 + draw.below(9));
    KvCache kv({Blocks(static_cast<std::int64_t>(1 + draw.below(60))), Tokens(block_size)});
    const auto count = static_cast<std::int64_t>(draw.below(50));
    const auto decodes = static_cast<std::int64_t>(1 + draw.below(12));
    for (std::int64_t i = 0; i < decodes; ++i) {
      kv.join(Tokens(static_cast<std::int64_t>(1 + draw.below(100))), count);
    }
    Blocks sum;
    std::int64_t covered = -1;
    const std::int64_t wanted = 40;
    for (std::int64_t n = 0; n <= wanted; ++n) {
      CHECK(kv.demand(count, n, decodes) == sum);
      if (sum > kv.free() && covered < 0) covered = n - 1;
      sum += kv.demand(count + n);
    }
    CHECK(kv.covered(count, wanted, decodes) == (covered < 0 ? wanted : covered));
  }
}

TEST_CASE("blocks that are not there cannot be taken, nor more given back than there are") {
  KvCache kv({Blocks(3), Tokens(16)});
  CHECK(kv.blocks_for(Tokens(0)) == Blocks(0));
  CHECK(kv.blocks_for(Tokens(16)) == Blocks(1));
  CHECK(kv.blocks_for(Tokens(17)) == Blocks(2));
  kv.take(Blocks(2));
  CHECK(kv.used() == Blocks(2));
  CHECK_THROWS_AS(kv.take(Blocks(2)), ContractViolation);
  kv.give_back(Blocks(2));
  CHECK_THROWS_AS(kv.give_back(Blocks(1)), ContractViolation);
}
