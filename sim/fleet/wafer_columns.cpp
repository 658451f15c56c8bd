// SPDX-License-Identifier: Apache-2.0
#include "fleet/wafer_columns.hpp"

namespace tokenyard::fleet {
namespace {

struct Column {
  const char* name;
  const char* unit;
  const char* long_name;
  double WaferSummary::*value;
};

constexpr Column columns[] = {
    {"wafer_context_tokens", "", "context of a request, mean", &WaferSummary::context},
    {"wafer_slots", "", "requests of that context in the SRAM of a replica", &WaferSummary::slots},
    {"wafer_compute_tokens_per_s", "1/s", "ceiling by compute", &WaferSummary::compute_per_s},
    {"wafer_sram_tokens_per_s", "1/s", "ceiling by SRAM slots", &WaferSummary::sram_per_s},
    {"wafer_ports_tokens_per_s", "1/s", "ceiling by ports", &WaferSummary::ports_per_s},
    {"wafer_sequences_tokens_per_s", "1/s", "ceiling by batching.sequences",
     &WaferSummary::sequences_per_s},
    {"wafer_pipeline_used", "1", "share of busy time in which the pipeline took tokens",
     &WaferSummary::pipeline_used},
    {"wafer_achieved_tokens_per_s", "1/s", "tokens written, or read for another pool",
     &WaferSummary::achieved_per_s},
};

}  // namespace

void write_wafers(results::Writer& writer, const Summary& summary) {
  for (const Column& column : columns) {
    std::vector<double> cells;
    for (const PoolSummary& pool : summary.pools) cells.push_back(pool.wafer.*column.value);
    writer.column(std::string("/pools/") + column.name, cells,
                  {column.unit, column.long_name, {}, {}});
  }
  std::vector<std::uint8_t> bounds;
  for (const PoolSummary& pool : summary.pools) {
    bounds.push_back(static_cast<std::uint8_t>(pool.wafer.bound));
  }
  writer.column("/pools/wafer_bound", bounds,
                {"", "the lowest of the ceilings", {wafer_bounds.begin(), wafer_bounds.end()}, {}});
}

}  // namespace tokenyard::fleet
