// SPDX-License-Identifier: Apache-2.0
#include "core/random.hpp"

#include <cmath>
#include <string>

#include "core/contracts.hpp"
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

double RandomStream::normal() { return portable_normal_quantile(uniform()); }

double RandomStream::gamma(double shape) {
  SIM_EXPECT(shape > 0);
  if (shape < 1) {
    // A gamma variable of one more, times a uniform one to the power 1 / shape.
    const double exponent = -exponential() / shape;
    const double above = gamma(shape + 1);
    return exponent < -700 ? 0 : above * portable_exp(exponent);
  }
  const double d = shape - 1.0 / 3;
  const double c = 1 / std::sqrt(9 * d);
  for (;;) {
    const double x = normal();
    const double root = 1 + c * x;
    const double log_u = -exponential();
    if (root <= 0) continue;
    const double v = root * root * root;
    if (log_u < 0.5 * x * x + d - d * v + d * portable_log(v)) return d * v;
  }
}

bool in_sample(std::uint64_t seed, std::uint64_t number, double share) {
  // SplitMix64's output function: every bit of the number moves every bit of the hash.
  std::uint64_t z = number * 0x9e3779b97f4a7c15ULL + seed;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
  z ^= z >> 31;
  return static_cast<double>(z >> 12) * 0x1p-52 < share;
}

}  // namespace tokenyard
