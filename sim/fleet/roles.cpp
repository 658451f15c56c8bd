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
  section.finish();
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
  } else if (to.deployment.kv != from.deployment.kv) {
    refuse("keeps its KV cache in another format; set precision.kv of both to one");
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
  }
}

}  // namespace tokenyard::fleet
