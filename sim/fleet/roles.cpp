// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "fleet/scenario.hpp"

namespace tokenyard::fleet {
namespace {

using config::Section;

constexpr std::array<std::string_view, 2> first_token_sides = {"prefill", "decode"};

void read_hand_over(Section section, PoolPlan& pool) {
  pool.hands_over_to = section.required<std::string>("to");
  pool.shares_links = section.choice("contention", contentions, 0) == 0;
  pool.hand_over.first_token = section.choice("first_token", first_token_sides, 1) == 0
                                   ? serving::FirstToken::prefill
                                   : serving::FirstToken::decode;
  pool.hand_over.hold_kv = section.optional<bool>("hold_kv", true);
  serving::HandOver& rules = pool.hand_over;
  rules.move = static_cast<serving::KvMove>(section.choice("kv_transfer", serving::kv_moves, 0));
  rules.landing = static_cast<serving::Landing>(section.choice("landing", serving::landings, 0));
  if (rules.move != serving::KvMove::push && rules.landing == serving::Landing::unreserved) {
    section.mistake("landing", "must be reserved to pull or to send layer by layer; leave it out");
    rules.landing = serving::Landing::reserved;
  }
  section.finish();
}

// What does not go with sending layer by layer.
void check_layerwise(Section& section, const PoolPlan& pool) {
  if (!pool.hand_over.layerwise()) return;
  if (pool.engine.stages > 1) {
    section.child("parallel")
        .mistake("pipeline",
                 "is not simulated with 'kv_transfer: layerwise'; choose push, or one stage");
  }
  if (pool.store) {
    section.mistake("offload", "a store is not simulated with 'kv_transfer: layerwise'; remove it");
  }
}

void check_pair(Section& section, const PoolPlan& from, const PoolPlan& to) {
  Section hand_over = section.child("hand_over");
  const auto refuse = [&](const std::string& text) {
    hand_over.mistake("to", "'" + to.name + "' " + text);
  };
  if (to.role != PoolRole::decode) {
    refuse("has the role " + std::string(pool_roles[static_cast<std::size_t>(to.role)]) +
           "; give it 'role: decode'");
  } else if (to.model != from.model) {
    refuse("serves another model; both must serve one");
  }
}

}  // namespace

void read_role(Section& section, PoolPlan& pool) {
  pool.role = static_cast<PoolRole>(section.choice("role", pool_roles, 0));
  const bool prefills = pool.role == PoolRole::prefill;
  if (prefills) {
    read_hand_over(section.child("hand_over"), pool);
  } else if (section.has("hand_over")) {
    section.skip("hand_over");
    section.mistake("hand_over", "stands without 'role: prefill'; add that, or remove this");
  }
  if (pool.role == PoolRole::mixed) return;
  Section batching = section.child("batching");
  if (pool.batcher->name != "v1") {
    batching.mistake("policy", "a prefill or decode pool needs v1; leave it out");
  }
  if (pool.role == PoolRole::decode && pool.limits.in_flight > 0) {
    batching.mistake("in_flight",
                     "bounds what arrives, which a decode pool does not refuse; "
                     "set it on the prefill pool");
  }
}

SentKv sent_kv(const PoolPlan& from, const PoolPlan& to) {
  const catalog::ModelShape& shape = *from.deployment.shape;
  const auto in_format_of = [&shape](const PoolPlan& pool) {
    const auto kv = static_cast<std::size_t>(pool.deployment.kv);
    const auto& fixed = shape.kv_fixed;
    return SentKv{*shape.kv_per_token[kv], (fixed[kv] ? fixed[kv] : fixed[0]).value_or(Bytes(0))};
  };
  const SentKv a = in_format_of(from), b = in_format_of(to);
  return {std::min(a.per_token, b.per_token), std::min(a.fixed, b.fixed)};
}

void join_roles(std::vector<Section>& sections, Scenario& scenario) {
  std::vector<PoolPlan>& pools = scenario.pools;
  for (std::size_t i = 0; i < pools.size(); ++i) {
    if (pools[i].role == PoolRole::decode) {
      const bool fed = std::any_of(pools.begin(), pools.end(), [&](const PoolPlan& other) {
        return other.role == PoolRole::prefill && other.hands_over_to == pools[i].name;
      });
      if (!fed) {
        sections[i].mistake("role",
                            "nothing hands over to this decode pool; name it in the "
                            "hand_over of a prefill pool");
      }
    }
    if (pools[i].role != PoolRole::prefill || pools[i].hands_over_to.empty()) continue;
    const auto to = std::find_if(pools.begin(), pools.end(), [&](const PoolPlan& other) {
      return other.name == pools[i].hands_over_to;
    });
    if (to == pools.end()) {
      sections[i]
          .child("hand_over")
          .mistake("to", "'" + pools[i].hands_over_to + "' is not a pool of this fleet; add it");
      continue;
    }
    pools[i].next_pool = static_cast<std::size_t>(to - pools.begin());
    check_pair(sections[i], pools[i], *to);
    check_layerwise(sections[i], pools[i]);
  }
}

}  // namespace tokenyard::fleet
