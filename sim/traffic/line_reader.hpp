// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "config/errors.hpp"

namespace tokenyard::traffic {

// Reads a text file line by line, gzip or plain (zlib tells which), in constant memory. Throws
// ConfigError for a missing or unreadable file, a damaged or truncated gzip stream, a NUL byte,
// and a line above 1 MiB; the first may have 64 MiB if it begins with '[', as a JSON array does.
class LineReader {
 public:
  explicit LineReader(std::string path);
  ~LineReader();
  LineReader(LineReader&&) noexcept;
  LineReader& operator=(LineReader&&) noexcept;

  // The next line without its terminator (LF or CRLF) and, on line 1, without a byte order mark;
  // valid until the next call. False at the end of the file.
  bool next(std::string_view& line);

  const std::string& path() const { return path_; }
  std::uint32_t line() const { return line_; }  // number of the line last read, from 1

  // A mistake in the line last read, at a byte offset within it.
  config::Mistake mistake(std::size_t offset, std::string text) const;

 private:
  struct Stream;

  bool fill();
  void expect_short(char first, std::size_t length) const;

  std::string path_;
  std::unique_ptr<Stream> stream_;
  std::string text_;  // of a line that spans two buffers
  std::uint32_t line_ = 0;
};

// The SHA-256 of a file's bytes as they are on the disk, in hexadecimal digits.
std::string file_sha256(const std::string& path);

}  // namespace tokenyard::traffic
