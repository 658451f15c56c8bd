// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "core/random.hpp"
#include "fleet/load_index.hpp"
#include "traffic/request.hpp"

namespace tokenyard::fleet {

// What a router may ask of a pool. Replicas are numbered from 0 within the pool.
class PoolView {
 public:
  PoolView(const LoadIndex& loads, RandomStream& stream) : loads_(&loads), stream_(&stream) {}

  std::size_t size() const { return loads_->size(); }
  // Requests waiting and running at a replica.
  std::int64_t load(std::size_t replica) const { return loads_->load(replica); }
  // The replica with the least load, the lowest number among equals; O(1).
  std::size_t least_loaded() const { return loads_->least(); }
  // A uniform draw below `bound`, from the pool's own stream.
  std::size_t draw(std::size_t bound) { return stream_->below(bound); }

 private:
  const LoadIndex* loads_;
  RandomStream* stream_;
};

// Picks the replica for a request. Decides only; the pool applies the decision.
class Router {
 public:
  virtual ~Router() = default;
  virtual std::size_t choose(const traffic::Request& request, PoolView& pool) = 0;
  virtual void forget(std::size_t) {}
};

// What a router may be told when it is made.
struct RouterRules {
  std::int64_t choices = 2;  // that power-of-d compares
};

struct RouterEntry {
  std::string_view name;
  std::string_view summary;
  std::unique_ptr<Router> (*make_by)(const RouterRules&);

  std::unique_ptr<Router> make(const RouterRules& rules = {}) const { return make_by(rules); }
};

// The one list of routers: it feeds the factory, the schema, `tokenyard list` and the error text.
std::span<const RouterEntry> routers();

}  // namespace tokenyard::fleet
