// SPDX-License-Identifier: Apache-2.0
#include "model/wafer.hpp"

#include <catch2/catch.hpp>

using namespace tokenyard;

namespace {

catalog::ModelShape shape() {
  catalog::ModelShape s;
  s.layers = 10;
  s.hidden = 998;
  s.kv_heads = 4;
  s.kv_per_token[0] = Bytes(100'000);
  s.decode_token = Flops(2e9);
  s.prefill_token = Flops(1e9);
  s.attention_pair = Flops(40'000);
  s.attention_decode = Flops(80'000);
  return s;
}

catalog::Accelerator accelerator() {
  catalog::Accelerator a;
  a.memory_bandwidth = BytesPerSecond(1e15);
  a.compute[0] = FlopsPerSecond(1e15);
  a.scale_up_bandwidth = BytesPerSecond(1e9);
  return a;
}

model::Wafer wafers(const catalog::ModelShape& s, const catalog::Accelerator& a,
                    std::int64_t count) {
  model::Deployment d{&s, &a, catalog::Precision::bf16, catalog::Precision::bf16};
  d.pipeline = count;
  return model::Wafer({d, Duration(1e-5), Duration(5e-6), 0.5, 0.8});
}

}  // namespace

TEST_CASE("a token passes all layers and hops, alone or while the pipeline is not full") {
  const auto s = shape();
  const auto a = accelerator();
  const auto time = wafers(s, a, 4);
  // 10 layers of 10 us; three hops of 5 us to the last wafer and one back.
  CHECK(time.latency().value() == Approx(120e-6));
  CHECK(time.batch(Tokens(0), 1).value() == Approx(120e-6));
  // 2 GFLOP at 4 x 0.5 PFLOP/s are 1 us; 998 x 2 + 4 B at 1 GB/s are 2 us, which is longer.
  CHECK(time.decode().compute.value() == Approx(1e-6));
  CHECK(time.decode().ports.value() == Approx(2e-6));
  CHECK(time.batch(Tokens(0), 60).value() == Approx(120e-6));
  CHECK(time.batch(Tokens(0), 61).value() == Approx(122e-6));
  CHECK(time.batch(Tokens(0), 1000).value() == Approx(2000e-6));
}

TEST_CASE("prompt tokens stream behind the tokens that are written") {
  const auto s = shape();
  auto a = accelerator();
  a.scale_up_bandwidth = BytesPerSecond(1e12);  // now compute is longer
  const auto time = wafers(s, a, 4);
  CHECK(time.prefill().time().value() == Approx(0.5e-6));
  CHECK(time.batch(Tokens(1000), 0).value() == Approx(120e-6 + 500e-6));
  CHECK(time.batch(Tokens(1000), 200).value() == Approx(200e-6 + 500e-6));
}

TEST_CASE("attention is spread over the wafers, by memory or by FLOP") {
  auto s = shape();
  const auto a = accelerator();
  // 100 kB at 4 x 0.8 PB/s; 80 kFLOP at 2 PFLOP/s are longer.
  CHECK(wafers(s, a, 4).per_context().value() == Approx(40e-12));
  s.attention_decode = Flops(8'000);
  CHECK(wafers(s, a, 4).per_context().value() == Approx(100'000 / 3.2e15));
  CHECK(wafers(s, a, 4).per_pair().value() == Approx(20e-12));
}

TEST_CASE("a lone wafer has no hops, and only tokens pass its ports") {
  const auto s = shape();
  const auto a = accelerator();
  const auto time = wafers(s, a, 1);
  CHECK(time.latency().value() == Approx(100e-6));
  CHECK(time.port_bytes() == 4);
  CHECK(time.decode().time().value() == Approx(4e-6));
}
