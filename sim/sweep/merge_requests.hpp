// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sweep/merge.hpp"
#include "sweep/merge_runs.hpp"

namespace tokenyard::sweep {

// The group /requests, if point files have request tables: those of all runs one after another, in
// the order of the runs. Columns are virtual, or copied with as much memory as one chunk of each
// takes. Throws ConfigError where virtual columns cannot hold what the files mean, or lie in more
// files than is safe.
void write_requests(results::Writer& writer, const MergeInput& input, const Directory& directory,
                    const MergeOptions& options);

}  // namespace tokenyard::sweep
