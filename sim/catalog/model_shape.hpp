// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <string>

#include "catalog/precision.hpp"
#include "config/errors.hpp"
#include "core/quantity.hpp"

namespace tokenyard::catalog {

// What a model's shape says about its cost; from workloads/models/NAME.yaml.
struct ModelShape {
  std::string name;
  std::int64_t layers = 0;
  std::int64_t hidden = 0;
  std::int64_t kv_heads = 0;  // 0: latent attention, one KV latent shared by all heads
  struct Experts {
    std::int64_t total = 0;
    std::int64_t active = 0;
    std::int64_t ffn = 0;
  };
  std::optional<Experts> experts;
  double parameters = 0;
  std::array<std::optional<Bytes>, precision_names.size()> weights;       // by Precision
  std::array<std::optional<Bytes>, precision_names.size()> kv_per_token;  // grows with the context
  std::array<std::optional<Bytes>, precision_names.size()> kv_fixed;      // of a request, at most
  Flops decode_token;                                                     // attention left out
  Flops prefill_token;     // attention and output head left out
  Flops attention_pair;    // of one query and one key, all layers
  Flops attention_decode;  // the same while decoding (greater for absorbed latent attention)
  std::string source;
  std::string sha256;  // of the file

  // The share of the weights that sit in routed experts; 0 for a dense model.
  double expert_share() const;
};

ModelShape load_model(const std::string& path, config::Mistakes& mistakes);

}  // namespace tokenyard::catalog
