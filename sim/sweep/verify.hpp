// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sweep/manifest.hpp"
#include "sweep/point_file.hpp"

namespace tokenyard::sweep {

// How far something is, of how much.
using Progress = std::function<void(std::size_t done, std::size_t all)>;

// A file of a directory, and what is to be said of it.
struct Named {
  std::string file;  // its path
  std::string text;
};

// How closely a file is looked at: whether its bytes are those that were written (its seal), or
// also whether these say what the simulation handed over (its digest).
enum class Depth : std::uint8_t { bytes, values };

// A point file that should be that of a run: what is in it, or what is wrong with it.
struct CheckedPoint {
  std::optional<PointFile> point;
  std::string problem;
};
CheckedPoint check_point(const std::string& path, const std::string& identity, Depth depth);

// The files in points/, in byte order; not those that somebody is still writing.
struct Listing {
  std::vector<std::string> identities;  // of those that are called by one
  std::vector<std::string> others;      // the names of all others
};
Listing list_points(const Directory& directory);

// What a file that is called by no identity is: a copy of a run's, or nothing of a sweep's.
std::string describe_other(const Directory& directory, const std::string& name);

// All that a directory holds, checked: point files and the manifest.
struct Verified {
  std::size_t checked = 0;
  std::vector<Named> damaged;
  std::vector<Named> foreign;  // whole, but of no run of the study
  std::size_t runs = 0;        // of the study
  std::size_t missing = 0;     // of these, without a file
  std::string unknown;         // why neither can be told; empty if they can
};
Verified verify(const Directory& directory, const Progress& progress);

}  // namespace tokenyard::sweep
