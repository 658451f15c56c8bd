// SPDX-License-Identifier: Apache-2.0
#include "catalog/model_shape.hpp"

#include <algorithm>

#include "config/section.hpp"

namespace tokenyard::catalog {
namespace {

using config::Section;

// `most` keeps products with the accelerators and sequences of a pool within 64 bits.
std::array<std::optional<Bytes>, precision_names.size()> by_precision(Section&& section,
                                                                      double most) {
  std::array<std::optional<Bytes>, precision_names.size()> bytes;
  for (std::size_t p = 0; p < precision_names.size(); ++p) {
    bytes[p] = section.maybe<Bytes>(precision_names[p], {1, most});
  }
  section.finish();
  return bytes;
}

void read_shape(Section& root, ModelShape& model) {
  model.name = root.required<std::string>("name");
  model.layers = root.required<std::int64_t>("layers", {1, 10000});
  model.hidden = root.required<std::int64_t>("hidden", {1, 1e7});
  model.kv_heads = root.optional<std::int64_t>("kv_heads", 0, {0, 1e6});
  for (const char* key : {"heads", "head_dim", "vocabulary"}) root.skip(key);
  if (root.has("experts")) {
    Section experts = root.child("experts");
    ModelShape::Experts e;
    e.total = experts.required<std::int64_t>("total", {1, 1e6});
    e.active = experts.required<std::int64_t>("active", {1, static_cast<double>(e.total)});
    e.ffn = experts.required<std::int64_t>("ffn", {1, 1e7});
    experts.skip("shared");
    experts.finish();
    model.experts = e;
  }
  Section parameters = root.child("parameters");
  model.parameters = parameters.required<double>("total", config::positive);
  parameters.required<double>("active", config::positive);
  parameters.finish();
}

void read_costs(Section& root, ModelShape& model) {
  model.weights = by_precision(root.child("weights"), 1e15);
  model.kv_per_token = by_precision(root.child("kv_per_token"), 1e9);
  if (root.has("kv_fixed")) model.kv_fixed = by_precision(root.child("kv_fixed"), 1e10);
  Section flop = root.child("flop_per_token");
  model.decode_token = flop.required<Flops>("decode", config::positive);
  model.prefill_token = flop.required<Flops>("prefill", config::positive);
  flop.finish();
  model.attention_pair = root.required<Flops>("attention_flop_per_pair", config::positive);
  model.attention_decode = root.optional<Flops>("attention_flop_decode_absorbed",
                                                model.attention_pair, config::positive);
  model.source = root.required<std::string>("source");
  root.skip("notes");
}

}  // namespace

double ModelShape::expert_share() const {
  if (!experts) return 0;
  // Gate, up and down projections of every routed expert in every layer.
  const double routed = 3.0 * static_cast<double>(hidden) * static_cast<double>(experts->ffn) *
                        static_cast<double>(experts->total) * static_cast<double>(layers);
  return std::min(routed / parameters, 1.0);
}

ModelShape load_model(const std::string& path, config::Mistakes& mistakes) {
  ModelShape model;
  try {
    const config::Document document = config::load_yaml(path);
    config::Reading reading;
    Section root(document, reading);
    read_shape(root, model);
    read_costs(root, model);
    root.finish();
    model.sha256 = document.sha256;
    for (const config::Mistake& mistake : reading.mistakes.all()) mistakes.add(mistake);
  } catch (const config::ConfigError& error) {
    for (const config::Mistake& mistake : error.mistakes()) mistakes.add(mistake);
  }
  return model;
}

}  // namespace tokenyard::catalog
