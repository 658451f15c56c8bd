// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <string_view>
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
  std::uint64_t seed;  // another for each case: equal ones would err together
  std::size_t replicas = 1;
  double rate = 0.5;  // arrivals a second; a service takes a second on average
  std::string_view router = "random";
  double requests = 1e6;
  std::string_view batcher = "v1";
  std::int64_t most_in_batch = 1;
  bool constant_iteration = false;  // a batch takes a second, whatever is in it
};

class Customers final : public traffic::Arrivals {
 public:
  Customers(const Station& station, std::uint64_t run)
      : station_(station),
        gaps_(station.seed, run, "gaps"),
        services_(station.seed, run, "services") {
    draw();
  }

  Instant date() const override { return date_; }

  void take(traffic::Request& request) override {
    request = {};
    request.arrival = date_;
    const double tokens = std::round(mean_tokens * services_.exponential());
    request.prompt = Tokens(std::max<std::int64_t>(1, static_cast<std::int64_t>(tokens)));
    request.output = Tokens(1);
    draw();
  }

 private:
  void draw() {
    date_ = ++made_ > station_.requests ? Instant::never()
                                        : date_ + Duration(gaps_.exponential() / station_.rate);
  }

  Station station_;
  RandomStream gaps_, services_;
  Instant date_;
  double made_ = 0;
};

// What one run measures, after a tenth of the requests.
class Measured final : public fleet::Observer {
 public:
  static constexpr std::size_t tails = 6;

  explicit Measured(double requests) : skip_(requests / 10) {}

  void ended(const results::RequestRecord& record, Instant) override {
    if (static_cast<double>(index(record.id)) < skip_) return;
    sum_ += record.end_to_end_s;
    ++count_;
  }
  void arrived(std::uint64_t number, std::int64_t load) {
    if (static_cast<double>(number) < skip_) return;
    for (std::size_t i = 0; i < tails; ++i) at_least_[i] += static_cast<std::int64_t>(i) <= load;
    ++looks_;
  }

  double sojourn() const { return sum_ / count_; }
  // The share of queues with at least `customers`, as arrivals find it.
  double tail(std::size_t customers) const { return at_least_.at(customers) / looks_; }

 private:
  double skip_;
  double sum_ = 0, count_ = 0;
  std::array<double, tails> at_least_{};
  double looks_ = 0;
};

// A router as it is, that notes a load before each choice: of one replica after the other, so that
// it draws nothing. Poisson arrivals see time averages.
class Watched final : public fleet::Router {
 public:
  Watched(std::unique_ptr<fleet::Router> router, Measured& measured)
      : router_(std::move(router)), measured_(measured) {}
  std::size_t choose(const traffic::Request& request, fleet::PoolView& pool) override {
    measured_.arrived(number_, pool.load(number_ % pool.size()));
    ++number_;
    return router_->choose(request, pool);
  }

 private:
  std::unique_ptr<fleet::Router> router_;
  Measured& measured_;
  std::uint64_t number_ = 0;
};

// The entry of that name, of routers or batchers.
template <class Entries>
auto make(const Entries& entries, std::string_view name) {
  const auto entry = std::find_if(entries.begin(), entries.end(),
                                  [name](const auto& each) { return each.name == name; });
  REQUIRE(entry != entries.end());
  return entry->make();
}

inline Measured run(const Station& station, std::uint64_t number) {
  Customers customers(station, number);
  Measured measured(station.requests);
  const auto batcher = make(serving::batchers(), station.batcher);
  const model::Affine reading({Duration(1e-12), Duration(token_s), {}, {}, {}});
  const model::Affine batches({Duration(1), {}, {}, {}, {}});
  fleet::Simulation::Input input;
  input.streams = {&customers};
  input.observer = &measured;
  input.seed = 1000 * station.seed + number;
  fleet::Simulation::PoolInput& pool = input.pools.emplace_back();
  pool.name = "station";
  pool.replicas = station.replicas;
  pool.limits = {station.most_in_batch, Tokens(1'000'000), Tokens(16), Blocks(1'000'000'000)};
  pool.batcher = batcher.get();
  pool.time = station.constant_iteration ? &batches : &reading;
  pool.router = std::make_unique<Watched>(make(fleet::routers(), station.router), measured);
  pool.models = {ModelId{}};
  fleet::Simulation(std::move(input)).run();
  return measured;
}

inline std::vector<Measured> runs(const Station& station) {
  std::vector<Measured> all;
  for (std::uint64_t number = 1; number <= 10; ++number) all.push_back(run(station, number));
  return all;
}

// The mean over independent runs is within four standard errors, and `bias` for what the station
// only approximates; and the errors are small enough to see a deviation of 2.5 %.
template <class Value>
void agree(const std::vector<Measured>& all, Value&& value, double expected, double bias) {
  const auto count = static_cast<double>(all.size());
  double mean = 0, squares = 0;
  for (const Measured& each : all) mean += value(each) / count;
  for (const Measured& each : all) squares += std::pow(value(each) - mean, 2);
  const double error = std::sqrt(squares / (count - 1) / count);
  INFO("expected " << expected << ", found " << mean << " with a standard error of " << error);
  CHECK(std::abs(mean - expected) <= 4 * error + bias * expected);
  CHECK(4 * error + bias * expected < 0.025 * expected);
}

inline void agree(const Station& station, double expected, double bias = 0.001) {
  agree(
      runs(station), [](const Measured& each) { return each.sojourn(); }, expected, bias);
}

}  // namespace theory
