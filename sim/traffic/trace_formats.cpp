// SPDX-License-Identifier: Apache-2.0
#include "traffic/trace_formats.hpp"

namespace tokenyard::traffic {
namespace {

// A first line goes to the first that takes it: `lengths` takes what the others leave.
constexpr TraceFormatEntry entries[] = {
    {"tokenyard-csv", "arrival_s,prompt_tokens,output_tokens", make_tokenyard_csv},
    {"azure-llm", "Azure LLM inference traces: TIMESTAMP,ContextTokens,GeneratedTokens",
     make_azure_llm},
    {"burstgpt", "BurstGPT: Timestamp,Model,Request tokens,Response tokens,...", make_burstgpt},
    {"mooncake", "Mooncake, JSON lines: timestamp, input_length, output_length, hash_ids",
     make_mooncake},
    {"vllm-requests",
     "requests of a vLLM benchmark, JSON lines: input_toks or prompt_len, output_toks or "
     "output_len, arrival_time",
     make_vllm_requests},
    {"lengths", "JSON array or lines without stamps: prompt_len, output_len; or pairs",
     make_lengths},
    {results_format, "the table of requests of a result file", nullptr},
};

}  // namespace

std::span<const TraceFormatEntry> trace_formats() { return entries; }

}  // namespace tokenyard::traffic
