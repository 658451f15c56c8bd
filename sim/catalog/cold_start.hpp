// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "catalog/source.hpp"
#include "core/quantity.hpp"

namespace tokenyard::catalog {

// How long one part of a start takes: weights to load, programs to compile, a node to come.
struct ColdStart {
  std::string what;
  Duration median;
  Duration p95;
  Source source;
};

ColdStart read_cold_start(config::Section& entry, const Sources& sources);

}  // namespace tokenyard::catalog
