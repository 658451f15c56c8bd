// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <type_traits>
#include <vector>

#include "fleet/prefix_store.hpp"
#include "fleet/router.hpp"
#include "traffic/number_set.hpp"

namespace tokenyard::fleet {
namespace {

class LeastLoaded final : public Router {
 public:
  std::size_t choose(const traffic::Request&, PoolView& pool) override {
    return pool.least_loaded();
  }
};

class LeastTokens final : public Router {
 public:
  LoadMeasure measure() const override { return LoadMeasure::tokens; }
  std::size_t choose(const traffic::Request&, PoolView& pool) override {
    return pool.least_loaded();
  }
};

// The least loaded of d different replicas; of equals the one drawn first.
class PowerOfChoices final : public Router {
 public:
  explicit PowerOfChoices(std::size_t choices) : choices_(choices) {}

  std::size_t choose(const traffic::Request&, PoolView& pool) override {
    if (pool.size() == 1) return pool.replica(0);
    taken_.clear();
    drawn_.clear();
    for (std::size_t i = std::min(choices_, pool.size()); i > 0; --i) draw(pool);
    return *std::min_element(drawn_.begin(), drawn_.end(), [&](std::size_t a, std::size_t b) {
      return pool.load(a) < pool.load(b);
    });
  }

 private:
  // Of those that are left, by number: each one drawn before moves it up by one.
  void draw(PoolView& pool) {
    std::size_t k = pool.draw(pool.size() - taken_.size());
    for (const std::size_t taken : taken_) k += k >= taken ? 1 : 0;
    taken_.insert(std::upper_bound(taken_.begin(), taken_.end(), k), k);
    drawn_.push_back(pool.replica(k));
  }

  std::size_t choices_;
  std::vector<std::size_t> taken_;  // in order
  std::vector<std::size_t> drawn_;
};

class RoundRobin final : public Router {
 public:
  std::size_t choose(const traffic::Request&, PoolView& pool) override {
    const std::size_t before = pool.open_before(next_);
    const std::size_t choice = pool.replica(before == pool.size() ? 0 : before);
    next_ = choice + 1 == pool.replicas() ? 0 : choice + 1;
    return choice;
  }

 private:
  std::size_t next_ = 0;
};

class Random final : public Router {
 public:
  std::size_t choose(const traffic::Request&, PoolView& pool) override {
    return pool.replica(pool.draw(pool.size()));
  }
};

// Consistent hashing with bounded loads: the hash of what requests have in common names a replica,
// and names another until one is open and not loaded by more than a quarter above the mean. What
// belongs together thus stays together while a replica can bear it, and overflows to the same next.
class PrefixAffinity final : public Router {
 public:
  Wants wants() const override { return Wants::pieces; }
  std::size_t choose(const traffic::Request& request, PoolView& pool) override {
    std::uint64_t hash = common(request, pool.prompt());
    if (hash == 0) return pool.least_loaded();
    const double most = 1.25 * pool.mean_load() + 1;
    for (std::size_t i = 0; i < 2 * pool.replicas(); ++i) {
      hash = traffic::mixed(hash, i);
      const std::size_t choice = hash % pool.replicas();
      if (pool.is_open(choice) && static_cast<double>(pool.load(choice)) <= most) return choice;
    }
    return pool.least_loaded();
  }

 private:
  // Of its session, else of the first piece of its prompt; 0 if there is neither.
  static std::uint64_t common(const traffic::Request& request, const Prompt& prompt) {
    if (request.session != 0) {
      const std::uint64_t part = std::uint64_t{index(request.tenant)} << 32 | request.client;
      return traffic::mixed(part, request.session) | 1;
    }
    return prompt.pieces.empty() ? 0 : traffic::mixed(0, prompt.pieces.front().content) | 1;
  }
};

// As routers do that keep an approximate index of what each replica's prefix cache has: all prompts
// sent there, in as many blocks as it has, the longest unused lost first. The cost of a replica is
// blocks of the prompt that are not there + outstanding tokens / tokens of a block; the least wins,
// the lowest number among equals. O(open replicas * blocks of the prompt).
class KvAware final : public Router {
 public:
  explicit KvAware(const RouterRules& rules)
      : plan_{rules.blocks, Bytes(0), {}, {}}, block_size_(rules.block_size) {
    SIM_EXPECT(block_size_ >= Tokens(1));
  }

  LoadMeasure measure() const override { return LoadMeasure::tokens; }
  Wants wants() const override { return Wants::blocks; }
  void forget(std::size_t replica) override {
    if (replica < known_.size()) known_[replica] = PrefixStore(plan_);
  }

  std::size_t choose(const traffic::Request&, PoolView& pool) override {
    const auto names = pool.prompt().blocks;
    if (names.empty()) return pool.least_loaded();
    while (known_.size() < pool.replicas()) known_.emplace_back(plan_);
    std::size_t best = pool.replica(0);
    std::int64_t least = cost(best, names, pool);
    for (std::size_t k = 1; k < pool.size(); ++k) {
      const std::size_t replica = pool.replica(k);
      const std::int64_t other = cost(replica, names, pool);
      if (other >= least) continue;
      least = other;
      best = replica;
    }
    known_[best].keep(names);
    return best;
  }

 private:
  // In tokens, and without the blocks of the whole prompt, which all replicas have in common.
  std::int64_t cost(std::size_t replica, std::span<const std::uint64_t> names,
                    const PoolView& pool) const {
    const auto found = static_cast<std::int64_t>(known_[replica].leading(names));
    return pool.load(replica) - found * block_size_.value();
  }

  PrefixStorePlan plan_;
  Tokens block_size_;
  std::vector<PrefixStore> known_;  // by replica
};

template <class T>
std::unique_ptr<Router> make(const RouterRules& rules) {
  if constexpr (std::is_constructible_v<T, const RouterRules&>) {
    return std::make_unique<T>(rules);
  } else {
    return std::make_unique<T>();
  }
}

constexpr RouterEntry entries[] = {
    {"least-loaded", "fewest waiting and running requests", make<LeastLoaded>},
    {"power-of-two", "the less loaded of two drawn at random",
     [](const RouterRules&) -> std::unique_ptr<Router> {
       return std::make_unique<PowerOfChoices>(2);
     }},
    {"round-robin", "one after the other", make<RoundRobin>},
    {"random", "any, with equal chances", make<Random>},
    {"join-shortest-queue", "another name of least-loaded", make<LeastLoaded>},
    {"power-of-d", "the least loaded of 'choices' drawn at random",
     [](const RouterRules& rules) -> std::unique_ptr<Router> {
       return std::make_unique<PowerOfChoices>(static_cast<std::size_t>(rules.choices));
     }},
    {"least-tokens", "fewest outstanding tokens: prompt and max_tokens of all its requests",
     make<LeastTokens>},
    {"prefix-affinity", "one replica for a session, else for a beginning, with bounded loads",
     make<PrefixAffinity>},
    {"kv-aware", "least outstanding tokens and prompt blocks that its prefix cache lacks",
     make<KvAware>},
};

}  // namespace

std::span<const RouterEntry> routers() { return entries; }

}  // namespace tokenyard::fleet
