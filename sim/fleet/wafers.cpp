// SPDX-License-Identifier: Apache-2.0
#include "fleet/wafers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "fleet/scenario.hpp"

namespace tokenyard::fleet {
namespace {

using config::Section;

constexpr double giga = 1e9;
constexpr double least_kv_share = 0.01;  // of the ports, or KV caches would never arrive
constexpr double slot_context = 8192;    // tokens, of the slots that --explain shows

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
  read_wafer_latency(latency, pool, wafer);
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
