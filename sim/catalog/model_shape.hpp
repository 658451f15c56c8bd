// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/precision.hpp"
#include "config/errors.hpp"
#include "core/quantity.hpp"

namespace tokenyard::catalog {

// What a group of layers keeps of a request.
enum class KvKind : std::uint8_t {
  full,     // keys and values of all tokens
  latent,   // one latent of each token, for all heads
  sliding,  // of the latest tokens
  chunked,  // of the tokens since the last multiple of the window
  linear    // a state of fixed size
};
inline constexpr std::array<std::string_view, 5> kv_kinds = {"full", "latent", "sliding", "chunked",
                                                             "linear"};

struct KvGroup {
  using ByPrecision = std::array<std::optional<Bytes>, precision_names.size()>;

  KvKind kind = KvKind::full;
  std::int64_t layers = 0;
  Tokens window;          // of sliding and chunked
  ByPrecision per_token;  // by Precision, of all its layers; none for linear
  ByPrecision state;      // of linear

  bool grows() const { return kind == KvKind::full || kind == KvKind::latent; }
  bool windowed() const { return kind == KvKind::sliding || kind == KvKind::chunked; }
};

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
  std::vector<KvGroup> kv_groups;  // the same by kind of layer
  Flops decode_token;              // attention left out
  Flops prefill_token;             // attention and output head left out
  Flops attention_pair;            // of one query and one key, all layers
  Flops attention_decode;  // the same while decoding (greater for absorbed latent attention)
  std::string source;
  std::vector<std::string> from_memory;  // keys that it does not cover
  std::string sha256;                    // of the file

  // The share of the weights that sit in routed experts; 0 for a dense model.
  double expert_share() const;
};

ModelShape load_model(const std::string& path, config::Mistakes& mistakes);

}  // namespace tokenyard::catalog
