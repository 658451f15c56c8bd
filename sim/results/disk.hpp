// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "results/handle.hpp"

namespace tokenyard::results {

// The one place where an HDF5 file's bytes reach the file system. When a write fails under it (a
// full disk), HDF5 1.10 leaks, or crashes while it closes; so it never learns. From the first
// failure on, what is written goes to pages in memory, where HDF5 reads it back, until the owner
// asks failure() and gives up. Nor does it lock files, which some cluster file systems refuse.
class Disk final {
 public:
  // Takes the descriptor over.
  explicit Disk(int descriptor) : descriptor_(descriptor) {}
  ~Disk();
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;

  // A file access property list by which HDF5 opens this disk, whatever name it is given. The
  // disk must outlive the file.
  Handle access();

  // The errno of the first operation that failed; 0 if none did.
  int failure() const { return failure_; }
  void sync();
  std::uint64_t size() const;
  bool is_plain_file() const;

  // For HDF5's calls: bytes past the end read as 0; false where bytes cannot be read or kept.
  bool read(std::uint64_t at, void* to, std::size_t bytes) noexcept;
  bool write(std::uint64_t at, const void* from, std::size_t bytes) noexcept;
  void resize(std::uint64_t bytes) noexcept;

 private:
  static constexpr std::size_t page_bytes = 4096;
  using Page = std::array<std::byte, page_bytes>;

  bool read_file(std::uint64_t at, std::byte* to, std::size_t bytes) noexcept;
  void write_pages(std::uint64_t at, const std::byte* from, std::size_t bytes);
  void fail(int error) noexcept;

  int descriptor_;
  int failure_ = 0;
  std::map<std::uint64_t, Page> pages_;  // by number; only after a failure
};

// The descriptor of a file, for a Disk that is read. Throws ConfigError if it cannot be opened.
int open_to_read(const std::string& path);

}  // namespace tokenyard::results
