// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>
#include <vector>

#include "traffic/servegen_files.hpp"

namespace tokenyard::traffic {

// Prompt and output of a client, over all of its periods.
struct ClientLengths {
  std::array<Knots, 2> knots;
  std::array<double, 2> means{};
  double reason_ratio = -1;  // below 0: not said
};

// A client as a workload file describes it, or several as one.
struct DescribedClient {
  std::string name;
  std::size_t members = 0;
  double requests = 0;
  std::array<double, 2> by_pattern{};  // requests that came under each pattern
  std::vector<double> rates;           // 1/s, one a step
  std::vector<double> cvs;
  ClientLengths lengths;
  bool borrows = false;  // some or all of its lengths are those of other clients
};

struct DescribedClients {
  std::vector<DescribedClient> clients;  // the largest first; those that became one are the last
  bool merged = false;                   // whether there is such a one
  std::size_t members = 0;
  double requests = 0;
  // Those that have no lengths of their own.
  std::size_t borrowers = 0;
  double borrowed_requests = 0;
  double reason_ratio = -1;  // mean over the requests of clients that say it
};

// `step_s` is a multiple of the windows, and makes no more steps than there may be. Throws
// ConfigError if no client has requests, or none has lengths.
DescribedClients describe_clients(const ServeGenFiles& files, double step_s, std::size_t largest,
                                  const std::string& path);

}  // namespace tokenyard::traffic
