// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "fleet/simulation.hpp"
#include "model/affine.hpp"

// A station of the textbooks as a fleet: Poisson arrivals, replicas of one sequence (or a batch),
// whose service is reading a prompt. Service times are whole tokens of a millisecond, 1,000 on
// average, which moves the means by less than 0.1 %.
namespace theory {

using namespace tokenyard;

inline constexpr double token_s = 1e-3;
inline constexpr double mean_tokens = 1000;

struct Station {
  std::size_t replicas = 1;
  double rate = 0.5;  // arrivals a second; a service takes a second on average
  std::size_t router = 0;
  std::int64_t most_in_batch = 1;
  bool constant_iteration = false;  // a batch takes a second, whatever is in it
  double requests = 1e5;
};

class Customers final : public traffic::Arrivals {
 public:
  Customers(const Station& station, std::uint64_t seed)
      : station_(station), gaps_(seed, 0, "gaps"), services_(seed, 0, "services") {}

  bool next(traffic::Request& request) override {
    if (++made_ > station_.requests) return false;
    date_ += gaps_.exponential() / station_.rate;
    request = {};
    request.arrival = Instant(date_);
    const double tokens = std::round(mean_tokens * services_.exponential());
    request.prompt = Tokens(std::max<std::int64_t>(1, static_cast<std::int64_t>(tokens)));
    request.output = Tokens(1);
    return true;
  }

 private:
  Station station_;
  RandomStream gaps_, services_;
  double date_ = 0;
  double made_ = 0;
};

// Mean of the times in the system after a tenth of the requests.
class Sojourns final : public fleet::Observer {
 public:
  explicit Sojourns(double requests) : skip_(requests / 10) {}
  void ended(const results::RequestRecord& record, Instant) override {
    if (static_cast<double>(index(record.id)) < skip_) return;
    sum_ += record.end_to_end_s;
    ++count_;
  }
  double mean() const { return sum_ / static_cast<double>(count_); }

 private:
  double skip_;
  double sum_ = 0;
  std::int64_t count_ = 0;
};

inline double mean_sojourn(const Station& station, std::uint64_t seed) {
  Customers customers(station, seed);
  Sojourns sojourns(station.requests);
  const auto batcher = serving::batchers().front().make();
  const model::Affine reading({Duration(1e-12), Duration(token_s), {}, {}, {}});
  const model::Affine batches({Duration(1), {}, {}, {}, {}});
  fleet::Simulation::Input input;
  input.streams = {&customers};
  input.observer = &sojourns;
  input.seed = seed;
  input.pools.emplace_back();
  fleet::Simulation::PoolInput& pool = input.pools.back();
  pool.name = "station";
  pool.replicas = station.replicas;
  pool.limits = {station.most_in_batch, Tokens(1'000'000), Tokens(16), Blocks(1'000'000'000)};
  pool.batcher = batcher.get();
  pool.time = station.constant_iteration ? &batches : &reading;
  pool.router = fleet::routers()[station.router].make();
  pool.models = {ModelId{}};
  fleet::Simulation(std::move(input)).run();
  return sojourns.mean();
}

// The mean over independent runs is within four standard errors, and `bias` for what the station
// only approximates; and the errors are small enough to see a deviation of 2 %.
inline void agree(const Station& station, double expected, double bias = 0.001) {
  constexpr int runs = 8;
  double sum = 0, squares = 0;
  for (int seed = 1; seed <= runs; ++seed) {
    const double mean = mean_sojourn(station, static_cast<std::uint64_t>(seed));
    sum += mean;
    squares += mean * mean;
  }
  const double mean = sum / runs;
  const double error = std::sqrt((squares / runs - mean * mean) / (runs - 1));
  INFO("expected " << expected << ", found " << mean << " with a standard error of " << error);
  CHECK(std::abs(mean - expected) <= 4 * error + bias * expected);
  CHECK(4 * error + bias * expected < 0.02 * expected);
}

}  // namespace theory
