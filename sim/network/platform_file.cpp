// SPDX-License-Identifier: Apache-2.0
#include "network/platform_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>

#include "config/text.hpp"

namespace tokenyard::network {
namespace {

constexpr std::size_t most_bytes = std::size_t{64} << 20;

std::string why_unreadable() {
  return "cannot be read (" + std::generic_category().message(errno) + "); check its name";
}

// Reads the open file into `text`, or says why not.
std::string read_all(int descriptor, std::string& text) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) return why_unreadable();
  if (S_ISDIR(status.st_mode)) return "is a directory; name a file in it";
  if (!S_ISREG(status.st_mode)) return "is not a regular file; name one";
  std::array<char, 65536> part{};
  while (true) {
    const ssize_t size = ::read(descriptor, part.data(), part.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return why_unreadable();
    if (size == 0) return "";
    text.append(part.data(), static_cast<std::size_t>(size));
    if (text.size() > most_bytes) return "is larger than 64 MiB; a <cluster> holds many nodes";
  }
}

// Notes the first byte that SimGrid or XML could not read. True if there is one.
bool has_bad_byte(const PlatformFile& source, config::Mistakes& mistakes) {
  if (source.text.starts_with("\xEF\xBB\xBF")) {
    mistakes.add({source.file,
                  {1, 1},
                  "",
                  "starts with a byte order mark (SimGrid cannot read it); save it without"});
    return true;
  }
  const std::size_t bad = config::first_bad_byte(source.text);
  if (bad == source.text.size()) return false;
  constexpr char digits[] = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(source.text[bad]);
  const std::string shown = {'0', 'x', digits[byte >> 4], digits[byte & 15]};
  const std::string problem = byte < 0x80 ? " is a control character; remove it"
                                          : " is not UTF-8 text; save the file as UTF-8";
  mistakes.add(
      {source.file, config::Places(source.text).at(bad), "", "the byte " + shown + problem});
  return true;
}

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

void write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t size = ::write(descriptor, text.data(), text.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) fail("writing a file in memory");
    text.remove_prefix(static_cast<std::size_t>(size));
  }
}

}  // namespace

std::optional<PlatformFile> read_platform_file(const std::string& path,
                                               config::Mistakes& mistakes) {
  PlatformFile source{path, ""};
  // Not blocking: a FIFO without a writer would otherwise wait forever.
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
  const std::string problem = descriptor < 0 ? why_unreadable() : read_all(descriptor, source.text);
  if (descriptor >= 0) ::close(descriptor);
  if (!problem.empty()) mistakes.add({path, {}, "", problem});
  if (!problem.empty() || has_bad_byte(source, mistakes)) return std::nullopt;
  return source;
}

MemoryFile::MemoryFile(const std::string& text)
    : descriptor_(::memfd_create("platform", MFD_CLOEXEC)) {
  if (descriptor_ < 0) fail("making a file in memory");
  try {
    write_all(descriptor_, text);
  } catch (...) {
    ::close(descriptor_);
    throw;
  }
}

MemoryFile::~MemoryFile() { ::close(descriptor_); }

std::string MemoryFile::path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

}  // namespace tokenyard::network
