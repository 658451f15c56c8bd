// SPDX-License-Identifier: Apache-2.0
#include "fleet/faults.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <map>

using namespace tokenyard;
using namespace tokenyard::fleet;

namespace {

constexpr Duration hour{3600};

// Components of one life each, all of one kind.
FaultInput alike(std::size_t count, const Life& life, std::uint64_t seed = 1) {
  FaultInput input;
  input.kinds = {{"kind", life}};
  for (std::uint32_t i = 0; i < count; ++i) {
    input.components.push_back({"node a/b/c/" + std::to_string(i)});
    input.lives.push_back({i, 0});
  }
  input.seed = seed;
  return input;
}

struct Sample {
  double sum = 0;
  double squares = 0;
  double count = 0;

  void add(double x) {
    sum += x;
    squares += x * x;
    ++count;
  }
  double mean() const { return sum / count; }
  double deviation() const { return std::sqrt(std::max(0.0, squares / count - mean() * mean())); }
  double half_width() const { return 3.3 * deviation() / std::sqrt(count); }  // 99.9 %
};

// Times of one clock's components between what they do.
struct Times {
  Sample up;
  Sample down;
};

Times times_until(FaultInput input, double end) {
  FaultClock clock(std::move(input));
  std::map<std::size_t, double> since;
  Times times;
  while (clock.next() < Instant(end)) {
    const FaultEvent event = clock.pop();
    const double lasted = event.date.value() - since[event.component];
    (event.begins ? times.up : times.down).add(lasted);
    since[event.component] = event.date.value();
  }
  return times;
}

std::vector<std::pair<double, bool>> events_of(FaultInput input, std::size_t component,
                                               double end) {
  FaultClock clock(std::move(input));
  std::vector<std::pair<double, bool>> events;
  while (clock.next() < Instant(end)) {
    const FaultEvent event = clock.pop();
    if (event.component == component) events.emplace_back(event.date.value(), event.begins);
  }
  return events;
}

std::string told(FaultInput input) {
  FaultClock clock(std::move(input));
  std::string text;
  while (clock.next() < Instant::never()) {
    const FaultEvent event = clock.pop();
    text += std::to_string(static_cast<int>(event.date.value())) + (event.begins ? "-" : "+") +
            std::to_string(event.component) + (event.scripted ? " " : "? ");
  }
  return text;
}

}  // namespace

TEST_CASE("availability is mean time to failure over that and the mean repair") {
  const Life life{100 * hour, 10 * hour};
  constexpr double end_s = 200e3 * 3600;
  Sample availability;  // of components, which are independent
  for (std::size_t i = 0; i < 60; ++i) {
    FaultInput input = alike(1, life);
    input.components[0].name += "/" + std::to_string(i);
    double since = 0;
    double down = 0;
    for (const auto& [date, begins] : events_of(std::move(input), 0, end_s)) {
      if (!begins) down += date - since;
      since = date;
    }
    availability.add(1 - down / end_s);
  }
  CHECK(availability.half_width() < 0.002);
  CHECK(std::abs(availability.mean() - 100.0 / 110) < availability.half_width());
}

TEST_CASE("exponential times have their means and vary as much") {
  const Times times = times_until(alike(100, {100 * hour, 10 * hour}), 20e3 * 3600);
  CHECK(times.up.count > 15000);
  CHECK(std::abs(times.up.mean() - 100 * 3600) < times.up.half_width());
  CHECK(std::abs(times.down.mean() - 10 * 3600) < times.down.half_width());
  CHECK(times.up.deviation() / times.up.mean() == Approx(1).epsilon(0.03));
  CHECK(times.down.deviation() / times.down.mean() == Approx(1).epsilon(0.03));
}

TEST_CASE("Weibull times have their mean and their shape's coefficient of variation") {
  // sqrt(Gamma(1 + 2/k) / Gamma(1 + 1/k)^2 - 1)
  for (const double shape : {0.5, 0.8, 3.0}) {
    const Times times = times_until(alike(100, {100 * hour, hour, shape, true}), 40e3 * 3600);
    const double first = std::tgamma(1 + 1 / shape);
    const double variation = std::sqrt(std::tgamma(1 + 2 / shape) / (first * first) - 1);
    INFO("shape " << shape);
    CHECK(times.up.count > 30000);
    CHECK(std::abs(times.up.mean() - 100 * 3600) < times.up.half_width());
    CHECK(times.up.deviation() / times.up.mean() == Approx(variation).epsilon(0.03));
    CHECK(times.down.mean() == Approx(3600));
  }
}

TEST_CASE("a fixed repair takes its mean") {
  const auto events = events_of(alike(1, {100 * hour, 2 * hour, std::nullopt, true}), 0, 1e8);
  REQUIRE(events.size() > 100);
  for (std::size_t i = 1; i < events.size(); i += 2) {
    CHECK(events[i - 1].second);
    CHECK(events[i].first - events[i - 1].first == Approx(7200));
  }
}

TEST_CASE("what has no rate never fails") {
  for (const Duration never : {Duration(0), Duration(Instant::never().value())}) {
    FaultClock clock(alike(10, {never, hour}));
    CHECK(clock.next() == Instant::never());
  }
  CHECK(FaultClock(FaultInput{}).next() == Instant::never());
}

TEST_CASE("a component draws the same, whatever others there are and what befalls it besides") {
  const Life life{100 * hour, hour};
  const auto alone = events_of(alike(1, life), 0, 1e8);
  FaultInput more = alike(50, life);
  more.kinds.push_back({"other", {30 * hour, hour, 0.8}});
  for (std::uint32_t i = 0; i < 49; ++i) more.lives.push_back({i, 1});
  std::reverse(more.components.begin(), more.components.end());
  CHECK((events_of(more, 49, 1e8) == alone));
  CHECK(alone.size() > 200);

  FaultInput both = alike(1, life);
  both.kinds.push_back({"other", {30 * hour, hour}});
  both.lives.push_back({0, 1});
  both.scripted.push_back({0, Instant(5), Instant(6)});
  const auto all = events_of(both, 0, 1e8);
  CHECK(all.size() > alone.size() * 3);
  for (const auto& event : alone) CHECK(std::find(all.begin(), all.end(), event) != all.end());
}

TEST_CASE("seed, replication, component and kind give other draws") {
  const Life life{100 * hour, hour};
  const auto first = [&life](const auto& change) {
    FaultInput input = alike(1, life);
    change(input);
    return FaultClock(input).next();
  };
  const Instant usual = first([](FaultInput&) {});
  CHECK(usual == first([](FaultInput&) {}));
  CHECK(usual != first([](FaultInput& i) { i.seed = 2; }));
  CHECK(usual != first([](FaultInput& i) { i.replication = 1; }));
  CHECK(usual != first([](FaultInput& i) { i.components[0].name += "0"; }));
  CHECK(usual != first([](FaultInput& i) { i.kinds[0].name += "0"; }));
}

TEST_CASE("a script is followed: of one date what ends, then by number") {
  FaultInput input;
  input.components.resize(4);
  const auto outage = [&input](std::uint32_t component, double begin, double end) {
    input.scripted.push_back({component, Instant(begin), Instant(end)});
  };
  outage(2, 10, 20);
  outage(2, 20, 30);
  outage(0, 20, 40);
  outage(3, 5, 20);
  outage(1, 50, Instant::never().value());
  CHECK(told(input) == "5-3 10-2 20+2 20+3 20-0 20-2 30+2 40+0 50-1 ");
}

TEST_CASE("what repairs in no time is back before anything else happens to it") {
  FaultClock clock(alike(1, {hour, Duration(0)}));
  for (int i = 0; i < 100; ++i) {
    const FaultEvent fails = clock.pop();
    const FaultEvent is_back = clock.pop();
    CHECK((fails.begins && !is_back.begins && fails.date == is_back.date));
  }
}

TEST_CASE("a hundred thousand components are opened in little time", "[cost]") {
  FaultClock clock(alike(100'000, {50e3 * hour, 2 * hour}));
  std::size_t failures = 0;
  Instant last;
  while (clock.next() < Instant(3600 * 24.0)) {
    const FaultEvent event = clock.pop();
    CHECK(event.date >= last);
    last = event.date;
    failures += event.begins ? 1 : 0;
  }
  CHECK(failures == Approx(48).margin(25));
}
