// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "config/value.hpp"
#include "fleet/scenario.hpp"

namespace tokenyard::commands {

// Reads a scenario file with its `--set PATH=VALUE` assignments applied.
config::Document load_document(const std::string& path, const std::vector<std::string>& sets);

// Every key with its value, its unit and where it comes from, a line each.
std::string explain(const config::Resolved& resolved);

}  // namespace tokenyard::commands
