// SPDX-License-Identifier: Apache-2.0
#include "commands/replay.hpp"

#include <algorithm>
#include <memory>
#include <numeric>
#include <vector>

#include "config/section.hpp"
#include "fleet/simulation.hpp"
#include "model/affine.hpp"
#include "results/target.hpp"
#include "traffic/trace.hpp"

namespace tokenyard::commands {
namespace {

using config::Section;

constexpr double most_exact = 0x1p53;

struct ReplayConfig {
  const serving::BatcherEntry* batcher = nullptr;
  serving::Limits limits;
  model::Affine::Input time;
};

std::vector<std::string_view> batcher_names() {
  std::vector<std::string_view> names;
  for (const serving::BatcherEntry& entry : serving::batchers()) names.push_back(entry.name);
  return names;
}

serving::Limits read_limits(Section& root) {
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
  limits.in_flight = root.optional<std::int64_t>("max_inflight", 0, {0, most_exact});
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

ReplayConfig read_config(const std::string& path) {
  const config::Document document = config::load_json(path);
  config::Reading reading;
  Section root(document, reading);
  ReplayConfig read;
  const std::vector<std::string_view> names = batcher_names();
  read.batcher = &serving::batchers()[root.choice("policy", names, 0)];
  read.limits = read_limits(root);
  read.time = read_time(root);
  // As the rules have it, only chunks can leave part of a prompt unreserved.
  if (read.batcher->name != "v1") read.limits.reserve_full_prompt = false;
  root.finish();
  reading.mistakes.throw_if_any();
  return read;
}

// The requests of a trace in order of arrival, and the row that each stood in.
struct ReplayTrace {
  std::vector<traffic::Request> requests;
  std::vector<std::size_t> rows;
};

ReplayTrace read_trace(const std::string& path) {
  traffic::TraceReader reader(path, "tokenyard-csv");
  std::vector<traffic::Request> read;
  config::Mistakes mistakes;
  traffic::TraceRow row;
  while (reader.next(row, mistakes)) {
    traffic::Request request;
    request.arrival = Instant(row.arrival_s);
    request.prompt = row.prompt;
    request.output = row.output;
    read.push_back(request);
  }
  mistakes.throw_if_any();
  ReplayTrace trace;
  trace.rows.resize(read.size());
  std::iota(trace.rows.begin(), trace.rows.end(), std::size_t{0});
  std::stable_sort(trace.rows.begin(), trace.rows.end(), [&read](std::size_t a, std::size_t b) {
    return read[a].arrival < read[b].arrival;
  });
  for (const std::size_t at : trace.rows) trace.requests.push_back(read[at]);
  return trace;
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
  explicit Table(const std::vector<std::size_t>& rows) : rows_(&rows), records_(rows.size()) {}
  void ended(const results::RequestRecord& record, Instant) override {
    records_[(*rows_)[index(record.id)]] = record;
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
  const std::vector<std::size_t>* rows_;
  std::vector<results::RequestRecord> records_;  // by row of the trace
};

}  // namespace

int replay(const ReplayOptions& options) {
  const ReplayConfig read = read_config(options.config);
  const ReplayTrace trace = read_trace(options.trace);
  results::Target target(options.out, results::Existing::replace);

  const auto batcher = read.batcher->make();
  const model::Affine time(read.time);
  Rows rows(trace.requests);
  Table table(trace.rows);
  fleet::Simulation::Input input;
  input.streams = {&rows};
  input.observer = &table;
  input.leaping = options.no_leap ? serving::Leaping::off : serving::Leaping::on;
  input.pools.push_back({"replay",
                         1,
                         read.limits,
                         batcher.get(),
                         &time,
                         fleet::routers().front().make(),
                         {ModelId{}}});
  fleet::Simulation(std::move(input)).run();

  const std::string csv = table.csv();
  target.disk().write(0, csv.data(), csv.size());
  target.publish();
  return 0;
}

}  // namespace tokenyard::commands
