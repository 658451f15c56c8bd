// SPDX-License-Identifier: Apache-2.0
#include "commands/forked.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <map>
#include <stdexcept>
#include <thread>

#include "config/errors.hpp"
#include "results/target.hpp"

using namespace tokenyard;
using commands::Outcome;

namespace {

std::map<std::size_t, Outcome> outcomes_of(std::size_t count,
                                           const std::function<std::string(std::size_t)>& work) {
  std::map<std::size_t, Outcome> outcomes;
  commands::forked(count, work, [&outcomes](std::size_t i, Outcome outcome) {
    CHECK(outcomes.emplace(i, std::move(outcome)).second);
  });
  return outcomes;
}

[[noreturn]] void sleep_on() {
  for (;;) std::this_thread::sleep_for(std::chrono::seconds(1));
}

}  // namespace

TEST_CASE("each piece of work is done once, in a process of its own, and its text comes back") {
  const auto outcomes = outcomes_of(9, [](std::size_t i) {
    return std::to_string(::getpid()) + std::string(i * 30000, 'x');  // more than a pipe holds
  });
  REQUIRE(outcomes.size() == 9);
  std::map<int, int> processes;
  for (const auto& [i, outcome] : outcomes) {
    CHECK(outcome.code == 0);
    const int pid = std::stoi(outcome.text);
    CHECK(outcome.text.size() == std::to_string(pid).size() + i * 30000);
    CHECK(pid != ::getpid());
    ++processes[pid];
  }
  CHECK(processes.size() == 9);
}

TEST_CASE("what goes wrong in a child comes back as its code and its text") {
  const auto outcomes = outcomes_of(4, [](std::size_t i) -> std::string {
    if (i == 0) throw config::ConfigError(config::Mistake{"f.yaml", {1, 2}, "key", "wrong"});
    if (i == 1) throw results::IoError("the disk is full");
    if (i == 2) ::raise(SIGKILL);
    return "fine";
  });
  CHECK(outcomes.at(0).code == 2);
  CHECK(outcomes.at(0).text == "f.yaml:1:2: key: wrong");
  CHECK(outcomes.at(1).code == 1);
  CHECK(outcomes.at(1).text == "the disk is full");
  CHECK(outcomes.at(2).code == 1);
  CHECK_THAT(outcomes.at(2).text, Catch::Matchers::Contains("signal 9"));
  CHECK(outcomes.at(3).code == 0);
  CHECK(outcomes.at(3).text == "fine");
}

TEST_CASE("no more children work at a time than there are cores") {
  const auto most = std::max(1U, std::thread::hardware_concurrency());
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  // Each says when it begins and when it ends; writes of a byte keep their order.
  outcomes_of(3 * most, [&ends](std::size_t) -> std::string {
    if (::write(ends[1], "+", 1) != 1) return "";
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    return ::write(ends[1], "-", 1) == 1 ? "" : "x";
  });
  ::close(ends[1]);
  unsigned working = 0, seen = 0;
  for (char sign = 0; ::read(ends[0], &sign, 1) == 1;) {
    sign == '+' ? ++working : --working;
    seen = std::max(seen, working);
  }
  ::close(ends[0]);
  CHECK(seen <= most);
  CHECK(seen >= 1);
}

TEST_CASE("if the caller gives up, the other children are ended") {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);  // held open by every child that lives
  CHECK_THROWS_AS(commands::forked(
                      2,
                      [](std::size_t i) -> std::string {
                        if (i == 0 && std::thread::hardware_concurrency() > 1) sleep_on();
                        return "";
                      },
                      [](std::size_t, const Outcome&) { throw std::runtime_error("enough"); }),
                  std::runtime_error);
  ::close(ends[1]);
  char none = 0;
  CHECK(::read(ends[0], &none, 1) == 0);
  ::close(ends[0]);
}

TEST_CASE("Ctrl-C ends the children") {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const auto start = std::chrono::steady_clock::now();
  CHECK_THROWS_AS(commands::forked(
                      1,
                      [](std::size_t) -> std::string {
                        ::kill(::getppid(), SIGINT);
                        sleep_on();
                      },
                      [](std::size_t, const Outcome&) {}),
                  results::IoError);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(30));
  ::close(ends[1]);
  char none = 0;
  CHECK(::read(ends[0], &none, 1) == 0);
  ::close(ends[0]);
}
