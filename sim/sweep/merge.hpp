// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "results/file.hpp"
#include "sweep/survey.hpp"

namespace tokenyard::sweep {

// Whether request tables are shown where they are, in the point files; copied; or left out.
enum class Requests : std::uint8_t { refer, copy, leave };

struct MergeOptions {
  std::string out;
  results::Existing existing = results::Existing::refuse;
  Requests requests = Requests::refer;
  // In how many files request tables may stay. HDF5 opens them all at once; where the system allows
  // no more (1024 is usual), it goes on, and gives NaN for the values of the others.
  std::size_t most_files_referred = 900;
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
