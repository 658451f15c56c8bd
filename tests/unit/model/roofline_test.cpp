// SPDX-License-Identifier: Apache-2.0
#include "model/roofline.hpp"

#include <catch2/catch.hpp>
#include <cmath>

using namespace tokenyard;

namespace {

catalog::ModelShape shape() {
  catalog::ModelShape s;
  s.layers = 10;
  s.hidden = 1000;
  s.kv_heads = 4;
  s.parameters = 1e9;
  s.weights[0] = Bytes(2'000'000'000);
  s.kv_per_token[0] = Bytes(100'000);
  s.decode_token = Flops(2e9);
  s.prefill_token = Flops(1.9e9);
  s.attention_pair = Flops(40'000);
  s.attention_decode = Flops(40'000);
  return s;
}

catalog::Accelerator accelerator() {
  catalog::Accelerator a;
  a.memory = Bytes(80'000'000'000);
  a.memory_bandwidth = BytesPerSecond(1e12);
  a.compute[0] = FlopsPerSecond(1e14);
  a.scale_up_chips = 8;
  a.scale_up_bandwidth = BytesPerSecond(1e11);
  return a;
}

model::Roofline roofline(const catalog::ModelShape& s, const catalog::Accelerator& a,
                         std::int64_t tensor) {
  return model::Roofline({{&s, &a, catalog::Precision::bf16, catalog::Precision::bf16, tensor},
                          {0.5, 0.8, 0.5},
                          Duration(0.001),
                          Duration(1e-5),
                          Tokens(8192)});
}

}  // namespace

TEST_CASE("a small batch takes the time to read the weights, a large one that of its FLOP") {
  const auto s = shape();
  const auto a = accelerator();
  const auto time = roofline(s, a, 1);
  // 2 GB at 0.8 TB/s are 2.5 ms; a decoded token is 2 GFLOP at 50 TFLOP/s, 40 us.
  CHECK(time.batch(Tokens(0), 1).value() == Approx(0.001 + 0.0025));
  CHECK(time.batch(Tokens(0), 1000).value() == Approx(0.001 + 0.04));
  CHECK(time.batch(Tokens(2000), 0).value() == Approx(0.001 + 2000 * 1.9e9 / 5e13));
  CHECK(time.per_context().value() == Approx(1e5 / 0.8e12));
  CHECK(time.per_pair().value() == Approx(40'000 / 5e13));
}

TEST_CASE("tensor parallelism divides work and adds two all-reduces a layer") {
  const auto s = shape();
  const auto a = accelerator();
  const auto time = roofline(s, a, 4);
  const double reduce = 1e-5 + 2 * 0.75 * 1000 * 2 / (1e11 * 0.5);
  CHECK(time.batch(Tokens(0), 1).value() == Approx(0.001 + 0.0025 / 4 + 20 * reduce));
  // Four KV heads over eight accelerators are kept twice.
  const model::Deployment wide{&s, &a, catalog::Precision::bf16, catalog::Precision::bf16, 8};
  CHECK(wide.kv_copies() == 2);
  CHECK(roofline(s, a, 8).per_context().value() == Approx(2e5 / (8 * 0.8e12)));
}

TEST_CASE("a mixture of experts reads the experts that its tokens touch") {
  auto s = shape();
  s.experts = catalog::ModelShape::Experts{8, 2, 1000};
  const auto a = accelerator();
  const auto time = roofline(s, a, 1);
  const double routed = s.expert_share();
  CHECK(routed == Approx(3.0 * 1000 * 1000 * 8 * 10 / 1e9));
  CHECK(time.batch(Tokens(0), 1).value() == Approx(0.001 + 0.0025 * (1 - routed * 0.75)));
  const double two = 1 - 0.75 * 0.75;
  CHECK(time.batch(Tokens(0), 2).value() == Approx(0.001 + 0.0025 * (1 - routed * (1 - two))));
}

namespace {

model::Roofline spread(const catalog::ModelShape& s, const catalog::Accelerator& a,
                       std::int64_t tensor, std::int64_t data, std::int64_t context,
                       double imbalance) {
  model::Deployment d{&s, &a, catalog::Precision::bf16, catalog::Precision::bf16, tensor};
  d.data = data;
  d.context = context;
  d.imbalance = imbalance;
  return model::Roofline({d, {0.5, 0.8, 0.5}, Duration(0.001), Duration(1e-5), Tokens(8192)});
}

}  // namespace

TEST_CASE("data-parallel ranks share the experts and send tokens to them") {
  auto s = shape();
  s.experts = catalog::ModelShape::Experts{8, 2, 1000};
  const auto a = accelerator();
  const double share = s.expert_share();
  // Each rank has a quarter of the experts, touched by the tokens of all four.
  const double touched = 1 - std::pow(0.75, 4);
  const double weights = 0.0025 * (1 - share + share * touched / 4);
  const double moved = 2 * 1000 * 2 * 0.75 / (1e11 * 0.5);  // 2 experts, of which 3/4 elsewhere
  CHECK(spread(s, a, 1, 4, 1, 1).batch(Tokens(0), 1).value() ==
        Approx(0.001 + weights + 20 * (1e-5 + moved)));
  // A dense model has nothing to share.
  const auto dense = shape();
  CHECK(spread(dense, a, 1, 4, 1, 1).batch(Tokens(5), 7) ==
        roofline(dense, a, 1).batch(Tokens(5), 7));
}

TEST_CASE("the busiest expert rank is waited for") {
  auto s = shape();
  s.experts = catalog::ModelShape::Experts{8, 2, 1000};
  const auto a = accelerator();
  const double share = s.expert_share();
  CHECK(spread(s, a, 1, 1, 1, 1.5).batch(Tokens(0), 1).value() ==
        Approx(0.001 + 0.0025 * (1 - share + share * 0.25 * 1.5)));
  // All experts are read at most once, and their products count 1.5 times.
  const double experts = 6.0 * 1000 * 1000 * 2 * 10;
  CHECK(spread(s, a, 1, 1, 1, 1.5).batch(Tokens(0), 1000).value() ==
        Approx(0.001 + 1000 * (2e9 + 0.5 * experts) / 5e13));
  CHECK(spread(s, a, 1, 1, 1, 1).batch(Tokens(3), 9) == roofline(s, a, 1).batch(Tokens(3), 9));
}

TEST_CASE("groups of context parallelism share prompts and contexts, not the decoding products") {
  const auto s = shape();
  const auto a = accelerator();
  const auto one = roofline(s, a, 1);
  const auto four = spread(s, a, 1, 1, 4, 1);
  CHECK(four.per_context().value() == Approx(one.per_context().value() / 4));
  CHECK(four.per_pair().value() == Approx(one.per_pair().value() / 4));
  const double exchange = 1e5 * 0.75 / (1e11 * 0.5);
  CHECK(four.batch(Tokens(8000), 0).value() ==
        Approx(0.001 + 8000 * (1.9e9 / 5e13 / 4 + exchange)));
  const double join = 10 * 2 * 0.75 * 1000 * 2 / (1e11 * 0.5);
  CHECK(four.batch(Tokens(0), 1000).value() ==
        Approx(0.001 + 1000 * (2e9 / 5e13 + join) + 10 * 1e-5));
  CHECK(spread(s, a, 1, 1, 1, 1).batch(Tokens(3), 9) == one.batch(Tokens(3), 9));
}

TEST_CASE("through the stages of a pipeline: the time of one stage's accelerators, and the hops") {
  const auto s = shape();
  const auto a = accelerator();
  model::Roofline::Input input{{&s, &a, catalog::Precision::bf16, catalog::Precision::bf16, 2},
                               {0.5, 0.8, 0.5},
                               Duration(0.001),
                               Duration(1e-5),
                               Tokens(8192)};
  const double alone = model::Roofline(input).batch(Tokens(300), 20).value();
  input.deployment.pipeline = 4;
  input.stage_bandwidth = BytesPerSecond(1e10);
  input.stage_latency = Duration(1e-4);
  const double hop = 1e-4 + 320 * 1000 * 2 / (1e10 * 0.5);
  CHECK(model::Roofline(input).batch(Tokens(300), 20).value() == Approx(alone + 3 * hop));
  CHECK(input.deployment.chips() == 8);
}

TEST_CASE("KV blocks are what memory leaves beside weights and reserve") {
  model::KvRoom room;
  room.memory = Bytes(144);
  room.weights = Bytes(100);
  room.reserve = Bytes(8);
  room.block = Bytes(8);
  CHECK(room.blocks() == Blocks(4));
  room.weights = Bytes(140);
  CHECK(room.left() == Bytes(-4));
  CHECK(room.blocks() == Blocks(0));
}
