// SPDX-License-Identifier: Apache-2.0
#include "fleet/router.hpp"

namespace tokenyard::fleet {
namespace {

class LeastLoaded final : public Router {
 public:
  std::size_t choose(const traffic::Request&, PoolView& pool) override {
    return pool.least_loaded();
  }
};

class PowerOfTwo final : public Router {
 public:
  std::size_t choose(const traffic::Request&, PoolView& pool) override {
    if (pool.size() == 1) return 0;
    const std::size_t first = pool.draw(pool.size());
    std::size_t second = pool.draw(pool.size() - 1);
    if (second >= first) ++second;  // two different replicas
    return pool.load(second) < pool.load(first) ? second : first;
  }
};

class RoundRobin final : public Router {
 public:
  std::size_t choose(const traffic::Request&, PoolView& pool) override {
    const std::size_t choice = next_;
    next_ = choice + 1 == pool.size() ? 0 : choice + 1;
    return choice;
  }

 private:
  std::size_t next_ = 0;
};

class Random final : public Router {
 public:
  std::size_t choose(const traffic::Request&, PoolView& pool) override {
    return pool.draw(pool.size());
  }
};

template <class T>
std::unique_ptr<Router> make(const RouterRules&) {
  return std::make_unique<T>();
}

constexpr RouterEntry entries[] = {
    {"least-loaded", "fewest waiting and running requests", make<LeastLoaded>},
    {"power-of-two", "the less loaded of two drawn at random", make<PowerOfTwo>},
    {"round-robin", "one after the other", make<RoundRobin>},
    {"random", "any, with equal chances", make<Random>},
};

}  // namespace

std::span<const RouterEntry> routers() { return entries; }

}  // namespace tokenyard::fleet
