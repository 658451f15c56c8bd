// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "catalog/catalog.hpp"
#include "catalog/model_shape.hpp"
#include "model/iteration_time.hpp"

namespace tokenyard::model {

// How a replica spreads a model over accelerators, and in which number formats.
struct Deployment {
  const catalog::ModelShape* shape;
  const catalog::Accelerator* accelerator;
  catalog::Precision weights = catalog::Precision::fp8;
  catalog::Precision kv = catalog::Precision::fp8;
  std::int64_t tensor = 1;  // accelerators that share each layer
  std::int64_t data = 1;    // ranks of so many, each with its own requests; they share the experts

  std::int64_t context = 1;   // groups of so many that share each prompt and its KV cache
  std::int64_t pipeline = 1;  // stages of `tensor` * `context`, each with a part of the layers
  double imbalance = 1;       // load of the busiest expert rank over their mean
  const catalog::Rack* rack = nullptr;  // where the accelerators stand, if it joins more of them

  std::int64_t chips_per_stage() const { return tensor * context; }
  std::int64_t chips_per_rank() const { return chips_per_stage() * pipeline; }
  std::int64_t chips() const { return chips_per_rank() * data; }  // of a replica

  // Of the domain whose links carry the collectives of a layer: that of the accelerators, or the
  // wider and slower one of a rack, for those that need it.
  std::int64_t scale_up_chips() const;
  BytesPerSecond scale_up_bandwidth() const;

  // Copies of the KV cache's content: tensor parallelism beyond the KV heads repeats them.
  std::int64_t kv_copies() const;
};

// Iteration time from the model's shape and the accelerator's peak rates, each operation bounded
// by compute or by memory:
//
//   overhead
//   + max(flop of the tokens / compute, weights touched / memory)      matrix products
//   + max(KV bytes / memory, flop / compute) of the context            attention while decoding
//   + flop / compute of the query-key pairs                            attention of prompts
//   + 2 all-reduces a layer of tokens * hidden bf16 numbers            tensor parallelism
//
// where compute and memory are the peak rates times a stated efficiency. Of a mixture of experts,
// the part of the experts counts `imbalance` times. With d data-parallel ranks, batch() is asked
// for the tokens of one: each rank reads its own weights of attention but a d-th of the experts,
// which the tokens of all d, as many as its own each, have touched; its products are those of its
// own tokens, and two all-to-alls a layer (dispatch, combine) move tokens * active experts * hidden
// bf16 numbers, of which (d-1)/d leave the rank, over the links of its accelerators. With a
// pipeline batch() is the whole way through all stages, of which each has an equal part: the time
// of one stage's accelerators with all layers, and between two stages tokens * hidden bf16 numbers.
class Roofline final : public IterationTime {
 public:
  struct Efficiency {
    double compute = 1;
    double memory = 1;
    double network = 1;
  };
  struct Input {
    Deployment deployment;
    Efficiency efficiency;
    Duration overhead;                 // of each iteration, whatever its batch
    Duration all_reduce_latency;       // of each all-reduce
    Tokens most_tokens;                // of a batch
    BytesPerSecond stage_bandwidth{};  // of an accelerator, to the next stage of a pipeline
    Duration stage_latency{};
  };

  explicit Roofline(const Input& input);

  Duration batch(Tokens prefill, std::int64_t decodes) const override;
  Duration per_context() const override { return per_context_; }
  Duration per_pair() const override { return per_pair_; }

 private:
  double weights_time(std::int64_t tokens) const;
  void spread_experts(const Input& input, double flops);
  void share_context(const Input& input);
  void pass_stages(const Input& input);
  void tabulate_experts(const Input& input);

  Duration overhead_;
  double decode_token_;   // s of compute
  double prefill_token_;  // s of compute
  double weights_;        // s to read all weights
  double per_token_network_;
  double all_reduces_;  // s of latency, 0 for one accelerator
  double expert_share_ = 0;
  double imbalance_ = 1;
  std::int64_t ranks_ = 1;
  std::int64_t groups_ = 1;      // of context parallelism
  double prefill_exchange_ = 0;  // s of network a token
  double decode_join_ = 0;       // s of network a token
  double decode_latency_ = 0;    // s, if any request decodes
  std::vector<double> touched_;  // tokens -> share of the experts that at least one of them uses
  Duration per_context_;
  Duration per_pair_;
};

// The KV blocks that fit beside the weights. Negative room is the user's mistake: by how much is
// returned so that the message can say it.
struct KvRoom {
  Bytes memory;  // of a rank's accelerators, times the share that may be used
  Bytes weights;
  Bytes reserve;  // activations and buffers
  Bytes block;    // over all accelerators
  Bytes left() const { return memory - weights - reserve; }
  Blocks blocks() const;
};

}  // namespace tokenyard::model
