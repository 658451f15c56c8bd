// SPDX-License-Identifier: Apache-2.0
#include "sweep/axis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/contracts.hpp"
#include "core/portable_math.hpp"

namespace tokenyard::sweep {

double Range::between(double low, double high, double share) const {
  if (spacing == Spacing::linear) return low + (high - low) * share;
  return low * portable_exp(share * portable_log(high / low));
}

// Of twelve digits, so that 0.1 + 2 x 0.1 is 0.3.
std::string Range::text(double value) const {
  const std::string number = whole ? fmt::format("{:.0f}", value) : fmt::format("{:.12g}", value);
  return unit.empty() ? number : number + " " + unit;
}

Level Range::level(const std::string& text) const {
  config::Value::Member setting = key;
  setting.value.kind = unit.empty() ? config::Value::Kind::number : config::Value::Kind::string;
  setting.value.text = text;
  return {text, {setting}};
}

std::vector<Level> Range::levels() const {
  SIM_EXPECT(steps >= 2);
  std::vector<Level> all{level(first)};
  for (std::int64_t i = 1; i < steps; ++i) {
    const double share = static_cast<double>(i) / static_cast<double>(steps - 1);
    const double value = between(from, to, share);
    const bool is_last = i + 1 == steps;
    const std::string next = is_last ? last : text(whole ? std::floor(value + 0.5) : value);
    const bool repeated = std::any_of(all.begin(), all.end(),
                                      [&next](const Level& old) { return old.label == next; });
    if (!repeated) all.push_back(level(next));
  }
  return all;
}

Level Range::at(double share) const {
  if (!whole) return level(text(between(from, to, share)));
  return level(text(std::clamp(std::floor(between(from, to + 1, share)), from, to)));
}

}  // namespace tokenyard::sweep
