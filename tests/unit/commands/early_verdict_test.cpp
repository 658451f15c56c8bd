// SPDX-License-Identifier: Apache-2.0
#include "commands/early_verdict.hpp"

#include <catch2/catch.hpp>

#include "config/value.hpp"

using namespace tokenyard;
using commands::EarlyVerdict;

namespace {

// The shipped scenario of Azure's conversations with 2 requests a second, and changes. Its warm-up
// ends at 120 s, its limit of TTFT is 450 ms, and one in a hundred may miss it.
fleet::Scenario scenario_of(const std::vector<std::pair<std::string, std::string>>& sets = {}) {
  config::Document document = config::load_yaml(TOKENYARD_SOURCE_DIR "/configs/azure-conv.yaml");
  config::assign(document, "workload.tenants[chat].traffic",
                 "{arrivals: {process: poisson, rate: {unit: 1/s, constant: 2}}, lengths: "
                 "{prompt_tokens: {constant: 100}, output_tokens: {constant: 10}}}");
  config::assign(document, "duration", "1000 s");
  for (const auto& [path, value] : sets) config::assign(document, path, value);
  config::Reading reading;
  fleet::Scenario scenario = fleet::read_scenario(document, reading);
  reading.mistakes.throw_if_any();
  return scenario;
}

results::RequestRecord record(double arrival_s, double ttft_s) {
  results::RequestRecord r{};
  r.arrival = Instant(arrival_s);
  r.status = results::Status::ok;
  r.time_to_first_token_s = ttft_s;
  r.time_per_output_token_s = 0.001;
  r.end_to_end_s = ttft_s;
  return r;
}

// How many requests must miss the limits until the run ends.
int misses_needed(const fleet::Scenario& scenario) {
  EarlyVerdict rule(scenario);
  fleet::Recorder recorder(scenario, nullptr, nullptr);
  for (int i = 0; i < 1000; ++i) recorder.ended(record(110, 9), Instant(121));  // in the warm-up
  for (int missed = 1; missed < 1000; ++missed) {
    recorder.ended(record(130, 9), Instant(140));
    recorder.ended(record(130, 0.1), Instant(140));
    if (!rule.has_enough(Instant(140), recorder, {})) continue;
    CHECK(rule.verdict() == false);
    return missed;
  }
  return -1;
}

}  // namespace

TEST_CASE("a run ends when more have missed its limits than may of all that can come") {
  CHECK(misses_needed(scenario_of()) == 24);  // 1 % of 1.25 x 2/s x 880 s + 100
  CHECK(misses_needed(scenario_of({{"workload.tenants[chat].rate", "{scale: 2}"}})) == 46);
  CHECK(misses_needed(scenario_of({{"workload.tenants[chat].slo.percentile", "100"}})) == 1);
}

TEST_CASE("users who wait for answers may come at any time, and have no end") {
  const auto with = [](const std::string& users) {
    return scenario_of({{"workload.tenants[chat].traffic.arrivals", users}});
  };
  CHECK(misses_needed(with("{process: closed-loop, users: 5, requests: 2000}")) == 27);
  CHECK(misses_needed(with("{process: closed-loop, users: 5}")) == -1);
}

TEST_CASE("looks come often enough, however seldom they are kept") {
  const EarlyVerdict rule(scenario_of({{"duration", "620 s"}}));
  CHECK(rule.looks_every(Duration(10)) == Duration(1));
  CHECK(rule.looks_every(Duration(0.5)) == Duration(0.5));
  CHECK(rule.looks_every(Duration(0)) == Duration(1));
}
