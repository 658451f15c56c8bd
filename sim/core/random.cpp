// SPDX-License-Identifier: Apache-2.0
#include "core/random.hpp"

#include <string>

#include "core/portable_math.hpp"
#include "core/sha256.hpp"

namespace tokenyard {
namespace {

pcg64 seeded(std::uint64_t seed, std::uint64_t replication, std::string_view name) {
  Sha256 sha;
  sha.add(std::to_string(seed) + '/' + std::to_string(replication) + '/');
  sha.add(name);
  const Sha256::Digest digest = sha.finish();
  using State = pcg64::state_type;
  const auto word = [&digest](std::size_t at) {
    State value = 0;
    for (std::size_t i = 0; i < 16; ++i) value = value << 8 | State(digest[at + i]);
    return value;
  };
  return pcg64(word(0), word(16));
}

}  // namespace

RandomStream::RandomStream(std::uint64_t seed, std::uint64_t replication, std::string_view name)
    : generator_(seeded(seed, replication, name)) {}

double RandomStream::exponential() { return -portable_log(uniform()); }

bool in_sample(std::uint64_t seed, std::uint64_t number, double share) {
  // SplitMix64's output function: every bit of the number moves every bit of the hash.
  std::uint64_t z = number * 0x9e3779b97f4a7c15ULL + seed;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
  z ^= z >> 31;
  return static_cast<double>(z >> 12) * 0x1p-52 < share;
}

}  // namespace tokenyard
