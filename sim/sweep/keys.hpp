// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "config/value.hpp"

namespace tokenyard::sweep {

// A path with the elements of lists by their numbers, as far as the scenario has it: so that two
// spellings of one key are one.
std::string canonical_key(const config::Document& scenario, const std::string& path);

// What is wrong with a path as a key that a study changes in this ("this axis"): it must be one,
// and change what a run is. Empty if nothing is.
std::string problem_of_key(const std::string& path, const std::string& in);

// A number and its unit, "" for a bare one; nothing if the value is neither.
struct Measured {
  double number = 0;
  std::string unit;
};
std::optional<Measured> measured(const config::Value& value);

// What is wrong with the unit of one end of a range, the other being in `unit`; empty if nothing.
std::string problem_of_unit(const std::string& unit, const std::string& unit_of_to);

}  // namespace tokenyard::sweep
