// SPDX-License-Identifier: Apache-2.0
#include "sweep/design.hpp"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <stdexcept>

#include "config/errors.hpp"
#include "core/contracts.hpp"
#include "core/random.hpp"
#include "sweep/sobol.hpp"

namespace tokenyard::sweep {
namespace {

constexpr const char* how_to_write =
    "write grid, or like latin-hypercube 200, sobol 256 or random 100";

RandomStream stream_of(std::uint64_t seed, const std::string& axis) {
  return {seed, 0, "design/" + axis};
}

std::vector<double> random(std::size_t points, RandomStream stream) {
  std::vector<double> coordinates(points);
  for (double& coordinate : coordinates) coordinate = stream.uniform();
  return coordinates;
}

std::vector<double> latin(std::size_t points, RandomStream stream) {
  std::vector<std::size_t> strata(points);
  std::iota(strata.begin(), strata.end(), std::size_t{0});
  for (std::size_t i = points; i > 1; --i) std::swap(strata[i - 1], strata[stream.below(i)]);
  std::vector<double> coordinates;
  for (const std::size_t stratum : strata) {
    coordinates.push_back((static_cast<double>(stratum) + stream.uniform()) /
                          static_cast<double>(points));
  }
  return coordinates;
}

std::vector<std::vector<double>> sobol(std::size_t points, std::uint64_t seed,
                                       const std::vector<std::string>& axes) {
  std::vector<std::string> sorted = axes;
  std::sort(sorted.begin(), sorted.end());
  std::vector<std::size_t> dimension;
  std::vector<std::uint32_t> shift;
  for (const std::string& axis : axes) {
    const auto found = std::lower_bound(sorted.begin(), sorted.end(), axis);
    dimension.push_back(static_cast<std::size_t>(found - sorted.begin()));
    shift.push_back(static_cast<std::uint32_t>(stream_of(seed, axis).bits() >> 32));
  }
  Sobol sequence(axes.size());
  std::vector<std::vector<double>> coordinates(axes.size());
  for (std::size_t i = 0; i < points; ++i) {
    const std::vector<std::uint32_t>& point = sequence.next();
    for (std::size_t axis = 0; axis < axes.size(); ++axis) {
      const std::uint32_t digits = point[dimension[axis]] ^ shift[axis];
      coordinates[axis].push_back((digits + 0.5) * 0x1p-32);
    }
  }
  return coordinates;
}

}  // namespace

Design parse_design(const std::string& text) {
  const std::size_t blank = text.find(' ');
  const std::string name = text.substr(0, blank);
  const auto* const found = std::find(design_names.begin(), design_names.end(), name);
  if (found == design_names.end()) {
    const std::vector<std::string> known(design_names.begin(), design_names.end());
    const std::string meant = config::nearest(name, known);
    throw std::invalid_argument(
        config::in_quotes(name) + " is no design; " +
        (meant.empty() ? how_to_write : "did you mean " + config::in_quotes(meant) + "?"));
  }
  Design design;
  design.kind = static_cast<DesignKind>(found - design_names.begin());
  if (!design.sampled()) {
    if (blank == std::string::npos) return design;
    throw std::invalid_argument("a grid takes no number; write grid");
  }
  if (blank == std::string::npos) {
    throw std::invalid_argument(name + " without a number of points; write it like " + name +
                                " 200");
  }
  const std::size_t digits = std::min(text.find_first_not_of(' ', blank), text.size());
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + digits, end, design.points);
  const bool whole = error == std::errc() && stop == end;
  if (whole && design.points >= 1 && design.points <= most_points) return design;
  throw std::invalid_argument(config::in_quotes(text.substr(digits)) +
                              " is no number of points from 1 to 1,000,000; " + how_to_write);
}

std::vector<std::vector<double>> sample(const Design& design, std::uint64_t seed,
                                        const std::vector<std::string>& axes) {
  SIM_EXPECT(design.sampled());
  if (design.kind == DesignKind::sobol) return sobol(design.points, seed, axes);
  std::vector<std::vector<double>> coordinates;
  for (const std::string& axis : axes) {
    RandomStream stream = stream_of(seed, axis);
    coordinates.push_back(design.kind == DesignKind::random ? random(design.points, stream)
                                                            : latin(design.points, stream));
  }
  return coordinates;
}

}  // namespace tokenyard::sweep
