// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <set>

#include "traffic/closed_loop.hpp"
#include "traffic/mix.hpp"
#include "traffic/open_arrivals.hpp"
#include "traffic/sessions.hpp"

using namespace tokenyard;
using namespace tokenyard::traffic;

namespace {

const Lengths ten_and_some = {Distribution::constant(10),
                              GivenPrompt(Distribution::quantiles({{0, 1}, {0.5, 11}, {1, 101}})),
                              {},
                              {}};

StreamInput input(std::uint64_t seed, const std::string& name = "chat") {
  return {{}, &ten_and_some, nullptr, {seed, 0, name}};
}

// Rates that hold for 100 s each.
DatesPlan steps(const std::vector<double>& rates) {
  RateCurve::Factor factor;
  for (const double rate : rates) {
    factor.points.push_back({100 * static_cast<double>(factor.points.size()), rate});
  }
  DatesPlan plan;
  plan.curve.factors = {factor};
  plan.curve.until = 100 * static_cast<double>(rates.size());
  return plan;
}

// The arrivals in each 100 s.
std::vector<double> counts(const DatesPlan& plan, std::uint64_t seed) {
  Dates dates(plan, {seed, 0, "counts"});
  std::vector<double> found(static_cast<std::size_t>(plan.curve.until / 100));
  Instant last;
  for (Instant date = dates.next(); date < Instant::never(); date = dates.next()) {
    REQUIRE(date >= last);
    last = date;
    ++found.at(static_cast<std::size_t>(date.value() / 100));
  }
  return found;
}

}  // namespace

TEST_CASE("Poisson counts follow the rate of each step, and nothing comes after the last") {
  const std::vector<double> found = counts(steps({50, 0, 100}), 1);
  CHECK(found[1] == 0);
  CHECK(std::abs(found[0] - 5000) < 5 * std::sqrt(5000.0));
  CHECK(std::abs(found[2] - 10000) < 5 * std::sqrt(10000.0));
}

TEST_CASE("another stream does not depend on this one; another seed, replication or name differs") {
  const auto first = [](Seeding seeding) {
    const DatesPlan plan = steps({5});
    return Dates(plan, seeding).next();
  };
  const Instant date = first({1, 0, "chat"});
  CHECK(date == first({1, 0, "chat"}));
  CHECK(date != first({2, 0, "chat"}));
  CHECK(date != first({1, 1, "chat"}));
  CHECK(date != first({1, 0, "code"}));
}

TEST_CASE("a rate that rises linearly is integrated exactly, and spent where it should") {
  RateCurve curve;
  curve.factors = {{{{0, 0}, {10, 20}, {20, 0}}, RateCurve::Between::linear}};
  CHECK(curve.amount(0, 10) == Approx(100));
  CHECK(curve.amount(5, 15) == Approx(150));
  CHECK(curve.end() == 20);
  RateWalk walk(curve);
  double amount = 25;
  CHECK(walk.spend(amount).value() == Approx(5));  // 2 t^2 / 2
  amount = 75;
  CHECK(walk.spend(amount).value() == Approx(10));
  amount = 75;
  CHECK(walk.spend(amount).value() == Approx(15));
  amount = 100;
  CHECK(walk.spend(amount) == Instant::never());
  CHECK(amount == Approx(75));
}

TEST_CASE("factors multiply, go round by their period, and keep their own clocks") {
  RateCurve curve;
  curve.factors = {RateCurve::constant(2),
                   {{{0, 1}, {6, 3}}, RateCurve::Between::constant, 10, 0},
                   {{{0, 1}, {5, 0}}, RateCurve::Between::constant, 20, 15}};
  // The third is at its 15 s at time zero: 0 until 5, then 1 until 10, then 0 until 25.
  CHECK(curve.amount(0, 5) == 0);
  CHECK(curve.amount(5, 10) == Approx(2 * 1 + 2 * 3 * 4));
  CHECK(curve.amount(10, 25) == 0);
  CHECK(curve.amount(25, 30) == Approx(2 * 1 + 2 * 3 * 4));
  CHECK(curve.amount(0, 2000) == Approx(100 * 26));
  curve.until = 8;
  CHECK(curve.amount(0, 100) == Approx(2 + 2 * 3 * 2));
}

TEST_CASE("gaps have mean 1 and the coefficient of variation asked for") {
  for (const double cv : {0.3, 1.0, 2.5}) {
    for (const Gaps& gaps : {Gaps::gamma(cv), Gaps::weibull(cv)}) {
      RandomStream stream(7, 0, "gaps");
      double sum = 0, squares = 0;
      constexpr double n = 400'000;
      for (int i = 0; i < n; ++i) {
        const double gap = gaps.draw(stream);
        sum += gap;
        squares += gap * gap;
      }
      CHECK(std::abs(sum / n - 1) < 5 * cv / std::sqrt(n));
      CHECK(std::sqrt(squares / n - sum * sum / n / n) == Approx(cv).epsilon(0.03));
    }
  }
}

TEST_CASE("bursty arrivals have their rate from the start on") {
  // An ordinary renewal process of CV 4 would have 7.5 too many on average.
  double sum = 0;
  constexpr int runs = 2000;
  for (std::uint64_t seed = 0; seed < runs; ++seed) {
    DatesPlan plan = steps({0.1});
    plan.gaps = {Gaps::gamma(4)};
    sum += counts(plan, seed)[0];
  }
  CHECK(std::abs(sum / runs - 10) < 5 * std::sqrt(16 * 10.0 / runs));
}

TEST_CASE("states that come and go leave the mean rate to the curve") {
  DatesPlan plan = steps(std::vector<double>(2000, 1));
  plan.states = {{1, 30}, {10, 3}};
  double sum = 0, squares = 0;
  const std::vector<double> found = counts(plan, 3);
  for (const double count : found) {
    sum += count;
    squares += count * count;
  }
  const auto n = static_cast<double>(found.size());
  const double mean = sum / n;
  CHECK(mean == Approx(100).epsilon(0.05));
  CHECK(squares / n - mean * mean > 3 * mean);  // far from Poisson
}

TEST_CASE("a batch arrives at one date") {
  DatesPlan plan = steps({0.1});
  plan.batch = Distribution::constant(4);
  Dates dates(plan, {1, 0, "jobs"});
  for (Instant date = dates.next(); date < Instant::never(); date = dates.next()) {
    for (int i = 1; i < 4; ++i) CHECK(dates.next() == date);
  }
}

TEST_CASE("a closed loop has as many requests in flight as users, and ends with its last") {
  UsersPlan users{2, Distribution::constant(3), 4};
  ClosedLoop loop(input(1), users, users.count);
  Request r;
  loop.take(r);
  loop.take(r);
  CHECK(loop.date() == Instant::never());
  loop.ended(r, Instant(5), Answer::given);
  CHECK(loop.date() == Instant(8));
  loop.take(r);
  loop.ended(r, Instant(6), Answer::given);
  loop.take(r);
  CHECK(r.arrival == Instant(9));
  loop.ended(r, Instant(9), Answer::given);
  CHECK(loop.date() == Instant::never());
}

TEST_CASE("a user who is refused waits a second at least, so that time goes on") {
  UsersPlan users{1, Distribution::constant(0), 4};
  ClosedLoop loop(input(1), users, users.count);
  Request r;
  loop.take(r);
  loop.ended(r, Instant(5), Answer::given);
  CHECK(loop.date() == Instant(5));
  loop.take(r);
  loop.ended(r, Instant(5), Answer::refused);
  CHECK(loop.date() == Instant(6));
}

TEST_CASE("a session's prompt is all that was said before and what the turn adds") {
  SessionPlan plan;
  plan.turns = Distribution::constant(3);
  plan.pause_s = Distribution::constant(5);
  PrefixPlan prefixes{{{1.0, Tokens(100)}}, std::nullopt};
  StreamInput stream = input(1);
  stream.prefixes = &prefixes;
  Sessions sessions(stream, steps({0.02}), plan);
  Request r;
  std::int64_t context = 100;
  std::uint64_t content = 0;
  const Instant begin = sessions.date();
  REQUIRE(begin < Instant::never());
  for (int turn = 0; turn < 3; ++turn) {
    sessions.take(r);
    CHECK(r.session == 1);
    CHECK(r.prompt == Tokens(context + 10));
    REQUIRE(sessions.pieces().size() == 2);
    CHECK(sessions.pieces()[0].until == 100);
    CHECK(sessions.pieces()[1].until == r.prompt.value());
    if (turn > 0) CHECK(sessions.pieces()[1].content == content);
    content = sessions.pieces()[1].content;
    context = (r.prompt + r.output).value();
    CHECK(sessions.open() == 1);
    sessions.ended(r, begin + Duration(turn), Answer::given);
    if (turn < 2) CHECK(sessions.date() == begin + Duration(turn + 5));
  }
  CHECK(sessions.open() == 0);
}

TEST_CASE("a session without an answer ends; one above its context limit too") {
  SessionPlan plan;
  plan.turns = Distribution::constant(3);
  for (const bool refused : {true, false}) {
    plan.context_limit = refused ? 1000 : 12;
    Sessions sessions(input(1), steps({0.02}), plan);
    Request r;
    const Instant begin = sessions.date();
    sessions.take(r);
    const Instant other = sessions.date();
    sessions.ended(r, begin, refused ? Answer::refused : Answer::given);
    CHECK(sessions.date() == other);
    CHECK(sessions.open() == 0);
  }
}

TEST_CASE("an agent calls tools within a turn, and goes on when all branches have ended") {
  SessionPlan plan;
  plan.tools = SessionPlan::Tools{Distribution::constant(1), Distribution::constant(2),
                                  Distribution::constant(50)};
  plan.fan_out = SessionPlan::FanOut{1, Distribution::constant(3)};
  Sessions sessions(input(1), steps({0.02}), plan);
  std::array<Request, 3> branches;
  const Instant begin = sessions.date();
  std::set<std::uint64_t> contents;
  std::int64_t written = 0;
  for (Request& branch : branches) {
    REQUIRE(sessions.date() == begin);
    sessions.take(branch);
    CHECK(branch.prompt == Tokens(10));
    contents.insert(sessions.pieces().back().content);
    written += branch.output.value();
  }
  CHECK(contents.size() == 3);
  const Instant other = sessions.date();
  sessions.ended(branches[1], begin, Answer::given);
  sessions.ended(branches[0], begin, Answer::given);
  CHECK(sessions.date() == other);
  sessions.ended(branches[2], begin + Duration(1), Answer::given);
  REQUIRE(sessions.date() == begin + Duration(3));
  Request next;
  sessions.take(next);
  CHECK(next.prompt == Tokens(10 + written + 50));
  CHECK(sessions.pieces().front().until == 10 + written);
}

TEST_CASE("what a fleet does to one session changes no draw of another") {
  SessionPlan plan;
  plan.turns = Distribution::constant(2);
  plan.pause_s = Distribution::constant(1);
  const auto second_turn_of_second = [&plan](bool first_is_slow) {
    Sessions sessions(input(1), steps({0.05}), plan);
    Request a, b, r;
    sessions.take(a);
    sessions.take(b);
    if (!first_is_slow) {
      sessions.ended(a, b.arrival, Answer::given);
      sessions.take(r);
    }
    sessions.ended(b, b.arrival + Duration(0.5), Answer::given);
    sessions.take(r);
    REQUIRE(r.session == 2);
    return r.output;
  };
  CHECK(second_turn_of_second(true) == second_turn_of_second(false));
}

TEST_CASE("a mix has the requests of its streams in order of date, each with its client") {
  const auto stream = [](const std::string& name) {
    StreamInput made = input(1, name);
    made.pattern.client = static_cast<std::uint32_t>(name[0] - 'a');
    return std::make_unique<OpenArrivals>(made, steps({0.5}));
  };
  std::vector<std::unique_ptr<Arrivals>> streams;
  std::vector<std::unique_ptr<Arrivals>> alone;
  for (const char* name : {"a", "b", "c"}) {
    streams.push_back(stream(name));
    alone.push_back(stream(name));
  }
  Mix mix(std::move(streams));
  Instant last;
  int taken = 0;
  while (mix.date() < Instant::never()) {
    Request r, expected;
    mix.take(r);
    alone[r.client]->take(expected);
    CHECK((r.arrival == expected.arrival && r.output == expected.output));
    CHECK(r.arrival >= last);
    last = r.arrival;
    ++taken;
  }
  CHECK(taken > 100);
  for (const auto& a : alone) CHECK(a->date() == Instant::never());
}

TEST_CASE("reused prompts begin as an earlier one did, in whole blocks") {
  const Lengths long_prompts = {Distribution::quantiles({{0, 100}, {1, 5000}}),
                                GivenPrompt(Distribution::constant(10)),
                                {},
                                {}};
  PrefixPlan plan;
  plan.reuse = PrefixPlan::Reuse{GivenPrompt(Distribution::constant(0.5)),
                                 Distribution::constant(10), Tokens(64), 100};
  OpenArrivals arrivals({{}, &long_prompts, &plan, {1, 0, "reuse"}}, steps({5}));
  std::set<std::uint64_t> seen;
  double shared = 0, wanted = 0;
  Request r;
  while (arrivals.date() < Instant::never()) {
    arrivals.take(r);
    const auto pieces = arrivals.pieces();
    REQUIRE(pieces.back().until == r.prompt.value());
    std::int64_t from = 0;
    for (const Piece& piece : pieces) {
      CHECK(piece.until > from);
      if (seen.count(piece.content) > 0) {
        shared += static_cast<double>(piece.until - from);
        CHECK(piece.until % 64 == 0);
      }
      from = piece.until;
    }
    for (const Piece& piece : pieces) seen.insert(piece.content);
    wanted += static_cast<double>(r.prompt.value()) / 2;
  }
  CHECK(shared / wanted == Approx(1).epsilon(0.05));
}
