// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "results/target.hpp"
#include "traffic/tenant.hpp"

namespace tokenyard::traffic {

// Where generated requests are written.
class RequestSink {
 public:
  virtual ~RequestSink() = default;

  virtual void add(const Request& request, std::span<const Piece> pieces) = 0;
  virtual void finish() = 0;
};

// What the codes of requests stand for.
struct RequestNames {
  explicit RequestNames(const std::vector<Tenant>& tenants);

  std::vector<std::string> tenants, models, origins;
  std::vector<std::size_t> model_of;               // each tenant's
  std::vector<std::vector<std::uint16_t>> places;  // each tenant's origins
  std::vector<std::vector<std::string>> clients;   // of each part of each tenant's traffic
  std::vector<Duration> deadlines;                 // of each tenant's requests
};

// By the ending of the name: .csv and .csv.gz hold all, .h5 all but the pieces of prompts. Throws
// ConfigError for another ending, and for a file that exists (refuse).
std::unique_ptr<RequestSink> open_sink(const std::string& path, const std::vector<Tenant>& tenants,
                                       const RequestNames& names, results::Existing existing);

}  // namespace tokenyard::traffic
