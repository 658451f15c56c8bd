// SPDX-License-Identifier: Apache-2.0
#include "sweep/agenda.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

using namespace tokenyard;

TEST_CASE("runs come in order, what others bring first, and then nothing") {
  sweep::Agenda agenda({3, 4});
  CHECK(agenda.next() == 3);
  agenda.ended({7, 8});
  CHECK(agenda.next() == 7);
  CHECK(agenda.under_way() == 1);
  CHECK(agenda.next() == 8);
  CHECK(agenda.next() == 4);
  CHECK(agenda.waiting() == 0);
  for (int i = 0; i < 3; ++i) agenda.ended();
  CHECK_FALSE(agenda.next());
}

TEST_CASE("a thread without a run waits for what those under way may bring") {
  sweep::Agenda agenda({1});
  REQUIRE(agenda.next() == 1);
  std::atomic<std::size_t> got{0};
  std::thread waiting([&] { got = agenda.next().value_or(99); });
  agenda.ended({5});
  waiting.join();
  CHECK(got == 5);
}

TEST_CASE("nothing is begun once the agenda is stopped, and nobody waits for it") {
  sweep::Agenda agenda({1, 2});
  REQUIRE(agenda.next() == 1);
  std::atomic<bool> none{false};
  agenda.stop();
  std::thread waiting([&] { none = !agenda.next(); });
  waiting.join();
  CHECK(none);
}
