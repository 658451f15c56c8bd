// SPDX-License-Identifier: Apache-2.0
#include "commands/replay.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <optional>
#include <vector>

#include "commands/replay_config.hpp"
#include "config/units.hpp"
#include "fleet/simulation.hpp"
#include "network/platform.hpp"
#include "network/transfers.hpp"
#include "results/target.hpp"
#include "traffic/listed.hpp"
#include "traffic/trace.hpp"

namespace tokenyard::commands {
namespace {

// The requests of a trace in order of arrival; a request's id is the row it stood in.
std::vector<traffic::Request> read_trace(const std::string& path) {
  traffic::TraceReader reader(path, {.format = "tokenyard-csv", .spread_ticks = false});
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
  const ReplayConfig read = read_replay_config(options.config);
  const std::vector<traffic::Request> trace = read_trace(options.trace);
  results::Target target(options.out, results::Existing::replace);

  Parts parts;
  traffic::Listed rows(trace);
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
