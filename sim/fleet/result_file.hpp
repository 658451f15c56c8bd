// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "fleet/recorder.hpp"
#include "fleet/scenario.hpp"
#include "fleet/summary.hpp"
#include "results/file.hpp"
#include "results/request_table.hpp"

namespace tokenyard::fleet {

// The names behind the codes of the request table.
results::RequestTable::Names table_names(const Scenario& scenario);

// Writes all of a run but the request table: /summary, /slo_classes, /pools, /series/POOL and the
// resolved scenario.
void write_results(results::Writer& writer, const Scenario& scenario, const Recorder& recorder,
                   const Summary& summary);

}  // namespace tokenyard::fleet
