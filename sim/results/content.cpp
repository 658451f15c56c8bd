// SPDX-License-Identifier: Apache-2.0
#include "results/content.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace tokenyard::results {

namespace {

// Hashes portions small enough to stay in the first-level cache.
template <class Float>
void add_floats(Sha256& sha, const Float* values, std::size_t count) {
  std::array<Float, 1024> portion;
  while (count > 0) {
    const std::size_t size = std::min(count, portion.size());
    std::transform(values, values + size, portion.begin(), [](Float value) {
      return std::isnan(value) ? std::numeric_limits<Float>::quiet_NaN() : value;
    });
    sha.add(portion.data(), size * sizeof(Float));
    values += size;
    count -= size;
  }
}

std::string net(std::string_view text) {
  return std::to_string(text.size()) + ":" + std::string(text);
}

}  // namespace

void ValuesHash::add(const Cells& cells) {
  if (cells.type == Type::f8)
    add_floats(sha_, static_cast<const double*>(cells.data), cells.rows);
  else if (cells.type == Type::f4)
    add_floats(sha_, static_cast<const float*>(cells.data), cells.rows);
  else
    sha_.add(cells.data, cells.bytes());
}

std::string text_of(std::span<const std::uint64_t> shape) {
  std::string text;
  for (const std::uint64_t length : shape)
    text += (text.empty() ? "" : "x") + std::to_string(length);
  return text;
}

std::string digest_of(const std::map<std::string, Content>& datasets) {
  Sha256 sha;
  sha.add("tokenyard-digest-1");
  for (const auto& [name, content] : datasets)
    sha.add(net(name) + net(content.type) + net(content.shape) + net(content.unit) +
            net(content.values));
  return hex(sha.finish());
}

}  // namespace tokenyard::results
