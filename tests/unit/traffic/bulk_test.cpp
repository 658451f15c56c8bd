// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "core/sha256.hpp"
#include "traffic/bulk.hpp"
#include "traffic/closed_loop.hpp"
#include "traffic/mix.hpp"
#include "traffic/sessions.hpp"
#include "traffic/unattended.hpp"

using namespace tokenyard;
using namespace tokenyard::traffic;

namespace {

const Lengths lengths = {
    Distribution::log_normal({300, 1}),
    GivenPrompt(std::vector<GivenPrompt::Range>{{300, Distribution::gamma({50, 0.7})},
                                                {1e300, Distribution::pareto({20, 1.5})}}),
    Distribution::quantiles({{0, 1}, {0.9, 30}, {1, 3000}}), Distribution::constant(4000)};
const PrefixPlan groups = {{{0.5, Tokens(100)}, {0.25, Tokens(30)}}, std::nullopt};
const PrefixPlan reuse = {{},
                          PrefixPlan::Reuse{GivenPrompt(Distribution::quantiles({{0, 0}, {1, 1}})),
                                            Distribution::gamma({30, 1}), Tokens(16), 500}};

DatesPlan plan(double rate, double until) {
  DatesPlan made;
  made.curve.factors = {{{{0, rate}, {700, 2 * rate}, {900, 0}}, RateCurve::Between::linear, 1000},
                        RateCurve::constant(1.25)};
  made.curve.until = until;
  return made;
}

// One stream of each kind.
std::vector<std::unique_ptr<Arrivals>> one_of_each(double until) {
  static const SessionPlan conversation = {
      Distribution::gamma({4, 0.5}),
      Distribution::log_normal({20, 1}),
      SessionPlan::Pace::answer,
      Distribution::constant(500),
      SessionPlan::Tools{Distribution::gamma({2, 1}), Distribution::gamma({3, 1}),
                         Distribution::gamma({200, 1})},
      SessionPlan::FanOut{0.3, Distribution::constant(3)},
      20000};
  static const UsersPlan users = {5, Distribution::gamma({10, 1}), 2000};
  std::vector<std::unique_ptr<Arrivals>> streams;
  const auto input = [&streams](const char* name, const PrefixPlan* prefixes) {
    StreamInput made{{}, &lengths, prefixes, {9, 0, name, name}};
    made.pattern.client = static_cast<std::uint32_t>(streams.size());
    return made;
  };
  const auto add = [&streams](std::unique_ptr<Arrivals> stream) {
    streams.push_back(std::make_unique<Unattended>(std::move(stream), NominalAnswer{}));
  };
  for (const Gaps& gaps : {Gaps::exponential(), Gaps::gamma(3), Gaps::weibull(0.4)}) {
    DatesPlan dates = plan(2, until);
    dates.gaps = {gaps};
    const std::string name = "gaps" + std::to_string(streams.size());
    add(std::make_unique<OpenArrivals>(input(name.c_str(), &reuse), dates));
  }
  DatesPlan modulated = plan(1, until);
  modulated.states = {{1, 100}, {5, 10}, {0, 20}};
  add(std::make_unique<OpenArrivals>(input("states", &groups), modulated));
  DatesPlan batches = plan(0.05, until);
  batches.batch = Distribution::pareto({5, 1.2}).clip(1, 200);
  add(std::make_unique<OpenArrivals>(input("batches", nullptr), batches));
  add(std::make_unique<Sessions>(input("sessions", &groups), plan(0.2, until), conversation));
  add(std::make_unique<ClosedLoop>(input("users", nullptr), users, users.count));
  return streams;
}

bool same(const Request& a, const Request& b) {
  return a.arrival == b.arrival && a.prompt == b.prompt && a.output == b.output &&
         a.max_tokens == b.max_tokens && a.client == b.client && a.session == b.session;
}

bool same(const Piece& a, const Piece& b) { return a.content == b.content && a.until == b.until; }

}  // namespace

TEST_CASE("in bulk, streams give what their mix gives one by one") {
  Mix mix(one_of_each(20000));
  Bulk bulk(one_of_each(20000), Bulk::Keep::requests_and_pieces);
  std::uint64_t number = 0;
  for (const auto* items = &bulk.next(); !items->empty(); items = &bulk.next()) {
    for (const Bulk::Item& item : *items) {
      Request request;
      REQUIRE(mix.date() < Instant::never());
      mix.take(request);
      REQUIRE(same(item.request, request));
      REQUIRE(index(item.request.id) == number++);
      const auto pieces = mix.pieces();
      REQUIRE(std::equal(pieces.begin(), pieces.end(), item.pieces.begin(), item.pieces.end(),
                         [](const Piece& a, const Piece& b) { return same(a, b); }));
    }
  }
  CHECK(mix.date() == Instant::never());
  CHECK(number > 100'000);
}

TEST_CASE("in bulk, more requests of one date than a lane holds come all the same") {
  static const UsersPlan crowd = {2'100'000, Distribution::constant(1), 2'200'000};
  static const Lengths one = {
      Distribution::constant(1), GivenPrompt(Distribution::constant(1)), {}, {}};
  std::vector<std::unique_ptr<Arrivals>> streams;
  streams.push_back(std::make_unique<Unattended>(
      std::make_unique<ClosedLoop>(StreamInput{{}, &one, nullptr, {1, 0, "crowd"}}, crowd,
                                   crowd.count),
      NominalAnswer{}));
  Bulk bulk(std::move(streams), Bulk::Keep::requests);
  std::size_t count = 0;
  for (const auto* items = &bulk.next(); !items->empty(); items = &bulk.next()) {
    count += items->size();
  }
  CHECK(count == 2'200'000);
}

// A tripwire: every compiler and every CPU, with fused multiply-add or without, must agree. A new
// value is right only if the streams were meant to change.
TEST_CASE("the bytes of all generators are the same everywhere") {
  Mix mix(one_of_each(2000));
  Sha256 sha;
  Request request;
  while (mix.date() < Instant::never()) {
    mix.take(request);
    const double numbers[] = {request.arrival.value(), static_cast<double>(request.prompt.value()),
                              static_cast<double>(request.output.value()),
                              static_cast<double>(request.session)};
    sha.add(numbers, sizeof numbers);
    for (const Piece& piece : mix.pieces()) sha.add(&piece, sizeof piece);
  }
  CHECK(hex(sha.finish()) == "4e9c7e46f08982245e7060dec0ac7541a93d9d4ba7bc3883662540e1fac6b6ed");
}
