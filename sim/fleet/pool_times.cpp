// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "fleet/scenario.hpp"

namespace tokenyard::fleet {
namespace {

using config::Section;

// What the stages of a pipeline send each other over.
void read_stage_link(Section& section, PoolPlan& pool) {
  const model::Deployment& d = pool.deployment;
  pool.time.stage_latency = section.optional<Duration>(
      "stage_latency", pool.time.all_reduce_latency, config::not_negative);
  if (d.pipeline > 1 && d.chips() > d.scale_up_chips()) {
    pool.time.stage_bandwidth = section.required<BytesPerSecond>("stage_bandwidth", {1, 1e15});
  } else {
    pool.time.stage_bandwidth =
        section.optional<BytesPerSecond>("stage_bandwidth", d.scale_up_bandwidth(), {1, 1e15});
  }
}

void read_affine(Section section, PoolPlan& pool) {
  const auto seconds = [&section](const char* key) {
    return section.optional<Duration>(key, Duration(0), {0, 1e9});
  };
  pool.affine.emplace();
  pool.affine->base = section.required<Duration>("base", {1e-9, 1e9});
  pool.affine->prefill_token = seconds("prefill_token");
  pool.affine->decode_sequence = seconds("decode_sequence");
  pool.affine->context_token = seconds("context_token");
  pool.affine->attention_pair = seconds("attention_pair");
  section.finish();
}

std::string validation_of(const Scenario& scenario, const PoolPlan& pool) {
  if (pool.affine) return "unknown: the coefficients are the scenario's";
  const auto precision =
      catalog::precision_names[static_cast<std::size_t>(pool.deployment.weights)];
  for (const catalog::Validation& v : scenario.catalog->validations) {
    if (v.model != pool.deployment.shape->name || v.accelerator != pool.rack->accelerator ||
        v.precision != precision) {
      continue;
    }
    return fmt::format(
        "median {:.0f} % of TPOT and {:.0f} % of TTFT against {} measured points "
        "(default efficiencies)",
        100 * v.tpot_error, 100 * v.ttft_error, v.points);
  }
  return "unmeasured";
}

}  // namespace

void read_times(Section section, const Scenario& scenario, PoolPlan& pool) {
  if (read_wafer_times(section, pool)) return section.finish();
  if (section.has("affine")) {
    read_affine(section.child("affine"), pool);
    pool.validation = validation_of(scenario, pool);
    section.finish();
    return;
  }
  pool.validation = validation_of(scenario, pool);
  Section efficiency = section.child("efficiency");
  const auto share = [&efficiency](const char* key, double fallback) {
    return efficiency.optional<config::Fraction>(key, {fallback}, {0.001, 1}).value;
  };
  pool.time.deployment = pool.deployment;
  pool.time.efficiency = {share("compute", 0.6), share("memory", 0.75), share("network", 0.5)};
  efficiency.finish();
  pool.time.overhead =
      section.optional<Duration>("overhead", Duration(0.003), config::not_negative);
  pool.time.all_reduce_latency =
      section.optional<Duration>("all_reduce_latency", Duration(1e-5), config::not_negative);
  read_stage_link(section, pool);
  pool.time.most_tokens = pool.limits.batch_tokens;
  section.finish();
}

}  // namespace tokenyard::fleet
