// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <string_view>

#include "core/ids.hpp"
#include "core/quantity.hpp"

namespace tokenyard::results {

// How a request ended; in_flight: it had not when the simulation did.
enum class Status : std::uint8_t { ok, rejected, dropped, throttled, failed, timed_out, in_flight };
inline constexpr std::array<std::string_view, 7> status_names = {
    "ok", "rejected", "dropped", "throttled", "failed", "timed_out", "in_flight"};

// The name of a status; `status` must be one of the seven.
std::string_view name(Status status);

inline constexpr double no_value = std::numeric_limits<double>::quiet_NaN();

// What is known of one request once it has ended: a row of the request table.
struct RequestRecord {
  RequestId id{};
  TenantId tenant{};
  ModelId model{};
  std::uint8_t api_class = 0;
  std::uint8_t tier = 0;
  std::uint16_t origin = 0;
  PoolId pool = no_pool;           // no_pool: it was never routed
  ReplicaId replica = no_replica;  // the last that held it
  SloClassId slo_class{};
  std::uint8_t priority = 0;
  Instant arrival{};
  Tokens prompt{};
  Tokens cached{};  // of the prompt, found in a prefix cache
  Tokens output{};  // produced
  Tokens max_tokens{};
  double time_to_first_token_s = no_value;
  double time_per_output_token_s = no_value;  // none for fewer than two output tokens
  double end_to_end_s = no_value;
  double network_s = 0;  // of these, from the client to the region and back
  std::uint32_t preemptions = 0;
  std::uint32_t retries = 0;
  Status status = Status::in_flight;
};

}  // namespace tokenyard::results
