// SPDX-License-Identifier: Apache-2.0
#include "sweep/certainty.hpp"

#include <fmt/format.h>

#include "station.hpp"

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

struct Score {
  std::size_t cases = 0, foretold = 0, wrong = 0, passes = 0, wrong_passes = 0;
  double simulated = 0;  // share of the time, until the verdict
};

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

Score score(std::uint64_t cases) {
  Score total;
  for (std::uint64_t i = 0; i < cases; ++i) {
    const Case c = random_case(i);
    const Foreteller seen = run(c, 1);
    ++total.cases;
    total.simulated += seen.foretold ? seen.at_s / c.end_s : 1;
    if (!seen.foretold) continue;
    ++total.foretold;
    total.passes += *seen.foretold;
    const bool wrong = *seen.foretold != seen.verdict();
    if (wrong) {
      UNSCOPED_INFO(fmt::format(
          "case {}: replicas {}, load {:.4f}, limit {:.2f}, wanted {}, foretold {} at {}", i,
          c.station.replicas, c.station.rate / static_cast<double>(c.station.replicas), c.limit_s,
          c.wanted, *seen.foretold, seen.at_s / c.end_s));
    }
    total.wrong += wrong;
    total.wrong_passes += wrong && *seen.foretold;
  }
  return total;
}

}  // namespace

TEST_CASE("by counting alone verdicts are right") {
  const Score found = score(200);
  WARN(fmt::format("{} cases, {} foretold ({} passes), {} wrong, {:.3f} simulated", found.cases,
                   found.foretold, found.passes, found.wrong,
                   found.simulated / static_cast<double>(found.cases)));
  CHECK(found.wrong == 0);
  CHECK(found.foretold > 50);  // the test looks at something
}
