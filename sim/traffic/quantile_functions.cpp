// SPDX-License-Identifier: Apache-2.0
#include "traffic/quantile_functions.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "core/contracts.hpp"

namespace tokenyard::traffic {
namespace {

using Knot = Distribution::Knot;

constexpr std::array grid = {0.0,  0.01, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4,  0.45,  0.5,
                             0.55, 0.6,  0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.99, 0.995, 1.0};

double total_weight(std::span<const WeighedKnots> parts) {
  double total = 0;
  for (const WeighedKnots& part : parts) total += part.weight;
  SIM_EXPECT(total > 0);
  return total;
}

// The probability of values up to this one.
double probability_up_to(const Knots& knots, double value) {
  const auto above = std::upper_bound(knots.begin(), knots.end(), value,
                                      [](double v, const Knot& k) { return v < k.value; });
  if (above == knots.begin()) return 0;
  if (above == knots.end()) return 1;
  const Knot& a = *(above - 1);
  return a.probability +
         (value - a.value) / (above->value - a.value) * (above->probability - a.probability);
}

double mixture_quantile(std::span<const WeighedKnots> parts, double probability,
                        std::array<double, 2> range) {
  auto [low, high] = range;
  // To a thousandth of a token, or as near as binary64 gets.
  for (int i = 0; i < 100 && high - low > 1e-3; ++i) {
    const double middle = low + (high - low) / 2;
    double sum = 0;
    for (const WeighedKnots& part : parts) {
      sum += part.weight * probability_up_to(*part.knots, middle);
    }
    (sum < probability ? low : high) = middle;
  }
  return high;
}

// How far a knot may bend the line between two others: the mean between them, as a share of the
// way from the lower one to the upper one.
struct Bends {
  double least;
  double least_in_tail;  // of the last two, where the upper one is the greatest of many
  double most;
};
constexpr std::array<Bends, 2> rounds = {{{0.25, 0.03, 0.75}, {0, 0, 1}}};

// A knot between two that adds `excess` to the mean, or as much of it as it may.
Knot bend(const Knot& a, const Knot& b, double excess, const Bends& bends) {
  const double width = b.probability - a.probability;
  const double height = b.value - a.value;
  // In the unit square of the two, a knot on the falling diagonal has its height as the mean.
  const double least = b.probability < 1 ? bends.least : bends.least_in_tail;
  const double wanted = std::clamp(0.5 + excess / (width * height), least, bends.most);
  // Probabilities are written with five decimals, and must rise.
  constexpr double digit = 1e-5;
  const double rounded = std::round((a.probability + (1 - wanted) * width) / digit) * digit;
  const double at = std::clamp(rounded, a.probability + digit, b.probability - digit);
  const double beyond = (b.probability - at) / width;
  return {at, a.value + height * std::clamp(2 * wanted - beyond, 0.0, 1.0)};
}

double area(const Knot& a, const Knot& b) {
  return (b.probability - a.probability) * (a.value + b.value) / 2;
}

// The knots in whose gaps to the next there is room for another, the most of it first.
std::vector<Knot> by_room(const Knots& knots) {
  constexpr double narrow = 1e-4;
  std::vector<std::pair<double, Knot>> found;
  for (std::size_t i = 1; i < knots.size(); ++i) {
    const double width = knots[i].probability - knots[i - 1].probability;
    const double height = knots[i].value - knots[i - 1].value;
    if (width >= narrow && height > 0) found.emplace_back(width * height, knots[i - 1]);
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<Knot> sorted;
  for (const auto& [room, knot] : found) sorted.push_back(knot);
  return sorted;
}

}  // namespace

double mean_of(const Knots& knots) {
  double sum = 0;
  for (std::size_t i = 1; i < knots.size(); ++i) sum += area(knots[i - 1], knots[i]);
  return sum;
}

Knots averaged(std::span<const WeighedKnots> parts) {
  const double total = total_weight(parts);
  Knots knots = *parts.front().knots;
  for (std::size_t i = 0; i < knots.size(); ++i) {
    knots[i].value = 0;
    for (const WeighedKnots& part : parts) {
      SIM_EXPECT((*part.knots)[i].probability == knots[i].probability);
      knots[i].value += part.weight / total * (*part.knots)[i].value;
    }
    // Rounding must not make values fall.
    if (i > 0) knots[i].value = std::max(knots[i].value, knots[i - 1].value);
  }
  return knots;
}

Knots pooled(std::span<const WeighedKnots> parts) {
  const double total = total_weight(parts);
  std::vector<WeighedKnots> shares;
  std::array<double, 2> range = {0x1p53, 0};
  for (const WeighedKnots& part : parts) {
    if (part.weight <= 0) continue;
    shares.push_back({part.weight / total, part.knots});
    range[0] = std::min(range[0], part.knots->front().value);
    range[1] = std::max(range[1], part.knots->back().value);
  }
  Knots knots;
  for (const double p : grid) {
    const bool inside = p > 0 && p < 1;
    const double value = inside ? mixture_quantile(shares, p, range) : range[p < 1 ? 0 : 1];
    knots.push_back({p, knots.empty() ? value : std::max(value, knots.back().value)});
  }
  return knots;
}

std::size_t pooled_grid() { return grid.size(); }

Knots with_mean(Knots knots, double mean) {
  constexpr double near = 1e-4;
  double missing = mean - mean_of(knots);
  for (const Bends& bends : rounds) {
    for (const Knot& a : by_room(knots)) {
      if (std::abs(missing) <= near * mean) return knots;
      const auto b = std::upper_bound(
          knots.begin(), knots.end(), a.probability,
          [](double probability, const Knot& k) { return probability < k.probability; });
      const Knot knot = bend(a, *b, missing, bends);
      missing -= area(a, knot) + area(knot, *b) - area(a, *b);
      knots.insert(b, knot);
    }
  }
  return knots;
}

}  // namespace tokenyard::traffic
