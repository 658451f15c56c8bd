// SPDX-License-Identifier: Apache-2.0
#include "serving/prefix_cache.hpp"

#include "core/contracts.hpp"
#include "traffic/number_set.hpp"
#include "traffic/prefix_blocks.hpp"

namespace tokenyard::serving {

void name_blocks(Tokens block, Tokens prompt, Tokens tokens, std::span<const traffic::Piece> pieces,
                 std::vector<std::uint64_t>& chain) {
  chain.clear();
  if (pieces.empty()) return;
  std::vector<traffic::Piece> whole(pieces.begin(), pieces.end());
  if (whole.back().until >= prompt.value()) whole.back().until = tokens.value();
  const Tokens full((tokens.value() / block.value()) * block.value());
  std::uint64_t name = 1;
  traffic::for_each_block(block, full, whole, [&](std::int64_t, std::uint64_t identity) {
    name = traffic::mixed(name, identity) | 1;  // 0 is no name
    chain.push_back(name);
  });
}

void PrefixCache::put_below(std::unique_ptr<PrefixCache> below, Blocks capacity) {
  below_ = std::move(below);
  capacity_below_ = capacity;
}

PrefixCache::Found PrefixCache::find_leading(std::span<const std::uint64_t> chain) const {
  Found found;
  for (const std::uint64_t name : chain) {
    const std::uint32_t at = find(name);
    if (at != none) {
      ++found.here;
      if (entries_[at].holders == 0) found.unheld += weight_;
    } else {
      std::size_t tier = 0;
      const PrefixCache* cache = below_.get();
      for (; cache != nullptr && cache->find(name) == none; cache = cache->below_.get()) ++tier;
      if (cache == nullptr) break;
      if (found.below.size() <= tier) found.below.resize(tier + 1);
      ++found.below[tier];
    }
    ++found.blocks;
  }
  return found;
}

void PrefixCache::touch_below(std::span<const std::uint64_t> chain) {
  // From the last to the first, so that the first stay longest.
  for (auto name = chain.rbegin(); name != chain.rend(); ++name) {
    if (find(*name) != none) continue;
    PrefixCache* cache = below_.get();
    while (cache != nullptr && cache->find(*name) == none) cache = cache->below_.get();
    if (cache != nullptr) cache->keep(*name);
  }
}

// As if it was just used; nobody holds what is kept here.
void PrefixCache::keep(std::uint64_t name) {
  std::uint32_t at = find(name);
  if (at != none) {
    unlink(at);
  } else {
    at = add(name);
    idle_ += weight_;
  }
  append(at);
}

// From the last to the first, so that the first stay longest.
void PrefixCache::keep(std::span<const std::uint64_t> chain, Blocks capacity) {
  for (auto name = chain.rbegin(); name != chain.rend(); ++name) keep(*name);
  make_room(capacity);
}

void PrefixCache::hold(PrefixHold& hold, std::int64_t blocks) {
  SIM_EXPECT(hold.entries.empty());
  for (std::int64_t i = 0; i < blocks; ++i) {
    const std::uint32_t at = find(hold.chain[static_cast<std::size_t>(i)]);
    if (at == none) continue;
    if (entries_[at].holders++ == 0) {
      unlink(at);
      idle_ -= weight_;
    }
    hold.entries.push_back(at);
  }
  hold.published = 0;
}

void PrefixCache::publish(PrefixHold& hold, std::int64_t blocks) {
  SIM_EXPECT(blocks <= static_cast<std::int64_t>(hold.chain.size()));
  for (; hold.published < blocks; ++hold.published) {
    const std::uint64_t name = hold.chain[static_cast<std::size_t>(hold.published)];
    if (find(name) != none) continue;  // it holds this one, or has a copy
    const std::uint32_t at = add(name);
    entries_[at].holders = 1;
    hold.entries.push_back(at);
  }
}

Blocks PrefixCache::release(PrefixHold& hold, Blocks own) {
  SIM_EXPECT(own >= Blocks(0));
  Blocks freed = own;
  if (own > Blocks(0)) {
    const std::uint32_t run = new_entry();
    entries_[run].blocks = own.value();
    append(run);
  }
  for (auto at = hold.entries.rbegin(); at != hold.entries.rend(); ++at) {
    if (--entries_[*at].holders > 0) continue;
    append(*at);
    freed += weight_;
  }
  idle_ += freed;
  hold.entries.clear();
  hold.published = 0;
  return freed;
}

void PrefixCache::evict(Blocks blocks) {
  SIM_ASSERT(oldest_ != none);
  Entry& entry = entries_[oldest_];
  if (entry.name != 0) {
    idle_ -= weight_;
    const std::uint64_t name = entry.name;
    erase(name);
    drop(oldest_);
    if (below_ != nullptr) {
      below_->keep(name);
      below_->make_room(capacity_below_);
    }
    return;
  }
  const std::int64_t lost = std::min(entry.blocks, blocks.value());
  idle_ -= Blocks(lost);
  entry.blocks -= lost;
  if (entry.blocks == 0) drop(oldest_);
}

std::uint32_t PrefixCache::new_entry() {
  std::uint32_t at = free_entry_;
  if (at == none) {
    at = static_cast<std::uint32_t>(entries_.size());
    SIM_ENSURE(at < none);
    entries_.emplace_back();
  } else {
    free_entry_ = entries_[at].newer;
    entries_[at] = Entry{};
  }
  return at;
}

// Appends to the queue of those that nobody holds.
void PrefixCache::append(std::uint32_t entry) {
  entries_[entry].older = newest_;
  entries_[entry].newer = none;
  (newest_ == none ? oldest_ : entries_[newest_].newer) = entry;
  newest_ = entry;
}

void PrefixCache::unlink(std::uint32_t entry) {
  const Entry& e = entries_[entry];
  (e.older == none ? oldest_ : entries_[e.older].newer) = e.newer;
  (e.newer == none ? newest_ : entries_[e.newer].older) = e.older;
}

void PrefixCache::drop(std::uint32_t entry) {
  unlink(entry);
  entries_[entry].newer = free_entry_;
  free_entry_ = entry;
}

std::uint32_t PrefixCache::find(std::uint64_t name) const {
  for (std::size_t i = home(name);; i = (i + 1) & (slots_.size() - 1)) {
    if (slots_[i] == 0) return none;
    if (entries_[slots_[i] - 1].name == name) return slots_[i] - 1;
  }
}

std::uint32_t PrefixCache::add(std::uint64_t name) {
  const std::uint32_t entry = new_entry();
  entries_[entry].name = name;
  if (static_cast<std::size_t>(size_) * 3 >= slots_.size() * 2) {
    std::vector<std::uint32_t> old(slots_.size() * 2, 0);
    old.swap(slots_);
    for (const std::uint32_t slot : old) {
      if (slot != 0) insert(entries_[slot - 1].name, slot - 1);
    }
  }
  insert(name, entry);
  ++size_;
  return entry;
}

void PrefixCache::insert(std::uint64_t name, std::uint32_t entry) {
  std::size_t i = home(name);
  while (slots_[i] != 0) i = (i + 1) & (slots_.size() - 1);
  slots_[i] = entry + 1;
}

// Closes the gap: whatever stands behind and could stand nearer to its home moves there.
void PrefixCache::erase(std::uint64_t name) {
  const std::size_t mask = slots_.size() - 1;
  std::size_t gap = home(name);
  while (entries_[slots_[gap] - 1].name != name) gap = (gap + 1) & mask;
  for (std::size_t i = (gap + 1) & mask; slots_[i] != 0; i = (i + 1) & mask) {
    const std::size_t wanted = home(entries_[slots_[i] - 1].name);
    if (((i - wanted) & mask) < ((i - gap) & mask)) continue;
    slots_[gap] = slots_[i];
    gap = i;
  }
  slots_[gap] = 0;
  --size_;
}

PrefixCache::Held PrefixCache::audit() const {
  Blocks idle;
  for (std::uint32_t at = oldest_; at != none; at = entries_[at].newer) {
    SIM_ENSURE(entries_[at].holders == 0);
    idle += entries_[at].name != 0 ? weight_ : Blocks(entries_[at].blocks);
  }
  SIM_ENSURE(idle == idle_);
  std::int64_t named = 0;
  Held held;
  for (const std::uint32_t slot : slots_) {
    if (slot == 0) continue;
    const Entry& entry = entries_[slot - 1];
    SIM_ENSURE(find(entry.name) == slot - 1);
    ++named;
    held.blocks += entry.holders > 0 ? 1 : 0;
    held.holders += entry.holders;
  }
  SIM_ENSURE(named == size_);
  if (below_ != nullptr)
    SIM_ENSURE(below_->audit().holders == 0 && below_->idle() <= capacity_below_);
  return held;
}

}  // namespace tokenyard::serving
