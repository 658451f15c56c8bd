// SPDX-License-Identifier: Apache-2.0
#include "results/disk.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "config/errors.hpp"

namespace tokenyard::results {

Disk::~Disk() { ::close(descriptor_); }

void Disk::fail(int error) noexcept {
  if (failure_ == 0) failure_ = error;
}

void Disk::sync() {
  if (::fsync(descriptor_) != 0) fail(errno);
}

std::uint64_t Disk::size() const {
  struct stat status {};
  return ::fstat(descriptor_, &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

bool Disk::is_plain_file() const {
  struct stat status {};
  return ::fstat(descriptor_, &status) == 0 && S_ISREG(status.st_mode);
}

void Disk::resize(std::uint64_t bytes) noexcept {
  if (failure_ == 0 && ::ftruncate(descriptor_, static_cast<off_t>(bytes)) != 0) fail(errno);
}

bool Disk::read_file(std::uint64_t at, std::byte* to, std::size_t bytes) noexcept {
  while (bytes > 0) {
    const ::ssize_t got = ::pread(descriptor_, to, bytes, static_cast<off_t>(at));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return false;
    if (got == 0) {
      std::memset(to, 0, bytes);
      return true;
    }
    at += static_cast<std::uint64_t>(got);
    to += got;
    bytes -= static_cast<std::size_t>(got);
  }
  return true;
}

bool Disk::read(std::uint64_t at, void* to, std::size_t bytes) noexcept {
  auto* out = static_cast<std::byte*>(to);
  if (!read_file(at, out, bytes)) return false;
  for (auto page = pages_.lower_bound(at / page_bytes); page != pages_.end(); ++page) {
    const std::uint64_t start = page->first * page_bytes;
    if (start >= at + bytes) break;
    const std::uint64_t begin = std::max(start, at);
    const std::uint64_t end = std::min(start + page_bytes, at + bytes);
    std::memcpy(out + (begin - at), page->second.data() + (begin - start), end - begin);
  }
  return true;
}

bool Disk::write(std::uint64_t at, const void* from, std::size_t bytes) noexcept {
  const auto* data = static_cast<const std::byte*>(from);
  while (failure_ == 0 && bytes > 0) {
    const ::ssize_t put = ::pwrite(descriptor_, data, bytes, static_cast<off_t>(at));
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) {
      fail(put < 0 ? errno : ENOSPC);
      break;
    }
    at += static_cast<std::uint64_t>(put);
    data += put;
    bytes -= static_cast<std::size_t>(put);
  }
  try {
    write_pages(at, data, bytes);
  } catch (...) {
    return false;
  }
  return true;
}

void Disk::write_pages(std::uint64_t at, const std::byte* from, std::size_t bytes) {
  while (bytes > 0) {
    const std::uint64_t number = at / page_bytes;
    const auto [page, fresh] = pages_.try_emplace(number);
    if (fresh && !read_file(number * page_bytes, page->second.data(), page_bytes))
      page->second.fill(std::byte{0});
    const std::size_t offset = at % page_bytes;
    const std::size_t part = std::min(bytes, page_bytes - offset);
    std::memcpy(page->second.data() + offset, from, part);
    at += part;
    from += part;
    bytes -= part;
  }
}

int open_to_read(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor >= 0) return descriptor;
  throw config::ConfigError(config::Mistake{
      path, {}, "", std::string("cannot open (") + std::strerror(errno) + "); check the name"});
}

}  // namespace tokenyard::results
