// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "traffic/distribution.hpp"

namespace tokenyard::traffic {

// Distributions as the knots of their quantile functions, linear between them.
using Knots = std::vector<Distribution::Knot>;

// One of several, and how much it counts; weights are not negative, and not all 0.
struct WeighedKnots {
  double weight;
  const Knots* knots;
};

double mean_of(const Knots& knots);

// The average of quantile functions that have the same probabilities: the same kind of request at
// different times.
Knots averaged(std::span<const WeighedKnots> parts);

// The quantile function of their mixture, sampled on a grid of probabilities: different kinds of
// requests side by side, each as often as its weight says.
Knots pooled(std::span<const WeighedKnots> parts);
std::size_t pooled_grid();  // how many probabilities

// Adds knots between those that are there until the mean is the given one or as near as it can be:
// quantiles do not say how values spread between them, above all in the tail.
Knots with_mean(Knots knots, double mean);

}  // namespace tokenyard::traffic
