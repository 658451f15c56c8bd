// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sweep/study.hpp"

namespace tokenyard::sweep {

// One plan: a level for each axis.
struct Point {
  std::size_t number = 0;                 // from 1, in the order of the design
  std::vector<std::uint32_t> levels;      // of each axis, in Points::levels
  std::optional<std::size_t> skipped_by;  // the first condition that holds
};

struct Points {
  std::vector<std::vector<Level>> levels;  // of each axis
  std::vector<Point> all;                  // in the order of the design, skipped ones included
  std::size_t repeated = 0;                // that the design has a second time; they are left out

  const Level& level(const Point& point, std::size_t axis) const {
    return levels[axis][point.levels[axis]];
  }
  std::vector<const Point*> kept() const;
  std::size_t skipped(std::size_t condition) const;
};

// All points of a study without mistakes. Of a grid, the last axis changes fastest.
Points points_of(const Study& study);

// What conditions name of a point, in the order of Study::terms.
std::vector<Operand> operands_of(const Study& study, const Points& points, const Point& point);

// "fleet.pools[a].replicas = 2, mix = wafers"
std::string describe(const Study& study, const Points& points, const Point& point);

// The scenario of a point, with its 0-based replication; keys that lead nowhere are noted.
config::Document scenario_of(const Study& study, const Points& points, const Point& point,
                             std::int64_t replication, config::Mistakes& mistakes);

}  // namespace tokenyard::sweep
