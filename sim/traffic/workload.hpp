// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "config/section.hpp"
#include "traffic/generators.hpp"

namespace tokenyard::traffic {

// The one list of arrival processes a workload file may name.
inline constexpr std::array<std::string_view, 2> arrival_processes = {"poisson", "closed-loop"};

// Traffic described by statistics: a workload file (workloads/NAME.yaml).
struct Workload {
  std::string name;
  std::string source;
  std::variant<PoissonArrivals::Rate, ClosedLoop::Users> arrivals;
  Lengths prompt = Lengths::constant(Tokens(1));
  Lengths output = Lengths::constant(Tokens(1));

  double expected_requests() const;  // 0: without end
  // `scale` multiplies the rate (of Poisson arrivals) or the number of users.
  std::unique_ptr<Arrivals> generator(const Request& pattern, double scale, std::uint64_t seed,
                                      const std::string& stream) const;
};

// Reads the whole document; mistakes are noted in the reading.
Workload read_workload(const config::Document& document, config::Reading& reading);

}  // namespace tokenyard::traffic
