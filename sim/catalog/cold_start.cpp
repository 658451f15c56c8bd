// SPDX-License-Identifier: Apache-2.0
#include "catalog/cold_start.hpp"

namespace tokenyard::catalog {

ColdStart read_cold_start(config::Section& entry, const Sources& sources) {
  ColdStart start;
  start.what = entry.required<std::string>("what");
  start.median = entry.required<Duration>("median", config::not_negative);
  start.p95 = entry.required<Duration>("p95", config::not_negative);
  if (start.p95 < start.median) {
    entry.mistake("p95", "is below the median, which it cannot be; swap the two");
  }
  start.source = read_source(entry, sources);
  entry.finish();
  return start;
}

}  // namespace tokenyard::catalog
