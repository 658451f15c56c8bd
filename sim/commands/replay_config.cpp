// SPDX-License-Identifier: Apache-2.0
#include "commands/replay_config.hpp"

#include <array>
#include <vector>

#include "config/section.hpp"

namespace tokenyard::commands {
namespace {

using config::Section;

constexpr double most_exact = 0x1p53;

enum class Side : std::uint8_t { entry, decode };

std::vector<std::string_view> batcher_names() {
  std::vector<std::string_view> names;
  for (const serving::BatcherEntry& entry : serving::batchers()) names.push_back(entry.name);
  return names;
}

serving::Limits read_limits(Section& root, Side side) {
  serving::Limits limits;
  limits.sequences = root.required<std::int64_t>("max_num_seqs", {1, most_exact});
  limits.batch_tokens =
      Tokens(root.required<std::int64_t>("max_num_batched_tokens", {1, most_exact}));
  if (limits.batch_tokens < Tokens(limits.sequences)) {
    root.mistake("max_num_batched_tokens", "is below max_num_seqs; raise it");
  }
  limits.block_size = Tokens(root.optional<std::int64_t>("block_size", 16, {1, 1 << 20}));
  limits.blocks = Blocks(root.required<std::int64_t>("num_blocks", {1, most_exact}));
  if (limits.blocks.value() > (std::int64_t{1} << 53) / limits.block_size.value()) {
    root.mistake("num_blocks", "times block_size is above 2^53 tokens; lower one of them");
  }
  if (side == Side::entry) {
    limits.in_flight = root.optional<std::int64_t>("max_inflight", 0, {0, most_exact});
  }
  const bool prompt = root.optional<bool>("reserve_full_prompt", false);
  limits.reserve = prompt ? serving::Reserve::prompt : serving::Reserve::chunk;
  return limits;
}

model::Affine::Input read_time(Section& root) {
  const auto seconds = [&root](const char* key) {
    return Duration(root.optional<double>(key, 0, {0, 1e9}));
  };
  model::Affine::Input time;
  time.base = Duration(root.required<double>("t_base", {0, 1e9}));
  time.prefill_token = seconds("t_prefill_token");
  time.decode_sequence = seconds("t_decode_seq");
  time.context_token = seconds("t_context_token");
  time.attention_pair = seconds("t_attn_pair");
  const Duration zero(0);
  const bool passes = time.base > zero || (time.prefill_token > zero &&
                                           time.decode_sequence + time.context_token > zero);
  if (!passes) {
    root.mistake("t_base",
                 "an iteration may take no time; give t_base, or t_prefill_token and one of"
                 " t_decode_seq and t_context_token");
  }
  return time;
}

ReplicaConfig read_replica(Section& root, Side side) {
  ReplicaConfig read;
  const std::vector<std::string_view> names = batcher_names();
  read.batcher = &serving::batchers()[root.choice("policy", names, 0)];
  read.limits = read_limits(root, side);
  read.time = read_time(root);
  // As the rules have it, only chunks can leave part of a prompt unreserved.
  if (read.batcher->name != "v1") read.limits.reserve = serving::Reserve::chunk;
  return read;
}

PairConfig read_pair(Section section, const serving::Limits& prefill) {
  static constexpr std::array<std::string_view, 2> contentions = {"none", "fair"};
  static constexpr std::array<std::string_view, 2> sides = {"prefill", "decode"};
  PairConfig pair;
  Section decode = section.child("decode");
  pair.decode = read_replica(decode, Side::decode);
  if (pair.decode.batcher->name != "v1") {
    decode.mistake("policy", "a decode replica needs v1; leave it out");
  }
  decode.finish();
  pair.kv_bytes_per_token = section.required<double>("kv_bytes_per_token", {0, 1e12});
  const auto longest = static_cast<double>((prefill.block_size * prefill.blocks.value()).value());
  if (pair.kv_bytes_per_token * longest > 0x1p62) {
    section.mistake("kv_bytes_per_token",
                    "times the tokens in num_blocks is above 2^62 bytes; lower one of them");
  }
  pair.latency = Duration(section.required<double>("link_latency_s", {0, 1e9}));
  pair.bandwidth = BytesPerSecond(section.required<double>("link_bandwidth_Bps", {1e-9, 1e18}));
  pair.fair = section.choice("contention", contentions, 0) == 1;
  pair.rules.hold_kv = section.optional<bool>("hold_prefill_kv", true);
  pair.rules.first_token = section.choice("first_token", sides, 0) == 0
                               ? serving::FirstToken::prefill
                               : serving::FirstToken::decode;
  section.finish();
  return pair;
}

}  // namespace

ReplayConfig read_replay_config(const std::string& path) {
  const config::Document document = config::load_json(path);
  config::Reading reading;
  Section root(document, reading);
  ReplayConfig read;
  read.replica = read_replica(root, Side::entry);
  if (root.has("disagg")) {
    read.pair = read_pair(root.child("disagg"), read.replica.limits);
    if (read.replica.batcher->name != "v1") {
      root.mistake("policy", "disagg needs v1; choose it, or leave out disagg");
    }
  }
  root.finish();
  reading.mistakes.throw_if_any();
  return read;
}

}  // namespace tokenyard::commands
