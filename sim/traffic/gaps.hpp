// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "core/random.hpp"

namespace tokenyard::traffic {

// Interarrival times of mean 1 and a given coefficient of variation (CV).
class Gaps {
 public:
  enum class Kind : std::uint8_t { exponential, gamma, weibull };

  static Gaps exponential() { return {}; }
  // `cv` between 0.05 and 50; at 1 both are exponential.
  static Gaps gamma(double cv);
  static Gaps weibull(double cv);

  double draw(RandomStream& stream) const;
  // From a date that has nothing to do with the arrivals to the first of them: what makes the rate
  // right from the start, and not only in the long run.
  double first(RandomStream& stream) const;

  Kind kind() const { return kind_; }

 private:
  Kind kind_ = Kind::exponential;
  double shape_ = 1;
  double scale_ = 1;
};

inline constexpr double least_cv = 0.05;
inline constexpr double most_cv = 50;

}  // namespace tokenyard::traffic
