// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "model/iteration_time.hpp"

namespace tokenyard::model {

// Coefficients given by the user: base + prefill * tokens + decode * sequences + attention.
class Affine final : public IterationTime {
 public:
  struct Input {
    Duration base;
    Duration prefill_token;
    Duration decode_sequence;
    Duration context_token;
    Duration attention_pair;
  };

  explicit Affine(const Input& input) : input_(input) {}

  Duration batch(Tokens prefill, std::int64_t decodes) const override {
    return input_.base + input_.prefill_token * static_cast<double>(prefill.value()) +
           input_.decode_sequence * static_cast<double>(decodes);
  }
  Duration per_context() const override { return input_.context_token; }
  Duration per_pair() const override { return input_.attention_pair; }

 private:
  Input input_;
};

}  // namespace tokenyard::model
