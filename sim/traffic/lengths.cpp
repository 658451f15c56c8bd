// SPDX-License-Identifier: Apache-2.0
#include "traffic/lengths.hpp"

#include <algorithm>

#include "core/contracts.hpp"

namespace tokenyard::traffic {
namespace {

// Why the knots are not a distribution, or "".
std::string fault(const std::vector<Lengths::Knot>& knots) {
  if (knots.size() < 2) return "needs at least two pairs, from [0, least] to [1, most]";
  if (knots.front().probability != 0 || knots.back().probability != 1) {
    return "must begin at probability 0 and end at 1; add the least and the most";
  }
  for (std::size_t i = 0; i < knots.size(); ++i) {
    if (knots[i].tokens < 1 || knots[i].tokens > 0x1p53) {
      return "has a length that is not between 1 and 2^53; correct it";
    }
    if (i == 0) continue;
    if (knots[i].probability <= knots[i - 1].probability) {
      return "has probabilities that do not rise; sort the pairs";
    }
    if (knots[i].tokens < knots[i - 1].tokens) {
      return "has lengths that fall while probabilities rise; correct them";
    }
  }
  return "";
}

}  // namespace

Lengths::Lengths(std::vector<Knot> knots) : knots_(std::move(knots)) {
  SIM_EXPECT(fault(knots_).empty());
}

Lengths Lengths::constant(Tokens tokens) {
  const auto value = static_cast<double>(tokens.value());
  return Lengths({{0, value}, {1, value}});
}

Tokens Lengths::draw(RandomStream& stream) const {
  const double u = stream.uniform();
  const auto above =
      std::upper_bound(knots_.begin() + 1, knots_.end() - 1, u,
                       [](double p, const Knot& knot) { return p < knot.probability; });
  const Knot& a = *(above - 1);
  const Knot& b = *above;
  const double share = (u - a.probability) / (b.probability - a.probability);
  return Tokens(static_cast<std::int64_t>(a.tokens + share * (b.tokens - a.tokens) + 0.5));
}

double Lengths::mean() const {
  double sum = 0;
  for (std::size_t i = 1; i < knots_.size(); ++i) {
    sum += (knots_[i].probability - knots_[i - 1].probability) *
           (knots_[i].tokens + knots_[i - 1].tokens) / 2;
  }
  return sum;
}

Lengths read_lengths(config::Section section) {
  if (section.has("constant") && section.has("quantiles")) {
    section.mistake("constant", "stands beside 'quantiles'; keep one of the two");
  }
  if (section.has("constant")) {
    const auto tokens = section.required<Tokens>("constant", {1, 0x1p53});
    section.finish();
    return Lengths::constant(std::max(tokens, Tokens(1)));
  }
  std::vector<Lengths::Knot> knots;
  for (const std::vector<double>& row : section.table("quantiles", 2)) {
    knots.push_back({row[0], row[1]});
  }
  section.finish();
  const std::string problem = fault(knots);
  if (problem.empty()) return Lengths(std::move(knots));
  section.mistake("quantiles", problem);
  return Lengths::constant(Tokens(1));
}

}  // namespace tokenyard::traffic
