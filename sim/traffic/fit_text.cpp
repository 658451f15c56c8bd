// SPDX-License-Identifier: Apache-2.0
// A fitted trace as the text of a workload file.
#include <array>
#include <cmath>
#include <limits>

#include "traffic/fit.hpp"
#include "traffic/workload_text.hpp"

namespace tokenyard::traffic {
namespace {

// Probabilities as they are written; of those that become equal, the first and the last count.
std::vector<Distribution::Knot> written(const std::vector<Distribution::Knot>& knots) {
  std::vector<Distribution::Knot> rounded;
  for (Distribution::Knot knot : knots) {
    knot.probability = std::round(knot.probability * 1e5) / 1e5;
    const std::size_t n = rounded.size();
    if (n >= 2 && rounded[n - 2].probability == knot.probability) {
      rounded.back().value = knot.value;
    } else {
      rounded.push_back(knot);
    }
  }
  return rounded;
}

std::string quantiles(const std::vector<Distribution::Knot>& knots, std::size_t indent) {
  return "quantiles: " + quantiles_text(written(knots), indent);
}

std::string arrivals(const FittedTrace& fitted) {
  std::string text = "arrivals:\n";
  if (fitted.gaps == Gaps::Kind::exponential) {
    text += "  process: poisson\n";
  } else {
    text += std::string("  process: ") + (fitted.gaps == Gaps::Kind::gamma ? "gamma" : "weibull") +
            "\n  cv: " + number_text(fitted.cv, 4) + "\n";
  }
  text += "  rate:\n    unit: 1/s\n    step: " + number_text(fitted.step_s, 9) + " s\n";
  if (fitted.step_s * static_cast<double>(fitted.rates.size()) > fitted.span_s) {
    text += "    until: " + number_text(fitted.span_s, 9) + " s\n";
  }
  return text + "    values: " + list_text(fitted.rates, 6) + "\n";
}

// A distribution for each range of prompts, or for all of them.
template <class Knots>
std::string by_range(const FittedTrace& fitted, std::size_t indent, Knots knots) {
  const std::string blanks(indent, ' ');
  if (fitted.ranges.size() == 1) {
    return blanks + quantiles(knots(fitted.ranges[0]), indent + 2) + "\n";
  }
  std::string text = blanks + "given_prompt:\n";
  for (const FittedRange& range : fitted.ranges) {
    text += blanks + "  - ";
    if (range.below < std::numeric_limits<double>::infinity()) {
      text += "below: " + number_text(range.below, 9) + "\n" + blanks + "    ";
    }
    text += quantiles(knots(range), indent + 6) + "\n";
  }
  return text;
}

}  // namespace

std::string workload_text(const FittedTrace& fitted, const FitOptions& options,
                          const std::string& name, const std::string& source) {
  std::string text = "# Fitted to a trace: its rate by the step, its gaps, its lengths" +
                     std::string(fitted.age.empty() ? "" : ", its reuse of prompts") + ".\n";
  text += "name: " + quoted_text(name) + "\nsource: " + quoted_text(source) + "\n\n";
  text += "# Rates vary as the counts of the trace do, less the noise of the arrivals in them.\n";
  text += arrivals(fitted) + "\n";
  text +=
      "# Lengths are drawn by linear interpolation, outputs by the range that the prompt is in.\n";
  text += "lengths:\n  prompt_tokens:\n    " + quantiles(fitted.prompt, 6) + "\n";
  text += "  output_tokens:\n" + by_range(fitted, 4, [](const FittedRange& r) { return r.output; });
  if (fitted.age.empty()) return text;
  text +=
      "\n# How much of a prompt an earlier one began with, and how long before that one came.\n";
  text += "prefixes:\n  reuse:\n    block: " + std::to_string(options.block.value()) + "\n";
  text += "    memory: 16384\n    share:\n" +
          by_range(fitted, 6, [](const FittedRange& r) { return r.reused_share; });
  return text + "    age:\n      " + quantiles(fitted.age, 8) + "\n";
}

std::string quality_text(const FitQuality& quality) {
  std::string text =
      "# A run of this description (seed 0) against the trace: Kolmogorov-Smirnov distances, and\n"
      "# pairs of a figure of the trace and that of the description.\nfit:\n";
  const auto line = [&text](const char* key, const std::string& value) {
    text += "  " + std::string(key) + ": " + value + "\n";
  };
  const auto pair = [&line](const char* key, const std::array<double, 2>& values) {
    if (std::isnan(values[0]) || std::isnan(values[1])) return;
    line(key, list_text(values, 4, 4));
  };
  line("requests", list_text(quality.requests, 4, 12));
  line("ks_gaps", number_text(quality.ks_gaps, 2));
  line("ks_prompt_tokens", number_text(quality.ks_prompt, 2));
  line("ks_output_tokens", number_text(quality.ks_output, 2));
  line("ks_output_given_prompt", number_text(quality.ks_output_given_prompt, 2));
  pair("cv_of_gaps", quality.gap_variation);
  pair("dispersion_60_s", quality.dispersion);
  pair("rank_correlation", quality.rank_correlation);
  pair("blocks_reused", quality.blocks_reused);
  return text;
}

}  // namespace tokenyard::traffic
