// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <vector>

#include "core/random.hpp"
#include "station.hpp"
#include "sweep/statistics.hpp"

// Intervals at 95 % must cover the true mean wait of M/M/1 in about 95 of 100 experiments, even
// where waits remember each other for long (load 0.9).
namespace {

using namespace tokenyard;

// Waits of an M/M/1 queue that begins empty, by Lindley's recursion; a service takes 1 on average.
class Waits {
 public:
  Waits(double load, std::uint64_t run)
      : load_(load), gaps_(run, 0, "gaps"), services_(run, 0, "services") {}

  double next() {
    const double wait = wait_;
    wait_ = std::max(0.0, wait_ + services_.exponential() - gaps_.exponential() / load_);
    return wait;
  }
  void skip(int customers) {
    for (int i = 0; i < customers; ++i) next();
  }
  double mean(int customers) {
    double sum = 0;
    for (int i = 0; i < customers; ++i) sum += next();
    return sum / customers;
  }

 private:
  double load_;
  RandomStream gaps_, services_;
  double wait_ = 0;
};

double true_wait(double load) { return load / (1 - load); }

// How many of so many experiments must cover: 99.9 % of a binomial distribution of 0.95.
void check_coverage(int covered, int experiments) {
  const double expected = 0.95 * experiments;
  const double allowed = 3.3 * std::sqrt(expected * 0.05);
  INFO(covered << " of " << experiments << " intervals hold the truth");
  CHECK(covered > expected - allowed);
  CHECK(covered < expected + allowed);
}

constexpr int experiments = 400;

template <class Experiment>
int covered(double load, const Experiment& experiment) {
  int count = 0;
  for (int number = 0; number < experiments; ++number) {
    count += experiment(static_cast<std::uint64_t>(number)).contains(true_wait(load)) ? 1 : 0;
  }
  return count;
}

}  // namespace

TEST_CASE("intervals of ten replications cover the mean wait of M/M/1") {
  for (const double load : {0.7, 0.9}) {
    const int count = covered(load, [load](std::uint64_t number) {
      std::vector<double> means;
      for (std::uint64_t replication = 0; replication < 10; ++replication) {
        Waits waits(load, 1000 * number + replication);
        waits.skip(load < 0.8 ? 500 : 4000);
        means.push_back(waits.mean(load < 0.8 ? 5000 : 20'000));
      }
      return sweep::interval_of(means);
    });
    INFO("load " << load);
    check_coverage(count, experiments);
  }
}

TEST_CASE("intervals of batch means cover the mean wait of M/M/1") {
  for (const double load : {0.7, 0.9}) {
    const int length = load < 0.8 ? 50'000 : 500'000;
    const auto series_of = [&](std::uint64_t number) {
      Waits waits(load, 1'000'000 + number);
      std::vector<double> series;
      series.reserve(static_cast<std::size_t>(length));
      for (int i = 0; i < length; ++i) series.push_back(waits.next());
      return series;
    };
    int naive = 0;
    const int count = covered(load, [&](std::uint64_t number) {
      const std::vector<double> series = series_of(number);
      const std::size_t cut = sweep::warm_up_end(series).value_or(series.size() / 2);
      const auto rest = std::span(series).subspan(cut);
      naive += sweep::interval_of(rest).contains(true_wait(load)) ? 1 : 0;
      return sweep::batch_means(rest);
    });
    INFO("load " << load);
    check_coverage(count, experiments);
    CHECK(naive < experiments / 2);  // waits taken for independent: the test would see it
  }
}

TEST_CASE("replications that stop at a relative half-width are as precise as asked") {
  const double load = 0.7;
  const sweep::StoppingRule rule{0.05, 10, 1000, 0.95};
  int precise = 0;
  for (int number = 0; number < experiments; ++number) {
    std::vector<double> means;
    while (sweep::stopping(rule, means) == sweep::Stopping::go_on) {
      Waits waits(load, 5'000'000 + 1000 * static_cast<std::uint64_t>(number) + means.size());
      waits.skip(500);
      means.push_back(waits.mean(2000));
    }
    CHECK(sweep::stopping(rule, means) == sweep::Stopping::precise);
    const double error = sweep::interval_of(means).mean / true_wait(load) - 1;
    precise += std::abs(error) <= rule.relative ? 1 : 0;
  }
  // Stopping when chance makes the half-width small costs some of the coverage.
  INFO(precise << " of " << experiments << " means are within 5 %");
  CHECK(precise >= 0.9 * experiments);
}

TEST_CASE("intervals of simulated replications cover the mean sojourn of M/M/1") {
  constexpr int runs_of_ten = 100;
  int count = 0;
  for (int number = 0; number < runs_of_ten; ++number) {
    std::vector<double> means;
    for (std::uint64_t replication = 0; replication < 10; ++replication) {
      theory::Station station{9000 + static_cast<std::uint64_t>(number)};
      station.rate = 0.7;
      station.requests = 6000;
      means.push_back(theory::run(station, replication).sojourn());
    }
    count += sweep::interval_of(means).contains(1 / (1 - 0.7)) ? 1 : 0;
  }
  check_coverage(count, runs_of_ten);
}
