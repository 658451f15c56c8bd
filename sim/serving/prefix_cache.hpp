// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/quantity.hpp"
#include "traffic/request.hpp"

namespace tokenyard::serving {

// What a request has to do with the prefix cache of the replica it is in.
struct PrefixHold {
  std::vector<std::uint64_t> chain;    // names of its full blocks: of its content up to their ends
  std::vector<std::uint32_t> entries;  // of the cache, that it holds
  std::int64_t published = 0;          // leading blocks of the chain that the cache was told of
  Tokens cached;                       // of its prompt, found at its first admission
  bool admitted = false;               // so that a later admission counts no more
};

// Names the full blocks of `tokens` tokens: two requests have blocks of one name if they are alike
// up to the block's end. The answer continues the last piece of its prompt. A block whose content
// is not said ends the chain.
void name_blocks(Tokens block, Tokens prompt, Tokens tokens, std::span<const traffic::Piece> pieces,
                 std::vector<std::uint64_t>& chain);

// The content that blocks of a KV cache keep: those that requests hold, counted, and those that
// nobody holds and that are free to be taken, the longest unused first (LRU). A request gives its
// blocks back from the last to the first, so that what others may share stays longest. Blocks
// whose content nobody can ask for again queue for their turn as the others do.
class PrefixCache {
 public:
  explicit PrefixCache(Blocks weight) : weight_(weight) { slots_.resize(smallest); }

  // What lost its place here is kept below, if there is room for it.
  void put_below(std::unique_ptr<PrefixCache> below, Blocks capacity);

  // The leading blocks of a chain that are here or below.
  struct Found {
    std::int64_t blocks = 0;
    std::int64_t here = 0;              // of these
    Blocks unheld{};                    // of those here, held by nobody
    std::vector<std::int64_t> below{};  // to be read from each tier, from the next one down
  };
  Found find_leading(std::span<const std::uint64_t> chain) const;

  // The request holds the leading `blocks` of its chain, as far as they are here.
  void hold(PrefixHold& hold, std::int64_t blocks);
  // The leading `blocks` of its chain are full. Those that are new here are others' to share from
  // now on; of what is here already it keeps a copy to itself.
  void publish(PrefixHold& hold, std::int64_t blocks);
  // A request gives back all it holds, and `own` blocks besides. Returns what is free by it.
  Blocks release(PrefixHold& hold, Blocks own);
  // Blocks that a request shares, or could.
  Blocks held_by(const PrefixHold& hold) const {
    return weight_ * static_cast<std::int64_t>(hold.entries.size());
  }

  // Only `free` blocks are left that nobody holds: the longest unused lose their content.
  void make_room(Blocks free) {
    while (idle_ > free) evict(idle_ - free);
  }

  // This content is here, as if just used and held by nobody, and no more than `capacity` is left:
  // for memories that nobody computes with.
  void keep(std::span<const std::uint64_t> chain, Blocks capacity);
  PrefixCache* below() { return below_.get(); }
  Blocks capacity_below() const { return capacity_below_; }

  // Content that is below only is as if just used.
  void touch_below(std::span<const std::uint64_t> chain);

  Blocks idle() const { return idle_; }        // with content, held by nobody
  std::int64_t size() const { return size_; }  // named blocks
  // Recounts what is kept incrementally, O(size); for tests.
  struct Held {
    std::int64_t blocks = 0;   // named, that anybody holds
    std::int64_t holders = 0;  // of these, all together
  };
  Held audit() const;

 private:
  static constexpr std::size_t smallest = 64;  // a power of two
  static constexpr std::uint32_t none = 0xffffffff;

  struct Entry {
    std::uint64_t name = 0;
    std::int64_t blocks = 0;  // of a run without names, in which case name is 0
    std::uint32_t holders = 0;
    std::uint32_t older = none;  // in the queue of those that nobody holds
    std::uint32_t newer = none;  // also the next free entry
  };

  std::size_t home(std::uint64_t name) const { return (name >> 1) & (slots_.size() - 1); }
  std::uint32_t find(std::uint64_t name) const;
  std::uint32_t add(std::uint64_t name);
  void insert(std::uint64_t name, std::uint32_t entry);
  void erase(std::uint64_t name);
  std::uint32_t new_entry();
  void append(std::uint32_t entry);
  void unlink(std::uint32_t entry);
  void drop(std::uint32_t entry);
  void evict(Blocks blocks);
  void keep(std::uint64_t name);

  Blocks weight_;  // of a named block
  std::vector<Entry> entries_;
  std::vector<std::uint32_t> slots_{};  // open addressing by name; 0: free, else an entry + 1
  std::uint32_t free_entry_ = none;
  std::uint32_t oldest_ = none;
  std::uint32_t newest_ = none;
  std::int64_t size_ = 0;
  Blocks idle_;
  std::unique_ptr<PrefixCache> below_;  // null: what loses its place is lost
  Blocks capacity_below_;
};

}  // namespace tokenyard::serving
