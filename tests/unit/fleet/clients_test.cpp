// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <map>

#include "fleet/simulation.hpp"
#include "model/affine.hpp"
#include "traffic/listed.hpp"

using namespace tokenyard;
using namespace tokenyard::fleet;

namespace {

traffic::Request request(double arrival, std::int64_t prompt, std::int64_t output,
                         std::int64_t max_tokens = 0) {
  traffic::Request r;
  r.arrival = Instant(arrival);
  r.prompt = Tokens(prompt);
  r.output = Tokens(output);
  r.max_tokens = Tokens(max_tokens == 0 ? output : max_tokens);
  return r;
}

class Ends final : public Observer {
 public:
  struct End {
    results::RequestRecord record;
    double at;
  };
  void ended(const results::RequestRecord& record, Instant now) override {
    of[index(record.id)] = {record, now.value()};
  }
  std::map<std::uint64_t, End> of;
};

// One replica whose iterations take a second, and one request at a time.
Ends simulate(std::vector<traffic::Request> requests, const ClientRules& rules) {
  const auto batcher = serving::batchers().front().make();
  const Duration none(0);
  const model::Affine time({Duration(1), none, none, none, none});
  traffic::Listed stream(std::move(requests));
  Ends ends;
  Simulation::Input input;
  input.streams = {&stream};
  input.clients = {rules};
  input.observer = &ends;
  Simulation::PoolInput pool;
  pool.limits.sequences = 1;
  pool.limits.batch_tokens = Tokens(1000);
  pool.limits.blocks = Blocks(1000);
  pool.limits.block_size = Tokens(16);
  pool.batcher = batcher.get();
  pool.time = &time;
  pool.router = routers().front().make();
  pool.models = {ModelId{}};
  input.pools.push_back(std::move(pool));
  Simulation(std::move(input)).run();
  return ends;
}

}  // namespace

TEST_CASE("a quota is a bucket that holds a minute's worth and fills evenly") {
  QuotaMeter meter({3, 600});
  CHECK(meter.reserve(request(0, 100, 1, 100), Instant(0)));
  CHECK(meter.reserve(request(0, 100, 1, 100), Instant(0)));
  CHECK_FALSE(meter.reserve(request(0, 100, 1, 101), Instant(0)));  // 201 of 200 tokens
  CHECK(meter.reserve(request(0, 100, 1, 100), Instant(0)));
  // All requests and tokens are used up. 10 tokens come back each second, a request each 20.
  CHECK_FALSE(meter.reserve(request(0, 1, 1), Instant(19.99)));
  CHECK(meter.reserve(request(0, 100, 1, 100), Instant(20)));
  // What was reserved and not written is given back at the end.
  meter.settle(request(0, 100, 30, 100), Tokens(30), Instant(20));
  CHECK_FALSE(meter.reserve(request(0, 70, 1), Instant(20)));
  CHECK(meter.reserve(request(0, 269, 1), Instant(40)));
}

TEST_CASE("a request that a full bucket is too small for is rejected at once") {
  ClientRules rules;
  rules.quota.tokens = 100;
  rules.retry = {3, Duration(10), Duration(15)};
  CHECK(QuotaMeter(rules.quota).could(request(0, 90, 1, 10)));
  CHECK_FALSE(QuotaMeter(rules.quota).could(request(0, 91, 1, 10)));
  CHECK(QuotaMeter(traffic::Quota{}).could(request(0, 1'000'000, 1, 10)));
  // It has taken nothing of the bucket, which the second needs all of, and comes only once.
  const Ends ends = simulate({request(0, 91, 1, 10), request(0, 90, 1, 10)}, rules);
  CHECK(ends.of.at(0).record.status == results::Status::rejected);
  CHECK(ends.of.at(0).at == 0);
  CHECK(ends.of.at(0).record.retries == 0);
  CHECK(ends.of.at(1).record.status == results::Status::ok);
  CHECK(ends.of.at(1).at == 1);
}

TEST_CASE("a client gives up at its deadline, and its replica goes on at the next iteration") {
  ClientRules rules;
  rules.timeout = Duration(3.5);
  // The first would take 6 s; the second waits behind it, and is served once it is gone.
  const Ends ends = simulate({request(0, 10, 6), request(1, 10, 2)}, rules);
  CHECK(ends.of.at(0).record.status == results::Status::timed_out);
  CHECK(ends.of.at(0).at == 4);
  CHECK(ends.of.at(0).record.output == Tokens(4));
  CHECK(ends.of.at(1).record.status == results::Status::timed_out);
  CHECK(ends.of.at(1).at == 5);
  rules.timeout = Duration(5);
  const Ends patient = simulate({request(0, 10, 6), request(1, 10, 1)}, rules);
  CHECK(patient.of.at(0).at == 5);  // the iteration under way ends at the deadline itself
  CHECK(patient.of.at(1).record.status == results::Status::ok);
  CHECK(patient.of.at(1).at == 6);
}

TEST_CASE("an answer that ends at the deadline is in time") {
  ClientRules rules;
  rules.timeout = Duration(6);
  CHECK(simulate({request(0, 10, 6)}, rules).of.at(0).record.status == results::Status::ok);
}

TEST_CASE("a client that was refused comes again, each time after twice the wait") {
  ClientRules rules;
  rules.quota.requests = 1;  // and a new one each minute
  rules.retry = {3, Duration(10), Duration(15)};
  const Ends ends = simulate({request(0, 10, 1), request(1, 10, 1), request(2, 10, 1)}, rules);
  CHECK(ends.of.at(0).at == 1);
  // Attempts at 1, 11 and, 15 s after that, 26.
  CHECK(ends.of.at(1).record.status == results::Status::throttled);
  CHECK(ends.of.at(1).at == 26);
  CHECK(ends.of.at(1).record.retries == 2);
  rules.retry = {4, Duration(10), Duration(60)};
  const Ends patient = simulate({request(0, 10, 1), request(1, 10, 1)}, rules);
  // Attempts at 1, 11, 31 and 71, when the bucket is full again.
  CHECK(patient.of.at(1).record.status == results::Status::ok);
  CHECK(patient.of.at(1).at == 72);
  CHECK(patient.of.at(1).record.time_to_first_token_s == 71);
}

TEST_CASE("an attempt that timed out is made again from the start") {
  ClientRules rules;
  rules.timeout = Duration(2.5);
  rules.retry = {2, Duration(1), Duration(60)};
  const Ends ends = simulate({request(0, 10, 3), request(1.5, 10, 1)}, rules);
  // The first has its last token at 3 s, too late; it begins anew at 4 s, when the second has ended
  // at its deadline, and is too late again.
  CHECK(ends.of.at(1).record.status == results::Status::ok);
  CHECK(ends.of.at(1).at == 4);
  CHECK(ends.of.at(0).record.status == results::Status::timed_out);
  CHECK(ends.of.at(0).record.retries == 1);
  CHECK(ends.of.at(0).at == 7);
  CHECK(ends.of.at(0).record.output == Tokens(3));
}
