// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "config/errors.hpp"

namespace tokenyard::network {

// A platform file, read once: what is checked, hashed and given to SimGrid are the same bytes.
struct PlatformFile {
  std::string file;  // as the user named it; the first part of every message
  std::string text;
};

// Reads a regular file of at most 64 MiB of UTF-8 text. Notes why it cannot.
std::optional<PlatformFile> read_platform_file(const std::string& path, config::Mistakes& mistakes);

// Text under a path of its own that nobody else can change, for a library that opens files.
class MemoryFile {
 public:
  explicit MemoryFile(const std::string& text);
  ~MemoryFile();
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  std::string path() const;  // in /proc, valid in this process and its forks

 private:
  int descriptor_;
};

}  // namespace tokenyard::network
