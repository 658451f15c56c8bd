// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "fleet/simulation.hpp"
#include "model/affine.hpp"

namespace tokenyard::test {

using traffic::Piece;

struct Ask {
  double arrival = 0;
  std::int64_t prompt = 1;
  std::int64_t output = 1;
  std::vector<Piece> pieces{};
  std::uint8_t priority = 0;
  std::int64_t max_tokens = 0;  // 0: the output
  std::uint8_t tier = 0;
};

class Asks final : public traffic::Arrivals {
 public:
  explicit Asks(const std::vector<Ask>& asks) : asks_(&asks) {}

  Instant date() const override {
    return at_ < asks_->size() ? Instant((*asks_)[at_].arrival) : Instant::never();
  }
  void take(traffic::Request& request) override {
    const Ask& ask = (*asks_)[at_++];
    request = {};
    request.arrival = Instant(ask.arrival);
    request.prompt = Tokens(ask.prompt);
    request.output = Tokens(ask.output);
    request.max_tokens = Tokens(ask.max_tokens == 0 ? ask.output : ask.max_tokens);
    request.priority = ask.priority;
    request.tier = ask.tier;
  }
  std::span<const Piece> pieces() const override { return (*asks_)[at_ - 1].pieces; }

 private:
  const std::vector<Ask>* asks_;
  std::size_t at_ = 0;
};

// What came of each request, by id.
class Seen final : public fleet::Observer {
 public:
  void ended(const results::RequestRecord& record, Instant now) override {
    records[index(record.id)] = record;
    left[index(record.id)] = now.value();
  }
  void observed(Instant now, const std::vector<fleet::PoolCounts>& pools) override {
    counts = pools.front();
    looks[now.value()] = counts.serving;
  }

  double first(std::uint64_t id) const {
    const results::RequestRecord& r = records.at(id);
    return r.arrival.value() + r.time_to_first_token_s;
  }
  double end(std::uint64_t id) const {
    const results::RequestRecord& r = records.at(id);
    return r.arrival.value() + r.end_to_end_s;
  }
  std::int64_t cached(std::uint64_t id) const { return records.at(id).cached.value(); }
  void transferred(const fleet::KvTransfer& transfer, Instant now) override {
    transfers.push_back({transfer.kind, index(transfer.request), transfer.bytes.value(),
                         transfer.start.value(), now.value()});
  }

  struct Transferred {
    fleet::KvTransfer::Kind kind;
    std::uint64_t request;
    std::int64_t bytes;
    double start;
    double end;
    bool operator==(const Transferred&) const = default;
  };

  std::map<std::uint64_t, results::RequestRecord> records;
  std::map<std::uint64_t, double> left;  // when they came to their state
  fleet::PoolCounts counts;
  std::map<double, std::int64_t> looks;  // replicas serving, by date
  results::LogHistogram gaps;
  std::vector<Transferred> transfers;
};

// One replica whose blocks hold 4 tokens, and whose iterations take a second unless said.
struct One {
  serving::Limits limits{8, Tokens(1000), Tokens(4), Blocks(1000)};
  serving::Engine engine;
  model::Affine::Input times{Duration(1), {}, {}, {}, {}};
  std::size_t batcher = 0;
  std::size_t replicas = 1;  // requests go to them by turns
  std::optional<fleet::PrefixStorePlan> store{};
  fleet::ClientRules clients{};
  std::optional<fleet::HandOverPlan> hand_over{};  // to a second replica, of the same times
  serving::Limits answering{8, Tokens(1000), Tokens(4), Blocks(1000)};
  std::function<void(fleet::SimulationInput&)> also{};  // to change of the input

  Seen run(const std::vector<Ask>& asks) const {
    const auto made = serving::batchers()[batcher].make();
    const model::Affine time(times);
    Asks stream(asks);
    Seen seen;
    fleet::Simulation::Input input;
    input.streams = {&stream};
    input.clients = {clients};
    input.observer = &seen;
    fleet::Simulation::PoolInput pool;
    pool.name = "one";
    pool.replicas = replicas;
    pool.limits = limits;
    pool.engine = &engine;
    pool.batcher = made.get();
    pool.time = &time;
    pool.router = fleet::routers()[2].make();
    pool.models = {ModelId{}};
    pool.store = store;
    pool.gaps = {&seen.gaps, Instant(0)};
    pool.hand_over = hand_over;
    input.pools.push_back(std::move(pool));
    if (hand_over) {
      fleet::Simulation::PoolInput second;
      second.name = "second";
      second.limits = answering;
      second.batcher = made.get();
      second.time = &time;
      second.router = fleet::routers()[2].make();
      second.gaps = {&seen.gaps, Instant(0)};
      input.pools.push_back(std::move(second));
    }
    if (also) also(input);
    fleet::Simulation(std::move(input)).run();
    return seen;
  }
};

}  // namespace tokenyard::test
