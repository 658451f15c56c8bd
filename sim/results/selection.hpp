// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "results/histogram.hpp"

namespace tokenyard::results {

// Exact quantiles of a stream too long to hold. The histogram of the stream tells which bucket
// holds each rank; one more pass over the stream keeps the values of those buckets. A bucket too
// full to keep is divided by counting instead, and another pass is asked for. Memory: at most
// 2.1 MB for each quantile, whatever the length.
class Selection final {
 public:
  // `histogram` holds the values that each pass will show, all of them; quantiles in [0, 1].
  Selection(const LogHistogram& histogram, std::span<const double> quantiles);

  // While not done: show every value to add(), then call end_pass().
  bool done() const;
  void add(double value) {
    for (Target& target : targets_) target.add(value);
  }
  void end_pass();

  // In the order asked; NaN for an empty stream. Only when done.
  std::vector<double> result() const;

 private:
  // Values are compared by their bits, which order non-negative doubles.
  struct Cell {
    std::uint64_t count = 0;
    std::uint64_t least = ~std::uint64_t{0};
    std::uint64_t most = 0;
  };
  struct Target {
    std::uint64_t low = 0;  // the quantile's bits lie in [low, high]
    std::uint64_t high = 0;
    std::uint64_t rank = 0;   // from 1, among the values in [low, high]
    std::uint64_t count = 0;  // of those
    int shift = 0;
    bool found = false;
    std::vector<std::uint64_t> kept;
    std::vector<Cell> cells;

    void prepare();
    void add(double value);
    void narrow();
  };

  std::vector<Target> targets_;
  bool empty_;
};

}  // namespace tokenyard::results
