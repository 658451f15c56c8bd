// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>

#include "results/disk.hpp"

namespace tokenyard::results {

// The disk is full, or broke: nobody's mistake; main prints it and exits with 1.
class IoError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

enum class Existing : std::uint8_t { refuse, replace };

// A file that appears whole or not at all: bytes go to a temporary file beside it, which is renamed
// to it at the end, and removed if that end never comes.
class Target final {
 public:
  // Creates PATH.part-PID. Throws ConfigError if PATH exists (refuse), is not a plain file, or
  // cannot be created; IoError if the disk is full. A symbolic link is followed.
  Target(const std::string& path, Existing existing);
  ~Target();
  Target(const Target&) = delete;
  Target& operator=(const Target&) = delete;

  const std::string& path() const { return path_; }
  Disk& disk() { return *disk_; }

  // Throws IoError if the disk has failed since.
  void check_disk() const;

  // Brings the bytes and then the name to the disk. Throws IoError, or ConfigError if another
  // program has made a file of that name since (refuse).
  void publish();

 private:
  void check_path() const;
  int create();
  void sync_folder() const;
  [[noreturn]] void fail(int error) const;

  std::string path_;       // as the user wrote it
  std::string final_;      // behind any symbolic link
  std::string temporary_;  // empty once published
  Existing existing_;
  std::unique_ptr<Disk> disk_;
};

// Writes a file of this text, in place of one that is there. Throws what a Target throws.
void write_text(const std::string& path, const std::string& text);

}  // namespace tokenyard::results
