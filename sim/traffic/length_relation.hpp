// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "core/quantity.hpp"

namespace tokenyard::traffic {

struct LengthRelationStatistics {
  std::uint64_t sample = 0;             // pairs it is computed from
  double rank_correlation = 0;          // Spearman's; NaN if either length never varies
  std::array<double, 4> mean_output{};  // by quarter of the prompts, the shortest first
};

// How prompt and output lengths go together, from a sample of at most 100,000 pairs that depends
// on their order only.
class LengthRelation final {
 public:
  void add(Tokens prompt, Tokens output);
  LengthRelationStatistics finish() const;

  struct Pair {
    std::uint64_t number;
    double prompt;
    double output;
  };

 private:
  std::vector<Pair> sample_;
  std::uint64_t seen_ = 0;
  double share_ = 1;
};

}  // namespace tokenyard::traffic
