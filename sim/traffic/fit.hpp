// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "traffic/distribution.hpp"
#include "traffic/gaps.hpp"
#include "traffic/trace.hpp"

namespace tokenyard::traffic {

// A request as a fit looks at it.
struct FitRow {
  double date_s;  // after the first
  std::int64_t prompt;
  std::int64_t output;
  std::int64_t reused;  // tokens at its beginning that an earlier prompt had; whole blocks
  double age_s;         // since that prompt, if any
};

// Memory: a row takes 40 bytes.
inline constexpr std::size_t most_fit_rows = 10'000'000;

struct FitOptions {
  TraceOptions reading;
  Tokens block{512};             // whose reuse is counted
  std::optional<Duration> step;  // of the rate; absent: as short as the counts allow
};

// Rows of prompts in one range, and what they have in common.
struct FittedRange {
  double below;  // tokens; the last is infinite
  std::vector<Distribution::Knot> output;
  std::vector<Distribution::Knot> reused_share;  // of the prompt; empty if the trace says no pieces
};

// A trace as a generator: what a workload file says of it.
struct FittedTrace {
  std::size_t requests = 0;
  double span_s = 0;
  double step_s = 0;
  std::vector<double> rates;  // 1/s, one a step
  Gaps::Kind gaps = Gaps::Kind::exponential;
  double cv = 1;  // of the gaps on a clock that runs with the rate
  std::vector<Distribution::Knot> prompt;
  std::vector<FittedRange> ranges;      // one, if the output does not depend on the prompt
  std::vector<Distribution::Knot> age;  // s, of reused prompts; empty if none is
  double equal_stamps = 0;              // share of the gaps that are 0
};

// Reads a trace's rows. Throws ConfigError with its mistakes, for one without stamps, and for more
// rows than most_fit_rows.
std::vector<FitRow> read_fit_rows(const std::string& path, const FitOptions& options);

// At least two rows, in order, over a time that is not 0.
FittedTrace fit_trace(const std::vector<FitRow>& rows, const FitOptions& options);

// Quantiles between which a linear interpolation is within `tolerance` (in probability, less in the
// tails) of the values' own distribution; `rounded_by` is 0.5 for values that are rounded once
// drawn.
std::vector<Distribution::Knot> fit_quantiles(std::vector<double> values, double tolerance,
                                              double rounded_by);

// The description as the text of a workload file. `source`: where the trace is from.
std::string workload_text(const FittedTrace& fitted, const FitOptions& options,
                          const std::string& name, const std::string& source);

// How far a run of a description is from the trace it was made from.
struct FitQuality {
  double ks_gaps = 0;
  double ks_prompt = 0;
  double ks_output = 0;
  double ks_output_given_prompt = 0;  // the greatest over the ranges
  // Of the trace, and of the description.
  std::array<double, 2> requests{};
  std::array<double, 2> gap_variation{};
  std::array<double, 2> dispersion{};  // of the counts in 60 s
  std::array<double, 2> rank_correlation{};
  std::array<double, 2> blocks_reused{};  // share; NaN if the trace does not say
};

// Reads the trace once more, and draws as many requests from the description.
FitQuality judge_fit(const std::string& path, const FitOptions& options, const FittedTrace& fitted,
                     const std::string& text);

// The quality as the `fit` section of a workload file, which people read.
std::string quality_text(const FitQuality& quality);

// How far two samples are apart: the greatest difference of their distribution functions
// (Kolmogorov-Smirnov). Neither may be empty.
double ks_distance(std::vector<double> a, std::vector<double> b);

}  // namespace tokenyard::traffic
