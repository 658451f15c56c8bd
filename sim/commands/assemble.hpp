// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "fleet/recorder.hpp"
#include "fleet/scenario.hpp"
#include "fleet/simulation.hpp"
#include "network/platform.hpp"
#include "network/transfers.hpp"

namespace tokenyard::commands {

// What a run owns beside its scenario; the simulation points into it.
struct Parts {
  std::vector<std::unique_ptr<traffic::Arrivals>> streams;
  std::vector<std::unique_ptr<serving::Batcher>> batchers;
  std::vector<std::unique_ptr<model::IterationTime>> times;
  std::optional<network::Transfers> transfers;
};

// The simulation of a scenario on its platform, which `recorder` is told of.
fleet::SimulationInput assemble(const fleet::Scenario& scenario, const network::Platform& platform,
                                fleet::Recorder& recorder, Parts& parts);

}  // namespace tokenyard::commands
