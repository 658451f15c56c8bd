// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sweep/manifest.hpp"

namespace tokenyard::commands {

// What is in the directory when a sweep begins there.
enum class OtherContent : std::uint8_t { refuse, replace };

// The sweep of a study in a directory, which is made, with its manifest, if they are not there.
// Throws ConfigError if the directory is of another content (refuse), or no point can be read.
// The caller must have no other threads.
sweep::Sweep begin_sweep(const std::string& study, const sweep::Directory& directory,
                         OtherContent other, bool quiet);

}  // namespace tokenyard::commands
