// SPDX-License-Identifier: Apache-2.0
// What the latency of a token over wafers stands on.
#include <fmt/format.h>

#include <algorithm>

#include "fleet/scenario.hpp"
#include "fleet/wafers.hpp"

namespace tokenyard::fleet {
namespace {

using catalog::SpeedBasis;
using config::Section;

constexpr double micro = 1e6;

std::string words_for(const catalog::PublishedSpeed& speed) {
  switch (speed.basis) {
    case SpeedBasis::measured:
      return "measured";
    case SpeedBasis::listed:
      return "published";
    case SpeedBasis::speculative:
      return "published with speculative decoding (its drafts are in no bound)";
    case SpeedBasis::claim:
      return "published, of wafers that are a claim";
    case SpeedBasis::fit:
      return "a model's fit, not measured";
  }
  return "";
}

// By the catalogue: the model's own speed, else the median layer of the published ones.
Duration published_layer(const PoolPlan& pool, WaferPlan& wafer) {
  const catalog::WaferSpeeds& known = *pool.deployment.accelerator->wafer;
  const std::string& model = pool.deployment.shape->name;
  if (const catalog::PublishedSpeed* speed = known.find(model)) {
    const auto& guessed = speed->source.from_memory;
    const bool sure = std::find(guessed.begin(), guessed.end(), "wafers") == guessed.end();
    wafer.stands_on =
        fmt::format("{:.4g} tokens/s of {} a user on {} wafers{}, {}", speed->tokens_per_s, model,
                    speed->wafers, sure ? "" : " (from memory)", words_for(*speed));
    wafer.validation = "none for a lone user, whose speed is an input; unmeasured under load";
    return catalog::layer_time(*speed, wafer.time.hop);
  }
  wafer.validation = "unmeasured: the time of a layer is that of other models";
  const auto others = known.layer_times(wafer.time.hop);
  if (!others) return Duration(0);
  wafer.stands_on = fmt::format(
      "an extrapolation: no speed of {} is published, so a layer takes the median of {} other "
      "models, which have {:.3g} to {:.3g} us",
      model, others->models, others->least.value() * micro, others->most.value() * micro);
  return others->median;
}

// By the scenario, if it says one of the three; else by the catalogue.
Duration read_layer(Section& section, const PoolPlan& pool, WaferPlan& wafer) {
  const model::Deployment& d = pool.deployment;
  const Duration hops = wafer.time.hop * static_cast<double>(catalog::wafer_hops(d.pipeline));
  std::vector<const char*> given;
  for (const char* key : {"token_latency", "speed", "t_layer"}) {
    if (section.has(key)) given.push_back(key);
  }
  if (given.empty()) return published_layer(pool, wafer);
  wafer.stands_on = "the scenario";
  wafer.validation = "unknown: the latency of a token is the scenario's";
  if (given.size() > 1) {
    for (const char* key : given) section.skip(key);
    section.mistake(given[1],
                    fmt::format("stands beside {}, which says the same; leave one", given[0]));
    return Duration(1);
  }
  if (section.has("t_layer")) return section.required<Duration>("t_layer", {1e-12, 1});
  const Duration latency =
      section.has("speed")
          ? Duration(1 / std::max(1e-3, section.required_quantity(
                                            "speed", config::Dimension::token_rate, {1e-3, 1e9})))
          : section.required<Duration>("token_latency", {1e-9, 1000});
  return (latency - hops) / static_cast<double>(d.shape->layers);
}

}  // namespace

void read_wafer_latency(Section& section, const PoolPlan& pool, WaferPlan& wafer) {
  model::Wafer::Input& time = wafer.time;
  time.hop = section.optional<Duration>("hop", pool.deployment.accelerator->wafer->hop, {0, 1});
  time.layer = read_layer(section, pool, wafer);
  if (time.layer > Duration(0)) return;
  section.mistake(
      "hop", fmt::format("{} hops of {:.4g} us alone take the whole latency of a token; "
                         "lower it, or parallel.pipeline",
                         catalog::wafer_hops(pool.deployment.pipeline), time.hop.value() * micro));
  time.layer = Duration(1e-6);
}

}  // namespace tokenyard::fleet
