// SPDX-License-Identifier: Apache-2.0
#include "model/wafer.hpp"

#include <algorithm>

#include "core/contracts.hpp"

namespace tokenyard::model {
namespace {

constexpr double activation_bytes = 2;  // bf16
constexpr double token_bytes = 4;       // its number

}  // namespace

Wafer::Wafer(const Input& input) {
  const Deployment& d = input.deployment;
  const catalog::Accelerator& a = *d.accelerator;
  const auto& peak = a.compute[static_cast<std::size_t>(d.weights)];
  const auto& attention_peak = a.compute[static_cast<std::size_t>(catalog::Precision::bf16)];
  const auto& kv = d.shape->kv_per_token[static_cast<std::size_t>(d.kv)];
  SIM_EXPECT(peak && attention_peak && kv && d.pipeline >= 1);
  SIM_EXPECT(d.tensor == 1 && d.data == 1 && d.context == 1);
  SIM_EXPECT(input.layer > Duration(0) && input.hop >= Duration(0));
  const auto wafers = static_cast<double>(d.pipeline);
  const auto hops = static_cast<double>(catalog::wafer_hops(d.pipeline));
  latency_ = input.layer * static_cast<double>(d.shape->layers) + input.hop * hops;
  port_bytes_ = token_bytes;
  if (d.pipeline > 1) port_bytes_ += static_cast<double>(d.shape->hidden) * activation_bytes;
  const Duration ports(port_bytes_ / a.scale_up_bandwidth.value());
  const FlopsPerSecond compute = *peak * (input.compute * wafers);
  decode_ = {d.shape->decode_token / compute, ports};
  prefill_ = {d.shape->prefill_token / compute, ports};
  const FlopsPerSecond attention = *attention_peak * (input.compute * wafers);
  const BytesPerSecond memory = a.memory_bandwidth * (input.memory * wafers);
  per_context_ = std::max(*kv / memory, d.shape->attention_decode / attention);
  per_pair_ = d.shape->attention_pair / attention;
}

Duration Wafer::batch(Tokens prefill, std::int64_t decodes) const {
  return std::max(latency_, decode_.time() * static_cast<double>(decodes)) +
         prefill_.time() * static_cast<double>(prefill.value());
}

}  // namespace tokenyard::model
