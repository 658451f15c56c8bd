// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "fleet/placement.hpp"
#include "fleet/scenario.hpp"

namespace tokenyard::fleet {
namespace {

using config::Section;

template <class Entries>
std::vector<std::string_view> names_of(const Entries& entries) {
  std::vector<std::string_view> names;
  for (const auto& entry : entries) names.push_back(entry.name);
  return names;
}

// The rack, site and accelerator that the pool stands on. False if a name leads nowhere.
bool read_place(Section& section, const Scenario& scenario, PoolPlan& pool) {
  pool.at = section.required<std::string>("at");
  const network::Cluster* cluster = find_cluster(scenario, pool.at);
  if (cluster == nullptr) {
    if (!scenario.layout.clusters.empty()) {
      section.mistake("at", not_a_cluster(scenario, pool.at));
    }
    return false;
  }
  const catalog::Catalog& catalog = *scenario.catalog;
  pool.region = cluster->region;
  pool.rack_name = cluster->rack;
  const auto rack = catalog.racks.find(cluster->rack);
  const auto site = catalog.regions.find(cluster->region);
  if (rack == catalog.racks.end() || site == catalog.regions.end()) {
    section.mistake("at", "its rack '" + cluster->rack + "' or region '" + cluster->region +
                              "' is not in the catalogue beside the platform file; add it there");
    return false;
  }
  pool.rack = &rack->second;
  pool.site = &site->second;
  const auto accelerator = catalog.accelerators.find(pool.rack->accelerator);
  if (accelerator == catalog.accelerators.end()) return false;
  pool.deployment.accelerator = &accelerator->second;
  pool.deployment.rack = pool.rack;
  return true;
}

// What the stages of a pipeline cannot do besides.
void check_pipeline(Section& section, Section& parallel, PoolPlan& pool) {
  serving::Engine& engine = pool.engine;
  if (engine.ranks > 1) {
    parallel.mistake("pipeline", "and data ranks are not simulated together; leave one at 1");
    engine.stages = 1;
  }
  if (engine.scheduling == serving::Scheduling::sync) return;
  Section batching = section.child("batching");
  const char* key = engine.hidden > Duration(0) ? "hidden" : "scheduling";
  if (batching.has(key)) {
    batching.mistake(key, "is not simulated with parallel.pipeline; say scheduling: sync");
  }
  engine.scheduling = serving::Scheduling::sync;
  engine.hidden = Duration(0);
}

bool read_deployment(Section& section, const Scenario& scenario, PoolPlan& pool) {
  const auto name = section.required<std::string>("model");
  for (std::size_t i = 0; i < scenario.models.size(); ++i) {
    if (scenario.models[i]->name != name) continue;
    pool.model = ModelId(static_cast<std::uint16_t>(i));
    pool.deployment.shape = scenario.models[i].get();
  }
  model::Deployment& d = pool.deployment;
  Section precision = section.child("precision");
  d.weights =
      static_cast<catalog::Precision>(precision.choice("weights", catalog::precision_names, 0));
  d.kv = static_cast<catalog::Precision>(
      precision.choice("kv", catalog::precision_names, static_cast<std::size_t>(d.weights)));
  Section parallel = section.child("parallel");
  d.tensor = std::max<std::int64_t>(1, parallel.optional<std::int64_t>("tensor", 1, {1, 4096}));
  d.data = std::max<std::int64_t>(1, parallel.optional<std::int64_t>("data", 1, {1, 255}));
  pool.engine.ranks = d.data;
  d.context = std::max<std::int64_t>(1, parallel.optional<std::int64_t>("context", 1, {1, 4096}));
  d.pipeline = std::max<std::int64_t>(1, parallel.optional<std::int64_t>("pipeline", 1, {1, 255}));
  pool.engine.stages = d.pipeline;
  d.imbalance = std::max(1.0, parallel.optional<double>("imbalance", 1, {1, 1000}));
  parallel.finish();
  if (d.accelerator->wafer) plan_wafers(section, parallel, pool);
  if (pool.engine.stages > 1) check_pipeline(section, parallel, pool);
  if (d.shape == nullptr) {
    section.mistake("model", "'" + name + "' is not among the scenario's models; add it there");
    return false;
  }
  const auto weights = static_cast<std::size_t>(d.weights);
  bool whole = true;
  if (!d.accelerator->compute[weights] || !d.shape->weights[weights]) {
    precision.mistake("weights",
                      fmt::format("{} has no {} rate, or the model no {} weights; choose "
                                  "another",
                                  pool.rack->accelerator, catalog::precision_names[weights],
                                  catalog::precision_names[weights]));
    whole = false;
  }
  if (!d.shape->kv_per_token[static_cast<std::size_t>(d.kv)]) {
    precision.mistake("kv", "the model has no KV size in this format; choose another");
    whole = false;
  }
  precision.finish();
  // Stages may stand in domains of their own.
  const std::int64_t together = d.chips_per_stage() * d.data;
  if (together > d.scale_up_chips()) {
    parallel.mistake("tensor", fmt::format("{} accelerators are more than a scale-up domain of {} "
                                           "has ({}); lower it",
                                           together, pool.rack_name, d.scale_up_chips()));
    whole = false;
  }
  if (d.pipeline > d.shape->layers) {
    parallel.mistake("pipeline", fmt::format("is above the {} layers of {}; lower it",
                                             d.shape->layers, d.shape->name));
    whole = false;
  }
  return whole;
}

void read_scheduling(Section& section, PoolPlan& pool) {
  serving::Engine& engine = pool.engine;
  engine.order = static_cast<serving::Order>(section.choice("order", serving::orders, 0));
  engine.scheduling = static_cast<serving::Scheduling>(section.choice(
      "scheduling", serving::schedulings, static_cast<std::size_t>(pool.preset->scheduling)));
  engine.hidden = section.optional<Duration>("hidden", Duration(0), {0, 3600});
  if (engine.hidden > Duration(0) && engine.scheduling == serving::Scheduling::sync) {
    section.mistake("hidden", "hides nothing without 'scheduling: async'; add that");
    engine.hidden = Duration(0);
  }
  engine.long_prompt = section.optional<Tokens>("long_prompt", Tokens(0), {1, 1e9});
  const bool chunks = pool.batcher->name == "v1" || pool.batcher->name == "chunks-first";
  if (engine.long_prompt > Tokens(0) && !chunks) {
    section.mistake("long_prompt", "needs a policy that reads prompts in chunks: v1, chunks-first");
    engine.long_prompt = Tokens(0);
  }
}

void read_batching(Section section, PoolPlan& pool) {
  const EnginePreset& preset = *pool.preset;
  std::vector<std::string_view> names;
  for (const serving::BatcherEntry& entry : serving::batchers()) names.push_back(entry.name);
  const auto fallback = std::find(names.begin(), names.end(), preset.policy) - names.begin();
  pool.batcher =
      &serving::batchers()[section.choice("policy", names, static_cast<std::size_t>(fallback))];
  serving::Limits& limits = pool.limits;
  limits.sequences = section.optional<std::int64_t>("sequences", preset.sequences, {1, 65536});
  limits.batch_tokens = section.optional<Tokens>("tokens", preset.batch_tokens, {1, 1e9});
  limits.block_size = section.optional<Tokens>("block_size", preset.block_size, {1, 1 << 20});
  limits.in_flight = section.optional<std::int64_t>("in_flight", 0, {0, 1e12});
  limits.reserve = static_cast<serving::Reserve>(
      section.choice("reserve", serving::reserves, static_cast<std::size_t>(preset.reserve)));
  read_scheduling(section, pool);
  if (limits.batch_tokens < Tokens(limits.sequences)) {
    section.mistake("tokens", "is below sequences, so that not all could decode at once; raise it");
    limits.batch_tokens = Tokens(limits.sequences);
  }
  section.finish();
}

void read_memory(Section section, PoolPlan& pool) {
  const model::Deployment& d = pool.deployment;
  const auto& wafer = d.accelerator->wafer;  // whose reserve is all that is not for the model
  const double share = section
                           .optional<config::Fraction>(
                               "utilisation", {wafer ? 1 : pool.preset->memory_share}, {0.01, 1})
                           .value;
  const auto reserve =
      section.optional<Bytes>("reserve", wafer ? wafer->reserve : Bytes(4'000'000'000), {0, 1e13});
  model::KvRoom& room = pool.room;
  const double memory =
      static_cast<double>((d.accelerator->memory * d.chips_per_rank()).value()) * share;
  room.memory = Bytes(static_cast<std::int64_t>(memory));
  room.weights = *d.shape->weights[static_cast<std::size_t>(d.weights)];
  if (d.data > 1) {
    // Each rank has all weights but the experts, of which it has its part.
    const double experts = d.shape->expert_share() * (1 - 1 / static_cast<double>(d.data));
    room.weights =
        Bytes(static_cast<std::int64_t>(static_cast<double>(room.weights.value()) * (1 - experts)));
  }
  room.weights = room.weights * d.context;  // each group has them all
  room.reserve = reserve * d.chips_per_rank();
  room.block = lay_out_kv(pool);
  pool.limits.blocks = room.blocks();
  constexpr double giga = 1e9;
  const auto gb = [](Bytes bytes) { return static_cast<double>(bytes.value()) / giga; };
  if (pool.limits.blocks < Blocks(1)) {
    section.mistake(
        "", fmt::format("the model does not fit: weights {:.1f} GB and reserve {:.1f} GB are "
                        "{:.1f} GB more than {:.1f} GB ({:.0f} % of {} x {:.0f} GB); use more "
                        "accelerators, a smaller format or another rack{}",
                        gb(room.weights), gb(room.reserve), -gb(room.left()), gb(room.memory),
                        100 * share, d.chips_per_rank(), gb(d.accelerator->memory),
                        wafers_needed(pool, share, reserve)));
    pool.limits.blocks = Blocks(1);
  }
  section.derived("kv_cache", gb(room.left()), "GB");
  section.derived("kv_blocks", static_cast<double>(pool.limits.blocks.value()), "blocks");
  section.finish();
}

void read_price(Section section, const Scenario& scenario, PoolPlan& pool) {
  const std::string basis(catalog::price_bases[section.choice("basis", catalog::price_bases, 0)]);
  pool.price = price_of(scenario, pool, basis);
  if (!pool.price) {
    std::string known;
    for (const std::string_view other : catalog::price_bases) {
      if (!price_of(scenario, pool, std::string(other))) continue;
      known += (known.empty() ? "" : ", ") + std::string(other);
    }
    section.mistake("basis",
                    "no " + basis + " price of " + pool.rack_name + " in " + pool.region +
                        (known.empty() ? "; add one to the catalogue" : "; known there: " + known));
  }
  section.finish();
}

void check_hidden(Section& section, const PoolPlan& pool) {
  const Duration least = pool.affine  ? pool.affine->base
                         : pool.wafer ? pool.wafer->latency()
                                      : pool.time.overhead;
  if (pool.engine.hidden == Duration(0) || pool.engine.hidden < least) return;
  section.child("batching")
      .mistake("hidden",
               fmt::format("is not below the {} ms that an iteration takes in any case; lower it",
                           least.value() * 1e3));
}

void read_reserved(Section& section, const Scenario& scenario, PoolPlan& pool) {
  pool.tenants = section.strings("tenants");
  std::vector<std::string> known;
  for (const traffic::Tenant& tenant : scenario.tenants) known.push_back(tenant.name);
  for (const std::string& name : pool.tenants) {
    if (known.empty() || std::find(known.begin(), known.end(), name) != known.end()) continue;
    section.mistake("tenants", config::unknown_name(name, known));
  }
}

void place_store(Section& section, Placement& placement, PoolPlan& pool) {
  placement.place(section, "offload", *pool.store);
  if (pool.engine.ranks > 1) {
    section.mistake("offload",
                    "a store is not simulated with data ranks; leave parallel.data at 1");
  }
}

// Curves of traffic have a beginning of their own, in files that know of no scenario.
void assume_of_curves(Scenario& scenario) {
  if (!scenario.begins) return;
  const auto day = std::chrono::floor<std::chrono::days>(*scenario.begins);
  const bool as_curves =
      std::chrono::weekday(day) == std::chrono::Monday && *scenario.begins == day;
  const bool described =
      std::any_of(scenario.tenants.begin(), scenario.tenants.end(),
                  [](const traffic::Tenant& tenant) { return tenant.workload.has_value(); });
  if (as_curves || !described) return;
  scenario.assumptions.push_back(
      "daily and weekly curves of traffic begin as their begins_on and begins_at say (else on "
      "Monday "
      "at 00:00), whatever begins says");
}

}  // namespace

void read_pools(Section& fleet, Scenario& scenario) {
  std::vector<Section> sections = fleet.children("pools", 1);
  Placement placement(scenario);
  for (Section& section : sections) {
    PoolPlan pool;
    pool.deployment.shape = nullptr;
    pool.name = section.required<std::string>("name");
    for (const PoolPlan& other : scenario.pools) {
      if (other.name == pool.name) section.mistake("name", "names two pools; rename one");
    }
    read_replicas(section, pool);
    pool.preset = &engine_presets()[section.choice("engine", names_of(engine_presets()), 0)];
    read_batching(section.child("batching"), pool);
    read_role(section, pool);
    read_reserved(section, scenario, pool);
    read_engine(section, scenario, pool);
    if (section.has("cold_start")) read_cold_start(section.child("cold_start"), pool);
    const bool placed = read_place(section, scenario, pool);
    if (placed && read_deployment(section, scenario, pool)) {
      read_memory(section.child("memory"), pool);
      read_times(section.child("iteration_time"), scenario, pool);
      check_hidden(section, pool);
      read_price(section.child("price"), scenario, pool);
      placement.place(section, pool);
      if (pool.store) place_store(section, placement, pool);
    } else {
      for (const char* key :
           {"model", "precision", "parallel", "memory", "iteration_time", "price", "nodes"}) {
        section.skip(key);
      }
    }
    section.finish();
    scenario.pools.push_back(std::move(pool));
  }
  join_roles(sections, scenario);
  read_stores(fleet, placement, scenario);
  join_stores(sections, scenario);
  placement.settle(fleet, scenario.pools);
}

void assume_of_pools(Scenario& scenario) {
  scenario.assumptions = {"whole nodes are paid for and powered, busy or not, while they are there",
                          assumption_of(scenario.client_network)};
  assume_of_curves(scenario);
  assume_of_scaling(scenario);
  assume_of_accounts(scenario);
  assume_of_engines(scenario);
  assume_of_wafers(scenario);
  assume_of_rules(scenario);
  for (const PoolPlan& pool : scenario.pools) {
    if (pool.role != PoolRole::prefill) continue;
    if (pool.hand_over.landing == serving::Landing::unreserved) {
      scenario.assumptions.push_back("KV caches of " + pool.name +
                                     " land without room kept for them: decode replicas take their "
                                     "blocks when they admit the requests");
    }
    if (pool.deployment.kv != scenario.pools[pool.next_pool].deployment.kv) {
      scenario.assumptions.push_back("KV caches of " + pool.name +
                                     " change their format on the way in no time");
    }
  }
}

}  // namespace tokenyard::fleet
