// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "fleet/observer.hpp"

namespace tokenyard::fleet {

class Recorder;

// Looks at a run while it goes on, and may find that it has shown enough.
class StopRule {
 public:
  virtual ~StopRule() = default;

  // At each regular look at the pools, with all that was recorded before. Once true the run ends
  // there, as if `until` had been now.
  virtual bool has_enough(Instant now, const Recorder& recorder,
                          const std::vector<PoolCounts>& pools) = 0;
};

}  // namespace tokenyard::fleet
