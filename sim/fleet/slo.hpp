// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>

#include "results/record.hpp"
#include "traffic/tenant.hpp"

namespace tokenyard::fleet {

// Whether an answer met all limits. A latency that it does not have (the gaps of a single token)
// meets any.
inline bool meets(const results::RequestRecord& record, const traffic::Slo& slo) {
  const auto within = [](double value, Duration limit) {
    return std::isnan(value) || value <= limit.value();
  };
  return within(record.time_to_first_token_s, slo.ttft) &&
         within(record.time_per_output_token_s, slo.tpot) &&
         within(record.end_to_end_s, slo.end_to_end);
}

}  // namespace tokenyard::fleet
