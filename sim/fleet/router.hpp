// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "core/random.hpp"
#include "fleet/load_board.hpp"
#include "traffic/request.hpp"

namespace tokenyard::fleet {

// What a request's prompt is made of, as far as its router wants to know.
struct Prompt {
  std::span<const traffic::Piece> pieces{};
  std::span<const std::uint64_t> blocks{};  // the names of its full blocks in a prefix cache
};

// What a router may ask of a pool, of which one replica at least is open. Replicas are numbered
// from 0 within the pool.
class PoolView {
 public:
  PoolView(const LoadIndex& loads, RandomStream& stream, const Prompt& prompt = {})
      : loads_(&loads), stream_(&stream), prompt_(prompt) {}

  // The open replicas, which alone may be chosen: how many, and the k-th by number.
  std::size_t size() const { return loads_->opened(); }
  std::size_t replica(std::size_t k) const { return loads_->nth_open(k); }
  // All replicas of the pool; whether one is open; how many open ones have a lower number.
  std::size_t replicas() const { return loads_->size(); }
  bool is_open(std::size_t replica) const { return loads_->is_open(replica); }
  std::size_t open_before(std::size_t replica) const { return loads_->open_before(replica); }
  // What the router measures of a replica, closed or open, and the mean over the open ones.
  std::int64_t load(std::size_t replica) const { return loads_->load(replica); }
  double mean_load() const {
    return static_cast<double>(loads_->sum_of_open()) / static_cast<double>(size());
  }
  // The open replica with the least load, the lowest number among equals; O(1).
  std::size_t least_loaded() const { return loads_->least(); }
  // A uniform draw below `bound`, from the pool's own stream.
  std::size_t draw(std::size_t bound) { return stream_->below(bound); }
  const Prompt& prompt() const { return prompt_; }

 private:
  const LoadIndex* loads_;
  RandomStream* stream_;
  Prompt prompt_;
};

// Picks the replica for a request. Decides only; the pool applies the decision.
class Router {
 public:
  enum class Wants : std::uint8_t { nothing, pieces, blocks };

  virtual ~Router() = default;
  virtual std::size_t choose(const traffic::Request& request, PoolView& pool) = 0;
  virtual LoadMeasure measure() const { return LoadMeasure::requests; }
  // What it wants to know of prompts. Blocks have names where replicas have prefix caches only.
  virtual Wants wants() const { return Wants::nothing; }
  // A replica has lost what it had in memory.
  virtual void forget(std::size_t /*replica*/) {}
};

// What a router is told when it is made.
struct RouterRules {
  std::int64_t choices = 2;  // that power-of-d compares
  Blocks blocks{};           // that a replica's prefix cache may name at most
  Tokens block_size{1};
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
