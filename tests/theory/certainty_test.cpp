// SPDX-License-Identifier: Apache-2.0
#include "sweep/certainty.hpp"

#include <fmt/format.h>

#include <functional>

#include "station.hpp"
#include "sweep/goal_search.hpp"
#include "sweep/statistics.hpp"

// Verdicts before the end of a run against those at its end, over stations whose limits are near
// what they can do, where it is hard to tell.
namespace {

using namespace tokenyard;
using sweep::Certainty;
using sweep::Judged;

struct Case {
  theory::Station station;
  double limit_s = 5;
  double wanted = 0.99;
  double end_s = 50'000;
};

constexpr double begin_s = 500;
constexpr std::size_t looks = 1000;

// Looks on as a run goes by, and notes the first certain verdict.
class Foreteller final : public fleet::Observer {
 public:
  explicit Foreteller(const Case& c)
      : case_(c),
        certainty_({{c.wanted, 1.25 * c.station.rate * (c.end_s - begin_s) + 100, false}}) {}

  void ended(const results::RequestRecord& record, Instant) override {
    if (record.arrival < Instant(begin_s)) return;
    if (record.status == results::Status::in_flight) return;
    ++judged_.all;
    judged_.met += record.end_to_end_s <= case_.limit_s;
  }
  void observed(Instant now, const std::vector<fleet::PoolCounts>&) override {
    if (foretold || now >= Instant(case_.end_s)) return;
    foretold = certainty_.look(std::span(&judged_, 1));
    if (foretold) at_s = now.value();
  }

  bool verdict() const {
    return static_cast<double>(judged_.met) >= case_.wanted * static_cast<double>(judged_.all);
  }
  std::optional<bool> foretold;
  double at_s = 0;

 private:
  Case case_;
  Certainty certainty_;
  Judged judged_;
};

Foreteller run(const Case& c, std::uint64_t number) {
  theory::Customers customers(c.station, number);
  Foreteller observer(c);
  const auto batcher = theory::make(serving::batchers(), "v1");
  const model::Affine reading({Duration(1e-12), Duration(theory::token_s), {}, {}, {}});
  fleet::Simulation::Input input;
  input.streams = {&customers};
  input.observer = &observer;
  input.seed = 1000 * c.station.seed + number;
  input.until = Instant(c.end_s);
  input.observe_every = Duration(c.end_s / looks);
  fleet::Simulation::PoolInput& pool = input.pools.emplace_back();
  pool.name = "station";
  pool.replicas = c.station.replicas;
  pool.limits = {1, Tokens(1'000'000), Tokens(16), Blocks(1'000'000'000)};
  pool.batcher = batcher.get();
  pool.time = &reading;
  pool.router = theory::make(fleet::routers(), c.station.router);
  pool.models = {ModelId{}};
  fleet::Simulation(std::move(input)).run();
  return observer;
}

Case random_case(std::uint64_t number) {
  RandomStream draws(77, number, "cases");
  Case c;
  c.station.seed = 5000 + number;
  c.station.replicas = 1 + draws.below(4);
  c.station.router = "least-loaded";
  c.station.rate = (0.5 + 0.7 * draws.uniform()) * static_cast<double>(c.station.replicas);
  c.station.requests = 1e9;
  c.limit_s = 3 + 27 * draws.uniform() * draws.uniform();
  c.wanted = draws.uniform() < 0.5 ? 0.9 : 0.99;
  c.end_s = 50'000 / static_cast<double>(c.station.replicas);
  return c;
}

sweep::GoalSearch seek(const sweep::GoalRange& range, const std::function<bool(double)>& meets) {
  sweep::GoalSearch search(range);
  while (const auto value = search.next()) search.tell(meets(*value));
  return search;
}

bool meets(const Case& c, std::uint64_t number) {
  const Foreteller seen = run(c, number);
  return seen.foretold.value_or(seen.verdict());
}

}  // namespace

TEST_CASE("verdicts by counting are those at the end, and fail early") {
  constexpr std::uint64_t cases = 200;
  std::size_t foretold = 0;
  double simulated = 0;
  for (std::uint64_t i = 0; i < cases; ++i) {
    const Case c = random_case(i);
    const Foreteller seen = run(c, 1);
    simulated += (seen.foretold ? seen.at_s / c.end_s : 1) / cases;
    if (!seen.foretold) continue;
    ++foretold;
    CAPTURE(i, c.station.replicas, c.station.rate, c.limit_s, c.wanted, seen.at_s);
    CHECK(*seen.foretold == seen.verdict());
  }
  CHECK(foretold > cases / 2);
  CHECK(simulated < 0.6);
}

TEST_CASE("the largest rate of M/M/1 within a limit is that of the formula") {
  // Sojourns exceed x with probability exp(-(1 - rate) x).
  Case c = random_case(1);
  c.station.replicas = 1;
  c.end_s = 50'000;
  c.limit_s = 10;
  c.wanted = 0.9;
  const double expected = 1 + std::log(1 - c.wanted) / c.limit_s;
  const sweep::GoalRange range{sweep::GoalSense::largest, 0.1, 2, false, 0.01};
  std::vector<double> found;
  for (std::uint64_t number = 1; number <= 10; ++number) {
    found.push_back(seek(range, [&](double rate) {
                      c.station.rate = rate;
                      return meets(c, number);
                    }).result());
  }
  // Results are the low ends of brackets as wide as the tolerance.
  const sweep::Interval mean = sweep::interval_of(found, 0.999);
  CAPTURE(expected, mean.mean, mean.half_width);
  CHECK(mean.low() <= expected);
  CHECK(mean.high() + range.tolerance * expected >= expected);
  CHECK(mean.half_width < 0.02);
}

TEST_CASE("the fewest replicas are those of trying all") {
  for (std::uint64_t number = 1; number <= 4; ++number) {
    Case c = random_case(number);
    c.station.rate = 6.5;
    c.end_s = 8'000;
    c.limit_s = 4 + 2 * static_cast<double>(number);
    const auto with = [&](double replicas) {
      c.station.replicas = static_cast<std::size_t>(replicas);
      return c;
    };
    double fewest = 1;
    while (!run(with(fewest), number).verdict()) ++fewest;
    const sweep::GoalRange range{sweep::GoalSense::fewest, 1, 24, true, 0};
    const auto found = seek(range, [&](double replicas) { return meets(with(replicas), number); });
    CHECK(found.result() == fewest);
    CHECK(found.told() < 8);
  }
}
