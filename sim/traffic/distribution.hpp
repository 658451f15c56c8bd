// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

#include "config/section.hpp"
#include "core/quantity.hpp"
#include "core/random.hpp"

namespace tokenyard::traffic {

// How a positive number is distributed: tokens of a prompt, seconds of a pause, turns of a session.
class Distribution {
 public:
  // By quantiles, linear between them: probabilities, from 0 to 1, and values do not fall. Two of
  // one probability are a gap that no value is in.
  struct Knot {
    double probability;
    double value;
  };
  struct LogNormal {
    double median;
    double sigma;  // of the logarithm
  };
  struct Gamma {
    double mean;
    double cv;
  };
  // Above `least`: P(X > x) = (least / x)^exponent.
  struct Pareto {
    double least;
    double exponent;
  };
  struct Part;  // of a mixture

  static Distribution constant(double value) { return quantiles({{0, value}, {1, value}}); }
  static Distribution quantiles(std::vector<Knot> knots);
  static Distribution log_normal(LogNormal parameters);
  static Distribution gamma(Gamma parameters);
  static Distribution pareto(Pareto parameters);
  static Distribution mixture(std::vector<Part> parts);

  // Values outside are moved to the nearest inside.
  Distribution& clip(double least, double most);

  double draw(RandomStream& stream) const;
  // Rounded to a whole number, at least 1.
  std::int64_t draw_whole(RandomStream& stream) const;

  // Before clipping, for those but mixtures of infinite ones; infinite where there is none.
  double mean() const;

 private:
  // Quantiles, with where in them each of equally wide parts of (0, 1) begins: a draw is a look-up.
  struct Quantiles {
    std::vector<Knot> knots;
    std::vector<std::uint32_t> guide;
  };
  struct Parts {
    std::vector<double> shares;  // summed up
    std::vector<Distribution> parts;
  };

  double draw_unclipped(RandomStream& stream) const;

  std::variant<Quantiles, LogNormal, Gamma, Pareto, Parts> form_;
  double least_ = 0;
  double most_ = 0x1p53;
};

struct Distribution::Part {
  double share;
  Distribution distribution;
};

// The forms a file may name, with what they need.
inline constexpr std::array<std::string_view, 7> distribution_forms = {
    "constant", "quantiles", "lognormal", "gamma", "exponential", "pareto", "mixture"};

// Reads {FORM: ..., least: X, most: X}, or a single value, below `key`; the other reads the map
// itself. Tokens may be bare; durations are quantities of time (in `quantiles`, bare seconds);
// fractions are between 0 and 1.
Distribution read_distribution(config::Section& parent, std::string_view key,
                               config::Dimension dimension);
Distribution read_distribution(config::Section section, config::Dimension dimension);

}  // namespace tokenyard::traffic
