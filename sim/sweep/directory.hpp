// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <set>
#include <string>

namespace tokenyard::sweep {

// Whether a text is the identity of a run: 64 hexadecimal digits.
bool is_identity(const std::string& text);

// Where a sweep keeps its files:
//   DIR/manifest.h5            which runs there are; see manifest.hpp
//   DIR/points/IDENTITY.h5     what a run found; see point_file.hpp
//   DIR/failures/IDENTITY.json why a run has found nothing yet; see failures.hpp
// Each file appears whole, by its rename.
class Directory final {
 public:
  explicit Directory(std::string path) : path_(std::move(path)) {}

  const std::string& path() const { return path_; }
  std::string manifest() const { return path_ + "/manifest.h5"; }
  std::string points() const { return path_ + "/points"; }
  std::string failures() const { return path_ + "/failures"; }
  std::string point(const std::string& identity) const;
  std::string failure(const std::string& identity) const;

  // Makes what is missing of it. Throws ConfigError where that cannot be.
  void create() const;
  // Throws ConfigError if it holds no sweep.
  void check() const;

  // The names of the files in points/ and failures/ that carry an identity.
  std::set<std::string> done() const;
  std::set<std::string> failed() const;

  // How many files of runs are being written, on this machine or another.
  std::size_t running() const;

  // Removes what writers that were killed left behind, on this machine and on others.
  void sweep_up() const;

 private:
  std::string path_;
};

}  // namespace tokenyard::sweep
