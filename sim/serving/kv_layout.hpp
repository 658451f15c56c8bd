// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "core/quantity.hpp"

namespace tokenyard::serving {

// What the KV blocks of a replica are made of, when a model's layers keep unlike things. The pool
// is counted in blocks of one size in bytes; a group of layers takes `weight` of them to keep
// block_size tokens. One group of full attention, the default, is the plain paged cache.
struct KvLayout {
  // Layers that attend to the latest tokens only.
  struct Window {
    std::int64_t weight = 1;
    Tokens tokens;          // of the window
    bool restarts = false;  // at each multiple of `tokens` (chunked attention); else it slides
  };

  std::int64_t weight = 1;  // of the layers that attend to everything; latent attention likewise
  std::vector<Window> windows;
  Blocks fixed;  // of a request, whatever its length: the state of linear attention

  bool plain() const { return weight == 1 && windows.empty() && fixed == Blocks(0); }
};

}  // namespace tokenyard::serving
