// SPDX-License-Identifier: Apache-2.0
#include "core/calendar.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "core/random.hpp"

using namespace tokenyard;

TEST_CASE("events of one date come by phase, then role, then entity, never by insertion") {
  Calendar calendar;
  const auto observer = calendar.open(Role::observer, 0);
  const auto second = calendar.open(Role::replica, 2);
  const auto arrival = calendar.open(Role::traffic, 0);
  const auto first = calendar.open(Role::replica, 1);
  calendar.schedule(observer, Instant(1), Phase::observe);
  calendar.schedule(second, Instant(1), Phase::iteration_end);
  calendar.schedule(arrival, Instant(1), Phase::arrive);
  calendar.schedule(first, Instant(1), Phase::iteration_end);
  CHECK(calendar.pop().entity == 1);
  CHECK(calendar.pop().entity == 2);
  CHECK(calendar.pop().role == Role::traffic);
  CHECK(calendar.pop().role == Role::observer);
  CHECK(calendar.empty());
}

TEST_CASE("a slot holds one event: scheduling again moves it, cancelling removes it") {
  Calendar calendar;
  const auto a = calendar.open(Role::replica, 1);
  const auto b = calendar.open(Role::replica, 2);
  calendar.schedule(a, Instant(5), Phase::iteration_end);
  calendar.schedule(b, Instant(3), Phase::iteration_end);
  calendar.schedule(a, Instant(2), Phase::iteration_end);
  CHECK(calendar.size() == 2);
  CHECK(calendar.next_date() == Instant(2));
  calendar.cancel(a);
  calendar.cancel(a);
  CHECK(calendar.pop().entity == 2);
  CHECK(calendar.next_date() == Instant::never());
  CHECK_THROWS_AS(calendar.pop(), ContractViolation);
  CHECK_THROWS_AS(calendar.schedule(a, Instant(0.0 / 0.0), Phase::fail), ContractViolation);
}

TEST_CASE("random moves and removals leave events in order of date") {
  RandomStream draw(1, 0, "calendar");
  Calendar calendar;
  std::vector<double> date(200, -1);
  std::vector<Calendar::Slot> slots;
  for (std::uint32_t i = 0; i < 200; ++i) slots.push_back(calendar.open(Role::replica, i));
  for (int step = 0; step < 20000; ++step) {
    const std::size_t i = draw.below(200);
    if (draw.below(4) == 0) {
      calendar.cancel(slots[i]);
      date[i] = -1;
    } else {
      date[i] = static_cast<double>(draw.below(50));
      calendar.schedule(slots[i], Instant(date[i]), Phase::arrive);
    }
  }
  std::vector<std::pair<double, std::uint32_t>> expected;
  for (std::uint32_t i = 0; i < 200; ++i) {
    if (date[i] >= 0) expected.emplace_back(date[i], i);
  }
  std::sort(expected.begin(), expected.end());
  for (const auto& [when, entity] : expected) {
    const Event event = calendar.pop();
    CHECK((event.date == Instant(when) && event.entity == entity));
  }
  CHECK(calendar.empty());
}

TEST_CASE("what comes beside the next event is seen while that one stays") {
  Calendar calendar;
  const auto top = calendar.open(Role::replica, 0);
  std::vector<Calendar::Slot> others;
  for (std::uint32_t i = 1; i < 9; ++i) others.push_back(calendar.open(Role::replica, i));
  calendar.schedule(top, Instant(1), Phase::iteration_end);
  for (const Calendar::Slot other : others) {
    CHECK_FALSE(calendar.another_before(Instant(1), Phase::iterate));
    calendar.schedule(other, Instant(1), Phase::iterate);
    CHECK_FALSE(calendar.another_before(Instant(1), Phase::iterate));
    calendar.schedule(other, Instant(1), Phase::arrive);
    CHECK(calendar.another_before(Instant(1), Phase::iterate));
    calendar.schedule(other, Instant(2), Phase::arrive);
    CHECK(calendar.another_before(Instant(3), Phase::iteration_end));
    calendar.cancel(other);
  }
  CHECK(calendar.next().entity == 0);
}
