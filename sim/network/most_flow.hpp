// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "network/wiring.hpp"

namespace tokenyard::network {

// What can flow between two regions over all ways at once, and the links that bound it.
struct Capacity {
  BytesPerSecond most;   // infinite if nothing that all flows share lies between
  std::vector<Hop> cut;  // a least cut, the one nearest to the source; empty if `most` is infinite
};

// The largest flow from some places to others, by Edmonds and Karp. A link that several routes pass
// is a wire: what enters it may go on by any of them. Where it is none, this is an upper bound.
class MostFlow {
 public:
  // Over the routes that are marked.
  MostFlow(const Wiring& wiring, const std::vector<bool>& routes);
  ~MostFlow();
  MostFlow(const MostFlow&) = delete;
  MostFlow& operator=(const MostFlow&) = delete;

  void add_source(std::uint32_t place);
  void add_target(std::uint32_t place);
  Capacity find();

 private:
  struct Network;
  std::unique_ptr<Network> network_;
};

}  // namespace tokenyard::network
