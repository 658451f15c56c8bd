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

KvGroup read_group(Section& section) {
  KvGroup group;
  group.kind = static_cast<KvKind>(section.choice("kind", kv_kinds, 0));
  group.layers = section.required<std::int64_t>("layers", {1, 10000});
  if (group.windowed()) group.window = section.required<Tokens>("window", {1, 1e7});
  if (group.kind == KvKind::linear) {
    group.state = by_precision(section.child("state"), 1e10);
  } else {
    group.per_token = by_precision(section.child("per_token"), 1e9);
  }
  section.finish();
  return group;
}

// Bytes in a format; those of a state or a window that says bf16 alone hold for all.
Bytes in_format(const KvGroup::ByPrecision& bytes, std::size_t precision) {
  const auto& given = bytes[precision] ? bytes[precision] : bytes[0];
  return given.value_or(Bytes(0));
}

// Whether they are groups that add up to what the model keeps of a token.
bool read_groups(Section& root, ModelShape& model) {
  for (Section& section : root.children("kv_groups", 1))
    model.kv_groups.push_back(read_group(section));
  for (std::size_t p = 0; p < precision_names.size(); ++p) {
    Bytes grows(0);
    Bytes fixed(0);
    for (const KvGroup& group : model.kv_groups) {
      if (group.grows()) {
        grows += group.per_token[p].value_or(Bytes(0));
      } else if (group.windowed()) {
        fixed += in_format(group.per_token, p) * group.window.value();
      } else {
        fixed += in_format(group.state, p);
      }
    }
    if (model.kv_per_token[p].value_or(Bytes(0)) != grows) {
      root.mistake("kv_groups", "its full and latent layers keep " + std::to_string(grows.value()) +
                                    " B a token in " + std::string(precision_names[p]) +
                                    ", which is not kv_per_token; correct one of them");
      return false;
    }
    if (fixed > Bytes(0)) model.kv_fixed[p] = fixed;
  }
  return true;
}

// A model whose layers are all alike, but for a state if it has one.
void make_groups(ModelShape& model) {
  KvGroup group;
  group.kind = model.kv_heads == 0 ? KvKind::latent : KvKind::full;
  group.layers = model.layers;
  group.per_token = model.kv_per_token;
  model.kv_groups = {group};
  if (!model.kv_fixed[0]) return;
  KvGroup state;
  state.kind = KvKind::linear;
  state.state = model.kv_fixed;
  model.kv_groups.push_back(state);
}

void read_costs(Section& root, ModelShape& model) {
  model.weights = by_precision(root.child("weights"), 1e15);
  model.kv_per_token = by_precision(root.child("kv_per_token"), 1e9);
  if (root.has("kv_fixed")) model.kv_fixed = by_precision(root.child("kv_fixed"), 1e10);
  if (!root.has("kv_groups") || !read_groups(root, model)) make_groups(model);
  Section flop = root.child("flop_per_token");
  model.decode_token = flop.required<Flops>("decode", config::positive);
  model.prefill_token = flop.required<Flops>("prefill", config::positive);
  flop.finish();
  model.attention_pair = root.required<Flops>("attention_flop_per_pair", config::positive);
  model.attention_decode = root.optional<Flops>("attention_flop_decode_absorbed",
                                                model.attention_pair, config::positive);
  model.source = root.required<std::string>("source");
  if (root.has("from_memory")) model.from_memory = root.strings("from_memory");
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
