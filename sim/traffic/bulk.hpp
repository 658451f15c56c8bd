// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "traffic/arrivals.hpp"

namespace tokenyard::traffic {

// Many requests of independent streams at once: each stream runs on any thread, and their merge has
// the one order of (date, stream). Memory does not grow with the number of requests.
class Bulk {
 public:
  // A request and what its prompt is made of.
  struct Item {
    Request request;
    std::vector<Piece> pieces;
  };

  // `pieces`: whether to keep them.
  enum class Keep : std::uint8_t { requests, requests_and_pieces };
  Bulk(std::vector<std::unique_ptr<Arrivals>> streams, Keep keep);

  // The next requests in order, with their ids; empty at the end. Valid until the next call.
  const std::vector<Item>& next();

 private:
  struct Lane {
    std::unique_ptr<Arrivals> stream;
    std::vector<Item> items;
    std::size_t first = 0;  // not yet given
    std::size_t count = 0;
  };

  void fill(Lane& lane, Instant until) const;
  void merge();

  std::vector<Lane> lanes_;
  Keep keep_;
  std::size_t most_in_lane_;
  Duration window_{1};
  Instant filled_;
  std::vector<Item> merged_;
  std::uint64_t given_ = 0;
};

}  // namespace tokenyard::traffic
