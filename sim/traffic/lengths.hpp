// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "config/section.hpp"
#include "core/quantity.hpp"
#include "core/random.hpp"

namespace tokenyard::traffic {

// A distribution of token counts by its quantiles, linear between them; a constant is one of a
// single value. Draws are whole and at least 1.
class Lengths {
 public:
  struct Knot {
    double probability;
    double tokens;
  };

  // `knots`: probabilities rise from 0 to 1, tokens (at least 1) do not fall.
  explicit Lengths(std::vector<Knot> knots);
  static Lengths constant(Tokens tokens);

  Tokens draw(RandomStream& stream) const;
  double mean() const;

 private:
  std::vector<Knot> knots_;
};

// Reads `quantiles: [[probability, tokens], ...]` or `constant: tokens`.
Lengths read_lengths(config::Section section);

}  // namespace tokenyard::traffic
