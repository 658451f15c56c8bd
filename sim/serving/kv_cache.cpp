// SPDX-License-Identifier: Apache-2.0
// What a plain cache does without, out of the way of one that is plain.
#include "serving/kv_cache.hpp"

namespace tokenyard::serving {

KvCache::More::More(const Input& input, const BlockDivider& block)
    : weight(input.layout.weight), fixed(input.layout.fixed.value()) {
  for (const KvLayout::Window& window : input.layout.windows) {
    windows.emplace_back(window, block);
    monotonic = monotonic && !window.restarts;
  }
  if (input.keeps_prefixes) prefixes = std::make_unique<PrefixCache>(Blocks(weight));
}

std::int64_t KvCache::More::blocks_for(std::int64_t tokens, std::int64_t blocks) const {
  std::int64_t sum = weight * blocks + (tokens > 0 ? fixed : 0);
  for (const KvWindow& window : windows) sum += window.blocks_for(tokens);
  return sum;
}

std::int64_t KvCache::More::most_for(std::int64_t tokens, std::int64_t blocks) const {
  std::int64_t sum = weight * blocks + fixed;
  for (const KvWindow& window : windows) sum += window.most_for(tokens);
  return sum;
}

std::int64_t KvCache::More::demand(std::int64_t count, std::int64_t blocks) const {
  std::int64_t sum = weight * blocks;
  for (const KvWindow& window : windows) sum += window.demand(count);
  return sum;
}

std::int64_t KvCache::More::demand(std::int64_t count, std::int64_t iterations,
                                   std::int64_t blocks) const {
  std::int64_t sum = weight * blocks;
  for (const KvWindow& window : windows) sum += window.demand(count, iterations);
  return sum;
}

std::int64_t KvCache::More::next_kink(std::int64_t count) const {
  std::int64_t next = no_kink;
  for (const KvWindow& window : windows) next = std::min(next, window.next_kink(count));
  return next;
}

void KvCache::More::make_room(Blocks free) {
  if (prefixes != nullptr) prefixes->make_room(free);
}

void KvCache::More::join(std::int64_t computed, std::int64_t count) {
  for (KvWindow& window : windows) window.join(computed, count);
}

void KvCache::More::leave(std::int64_t computed, std::int64_t count) {
  for (KvWindow& window : windows) window.leave(computed, count);
}

void KvCache::More::settle(std::int64_t count) {
  for (KvWindow& window : windows) window.settle(count);
}

std::int64_t KvCache::covered_step_by_step(std::int64_t count, std::int64_t wanted,
                                           std::int64_t decodes) const {
  if (demand(count, wanted, decodes) <= free_) return wanted;
  Blocks left = free_;
  std::int64_t iterations = 0;
  for (; iterations < wanted; ++iterations) {
    left -= demand(count + iterations);
    if (left < Blocks(0)) break;
  }
  return iterations;
}

}  // namespace tokenyard::serving
