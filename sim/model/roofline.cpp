// SPDX-License-Identifier: Apache-2.0
#include "model/roofline.hpp"

#include <algorithm>

#include "core/contracts.hpp"

namespace tokenyard::model {
namespace {

constexpr double activation_bytes = 2;     // bf16
constexpr double all_to_alls_a_layer = 2;  // dispatch and combine
constexpr double expert_flop = 6;          // a parameter pair: gate, up and down, multiply and add
constexpr double all_reduces_a_layer = 2;  // after attention and after the feed-forward part

}  // namespace

std::int64_t Deployment::scale_up_chips() const {
  const std::int64_t own = accelerator->scale_up_chips;
  return rack != nullptr && rack->scale_up ? std::max(own, rack->scale_up->chips) : own;
}

BytesPerSecond Deployment::scale_up_bandwidth() const {
  const bool wide = chips_per_stage() * data > accelerator->scale_up_chips;
  return wide && rack != nullptr && rack->scale_up ? rack->scale_up->bandwidth
                                                   : accelerator->scale_up_bandwidth;
}

std::int64_t Deployment::kv_copies() const {
  // A latent is not split by heads, so that every accelerator keeps it whole.
  const std::int64_t parts = shape->kv_heads == 0 ? 1 : std::min(tensor, shape->kv_heads);
  return tensor / parts;
}

Roofline::Roofline(const Input& input) : overhead_(input.overhead) {
  const Deployment& d = input.deployment;
  const auto& peak = d.accelerator->compute[static_cast<std::size_t>(d.weights)];
  const auto& attention_peak =
      d.accelerator->compute[static_cast<std::size_t>(catalog::Precision::bf16)];
  const auto& weights = d.shape->weights[static_cast<std::size_t>(d.weights)];
  const auto& kv = d.shape->kv_per_token[static_cast<std::size_t>(d.kv)];
  SIM_EXPECT(peak && attention_peak && weights && kv && d.tensor >= 1);
  const auto chips = static_cast<double>(d.tensor);
  const double flops = peak->value() * input.efficiency.compute * chips;
  const double attention_flops = attention_peak->value() * input.efficiency.compute * chips;
  const double bytes = d.accelerator->memory_bandwidth.value() * input.efficiency.memory * chips;

  decode_token_ = d.shape->decode_token.value() / flops;
  prefill_token_ = d.shape->prefill_token.value() / flops;
  weights_ = static_cast<double>(weights->value()) / bytes;
  const double kv_bytes = static_cast<double>(kv->value() * d.kv_copies());
  per_context_ =
      Duration(std::max(kv_bytes / bytes, d.shape->attention_decode.value() / attention_flops));
  per_pair_ = Duration(d.shape->attention_pair.value() / attention_flops);

  const double reduces =
      d.tensor == 1 ? 0 : all_reduces_a_layer * static_cast<double>(d.shape->layers);
  all_reduces_ = reduces * input.all_reduce_latency.value();
  // A ring moves 2 (n-1)/n of the message over each accelerator's link.
  const double moved =
      2 * (chips - 1) / chips * static_cast<double>(d.shape->hidden) * activation_bytes;
  per_token_network_ =
      reduces * moved / (d.scale_up_bandwidth().value() * input.efficiency.network);
  spread_experts(input, flops);
  share_context(input);
  pass_stages(input);
  tabulate_experts(input);
}

void Roofline::spread_experts(const Input& input, double flops) {
  const Deployment& d = input.deployment;
  const auto& experts = d.shape->experts;
  SIM_EXPECT(d.data >= 1 && d.imbalance >= 1);
  if (!experts) return;
  ranks_ = d.data;
  imbalance_ = d.imbalance;
  const auto hidden = static_cast<double>(d.shape->hidden);
  const auto layers = static_cast<double>(d.shape->layers);
  const auto active = static_cast<double>(experts->active);
  const double a_token = expert_flop * hidden * static_cast<double>(experts->ffn) * active * layers;
  decode_token_ += (imbalance_ - 1) * a_token / flops;
  prefill_token_ += (imbalance_ - 1) * a_token / flops;
  if (ranks_ == 1) return;
  const auto ranks = static_cast<double>(ranks_);
  const double all_to_alls = all_to_alls_a_layer * layers;
  const double moved = active * hidden * activation_bytes * (ranks - 1) / ranks;
  const double links =
      d.scale_up_bandwidth().value() * input.efficiency.network * static_cast<double>(d.tensor);
  all_reduces_ += all_to_alls * input.all_reduce_latency.value();
  per_token_network_ += all_to_alls * moved / links;
}

void Roofline::share_context(const Input& input) {
  const Deployment& d = input.deployment;
  SIM_EXPECT(d.context >= 1);
  if (d.context == 1) return;
  groups_ = d.context;
  const auto groups = static_cast<double>(groups_);
  per_context_ = per_context_ / groups;
  per_pair_ = per_pair_ / groups;
  prefill_token_ /= groups;
  const double others = (groups - 1) / groups;
  const double links =
      d.scale_up_bandwidth().value() * input.efficiency.network * static_cast<double>(d.tensor);
  const auto kv = static_cast<double>(
      d.shape->kv_per_token[static_cast<std::size_t>(d.kv)]->value() * d.kv_copies());
  const auto layers = static_cast<double>(d.shape->layers);
  prefill_exchange_ = kv * others / links;
  // A ring moves twice what is joined.
  decode_join_ =
      layers * 2 * others * static_cast<double>(d.shape->hidden) * activation_bytes / links;
  decode_latency_ = layers * input.all_reduce_latency.value();
}

void Roofline::pass_stages(const Input& input) {
  const Deployment& d = input.deployment;
  SIM_EXPECT(d.pipeline >= 1);
  if (d.pipeline == 1) return;
  SIM_EXPECT(input.stage_bandwidth.value() > 0);
  const auto hops = static_cast<double>(d.pipeline - 1);
  all_reduces_ += hops * input.stage_latency.value();
  per_token_network_ += hops * static_cast<double>(d.shape->hidden) * activation_bytes /
                        (input.stage_bandwidth.value() * input.efficiency.network);
}

void Roofline::tabulate_experts(const Input& input) {
  const auto& experts = input.deployment.shape->experts;
  if (!experts) return;
  expert_share_ = input.deployment.shape->expert_share();
  // A token leaves an expert untouched with probability 1 - active/total, if it draws uniformly.
  const double missed =
      1 - static_cast<double>(experts->active) / static_cast<double>(experts->total);
  double untouched = 1;
  touched_.push_back(0);
  while (untouched > 1e-12 &&
         touched_.size() <= static_cast<std::size_t>((input.most_tokens * ranks_).value())) {
    untouched *= missed;
    touched_.push_back(1 - untouched);
  }
}

double Roofline::weights_time(std::int64_t tokens) const {
  if (touched_.empty()) return weights_;
  const std::size_t at = std::min(static_cast<std::size_t>(tokens * ranks_), touched_.size() - 1);
  // The busiest rank cannot read more than all of its experts.
  const double touched = std::min(touched_[at] * imbalance_, 1.0) / static_cast<double>(ranks_);
  return weights_ * (1 - expert_share_ + expert_share_ * touched);
}

Duration Roofline::batch(Tokens prefill, std::int64_t decodes) const {
  const auto p = static_cast<double>(prefill.value());
  const auto d = static_cast<double>(decodes);
  const double compute = prefill_token_ * p + decode_token_ * d;
  const std::int64_t tokens = (prefill.value() + groups_ - 1) / groups_ + decodes;
  const double products = std::max(compute, weights_time(tokens));
  const double own = groups_ == 1 ? p : p / static_cast<double>(groups_);
  double time = products + all_reduces_ + per_token_network_ * (own + d);
  if (groups_ > 1) {
    time += prefill_exchange_ * p + decode_join_ * d + (decodes > 0 ? decode_latency_ : 0);
  }
  return overhead_ + Duration(time);
}

Blocks KvRoom::blocks() const {
  if (left() <= Bytes(0)) return Blocks(0);
  return Blocks(left().value() / block.value());
}

}  // namespace tokenyard::model
