// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tokenyard::sweep {

// How points are chosen: all combinations, or so many in the space that the axes span.
enum class DesignKind : std::uint8_t { grid, latin_hypercube, sobol, random };
inline constexpr std::array<std::string_view, 4> design_names = {"grid", "latin-hypercube", "sobol",
                                                                 "random"};

struct Design {
  DesignKind kind = DesignKind::grid;
  std::size_t points = 0;  // of a sampled one

  bool sampled() const { return kind != DesignKind::grid; }
};

inline constexpr std::size_t most_points = 1'000'000;

// "grid", "latin-hypercube 200". Throws std::invalid_argument with a text for users.
Design parse_design(const std::string& text);

// The points of a sampled design in the open unit cube: for each axis, by its name, the coordinates
// of all points. They depend on the seed and the set of names, not on the order of the names:
// each axis has a stream of its own, and Sobol's dimensions go to the names in alphabetic order.
//
// Sobol: the sequence from its origin on, each dimension shifted by 32 random binary digits (which
// keeps what makes it even, and moves the origin away from the corner). Latin hypercube: a
// coordinate in each of `points` equal strata, in random order, at a random place in it.
std::vector<std::vector<double>> sample(const Design& design, std::uint64_t seed,
                                        const std::vector<std::string>& axes);

}  // namespace tokenyard::sweep
