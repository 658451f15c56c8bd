// SPDX-License-Identifier: Apache-2.0
#include "fleet/pool_router.hpp"

#include <algorithm>
#include <tuple>

#include "core/contracts.hpp"
#include "core/portable_math.hpp"

namespace tokenyard::fleet {
namespace {

using States = std::span<const PoolState>;

constexpr double infinite = std::numeric_limits<double>::infinity();

bool any_state(const PoolState&) { return true; }

// The one that is up, and of which `may` is true, with the least key; ties by rank. The number of
// states if there is none.
template <class Key, class May>
std::size_t least(States states, const Key& key, const May& may) {
  std::size_t best = states.size();
  for (std::size_t i = 0; i < states.size(); ++i) {
    if (!states[i].up || !may(states[i])) continue;
    if (best == states.size() || std::tuple(key(states[i]), states[i].rank) <
                                     std::tuple(key(states[best]), states[best].rank)) {
      best = i;
    }
  }
  return best;
}

template <class Key>
std::size_t least(States states, const Key& key) {
  return least(states, key, any_state);
}

std::size_t first(States states) {
  return least(states, [](const PoolState& s) { return s.rank; });
}

// The least of those expected to meet the limits; if there is none, the least expected TTFT.
template <class Key>
std::size_t least_that_meets(States states, const traffic::Slo& slo, const Key& key) {
  const std::size_t choice = least(
      states, [&](const PoolState& s) { return std::tuple(key(s), expected_ttft(s)); },
      [&](const PoolState& s) { return expected_to_meet(s, slo); });
  return choice < states.size() ? choice : least(states, expected_ttft);
}

// Least network time; of pools equally near the less loaded.
class Nearest final : public PoolRouter {
 public:
  std::size_t choose(const traffic::Request&, const traffic::Slo&, States states,
                     RandomStream&) override {
    return least(states, [](const PoolState& s) { return std::tuple(s.network, load_of(s)); });
  }
};

// By chance, in proportion to the weights of those that are up; if these have none, the first.
class Weighted final : public PoolRouter {
 public:
  std::size_t choose(const traffic::Request&, const traffic::Slo&, States states,
                     RandomStream& draws) override {
    double sum = 0;
    for (const PoolState& s : states) sum += s.up ? s.weight : 0;
    if (sum <= 0) return first(states);
    double rest = draws.uniform() * sum;
    std::size_t choice = states.size();
    for (std::size_t i = 0; i < states.size(); ++i) {
      if (!states[i].up || states[i].weight <= 0) continue;
      choice = i;
      rest -= states[i].weight;
      if (rest < 0) break;
    }
    return choice;
  }
};

class LeastLoaded final : public PoolRouter {
 public:
  std::size_t choose(const traffic::Request&, const traffic::Slo&, States states,
                     RandomStream&) override {
    return least(states, load_of);
  }
};

// Least expected TTFT of those whose tpot is within the limit; if there is none, of all.
class SloAware final : public PoolRouter {
 public:
  std::size_t choose(const traffic::Request&, const traffic::Slo& slo, States states,
                     RandomStream&) override {
    const std::size_t choice =
        least(states, expected_ttft, [&](const PoolState& s) { return s.tpot <= slo.tpot; });
    return choice < states.size() ? choice : least(states, expected_ttft);
  }
};

class Cheapest final : public PoolRouter {
 public:
  std::size_t choose(const traffic::Request&, const traffic::Slo& slo, States states,
                     RandomStream&) override {
    return least_that_meets(states, slo,
                            [](const PoolState& s) { return s.usd_per_million_tokens; });
  }
};

class LeastCarbon final : public PoolRouter {
 public:
  std::size_t choose(const traffic::Request&, const traffic::Slo& slo, States states,
                     RandomStream&) override {
    return least_that_meets(states, slo, [](const PoolState& s) { return s.carbon_g_per_kwh; });
  }
};

// The first in order that is below both thresholds; if all are above one, the first.
class SpillOver final : public PoolRouter {
 public:
  explicit SpillOver(const PoolRouterRules& rules) : rules_(rules) {}

  std::size_t choose(const traffic::Request&, const traffic::Slo&, States states,
                     RandomStream&) override {
    const std::size_t choice = least(
        states, [](const PoolState& s) { return s.rank; },
        [&](const PoolState& s) {
          return load_of(s) < rules_.threshold_load && s.tokens < rules_.threshold_tokens;
        });
    return choice < states.size() ? choice : first(states);
  }

 private:
  PoolRouterRules rules_;
};

class Failover final : public PoolRouter {
 public:
  std::size_t choose(const traffic::Request&, const traffic::Slo&, States states,
                     RandomStream&) override {
    return first(states);
  }
};

template <class T>
std::unique_ptr<PoolRouter> make(const PoolRouterRules& rules) {
  if constexpr (std::is_constructible_v<T, const PoolRouterRules&>) {
    return std::make_unique<T>(rules);
  } else {
    return std::make_unique<T>();
  }
}

constexpr PoolRouterEntry entries[] = {
    {"nearest", "least network time from the client and back", make<Nearest>},
    {"least-loaded", "fewest requests per sequence that may run", make<LeastLoaded>},
    {"weighted", "by chance, in proportion to given weights", make<Weighted>},
    {"slo-aware", "least expected TTFT, network included, where TPOT meets the SLO",
     make<SloAware>},
    {"cheapest", "the cheapest expected to meet the SLO", make<Cheapest>},
    {"least-carbon", "the least carbon per kWh expected to meet the SLO", make<LeastCarbon>},
    {"spill-over", "the first in order below a threshold of load", make<SpillOver>},
    {"failover", "the first in order that is up", make<Failover>},
};

}  // namespace

double load_of(const PoolState& state) {
  return state.up && state.sequences > 0 ? state.requests / state.sequences : infinite;
}

Duration expected_ttft(const PoolState& state) {
  if (state.ttft <= Duration(0)) return state.network;
  const double queue = (state.requests + 1) / std::max(state.sequences, 1.0);
  return state.network + state.ttft * std::max(1.0, queue);
}

bool expected_to_meet(const PoolState& state, const traffic::Slo& slo) {
  return expected_ttft(state) <= slo.ttft && state.tpot <= slo.tpot;
}

std::span<const PoolRouterEntry> pool_routers() { return entries; }

void RecentMean::add(Duration seen, Instant now) {
  const double age = (now - last_) / memory_;
  SIM_EXPECT(age >= 0);
  const double left = weight_ > 0 && age <= 1 ? portable_exp(-age) : 0;
  sum_ = left * sum_ + seen.value();
  weight_ = left * weight_ + 1;
  last_ = now;
}

Duration RecentMean::mean(Instant now) const {
  if (weight_ == 0 || now - last_ > memory_) return Duration(0);
  return Duration(sum_ / weight_);
}

}  // namespace tokenyard::fleet
