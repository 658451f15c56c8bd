// SPDX-License-Identifier: Apache-2.0
#include "commands/replay.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <optional>
#include <vector>

#include "config/section.hpp"
#include "fleet/simulation.hpp"
#include "model/affine.hpp"
#include "network/platform.hpp"
#include "network/transfers.hpp"
#include "results/target.hpp"
#include "traffic/trace.hpp"

namespace tokenyard::commands {
namespace {

using config::Section;

constexpr double most_exact = 0x1p53;

// A replica as its config describes it.
struct ReplicaConfig {
  const serving::BatcherEntry* batcher = nullptr;
  serving::Limits limits;
  model::Affine::Input time;
};

// A decode replica beside it, and what lies between.
struct PairConfig {
  ReplicaConfig decode;
  serving::HandOver rules;
  double kv_bytes_per_token = 0;
  Duration latency;
  BytesPerSecond bandwidth;
  bool fair = false;
};

struct ReplayConfig {
  ReplicaConfig replica;
  std::optional<PairConfig> pair;
};

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
  limits.reserve_full_prompt = root.optional<bool>("reserve_full_prompt", false);
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
  if (read.batcher->name != "v1") read.limits.reserve_full_prompt = false;
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

ReplayConfig read_config(const std::string& path) {
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

// The requests of a trace in order of arrival; a request's id is the row it stood in.
std::vector<traffic::Request> read_trace(const std::string& path) {
  traffic::TraceReader reader(path, "tokenyard-csv");
  std::vector<traffic::Request> requests;
  config::Mistakes mistakes;
  traffic::TraceRow row;
  while (reader.next(row, mistakes)) {
    traffic::Request request;
    request.id = RequestId(requests.size());
    request.arrival = Instant(row.arrival_s);
    request.prompt = row.prompt;
    request.output = row.output;
    requests.push_back(request);
  }
  mistakes.throw_if_any();
  std::stable_sort(
      requests.begin(), requests.end(),
      [](const traffic::Request& a, const traffic::Request& b) { return a.arrival < b.arrival; });
  return requests;
}

class Rows final : public traffic::Arrivals {
 public:
  explicit Rows(const std::vector<traffic::Request>& requests) : requests_(&requests) {}
  bool next(traffic::Request& request) override {
    if (at_ == requests_->size()) return false;
    request = (*requests_)[at_++];
    return true;
  }

 private:
  const std::vector<traffic::Request>* requests_;
  std::size_t at_ = 0;
};

class Table final : public fleet::Observer {
 public:
  explicit Table(std::size_t rows) : records_(rows) {}
  void ended(const results::RequestRecord& record, Instant) override {
    records_[index(record.id)] = record;
  }

  std::string csv() const {
    std::string text = "id,status,ttft,e2e,tpot,preemptions\n";
    for (std::size_t row = 0; row < records_.size(); ++row) {
      const results::RequestRecord& r = records_[row];
      text += std::to_string(row) + ',' + std::string(results::name(r.status)) + ',';
      if (r.status == results::Status::ok) {
        text += config::shortest(r.time_to_first_token_s) + ',' + config::shortest(r.end_to_end_s) +
                ',' + (r.output > Tokens(1) ? config::shortest(r.time_per_output_token_s) : "") +
                ',' + std::to_string(r.preemptions) + '\n';
      } else {
        text += ",,,0\n";
      }
    }
    return text;
  }

 private:
  std::vector<results::RequestRecord> records_;  // by row of the trace
};

// What a replay owns; the simulation points into it.
struct Parts {
  std::vector<std::unique_ptr<serving::Batcher>> batchers;
  std::vector<std::unique_ptr<model::Affine>> times;
  std::optional<network::Platform> platform;
  std::optional<network::Transfers> transfers;
};

fleet::Simulation::PoolInput pool_of(const ReplicaConfig& replica, Parts& parts) {
  parts.batchers.push_back(replica.batcher->make());
  parts.times.push_back(std::make_unique<model::Affine>(replica.time));
  return {.name = "replay",
          .replicas = 1,
          .limits = replica.limits,
          .batcher = parts.batchers.back().get(),
          .time = parts.times.back().get(),
          .router = fleet::routers().front().make(),
          .models = {}};
}

// SimGrid moves whole bytes. A fraction of one a token is moved in smaller units, over a link that
// is as much faster, as long as the longest prompt stays within 2^62 units.
double units_per_byte(const PairConfig& pair, const std::vector<traffic::Request>& trace) {
  if (std::floor(pair.kv_bytes_per_token) == pair.kv_bytes_per_token) return 1;
  double tokens = 1;
  for (const traffic::Request& r : trace) {
    tokens = std::max(tokens, static_cast<double>(r.prompt.value()));
  }
  double units = 1;
  while (units < 0x1p40 && 2 * units * pair.kv_bytes_per_token * tokens < 0x1p62) units *= 2;
  return units;
}

void add_pair(const PairConfig& pair, double units, Parts& parts, fleet::Simulation::Input& input) {
  fleet::HandOverPlan plan;
  plan.rules = pair.rules;
  plan.to = 1;
  plan.per_token = Bytes(std::llround(pair.kv_bytes_per_token * units));
  const BytesPerSecond bandwidth = pair.bandwidth * units;
  if (pair.fair) {
    parts.platform = network::Platform::link(pair.latency, bandwidth);
    parts.transfers.emplace(*parts.platform);
    input.transfers = &*parts.transfers;
    input.pools.front().nodes = {{network::NodeIndex{0}, 1}};
  } else {
    plan.wire = {pair.latency, bandwidth};
  }
  input.pools.front().hand_over = plan;
  input.pools.push_back(pool_of(pair.decode, parts));
  input.pools.back().nodes = {{network::NodeIndex{1}, 1}};
}

}  // namespace

int replay(const ReplayOptions& options) {
  const ReplayConfig read = read_config(options.config);
  const std::vector<traffic::Request> trace = read_trace(options.trace);
  results::Target target(options.out, results::Existing::replace);

  Parts parts;
  Rows rows(trace);
  Table table(trace.size());
  fleet::Simulation::Input input;
  input.streams = {&rows};
  input.ids = fleet::Simulation::Ids::of_the_stream;
  input.observer = &table;
  input.leaping = options.no_leap ? serving::Leaping::off : serving::Leaping::on;
  input.pools.push_back(pool_of(read.replica, parts));
  input.pools.back().models = {ModelId{}};
  if (read.pair) add_pair(*read.pair, units_per_byte(*read.pair, trace), parts, input);
  fleet::Simulation(std::move(input)).run();

  const std::string csv = table.csv();
  target.disk().write(0, csv.data(), csv.size());
  target.publish();
  return 0;
}

}  // namespace tokenyard::commands
