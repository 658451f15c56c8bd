// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "traffic/trace_format.hpp"

// What the list of trace formats is made of.
namespace tokenyard::traffic {

std::unique_ptr<TraceFormat> make_tokenyard_csv();
std::unique_ptr<TraceFormat> make_azure_llm();
std::unique_ptr<TraceFormat> make_burstgpt();
std::unique_ptr<TraceFormat> make_mooncake();
std::unique_ptr<TraceFormat> make_vllm_requests();
std::unique_ptr<TraceFormat> make_lengths();

}  // namespace tokenyard::traffic
