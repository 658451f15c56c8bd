// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "sweep/axis.hpp"
#include "sweep/expression.hpp"
#include "sweep/metrics.hpp"

namespace tokenyard::sweep {

struct Term;

// What conditions may name of points, and in the same order where its values come from.
std::vector<Name> terms_of(const std::vector<Axis>& axes, std::vector<Term>& terms);

// The value of a term at the levels of a point.
Operand operand_of(const Term& term, const Axis& axis, const Level& level);

// Adds the metrics, in a place where they are not known yet.
void add_metrics_as_problems(std::vector<Name>& names);

// Adds those that are used already, then those that the text names, which are used from now on;
// and the others with what is wrong with them.
void add_metrics(const std::string& text, std::vector<MetricName>& used, std::vector<Name>& names);

}  // namespace tokenyard::sweep
