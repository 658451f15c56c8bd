// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/quantity.hpp"

namespace tokenyard::fleet {

// A wire that each transfer has to itself.
struct Wire {
  Duration latency;
  BytesPerSecond bandwidth;
};

}  // namespace tokenyard::fleet
