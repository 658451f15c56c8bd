// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "config/errors.hpp"
#include "network/probe.hpp"

namespace tokenyard::network {

// What SimGrid said of a file when it failed to load it, as one mistake: without its log's
// decoration and backtraces, at the line that it names.
config::Mistake refusal(const std::string& file, const ProbeFailure& failure);

}  // namespace tokenyard::network
