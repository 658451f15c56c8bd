// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "core/quantity.hpp"

namespace tokenyard::traffic {

// Statistics of clients in the format of ServeGen (github:alibaba/ServeGen).
struct ServeGenOptions {
  std::string windows;       // rate and burstiness by client and 600 s
  std::string lengths;       // by client and 6 h
  std::string name;          // of the workload
  std::string made_by;       // the program, for `source`
  Duration step{3600};       // of the rates that are written; a multiple of 600 s
  std::size_t clients = 20;  // the largest, on their own; the others become one
};

bool begins_servegen(std::string_view header);
bool begins_servegen_lengths(std::string_view header);

// The statistics as the text of a workload file. Throws ConfigError.
std::string workload_from_servegen(const ServeGenOptions& options);

}  // namespace tokenyard::traffic
