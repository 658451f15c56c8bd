// SPDX-License-Identifier: Apache-2.0
#include "traffic/line_reader.hpp"

#include <sys/stat.h>
#include <zlib.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <vector>

#include "core/sha256.hpp"

namespace tokenyard::traffic {
namespace {

constexpr std::size_t buffer_bytes = 1 << 18;
constexpr std::size_t longest_line = 1 << 20;
constexpr std::size_t longest_array = 1 << 26;

[[noreturn]] void fail(const std::string& path, config::Position at, std::string text) {
  throw config::ConfigError(config::Mistake{path, at, "", std::move(text)});
}

void expect_regular_file(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    fail(path, {}, std::string("cannot be read (") + std::strerror(errno) + "); check the path");
  }
  if (!S_ISREG(status.st_mode)) fail(path, {}, "is not a regular file; name a trace file");
}

}  // namespace

struct LineReader::Stream {
  gzFile file = nullptr;
  std::vector<char> buffer = std::vector<char>(buffer_bytes);
  std::size_t begin = 0;
  std::size_t end = 0;
  bool last_line_given = false;

  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() {
    if (file != nullptr) gzclose_r(file);
  }
};

LineReader::LineReader(std::string path)
    : path_(std::move(path)), stream_(std::make_unique<Stream>()) {
  expect_regular_file(path_);
  stream_->file = gzopen(path_.c_str(), "rb");
  if (stream_->file == nullptr) {
    fail(path_, {}, std::string("cannot be read (") + std::strerror(errno) + "); check the path");
  }
  gzbuffer(stream_->file, buffer_bytes);
}

LineReader::~LineReader() = default;
LineReader::LineReader(LineReader&&) noexcept = default;
LineReader& LineReader::operator=(LineReader&&) noexcept = default;

bool LineReader::fill() {
  Stream& s = *stream_;
  const int got = gzread(s.file, s.buffer.data(), buffer_bytes);
  int code = Z_OK;
  const char* reason = gzerror(s.file, &code);
  if (got < 0 || (code != Z_OK && code != Z_STREAM_END)) {
    if (code == Z_BUF_ERROR) {
      fail(path_, {line_ + 1, 1}, "the gzip stream ends early; fetch the file again");
    }
    fail(path_, {line_ + 1, 1},
         std::string("the gzip stream is damaged (") + reason + "); fetch the file again");
  }
  s.begin = 0;
  s.end = static_cast<std::size_t>(got);
  return got > 0;
}

void LineReader::expect_short(char first, std::size_t length) const {
  const bool array = line_ == 0 && first == '[';
  if (length <= (array ? longest_array : longest_line)) return;
  fail(path_, {line_ + 1, 1},
       array ? "an array on one line is longer than 64 MiB; write each element on its own line"
             : "a line is longer than 1 MiB; name a trace file");
}

bool LineReader::next(std::string_view& line) {
  Stream& s = *stream_;
  text_.clear();
  for (;;) {
    if (s.begin == s.end && !fill()) {
      if (text_.empty()) return false;
      line = text_;
      break;
    }
    const char* begin = s.buffer.data() + s.begin;
    const std::size_t available = s.end - s.begin;
    const void* newline = std::memchr(begin, '\n', available);
    const std::size_t length =
        newline == nullptr ? available
                           : static_cast<std::size_t>(static_cast<const char*>(newline) - begin);
    expect_short(text_.empty() ? *begin : text_.front(), text_.size() + length);
    s.begin += length + (newline == nullptr ? 0 : 1);
    if (newline != nullptr && text_.empty()) {
      line = std::string_view(begin, length);
      break;
    }
    text_.append(begin, length);
    if (newline != nullptr) {
      line = text_;
      break;
    }
  }
  ++line_;
  if (line.find('\0') != std::string_view::npos) {
    throw config::ConfigError(
        mistake(line.find('\0'), "is not text (it has a NUL byte); name a trace file"));
  }
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line_ == 1 && line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
  return true;
}

config::Mistake LineReader::mistake(std::size_t offset, std::string text) const {
  return {path_, {line_, static_cast<std::uint32_t>(offset + 1)}, "", std::move(text)};
}

std::string file_sha256(const std::string& path) {
  expect_regular_file(path);
  std::ifstream file(path, std::ios::binary);
  if (!file) fail(path, {}, "cannot be read; check its permissions");
  Sha256 sha;
  std::vector<char> buffer(buffer_bytes);
  while (file) {
    file.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    sha.add(buffer.data(), static_cast<std::size_t>(file.gcount()));
  }
  return hex(sha.finish());
}

}  // namespace tokenyard::traffic
