// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/section.hpp"
#include "fleet/variants.hpp"

namespace tokenyard::sweep {

// How the values of a range lie: at equal differences or at equal ratios.
enum class Spacing : std::uint8_t { linear, log };
inline constexpr std::array<std::string_view, 2> spacing_names = {"linear", "log"};

// One value of an axis: what it is called, and the keys of the scenario that it sets.
struct Level {
  std::string label;
  std::vector<config::Value::Member> settings;
};

// The values between two ends, both included.
struct Range {
  config::Value::Member key;  // of the scenario; the value is where mistakes are shown
  std::string first, last;    // the ends as written, with their unit
  double from = 0, to = 0;
  std::string unit;
  Spacing spacing = Spacing::linear;
  bool whole = false;  // whole numbers only
  std::int64_t steps = 0;

  // Of a grid; whole numbers that coincide are one.
  std::vector<Level> levels() const;
  // At a share 0 < share < 1 of the range; each whole number is equally likely (at log spacing by
  // its part of the logarithms).
  Level at(double share) const;

 private:
  double between(double low, double high, double share) const;
  Level level(const std::string& text) const;
  std::string text(double value) const;
};

// What a study varies: a key of the scenario, or several at once.
struct Axis {
  std::string name;  // the key, or a name of the user's for an axis of variants
  config::Position at;
  std::vector<Level> levels;  // those of a range come with the design
  std::optional<Range> range;
  bool of_variants = false;
};

// What reading an axis stands on.
struct AxisReading {
  const config::Document* study;
  const config::Document* scenario;
  const std::vector<fleet::Variant>* variants;  // that the scenario lists
  bool sampled = false;                         // ranges need no steps
};

// The axes of a study in file order: all that are right; mistakes are noted.
std::vector<Axis> read_axes(config::Section axes, const AxisReading& about,
                            config::Reading& reading);

}  // namespace tokenyard::sweep
