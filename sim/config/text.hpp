// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "config/errors.hpp"

namespace tokenyard::config {

// Lines and columns of byte offsets, cheap for offsets that mostly ascend.
class Places {
 public:
  explicit Places(std::string_view text) : text_(text) {}
  Position at(std::size_t offset);

 private:
  void forward(std::size_t offset);
  void back(std::size_t offset);

  std::string_view text_;
  std::size_t offset_ = 0;
  Position position_{1, 1};
};

// The bytes of a regular file of at most 16 MiB. Throws ConfigError.
std::string read_text(const std::string& path);

// `text` without its byte order mark. Throws ConfigError at the first byte that is not UTF-8 or is
// a control character other than a tab or a line end.
std::string_view checked_text(const std::string& file, std::string_view text);

// The offset of the first such byte, or text.size().
std::size_t first_bad_byte(std::string_view text);

}  // namespace tokenyard::config
