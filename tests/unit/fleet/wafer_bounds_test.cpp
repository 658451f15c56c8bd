// SPDX-License-Identifier: Apache-2.0
#include "fleet/wafer_bounds.hpp"

#include <catch2/catch.hpp>

#include "fleet/recorder.hpp"
#include "fleet/scenario.hpp"

using namespace tokenyard;
using fleet::WaferBound;

namespace {

// Two pools: `read` on one node of ordinary accelerators hands over to `write`, two replicas of
// four wafers each.
struct Pair {
  catalog::ModelShape shape;
  catalog::Accelerator wafer;
  catalog::Rack rack;
  fleet::Scenario scenario;

  Pair() {
    shape.layers = 10;
    shape.hidden = 998;
    shape.kv_per_token[0] = Bytes(1000);
    catalog::KvGroup group;
    group.layers = 10;
    group.per_token[0] = Bytes(1000);
    shape.kv_groups = {group};
    shape.decode_token = Flops(2e9);
    shape.prefill_token = Flops(1e9);
    shape.attention_pair = Flops(2e6);
    shape.attention_decode = Flops(2e6);
    wafer.memory_bandwidth = BytesPerSecond(1e18);
    wafer.compute[0] = FlopsPerSecond(1e15);
    wafer.scale_up_bandwidth = BytesPerSecond(1e10);
    scenario.pools.resize(2);
    for (fleet::PoolPlan& pool : scenario.pools) {
      pool.rack = &rack;
      pool.deployment.shape = &shape;
      pool.deployment.accelerator = &wafer;
      pool.deployment.weights = pool.deployment.kv = catalog::Precision::bf16;
    }
    scenario.pools[0].role = fleet::PoolRole::prefill;
    scenario.pools[0].next_pool = 1;
    fleet::PoolPlan& write = scenario.pools[1];
    write.role = fleet::PoolRole::decode;
    write.replicas = 2;
    scenario.pools[0].places = {{network::NodeIndex{0}, 1}};
    write.places = {{network::NodeIndex{4}, 4}, {network::NodeIndex{8}, 4}};
    write.deployment.pipeline = 4;
    write.limits.sequences = 400;
    write.limits.blocks = Blocks(2000);
    write.room.block = Bytes(16'000);
    write.wafer.emplace();
    write.wafer->time = {write.deployment, Duration(1e-4), Duration(0), 0.5, 1};  // 1 ms a token
    write.wafer->ports = BytesPerSecond(1e10);
    write.wafer->kv_ports = BytesPerSecond(8e9);
    scenario.slo_classes.resize(1);
    scenario.tenants.resize(1);
  }

  // A request of 100 prompt tokens and 200 written, handed over with `bytes` of KV cache.
  fleet::WaferSummary summary(std::int64_t bytes) {
    fleet::Recorder recorder(scenario, nullptr, nullptr);
    results::RequestRecord record;
    record.pool = PoolId(1);
    record.prompt = Tokens(100);
    record.output = Tokens(200);
    recorder.ended(record, Instant(1));
    fleet::KvTransfer transfer;
    transfer.from_pool = PoolId(0);
    transfer.bytes = Bytes(bytes);
    recorder.transferred(transfer, Instant(1));
    return fleet::summarise_wafers(scenario, 1, recorder, {0, 200, 2, 0.1});
  }
};

}  // namespace

TEST_CASE("the ceilings of a wafer-scale pool are those of its mean request") {
  Pair pair;
  const fleet::WaferSummary s = pair.summary(100'000);
  CHECK(s.achieved_per_s == 100);
  CHECK(s.context == 200);  // 100 before the first token, 300 at the last
  // 2,000 blocks of 16 kB hold 160 contexts of 200 kB, each a token a millisecond.
  CHECK(s.slots == Approx(160));
  CHECK(s.sram_per_s == Approx(2 * 160 / 1e-3));
  CHECK(s.sequences_per_s == Approx(2 * 400 / 1e-3));
  // 2 GFLOP at 4 x 0.5 PFLOP/s are 1 us, and 1 ns for each of 200 tokens of context.
  CHECK(s.compute_per_s == Approx(2 / 1.2e-6));
  // 2,000 B of activations and tokens take 0.2 us of a wafer's ports, 500 B of KV cache 62.5 ns.
  CHECK(s.ports_per_s == Approx(2 / 0.2e-6));
  CHECK(s.bound == WaferBound::sram);
  // Of 0.1 s with an iteration under way, 200 tokens took 1 us each.
  CHECK(s.pipeline_used == Approx(200e-6 / 0.1));
  CHECK(s.ceiling_per_s() == s.sram_per_s);
}

TEST_CASE("each of the ceilings can be the lowest") {
  Pair pair;
  // 16 MB of KV cache for 200 tokens come through one wafer's ports, as their source is one node.
  CHECK(pair.summary(16'000'000).ports_per_s == Approx(2 / (80'000 / 8e9)));
  CHECK(pair.summary(1'600'000'000).bound == WaferBound::ports);
  pair.scenario.pools[0].places.front().count = 3;
  CHECK(pair.summary(16'000'000).ports_per_s == Approx(3 * 2 / (80'000 / 8e9)));
  pair.scenario.pools[1].limits.sequences = 100;
  CHECK(pair.summary(0).bound == WaferBound::sequences);
  pair.scenario.pools[1].limits.sequences = 100'000;
  pair.scenario.pools[1].limits.blocks = Blocks(200'000);
  CHECK(pair.summary(0).bound == WaferBound::compute);
}

TEST_CASE("where prompts are read for another pool, tokens read are bounded") {
  Pair pair;
  fleet::PoolPlan& read = pair.scenario.pools[0];
  const fleet::PoolPlan& write = pair.scenario.pools[1];
  read.wafer = write.wafer;
  read.places.front().count = 4;
  read.limits = write.limits;
  read.room = write.room;
  fleet::Recorder recorder(pair.scenario, nullptr, nullptr);
  results::RequestRecord record;
  record.pool = PoolId(1);
  record.prompt = Tokens(1000);
  record.output = Tokens(5);
  recorder.ended(record, Instant(1));
  fleet::KvTransfer transfer;
  transfer.from_pool = PoolId(0);
  transfer.bytes = Bytes(4'000'000);
  recorder.transferred(transfer, Instant(1));
  const auto s = fleet::summarise_wafers(pair.scenario, 0, recorder, {1000, 1, 2, 1});
  CHECK(s.achieved_per_s == 500);
  CHECK(s.context == 1000);
  CHECK(s.slots == Approx(32));
  // 1 GFLOP are 0.5 us, and 500.5 pairs of 1 ns for each token.
  CHECK(s.compute_per_s == Approx(1 / 1.0005e-6));
  // A prompt of 1,000 tokens has its slot for 1 ms and 1,000 issues.
  CHECK(s.sram_per_s == Approx(32 * 1000 / (1e-3 + 1000 * 0.5e-6)));
  // A token brings 2,000 B of activations, 0.2 us, and 1,000 B of KV cache to each of four wafers.
  CHECK(s.ports_per_s == Approx(1 / 0.2e-6));
}

TEST_CASE("a pool that is not wafer-scale, or wrote nothing, has no bounds") {
  Pair pair;
  fleet::Recorder recorder(pair.scenario, nullptr, nullptr);
  CHECK(fleet::summarise_wafers(pair.scenario, 1, recorder, {0, 0, 1, 1}).bound ==
        WaferBound::none);
  CHECK(fleet::summarise_wafers(pair.scenario, 0, recorder, {1, 1, 1, 1}).bound ==
        WaferBound::none);
}

TEST_CASE("windows and states keep what they keep of a context") {
  Pair pair;
  catalog::KvGroup window;
  window.kind = catalog::KvKind::sliding;
  window.window = Tokens(50);
  window.per_token[0] = Bytes(10);
  catalog::KvGroup state;
  state.kind = catalog::KvKind::linear;
  state.state[0] = Bytes(7);
  pair.shape.kv_groups.push_back(window);
  pair.shape.kv_groups.push_back(state);
  CHECK(fleet::kv_bytes(pair.scenario.pools[1], 40) == 40 * 1000 + 40 * 10 + 7);
  CHECK(fleet::kv_bytes(pair.scenario.pools[1], 400) == 400 * 1000 + 50 * 10 + 7);
}
