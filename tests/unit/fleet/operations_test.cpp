// SPDX-License-Identifier: Apache-2.0
// Small fleets that fail, are scaled and maintained, computed by hand.
#include <catch2/catch.hpp>

#include "one_replica.hpp"

using namespace tokenyard;
using namespace tokenyard::fleet;
using namespace tokenyard::test;

namespace {

constexpr auto ok = results::Status::ok;
constexpr auto failed = results::Status::failed;

// Replica `replica` of the first pool is away from `begin` to `end`.
void take_away(SimulationInput& input, std::uint32_t replica, double begin, double end) {
  Component component;
  component.name = "part " + std::to_string(replica);
  component.replicas = {replica};
  const auto number = static_cast<std::uint32_t>(input.faults.components.size());
  input.faults.components.push_back(component);
  input.faults.scripted.push_back({number, Instant(begin), Instant(end)});
}

ClientRules retries(std::int64_t attempts, double wait) {
  ClientRules rules;
  rules.retry.attempts = attempts;
  rules.retry.wait = Duration(wait);
  return rules;
}

}  // namespace

TEST_CASE("a replica that fails loses its requests, which come again elsewhere") {
  One fleet;
  fleet.replicas = 2;
  fleet.clients = retries(2, 1);
  fleet.also = [](SimulationInput& input) { take_away(input, 0, 3.5, 20); };
  // The first goes to replica 0 and has written three tokens when it fails.
  const Seen seen = fleet.run({{0, 4, 6}, {0.5, 4, 6}, {30, 4, 1}});
  CHECK(seen.records.at(0).status == ok);
  CHECK(seen.records.at(0).retries == 1);
  CHECK(index(seen.records.at(0).replica) == 1);
  // Again at 4.5, the end of an iteration of replica 1; all anew.
  CHECK(seen.first(0) == 5.5);
  CHECK(seen.end(0) == 10.5);
  CHECK(seen.end(1) == 6.5);
  CHECK(seen.counts.failures == 1);
  CHECK(seen.counts.recoveries == 1);
  CHECK(seen.counts.recovering.value() == 16.5);
  CHECK(seen.counts.duties[Duty::failed].value() == 16.5);
  // By turns: the third is for replica 0 again, which serves.
  CHECK(index(seen.records.at(2).replica) == 0);
}

TEST_CASE(
    "without another attempt a request fails, with what it had; and so it does with no replica") {
  One fleet;
  fleet.also = [](SimulationInput& input) { take_away(input, 0, 3.5, 20); };
  const Seen seen = fleet.run({{0, 4, 6}, {10, 4, 6}, {25, 4, 2}});
  CHECK(seen.records.at(0).status == failed);
  CHECK(seen.records.at(0).output == Tokens(3));
  CHECK(seen.left.at(0) == 3.5);
  CHECK(seen.records.at(1).status == failed);
  CHECK(seen.left.at(1) == 10);
  CHECK(seen.records.at(1).pool == no_pool);
  CHECK(seen.end(2) == 27);
  CHECK(seen.counts.duties.availability() == Approx((27 - 16.5) / 27));
}

TEST_CASE("parts that overlap count once; a part alone ends nothing") {
  One fleet;
  fleet.also = [](SimulationInput& input) {
    take_away(input, 0, 2, 10);
    take_away(input, 0, 5, 15);
  };
  const Seen seen = fleet.run({{12, 4, 1}, {16, 4, 1}});
  CHECK(seen.records.at(0).status == failed);
  CHECK(seen.records.at(1).status == ok);
  CHECK(seen.counts.failures == 1);
  CHECK(seen.counts.duties[Duty::failed].value() == 13);
}

TEST_CASE("nobody brings a replica back while its control plane is out") {
  One fleet;
  fleet.also = [](SimulationInput& input) {
    take_away(input, 0, 2, 4);
    Component plane;
    plane.name = "control plane";
    plane.pools = {0};
    input.faults.components.push_back(plane);
    input.faults.scripted.push_back({1, Instant(3), Instant(9)});
  };
  const Seen seen = fleet.run({{8, 4, 1}, {9.5, 4, 1}});
  CHECK(seen.records.at(0).status == failed);
  CHECK(seen.records.at(1).status == ok);
  CHECK(seen.counts.longest_recovery.value() == 7);
}

TEST_CASE("a KV cache on its way is lost with either of its replicas") {
  One fleet;
  fleet.hand_over.emplace();
  fleet.hand_over->to = 1;
  fleet.hand_over->per_token = Bytes(1);
  fleet.hand_over->wire = Wire{Duration(0), BytesPerSecond(1)};  // 4 s for a prompt of 4
  fleet.clients = retries(3, 1);
  for (const std::uint32_t replica : {0u, 1u}) {
    for (const auto landing : {serving::Landing::reserved, serving::Landing::unreserved}) {
      fleet.hand_over->rules.landing = landing;
      fleet.also = [replica](SimulationInput& input) { take_away(input, replica, 3, 3.5); };
      const Seen seen = fleet.run({{0, 4, 2}});
      INFO("replica " << replica);
      // Read by 1, lost at 3, again at 4: read by 5, delivered at 9, two tokens.
      CHECK(seen.records.at(0).status == ok);
      CHECK(seen.records.at(0).retries == 1);
      CHECK(seen.end(0) == 11);
    }
  }
}

TEST_CASE("an autoscaler follows a step of load, look by look") {
  // Requests of ten seconds, replicas of four sequences, a target of 25 %: one request a replica.
  One fleet;
  fleet.limits.sequences = 4;
  fleet.replicas = 8;
  fleet.also = [](SimulationInput& input) {
    AutoscalePlan plan;
    plan.policy = &autoscalers().front();
    plan.target = 0.25;
    plan.tolerance = 0.1;
    plan.least = 1;
    plan.most = 6;
    plan.every = Duration(5);
    plan.cool_down = Duration(20);
    plan.provisioning = Duration(3);
    input.pools.front().autoscale = plan;
    input.pools.front().initial = 1;
    input.pools.front().router = routers().front().make();  // least loaded
    input.observe_every = Duration(1);
    input.until = Instant(100);
  };
  std::vector<Ask> asks;
  // From 10.5 s on four requests are there all the time, up to 50.5 s.
  for (int round = 0; round < 4; ++round) {
    for (int i = 0; i < 4; ++i) asks.push_back({10.5 + 10 * round, 4, 10});
  }
  const Seen seen = fleet.run(asks);
  const auto serving = [&seen](double date) { return seen.looks.at(date); };
  // Looks at 5 and 10 s see one replica and no request: nothing to take away, as one is the least.
  CHECK(serving(14) == 1);
  // At 15 s: 4 requests / (4 sequences * 25 %) = 4 replicas; three more, whose nodes are there at
  // 18 s.
  CHECK(serving(17) == 1);
  CHECK(serving(18) == 4);
  CHECK(serving(50) == 4);
  // At 55 s nobody is there, and the last change was at 15 s: down to one at once.
  CHECK(serving(54) == 4);
  CHECK(serving(55) == 1);
  CHECK(serving(99) == 1);
  CHECK(seen.counts.scaled == 6);
  // Paid: one all the time, three from 18 to 55 s.
  CHECK(seen.counts.duties.paid().value() == Approx(100 + 3 * (55 - 18)));
  for (const auto& [id, record] : seen.records) CHECK(record.status == ok);
}

TEST_CASE("a cool-down puts off what takes replicas away, and what runs is finished first") {
  One fleet;
  fleet.limits.sequences = 1;
  fleet.replicas = 2;
  fleet.also = [](SimulationInput& input) {
    AutoscalePlan plan;
    plan.policy = &autoscalers().front();
    plan.target = 1;
    plan.tolerance = 0;
    plan.most = 2;
    plan.every = Duration(5);
    plan.cool_down = Duration(12);
    input.pools.front().autoscale = plan;
    input.pools.front().initial = 1;
    input.observe_every = Duration(1);
    input.until = Instant(60);
  };
  // Two at 4 s: a second replica at 5 s. One of them goes on until 34 s.
  const Seen seen = fleet.run({{4, 4, 2}, {4, 4, 2}, {6, 4, 28}});
  CHECK(seen.looks.at(4) == 1);
  CHECK(seen.looks.at(5) == 2);
  CHECK(seen.looks.at(16) == 2);  // wanted at 10 and 15 s, and put off until 17 s
  CHECK(seen.looks.at(20) == 1);
  CHECK(seen.records.at(2).status == ok);
}

TEST_CASE("planned work takes replicas away one after the other, when they are empty") {
  One fleet;
  fleet.replicas = 2;
  fleet.also = [](SimulationInput& input) {
    MaintenancePlan plan;
    plan.replicas = {0, 1};
    plan.starts = Instant(2.5);
    plan.takes = Duration(10);
    input.maintenance = {plan};
    input.observe_every = Duration(0.5);
  };
  // Replica 0 has a request until 6 s; away until 16 s; then replica 1 until 26 s.
  const Seen seen = fleet.run({{0, 4, 6}, {3, 4, 1}, {20, 4, 1}, {30, 4, 1}});
  CHECK(seen.end(0) == 6);
  CHECK(index(seen.records.at(1).replica) == 1);
  CHECK(index(seen.records.at(2).replica) == 0);
  CHECK(seen.looks.at(2) == 2);
  CHECK(seen.looks.at(3) == 1);
  CHECK(seen.looks.at(26.5) == 2);
  CHECK(seen.counts.duties[Duty::away].value() == 20);
  CHECK(seen.counts.duties.availability() == 1);
}

TEST_CASE("what is not finished within the patience of planned work is lost") {
  One fleet;
  fleet.clients = retries(2, 2);
  fleet.also = [](SimulationInput& input) {
    MaintenancePlan plan;
    plan.replicas = {0};
    plan.starts = Instant(2.5);
    plan.takes = Duration(1);
    plan.patience = Duration(2);
    input.maintenance = {plan};
  };
  const Seen seen = fleet.run({{0, 4, 8}});
  // Given up at 4.5 s, away until 5.5 s; it comes again at 6.5 s.
  CHECK(seen.records.at(0).retries == 1);
  CHECK(seen.end(0) == 14.5);
}

TEST_CASE("availability with exponential failures and repairs is MTBF / (MTBF + MTTR)") {
  constexpr double between = 400;
  constexpr double repair = 100;
  constexpr double time = 4e6;
  for (const std::uint64_t seed : {1u, 2u, 3u}) {
    One fleet;
    fleet.also = [seed](SimulationInput& input) {
      Component component;
      component.name = "replica";
      component.replicas = {0};
      input.faults.components = {component};
      input.faults.kinds = {{"often", {Duration(between), Duration(repair), {}, false}}};
      input.faults.lives = {{0, 0}};
      input.faults.seed = seed;
    };
    const Seen seen = fleet.run({{time, 4, 1}});
    const double wanted = between / (between + repair);
    // Of a ratio of two exponential means over n cycles: the deviation is sqrt(2/n) a (1 - a).
    const double cycles = time / (between + repair);
    const double deviation = std::sqrt(2 / cycles) * wanted * (1 - wanted);
    CHECK(std::abs(seen.counts.duties.availability() - wanted) < 2.58 * deviation);
    CHECK(static_cast<double>(seen.counts.failures) == Approx(cycles).epsilon(0.05));
  }
}

TEST_CASE("batch requests wait for room and go in before their deadline; flex ones are refused") {
  One fleet;
  fleet.limits.sequences = 2;
  fleet.also = [](SimulationInput& input) {
    input.slos = {traffic::Slo{"jobs", {}, {}, Duration(50)}};
    input.admission.batch_below = 0.5;
    input.admission.flex_below = 0.5;
    input.admission.batch_at_latest = Duration(10);
  };
  const auto tier = [](double arrival, std::int64_t output, traffic::Tier t) {
    Ask ask{arrival, 4, output};
    ask.tier = static_cast<std::uint8_t>(t);
    return ask;
  };
  // Two that run until 20 and 60 s, a batch request, a flex one, and another batch request.
  const Seen seen =
      fleet.run({tier(0, 20, traffic::Tier::standard), tier(0, 60, traffic::Tier::standard),
                 tier(1, 2, traffic::Tier::batch), tier(2, 2, traffic::Tier::flex),
                 tier(70, 2, traffic::Tier::batch)});
  CHECK(seen.records.at(3).status == results::Status::throttled);
  CHECK(seen.left.at(3) == 2);
  // At 20 s one of two sequences is taken, which is not below 50 %; at 1 + 50 - 10 s time presses.
  CHECK(seen.first(2) == 42);
  CHECK(seen.first(4) == 71);
}

TEST_CASE("clients wait for the way to a region and back, which is told apart") {
  One fleet;
  fleet.also = [](SimulationInput& input) {
    static const catalog::Region here{};
    const std::vector<traffic::Place> places = {{"here", Duration(0), 0, 0}};
    const std::vector<const catalog::Region*> sites = {&here};
    ClientNetworkPlan plan;
    plan.policy = ClientNetworkPlan::Policy::distance;
    plan.last_mile = Duration(0.25);
    input.network = ClientNetwork(plan, places, sites);
  };
  const double way = 0.25 + one_way_over(0).value();
  const Seen seen = fleet.run({{1, 4, 3}});
  const results::RequestRecord& record = seen.records.at(0);
  CHECK(record.network_s == Approx(2 * way));
  CHECK(record.time_to_first_token_s == Approx(1 + 2 * way));
  CHECK(record.end_to_end_s == Approx(3 + 2 * way));
  CHECK(record.time_per_output_token_s == Approx(1));
  CHECK(seen.left.at(0) == Approx(1 + way + 3));
}
