// SPDX-License-Identifier: Apache-2.0
#include "fleet/wafers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "fleet/scenario.hpp"

namespace tokenyard::fleet {
namespace {

using catalog::SpeedBasis;
using config::Section;

constexpr double micro = 1e6;
constexpr double giga = 1e9;
constexpr double least_kv_share = 0.01;  // of the ports, or KV caches would never arrive
constexpr double slot_context = 8192;    // tokens, of the slots that --explain shows

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

void read_latency(Section& section, const PoolPlan& pool, WaferPlan& wafer) {
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

// Whether KV caches pass the ports at all.
bool moves_kv(const PoolPlan& pool) { return pool.role != PoolRole::mixed || pool.store; }

// Tokens a second that the pool cannot exceed, whatever its contexts.
double peak_rate(const PoolPlan& pool, const model::Wafer& time) {
  const double decodes = 1 / time.decode().time().value();
  if (pool.role != PoolRole::decode) return std::max(decodes, 1 / time.prefill().time().value());
  return std::min(decodes, static_cast<double>(pool.limits.sequences) / time.latency().value());
}

void divide_ports(Section& section, const PoolPlan& pool, const model::Wafer& time,
                  WaferPlan& wafer) {
  wafer.ports = pool.deployment.accelerator->scale_up_bandwidth;
  const BytesPerSecond activations(peak_rate(pool, time) * time.port_bytes());
  wafer.kv_ports = wafer.ports - activations;
  if (wafer.kv_ports >= wafer.ports * least_kv_share) return;
  wafer.kv_ports = wafer.ports * least_kv_share;
  if (!moves_kv(pool)) return;
  section.mistake("", fmt::format("activations take {:.1f} of the {:.1f} GB/s of ports that a "
                                  "wafer has and leave no room for KV caches; use fewer wafers "
                                  "a replica, or lower batching.sequences",
                                  activations.value() / giga, wafer.ports.value() / giga));
}

void explain(Section& section, const PoolPlan& pool, const model::Wafer& time) {
  section.derived("latency", time.latency().value(), "s");
  section.derived("layer_time", pool.wafer->time.layer.value(), "s");
  section.derived("hops", static_cast<double>(catalog::wafer_hops(pool.deployment.pipeline)), "");
  section.derived("decode_issue", time.decode().time().value(), "s");
  section.derived("prefill_issue", time.prefill().time().value(), "s");
  section.derived("kv_ports", pool.wafer->kv_ports.value(), "B/s");
  section.derived(
      "slots_of_8192_tokens",
      std::floor(static_cast<double>(pool.room.left().value()) / kv_bytes(pool, slot_context)),
      "requests");
}

// What a roofline has and wafers do not.
void refuse_others(Section& section, Section& efficiency) {
  for (const char* key : {"overhead", "all_reduce_latency", "stage_bandwidth", "stage_latency"}) {
    if (!section.has(key)) continue;
    section.skip(key);
    section.mistake(key,
                    "is of a roofline, not of wafers; leave it out, or say "
                    "iteration_time.wafer.hop");
  }
  if (!efficiency.has("network")) return;
  efficiency.skip("network");
  efficiency.mistake("network", "is of a roofline, not of wafers; leave it out");
}

// What the pool takes from the catalogue though no source is known.
std::string guesses_of(const PoolPlan& pool) {
  const catalog::WaferSpeeds& known = *pool.deployment.accelerator->wafer;
  std::string keys;
  for (const std::string& key : known.source.from_memory) {
    if (key == "hop" && pool.wafer->time.hop != known.hop) continue;
    if (key == "reserve" && pool.room.reserve != known.reserve * pool.deployment.pipeline) continue;
    keys += (keys.empty() ? "" : ", ") + key;
  }
  return keys;
}

std::string port_shares(const PoolPlan& pool) {
  return fmt::format(
      "of the {:.4g} GB/s of a wafer's ports {:.3g} GB/s are kept for activations "
      "and tokens, their peak, and {:.4g} GB/s are for KV caches",
      pool.wafer->ports.value() / giga, (pool.wafer->ports - pool.wafer->kv_ports).value() / giga,
      pool.wafer->kv_ports.value() / giga);
}

}  // namespace

double kv_bytes(const PoolPlan& pool, double context) {
  const auto kv = static_cast<std::size_t>(pool.deployment.kv);
  double bytes = 0;
  for (const catalog::KvGroup& group : pool.deployment.shape->kv_groups) {
    const bool state = group.kind == catalog::KvKind::linear;
    const auto& given = state ? group.state : group.per_token;
    const auto each =
        static_cast<double>((given[kv] ? given[kv] : given[0]).value_or(Bytes(0)).value());
    const double kept =
        group.windowed() ? std::min(context, static_cast<double>(group.window.value())) : context;
    bytes += state ? each : each * kept;
  }
  return bytes;
}

void plan_wafers(Section& section, Section& parallel, PoolPlan& pool) {
  model::Deployment& d = pool.deployment;
  const std::pair<const char*, bool> refused[] = {{"tensor", d.tensor > 1},
                                                  {"data", d.data > 1},
                                                  {"context", d.context > 1},
                                                  {"imbalance", d.imbalance > 1}};
  for (const auto& [key, above] : refused) {
    if (!above) continue;
    parallel.mistake(key, pool.rack->accelerator +
                              " is wafer-scale, and wafers share a model by its layers only; "
                              "leave it at 1, and set pipeline");
  }
  d.tensor = d.data = d.context = 1;
  d.imbalance = 1;
  pool.engine.ranks = 1;
  pool.engine.stages = 1;  // users' tokens fill the pipeline, within an iteration
  if (!pool.engine.speculation) return;
  section.mistake("speculation",
                  "is not simulated on wafers; leave it out, and say what its drafts reach as "
                  "iteration_time.wafer.speed");
  pool.engine.speculation.reset();
}

std::string wafers_needed(const PoolPlan& pool, double share, Bytes reserve) {
  const catalog::Accelerator& a = *pool.deployment.accelerator;
  if (!a.wafer) return "";
  const double each =
      static_cast<double>(a.memory.value()) * share - static_cast<double>(reserve.value());
  if (each <= 0) return "; no number of wafers holds it with such a reserve";
  const auto wanted = static_cast<double>((pool.room.weights + pool.room.block).value());
  return fmt::format("; it needs {:.0f} wafers (parallel.pipeline)", std::ceil(wanted / each));
}

bool read_wafer_times(Section& section, PoolPlan& pool) {
  if (!pool.deployment.accelerator->wafer || section.has("affine")) {
    if (!section.has("wafer")) return false;
    section.skip("wafer");
    section.mistake("wafer", section.has("affine")
                                 ? "stands beside affine, which says all; leave one"
                                 : pool.rack->accelerator + " is not wafer-scale; leave it out");
    return false;
  }
  WaferPlan& wafer = pool.wafer.emplace();
  wafer.time.deployment = pool.deployment;
  Section efficiency = section.child("efficiency");
  refuse_others(section, efficiency);
  wafer.time.compute = efficiency.optional<config::Fraction>("compute", {0.6}, {0.001, 1}).value;
  wafer.time.memory = efficiency.optional<config::Fraction>("memory", {0.75}, {0.001, 1}).value;
  efficiency.finish();
  Section latency = section.child("wafer");
  read_latency(latency, pool, wafer);
  const model::Wafer time(wafer.time);
  divide_ports(section, pool, time, wafer);
  explain(latency, pool, time);
  latency.finish();
  pool.validation = wafer.validation;
  return true;
}

void limit_ports(const Scenario& scenario, network::Transfers& transfers) {
  for (const PoolPlan& pool : scenario.pools) {
    if (!pool.wafer || !moves_kv(pool)) continue;
    for (std::int64_t replica = 0; replica < pool.replicas; ++replica) {
      const network::NodeRange nodes = pool.nodes_of(replica);
      const auto first = static_cast<std::uint32_t>(nodes.first);
      for (std::uint32_t i = 0; i < nodes.count; ++i) {
        transfers.limit(network::NodeIndex{first + i}, pool.wafer->kv_ports);
      }
    }
  }
}

Wire within_ports(Wire wire, const PoolPlan& from, const PoolPlan& to, std::uint32_t pairs) {
  for (const PoolPlan* pool : {&from, &to}) {
    if (!pool->wafer) continue;
    wire.bandwidth = std::min(wire.bandwidth, pool->wafer->kv_ports * static_cast<double>(pairs));
  }
  return wire;
}

void assume_of_wafers(Scenario& scenario) {
  for (const PoolPlan& pool : scenario.pools) {
    if (!pool.wafer) continue;
    const auto assume = [&](const std::string& text) {
      scenario.assumptions.push_back("pool " + pool.name + ": " + text);
    };
    assume("a token's latency stands on " + pool.wafer->stands_on);
    const std::string guesses = guesses_of(pool);
    if (!guesses.empty()) assume("from memory in the catalogue of wafers: " + guesses);
    assume("layers spread evenly over its wafers, also in parts");
    if (moves_kv(pool)) assume(port_shares(pool));
    if (pool.deployment.weights != catalog::Precision::bf16) {
      assume("weights below 16 bits are kept so, and computed at the catalogue's rate");
    }
  }
}

}  // namespace tokenyard::fleet
