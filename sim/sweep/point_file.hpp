// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "fleet/summary.hpp"
#include "results/file.hpp"

namespace tokenyard::sweep {

// What is read of DIR/points/IDENTITY.h5: the attributes and the request table of the files that
// `tokenyard run --out` writes, the text /scenario, the attribute `point_identity`, and in place of
// all tables the group /metrics: all metrics of the run and of its parts, a text `names`, one a
// line, and a column `value` in the same order. So what a study keeps can change without running it
// again; and a file takes 1 ms to write where the tables take 20.
struct PointFile {
  std::string identity;  // of the run, as in its name; not always that of its scenario
  std::string version;   // of the program that wrote it
  std::string commit;
  std::map<std::string, double> metrics;  // by name, like "ttft_p99_s[chat]"
  std::uint64_t requests = 0;             // rows of its request table; 0: it has none
};

using Metrics = std::map<std::string, double>;

// All metrics of a run.
Metrics metrics_of(const fleet::Summary& summary);

void write_metrics(results::Writer& writer, const std::string& identity, const Metrics& metrics);

// Throws ConfigError for what is no point file or damaged. Checks headers, not all values: that is
// results::verify.
PointFile read_point(const std::string& path);

}  // namespace tokenyard::sweep
