// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sweep/merge_runs.hpp"

namespace tokenyard::sweep {

// The group /points: a row for each plan, with means over its replications.
void write_points(results::Writer& writer, const MergeInput& input);

}  // namespace tokenyard::sweep
