// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include "model/iteration_time.hpp"
#include "model/roofline.hpp"

namespace tokenyard::model {

// Iteration time of a replica that is a pipeline over wafers, each with a part of the layers:
//
//   max(latency, decodes * issue) + prompt tokens * issue      with each its issue time
//   + max(KV bytes / memory, flop / compute) of the context    attention while decoding
//   + flop / compute of the query-key pairs                    attention of prompts
//
// latency = layers * t_layer + hops * hop: of a token, through all wafers and back to the first.
// A user's next token is issued as the last one comes out, so the pipeline is full when decodes *
// issue exceeds the latency. Prompt tokens do not wait for each other: they stream.
// issue: the longer of flop / compute, shared evenly by the wafers, and the bytes that a token
// brings through the ports of one wafer (its 16-bit activations and its number) / their rate.
class Wafer final : public IterationTime {
 public:
  struct Input {
    Deployment deployment;  // as many wafers as it has pipeline stages
    Duration layer;         // t_layer
    Duration hop;
    double compute = 1;  // shares of the peak rates that are reached
    double memory = 1;
  };

  // What keeps a pipeline from taking the next token at once.
  struct Issue {
    Duration compute;
    Duration ports;
    Duration time() const { return std::max(compute, ports); }
  };

  explicit Wafer(const Input& input);

  Duration batch(Tokens prefill, std::int64_t decodes) const override;
  Duration per_context() const override { return per_context_; }
  Duration per_pair() const override { return per_pair_; }

  Duration latency() const { return latency_; }
  const Issue& decode() const { return decode_; }
  const Issue& prefill() const { return prefill_; }
  double port_bytes() const { return port_bytes_; }  // of a token through a wafer, one way

 private:
  Duration latency_;
  double port_bytes_;
  Issue decode_;
  Issue prefill_;
  Duration per_context_;
  Duration per_pair_;
};

}  // namespace tokenyard::model
