// SPDX-License-Identifier: Apache-2.0
#include "commands/wafer_text.hpp"

#include <fmt/format.h>

namespace tokenyard::commands {
namespace {

using fleet::WaferBound;

constexpr double kilo = 1e3;

std::string microseconds(Duration time) { return fmt::format("{:.4g} us", time.value() * 1e6); }

std::string_view name_of(WaferBound bound) {
  return fleet::wafer_bounds[static_cast<std::size_t>(bound)];
}

}  // namespace

std::string wafer_bounds_text(const fleet::PoolSummary& pool) {
  const fleet::WaferSummary& w = pool.wafer;
  if (w.bound == WaferBound::none) return "";
  std::string others;
  const auto add = [&](WaferBound bound, double ceiling) {
    if (bound == w.bound) return;
    others += fmt::format(", {} {:.3g}", name_of(bound), ceiling / kilo);
  };
  add(WaferBound::compute, w.compute_per_s);
  add(WaferBound::sram, w.sram_per_s);
  add(WaferBound::ports, w.ports_per_s);
  return fmt::format("wafers    {:.12}: {:.3g} of {:.3g} ktokens/s; {} binds{}", pool.name,
                     w.achieved_per_s / kilo, w.ceiling_per_s() / kilo, name_of(w.bound), others);
}

std::string wafer_times_text(const fleet::PoolPlan& pool) {
  const fleet::WaferPlan& wafer = *pool.wafer;
  const model::Wafer time(wafer.time);
  return fmt::format(
      "times     {}: {} on a pipeline of {} x {} ({} weights, {} KV), a token in {} = {} layers x "
      "{} + {} hops x {}; tokens follow each other in {}, prompt tokens in {}; efficiency {:.0f} % "
      "compute, {:.0f} % memory",
      pool.name, pool.deployment.shape->name, pool.deployment.pipeline, pool.rack->accelerator,
      catalog::precision_names[static_cast<std::size_t>(pool.deployment.weights)],
      catalog::precision_names[static_cast<std::size_t>(pool.deployment.kv)],
      microseconds(time.latency()), pool.deployment.shape->layers, microseconds(wafer.time.layer),
      catalog::wafer_hops(pool.deployment.pipeline), microseconds(wafer.time.hop),
      microseconds(time.decode().time()), microseconds(time.prefill().time()),
      100 * wafer.time.compute, 100 * wafer.time.memory);
}

}  // namespace tokenyard::commands
