// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/ids.hpp"
#include "core/quantity.hpp"

namespace tokenyard::traffic {

// One prompt and its answer, as it arrives. `output` is what the model will produce, which only
// the simulator knows; `max_tokens` is what the client asked for at most.
struct Request {
  RequestId id{};  // its number in the order of arrival, over all streams
  Instant arrival;
  Tokens prompt;
  Tokens output;
  Tokens max_tokens;
  std::uint64_t session = 0;  // its number in the client's part, from 1; 0: none
  std::uint32_t client = 0;   // the part of the tenant's traffic that it comes from
  TenantId tenant{};
  ModelId model{};
  SloClassId slo_class{};
  std::uint16_t origin = 0;
  std::uint8_t api_class = 0;
  std::uint8_t tier = 0;
  std::uint8_t priority = 0;
};

// A piece of a prompt: its tokens before `until`, from the end of the piece before. Two prompts
// that begin with the same pieces begin with the same tokens.
struct Piece {
  std::uint64_t content = 0;
  std::int64_t until = 0;
};

}  // namespace tokenyard::traffic
