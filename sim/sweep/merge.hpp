// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "results/file.hpp"
#include "sweep/survey.hpp"

namespace tokenyard::sweep {

// Whether request tables stay in the point files, or are copied.
enum class Requests : std::uint8_t { refer, copy };

struct MergeOptions {
  std::string out;
  results::Existing existing = results::Existing::refuse;
  Requests requests = Requests::refer;
  bool partial = false;  // also where runs are missing
  // Adds to the file what is known of the program and the machine.
  std::function<void(results::Writer&)> also_write;
  Progress progress;
};

struct Merged {
  Survey survey;
  std::size_t runs = 0;
  std::vector<Named> missing;  // runs without a file and without a failure: identity, point
  std::string digest;          // empty: there is no file, for what the survey says
  std::string cube_is_out;     // why there is no /cube although the design is a grid; else empty
};

// Puts all that a sweep has found into one file, whose content does not depend on when, where and
// in which order its runs were made; see README.md for the file. No file comes of damaged point
// files, of files of several versions, or, unless `partial`, where some are missing. Throws
// ConfigError, IoError.
Merged merge(const Directory& directory, const MergeOptions& options);

}  // namespace tokenyard::sweep
