// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sweep/directory.hpp"
#include "sweep/tally.hpp"

namespace tokenyard::sweep {

// What a run found, of Study::measured, if its file is there and can be read.
std::optional<std::vector<double>> values_in_file(const Sweep& sweep, const Directory& directory,
                                                  const std::string& identity);

// Counts the runs that have a file. Where the study needs values of them, one that cannot be read
// does not count; other damage `sweep verify` and `sweep merge` tell of. `looked` is told how many
// of how many files were read.
void count_done(const Sweep& sweep, const Directory& directory, Tally& tally,
                const std::function<void(std::size_t, std::size_t)>& looked);

// Counts those of the others that have failed.
void count_failed(const Directory& directory, Tally& tally);

}  // namespace tokenyard::sweep
