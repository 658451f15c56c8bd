// SPDX-License-Identifier: Apache-2.0
#include "random_case.hpp"

using namespace tokenyard;
using namespace tokenyard::test;

TEST_CASE("leaping and single iterations give the same bits, whatever the policy and options") {
  std::int64_t preemptions = 0;
  std::int64_t retries = 0;
  int transfers = 0;
  std::map<results::Status, int> states;
  for (std::uint64_t number = 0; number < 5000; number += every) {
    const Case c = with_routing(make_case(number, false), number);
    const Instant until = number % 3 == 0 ? Instant(40.3) : Instant::never();
    const Everything leaps = simulate(c, serving::Leaping::on, until);
    const Everything steps = simulate(c, serving::Leaping::off, until);
    INFO("case " << number);
    REQUIRE(leaps.seen == steps.seen);
    REQUIRE(leaps.iterations == steps.iterations);
    REQUIRE(same_counts(leaps.gaps, steps.gaps));
    const bool whole = until == Instant::never() && leaps.retries == 0 &&
                       leaps.states.count(results::Status::timed_out) == 0;
    if (whole) {
      REQUIRE(leaps.gaps.count() == leaps.later_tokens);
      REQUIRE(leaps.gaps.sum() == Approx(leaps.between_tokens_s).epsilon(1e-9).margin(1e-9));
    }
    REQUIRE(leaps.told_prefill == leaps.prefilled);
    if (whole && leaps.preemptions == 0) {
      REQUIRE(leaps.told_decodes == leaps.later_tokens);
      REQUIRE(leaps.told_context == leaps.later_context);
    }
    transfers += leaps.transfers;
    preemptions += leaps.preemptions;
    retries += leaps.retries;
    for (const auto& [state, count] : leaps.states) states[state] += count;
  }
  // The cases bite: they reach what they are meant to compare.
  CHECK(preemptions > 500 / every);
  CHECK(transfers > 5000 / every);
  CHECK(states[results::Status::rejected] > 500 / every);
  CHECK(states[results::Status::dropped] > 500 / every);
  CHECK(states[results::Status::in_flight] > 100 / every);
  CHECK(states[results::Status::timed_out] > 500 / every);
  CHECK(states[results::Status::throttled] > 500 / every);
  CHECK(retries > 5000 / every);
}

TEST_CASE("features of engines in all combinations: leaps give the same bits, and all adds up") {
  std::int64_t preemptions = 0;
  std::int64_t cached = 0;
  int transfers = 0;
  int fetches = 0;
  std::map<results::Status, int> states;
  for (std::uint64_t number = 0; number < 5000; number += every) {
    const Case c = with_routing(make_case(number, true), number);
    const Instant until = number % 3 == 0 ? Instant(40.3) : Instant::never();
    INFO("case " << number << ": " << features_of(c));
    const Everything leaps = simulate(c, serving::Leaping::on, until);
    const Everything steps = simulate(c, serving::Leaping::off, until);
    REQUIRE(leaps.seen == steps.seen);
    REQUIRE(leaps.iterations == steps.iterations);
    REQUIRE(same_counts(leaps.gaps, steps.gaps));
    const bool whole = until == Instant::never() && leaps.retries == 0 &&
                       leaps.states.count(results::Status::timed_out) == 0;
    if (whole) {
      REQUIRE(leaps.gaps.count() == leaps.later_tokens);
      REQUIRE(leaps.gaps.sum() == Approx(leaps.between_tokens_s).epsilon(1e-9).margin(1e-9));
    }
    REQUIRE(leaps.told_prefill == leaps.prefilled);
    transfers += leaps.transfers;
    preemptions += leaps.preemptions;
    cached += leaps.cached;
    fetches += leaps.fetches;
    for (const auto& [state, count] : leaps.states) states[state] += count;
  }
  CHECK(preemptions > 500 / every);
  CHECK(cached > 5000 / every);
  CHECK(fetches > 200 / every);
  CHECK(transfers > 5000 / every);
  CHECK(states[results::Status::ok] > 20000 / every);
  CHECK(states[results::Status::rejected] > 500 / every);
  CHECK(states[results::Status::timed_out] > 500 / every);
}

TEST_CASE("cases that showed a fault once") {
  // Chunks of one request that arrive at one date; a prompt of a pipeline that waits for blocks
  // beside decodes that lack some.
  for (const auto& [number, features] : {std::pair(21356u, false), {44308u, true}}) {
    const Case c = make_case(number, features);
    const Everything leaps = simulate(c, serving::Leaping::on, Instant::never());
    REQUIRE(leaps.seen == simulate(c, serving::Leaping::off, Instant::never()).seen);
  }
}

TEST_CASE("a fleet with another seed routes otherwise, and the same seed the same") {
  Case c = make_case(4, false);
  c.replicas = 3;
  c.router = 3;
  c.limits.blocks = Blocks(1000);
  CHECK(simulate(c, serving::Leaping::on, Instant::never()).seen ==
        simulate(c, serving::Leaping::on, Instant::never()).seen);
}
