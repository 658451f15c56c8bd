// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace tokenyard::sweep {

inline constexpr double usual_confidence = 0.95;

// The t below which Student's t with so many degrees of freedom falls with probability 0 < p < 1.
// By inversion of the incomplete beta function in portable arithmetic; relative error below 1e-8.
double student_t_quantile(double p, double degrees);

// A mean, and how far the truth may be from it at the confidence asked for. The half-width is
// infinite where one value says nothing of it.
struct Interval {
  double mean = 0;
  double half_width = 0;
  std::size_t count = 0;  // of independent values it stands on

  double low() const { return mean - half_width; }
  double high() const { return mean + half_width; }
  bool contains(double value) const { return low() <= value && value <= high(); }
  // Half-width over mean: infinite for a mean of 0 that is not certain.
  double relative() const;
};

// Of the values of independent replications, at least one, all finite.
Interval interval_of(std::span<const double> values, double confidence = usual_confidence);
// The same of what need not be numbers: where one is not, or there are none, NaN both.
Interval interval_if_numbers(std::span<const double> values);

// Of one long run: its values in order are cut into batches of equal length (what is left over at
// the beginning is dropped), whose means count as independent. That holds if a batch is much
// longer than the values remember; 10 to 30 batches are usual. At least one value a batch.
Interval batch_means(std::span<const double> series, std::size_t batches = 20,
                     double confidence = usual_confidence);
std::vector<double> means_of_batches(std::span<const double> series, std::size_t batches);

// The correlation of each value with the next, -1 to 1: near 0 where they are independent, as the
// means of batches should be. 0 where all are equal, or fewer than 3.
double neighbour_correlation(std::span<const double> values);

// How many values at the beginning of a run to leave out, by the rule MSER-5 (K. P. White, An
// effective truncation heuristic for bias reduction in simulation output, Simulation 69, 1997): the
// cut of means of 5 that makes the standard error of the rest least. None if that lies in the
// second half: the run is too short to tell.
std::optional<std::size_t> warm_up_end(std::span<const double> series);

// When enough replications have been made: the half-width is so small that the mean is within
// `relative` of the truth (which takes relative / (1 + relative) of the mean), or there are `most`.
struct StoppingRule {
  double relative = 0.05;
  std::size_t least = 3;  // at least 2: chance makes early half-widths small
  std::size_t most = 100;
  double confidence = usual_confidence;
};
enum class Stopping : std::uint8_t { go_on, precise, exhausted };
Stopping stopping(const StoppingRule& rule, std::span<const double> values);

// How much larger a is than b where values of one replication belong together, as those of two
// plans under the same traffic do: what they share cancels out. Equally many.
Interval paired_difference(std::span<const double> a, std::span<const double> b,
                           double confidence = usual_confidence);

}  // namespace tokenyard::sweep
