// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sweep/directory.hpp"
#include "sweep/points.hpp"

namespace tokenyard::sweep {

// One simulation of a study: a point with one of its replications.
struct Run {
  std::uint32_t point = 0;  // in Points::all
  std::uint32_t replication = 0;
  std::string identity;        // 64 hexadecimal digits; empty: the scenario was refused
  std::uint32_t platform = 0;  // equal where the platforms are; SimGrid reads each of them once
  double requests = 0;         // expected
};

// Why the scenario of a point cannot be read.
struct Refusal {
  std::size_t run = 0;  // the first of the point, in Sweep::runs
  std::string text;
};

// A study with all its runs: the kept points in their order, of each all replications. Runs of one
// identity are the same simulation, and have one file.
struct Sweep {
  Study study;
  Points points;
  std::vector<Run> runs;
  std::vector<Refusal> refusals;
  std::map<std::string, std::uint32_t> platforms;  // SHA-256 to number
  std::string results;  // what the runs keep, canonical: it is not part of their identities

  const Point& point(const Run& run) const { return points.all[run.point]; }
};

// What the study says: texts of its files and all its points. A manifest is of one such content.
std::string content_of(const Study& study, const Points& points);

// Writes DIR/manifest.h5, in place of one that is there. Throws IoError, ConfigError.
void write_manifest(const Directory& directory, const Sweep& sweep);

// The sweep of a directory. Reads the study again from where it was; throws ConfigError if it has
// changed since, or the manifest is missing or damaged.
Sweep read_sweep(const Directory& directory);
// The same for a study that was read already: its runs and refusals are filled in. False where the
// manifest is of another content.
bool read_manifest(const Directory& directory, Sweep& sweep);

}  // namespace tokenyard::sweep
