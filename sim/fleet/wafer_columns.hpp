// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fleet/summary.hpp"
#include "results/file.hpp"

namespace tokenyard::fleet {

// Adds what bounds wafer-scale pools to /pools; other pools have no values there.
void write_wafers(results::Writer& writer, const Summary& summary);

}  // namespace tokenyard::fleet
