// SPDX-License-Identifier: Apache-2.0
#include "config/text.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace tokenyard::config {
namespace {

constexpr std::size_t most_bytes = 16 << 20;

[[noreturn]] void fail(const std::string& file, const std::string& text) {
  throw ConfigError(Mistake{file, {}, "", text});
}

[[noreturn]] void fail_by_errno(const std::string& path) {
  fail(path, "cannot be read (" + std::generic_category().message(errno) + "); check its name");
}

// Owns a file descriptor.
struct Descriptor {
  int number;
  explicit Descriptor(int opened) : number(opened) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number >= 0) ::close(number);
  }
};

void require_regular(const std::string& path, int descriptor) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) fail_by_errno(path);
  if (S_ISDIR(status.st_mode)) fail(path, "is a directory; name a file in it");
  if (!S_ISREG(status.st_mode)) fail(path, "is not a regular file; name one");
}

// Bytes of the well-formed UTF-8 character at the start of `text` (RFC 3629), or 0.
std::size_t character_bytes(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const auto follows = [&](std::size_t i, unsigned least = 0x80, unsigned most = 0xBF) {
    return byte(i) >= least && byte(i) <= most;
  };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return follows(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const unsigned least = lead == 0xE0 ? 0xA0 : 0x80;
    const unsigned most = lead == 0xED ? 0x9F : 0xBF;
    return follows(1, least, most) && follows(2) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const unsigned least = lead == 0xF0 ? 0x90 : 0x80;
    const unsigned most = lead == 0xF4 ? 0x8F : 0xBF;
    return follows(1, least, most) && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
}

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7F;
}

std::string hexadecimal(char c) {
  constexpr char digits[] = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  return {'0', 'x', digits[byte >> 4], digits[byte & 15]};
}

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

}  // namespace

Position Places::at(std::size_t offset) {
  offset = std::min(offset, text_.size());
  if (offset < offset_) back(offset);
  forward(offset);
  return position_;
}

void Places::forward(std::size_t offset) {
  for (; offset_ < offset; ++offset_) {
    if (text_[offset_] == '\n') {
      ++position_.line;
      position_.column = 1;
    } else if (!continues_character(text_[offset_])) {
      ++position_.column;
    }
  }
}

void Places::back(std::size_t offset) {
  bool same_line = true;
  while (offset_ > offset) {
    --offset_;
    if (text_[offset_] == '\n') {
      --position_.line;
      same_line = false;
    } else if (!continues_character(text_[offset_])) {
      --position_.column;
    }
  }
  if (same_line) return;
  const std::size_t newline = text_.substr(0, offset_).rfind('\n');
  offset_ = newline == std::string_view::npos ? 0 : newline + 1;
  position_.column = 1;
}

std::string read_text(const std::string& path) {
  // Not blocking: a FIFO without a writer would otherwise wait forever.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
  if (file.number < 0) fail_by_errno(path);
  require_regular(path, file.number);
  std::string text;
  std::array<char, 65536> part{};
  while (true) {
    const ssize_t size = ::read(file.number, part.data(), part.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) fail_by_errno(path);
    if (size == 0) return text;
    text.append(part.data(), static_cast<std::size_t>(size));
    if (text.size() > most_bytes) fail(path, "is larger than 16 MiB; split it");
  }
}

std::size_t first_bad_byte(std::string_view text) {
  std::size_t offset = 0;
  while (offset < text.size()) {
    const std::size_t bytes = character_bytes(text.substr(offset));
    if (bytes == 0 || is_control(text[offset])) break;
    offset += bytes;
  }
  return offset;
}

std::string_view checked_text(const std::string& file, std::string_view text) {
  if (text.size() > most_bytes) fail(file, "is larger than 16 MiB; split it");
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  const std::size_t bad = first_bad_byte(text);
  if (bad == text.size()) return text;
  const std::string problem = is_control(text[bad]) ? " is a control character; remove it"
                                                    : " is not UTF-8 text; save the file as UTF-8";
  throw ConfigError(
      Mistake{file, Places(text).at(bad), "", "the byte " + hexadecimal(text[bad]) + problem});
}

}  // namespace tokenyard::config
