// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <pcg_random.hpp>
#include <string_view>

namespace tokenyard {

// A stream of random numbers of its own for each stochastic part, seeded by (seed, replication,
// name): adding a part leaves the draws of all others as they were. PCG XSL RR 128/64.
class RandomStream {
 public:
  RandomStream(std::uint64_t seed, std::uint64_t replication, std::string_view name);
  // A stream for one of many like parts, from what a parent drew for it.
  explicit RandomStream(std::uint64_t drawn) : generator_(drawn, drawn ^ 0x9e3779b97f4a7c15ULL) {}

  std::uint64_t bits() { return generator_(); }

  // Uniform in (0, 1): never an end, so that its logarithm is finite.
  double uniform() { return (static_cast<double>(generator_() >> 12) + 0.5) * 0x1p-52; }

  // Uniform in {0, .., bound - 1}, bound >= 1; unbiased.
  std::uint64_t below(std::uint64_t bound) { return generator_(bound); }

  // Exponential with mean 1, by inversion with the portable logarithm.
  double exponential();

  // Standard normal, by inversion.
  double normal();

  // Gamma with this shape (> 0) and scale 1: mean and variance are the shape. By rejection
  // (Marsaglia and Tsang), so it takes a varying number of draws.
  double gamma(double shape);

 private:
  pcg64 generator_;
};

// Whether item `number` is in a sample of this share (0 to 1): a hash of the number decides, so
// that samples of greater shares hold those of smaller ones, and nothing else moves the choice.
bool in_sample(std::uint64_t seed, std::uint64_t number, double share);

}  // namespace tokenyard
