// SPDX-License-Identifier: Apache-2.0
// What a pool's engine does beside its batcher's rules.
#include "fleet/engines.hpp"

#include <fmt/format.h>

#include <numeric>

#include "fleet/scenario.hpp"

namespace tokenyard::fleet {
namespace {

using config::Section;
using serving::Reserve;
using serving::Scheduling;

constexpr EnginePreset presets[] = {
    {"none", "plain rules, nothing else", "v1", 256, Tokens(8192), Tokens(16), 0.9, Reserve::chunk,
     Scheduling::sync, false},
    {"vllm",
     "vLLM 0.13 as an API server on accelerators of 70 GB or more; decodes come before unfinished "
     "prompts, and equal blocks computed at the same time are kept once",
     "v1", 1024, Tokens(8192), Tokens(16), 0.9, Reserve::chunk, Scheduling::sync, true},
    {"sglang",
     "SGLang 0.5 on accelerators of 60 GB or more; admission asks for room for the prompt where "
     "SGLang adds a share of max_tokens that it adapts, and the last admitted is retracted first",
     "chunks-first", 2048, Tokens(8192), Tokens(1), 0.88, Reserve::prompt, Scheduling::async, true},
    {"trtllm",
     "TensorRT-LLM 1.1, PyTorch backend, GUARANTEED_NO_EVICT; prompts are read in chunks, which "
     "its enable_chunked_prefill turns on",
     "v1", 2048, Tokens(8192), Tokens(32), 0.9, Reserve::full, Scheduling::async, true},
};

constexpr config::Limits some_time{0, 3600};

void read_speculation(Section section, const Scenario& scenario, PoolPlan& pool) {
  serving::Speculation& speculation = pool.engine.speculation.emplace();
  speculation.acceptance = section.numbers("acceptance", {0, 1});
  if (speculation.acceptance.empty() || speculation.acceptance.size() > 64) {
    section.mistake("acceptance", "must list 1 to 64 chances, one for each drafted token");
    speculation.acceptance = {0};
  }
  speculation.step = section.optional<Duration>("step", Duration(0), some_time);
  speculation.sequence = section.optional<Duration>("sequence", Duration(0), some_time);
  speculation.seed = scenario.seed;
  section.finish();
  const std::int64_t each = 1 + speculation.length();
  if (pool.limits.batch_tokens < Tokens(pool.limits.sequences * each)) {
    section.mistake(
        "acceptance",
        fmt::format("{} sequences of {} tokens each are more than batching.tokens ({}); "
                    "raise that, or lower batching.sequences",
                    pool.limits.sequences, each, pool.limits.batch_tokens.value()));
    pool.limits.batch_tokens = Tokens(pool.limits.sequences * each);
  }
}

void read_tier(Section& tier, PoolPlan& pool) {
  tier.required<std::string>("name");
  if (pool.store) tier.mistake("", "stands behind the store; let the tier with `at` be the last");
  const auto memory = tier.required<Bytes>("memory", {1, 1e16});
  if (tier.has("at")) {
    StorePlan& store = pool.store.emplace();
    store.memory = memory;
    store.at = tier.required<std::string>("at");
    store.nodes = std::max<std::int64_t>(1, tier.optional<std::int64_t>("nodes", 1, {1, 1e6}));
    store.shares_links = tier.choice("contention", contentions, 0) == 0;
    for (const char* key : {"bandwidth", "latency"}) {
      if (!tier.has(key)) continue;
      tier.skip(key);
      tier.mistake(key, "of a store is that of the platform's links; leave it out");
    }
    if (pool.offload.empty()) {
      tier.mistake("at",
                   "what is fetched from a store needs a place; put a tier of each replica "
                   "before it");
    }
  } else {
    OffloadPlan& plan = pool.offload.emplace_back();
    plan.memory = memory;
    plan.bandwidth = tier.required<BytesPerSecond>("bandwidth", {1, 1e15});
    plan.latency = tier.optional<Duration>("latency", Duration(0), some_time);
    for (const char* key : {"nodes", "contention"}) {
      if (!tier.has(key)) continue;
      tier.skip(key);
      tier.mistake(key, "is of a store only; add `at`, or leave it out");
    }
  }
  tier.finish();
}

std::vector<std::int64_t> read_buckets(Section& section, const char* key) {
  std::vector<std::int64_t> buckets;
  if (!section.has(key)) return buckets;
  for (const double size : section.numbers(key, {1, 1e9})) {
    const auto whole = static_cast<std::int64_t>(size);
    if (static_cast<double>(whole) != size || (!buckets.empty() && whole <= buckets.back())) {
      section.mistake(key, "must be whole numbers that rise");
      break;
    }
    buckets.push_back(whole);
  }
  return buckets;
}

void read_shapes(Section section, PoolPlan& pool) {
  serving::StaticShapes& shapes = pool.engine.shapes.emplace();
  shapes.prompt = read_buckets(section, "prompt");
  shapes.sequences = read_buckets(section, "sequences");
  shapes.context = read_buckets(section, "context");
  section.finish();
}

}  // namespace

std::span<const EnginePreset> engine_presets() { return presets; }

void read_engine(Section& section, const Scenario& scenario, PoolPlan& pool) {
  serving::Engine& engine = pool.engine;
  engine.prefix_cache = section.optional<bool>(
      "prefix_cache", pool.preset->prefix_cache && pool.role != PoolRole::decode);
  if (engine.prefix_cache && pool.role == PoolRole::decode) {
    section.mistake("prefix_cache", "is of no use where no prompts are read; leave it out");
    engine.prefix_cache = false;
  }
  for (Section& tier : section.children("offload")) read_tier(tier, pool);
  if (!pool.offload.empty() && !engine.prefix_cache) {
    section.mistake("offload", "keeps what a prefix cache has no room for; add prefix_cache: true");
    pool.offload.clear();
  }
  if (section.has("speculation")) read_speculation(section.child("speculation"), scenario, pool);
  if (section.has("shapes")) read_shapes(section.child("shapes"), pool);
  if (section.has("swap")) {
    Section swap = section.child("swap");
    engine.swap.emplace();
    engine.swap->capacity = swap.required<Bytes>("memory", {1, 1e15});
    engine.swap->bandwidth = swap.required<BytesPerSecond>("bandwidth", {1, 1e15});
    swap.finish();
  }
}

void assume_of_engines(Scenario& scenario) {
  const auto assume = [&scenario](const PoolPlan& pool, const std::string& text) {
    scenario.assumptions.push_back("pool " + pool.name + ": " + text);
  };
  for (const PoolPlan& pool : scenario.pools) {
    const serving::Engine& engine = pool.engine;
    if (pool.preset != &presets[0]) assume(pool, "follows " + std::string(pool.preset->follows));
    if (engine.prefix_cache && !engine.kv.windows.empty()) {
      assume(pool, "the windows of a prompt found in the prefix cache are there with it");
    }
    if (!engine.offload.empty()) {
      assume(pool, "writing to the tiers of offload goes on beside the iterations, for nothing");
    }
    if (pool.store) {
      assume(pool, fmt::format(
                       "the {} of its store at {} are neither paid for nor powered",
                       pool.store->nodes == 1 ? "node" : fmt::format("{} nodes", pool.store->nodes),
                       pool.store->at));
    }
    if (engine.speculation) {
      assume(pool, "drafts are accepted with the given chances, drawn for each token of a request");
    }
    if (engine.shapes) assume(pool, "a batch runs in the next larger of the given shapes");
    if (engine.stages > 1) {
      assume(pool, fmt::format("{} stages take equal parts of an iteration; a request stays in its "
                               "micro-batch, which takes up to {} sequences",
                               engine.stages,
                               (pool.limits.sequences + engine.stages - 1) / engine.stages));
    }
    if (engine.ranks > 1) {
      assume(pool,
             fmt::format("{} ranks iterate together, as long as the slowest; a request goes to "
                         "the rank with the fewest",
                         engine.ranks));
    }
  }
}

// The KV cache in blocks of one size, of which each group of layers takes a whole number for
// block_size tokens; a state of fixed size takes as many as it fills.
Bytes lay_out_kv(PoolPlan& pool) {
  const model::Deployment& d = pool.deployment;
  const auto kv = static_cast<std::size_t>(d.kv);
  const auto bytes = [&](const catalog::KvGroup::ByPrecision& given) {
    return (given[kv] ? given[kv] : given[0]).value_or(Bytes(0)) * d.kv_copies();
  };
  std::int64_t unit = 0;
  std::int64_t grows = 0;
  for (const catalog::KvGroup& group : d.shape->kv_groups) {
    if (group.grows()) grows += bytes(group.per_token).value();
    if (group.windowed()) unit = std::gcd(unit, bytes(group.per_token).value());
  }
  unit = std::gcd(unit, grows);
  const Bytes block(unit * pool.limits.block_size.value());
  serving::KvLayout& layout = pool.engine.kv;
  layout.weight = grows / unit;
  for (const catalog::KvGroup& group : d.shape->kv_groups) {
    if (group.windowed()) {
      layout.windows.push_back({bytes(group.per_token).value() / unit, group.window,
                                group.kind == catalog::KvKind::chunked});
    } else if (group.kind == catalog::KvKind::linear) {
      layout.fixed += Blocks((bytes(group.state).value() + block.value() - 1) / block.value());
    }
  }
  if (pool.engine.swap) {
    pool.engine.swap->block = block;
    pool.engine.swap->capacity = pool.engine.swap->capacity / d.data;
  }
  const Bytes kept = block * layout.weight;
  for (const OffloadPlan& plan : pool.offload) {
    const std::int64_t blocks = (plan.memory / d.data).value() / kept.value();
    pool.engine.offload.push_back({Blocks(blocks), kept / plan.bandwidth, plan.latency});
  }
  pool.kept_block = kept;
  return block;
}

}  // namespace tokenyard::fleet
