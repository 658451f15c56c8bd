// SPDX-License-Identifier: Apache-2.0
#include "results/seal.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

#include "config/errors.hpp"
#include "core/sha256.hpp"

namespace tokenyard::results {
namespace {

constexpr std::string_view start = "tokenyard-sha256 ";

// None if the disk cannot be read.
std::string seal_of_first(Disk& disk, std::uint64_t bytes) {
  std::vector<char> portion(1 << 16);
  Sha256 sha;
  for (std::uint64_t at = 0; at < bytes; at += portion.size()) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(bytes - at, portion.size()));
    if (!disk.read(at, portion.data(), size)) return "";
    sha.add(portion.data(), size);
  }
  return std::string(start) + hex(sha.finish()) + "\n";
}

}  // namespace

void write_seal(Disk& disk) {
  const std::uint64_t bytes = disk.size();
  const std::string seal = seal_of_first(disk, bytes);
  disk.write(bytes, seal.data(), seal.size());
}

Seal seal_of(const std::string& path) {
  Disk disk(open_to_read(path));
  const std::uint64_t size = disk.size();
  if (!disk.is_plain_file() || size < seal_bytes) return Seal::missing;
  std::string stored(seal_bytes, ' ');
  const std::uint64_t content = size - seal_bytes;
  const std::string wanted = seal_of_first(disk, content);
  if (wanted.empty() || !disk.read(content, stored.data(), stored.size())) {
    throw config::ConfigError(
        config::Mistake{path, {}, "", "cannot be read to its end; check the disk"});
  }
  if (!stored.starts_with(start)) return Seal::missing;
  return stored == wanted ? Seal::intact : Seal::broken;
}

}  // namespace tokenyard::results
