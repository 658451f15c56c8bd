// SPDX-License-Identifier: Apache-2.0
#include "fleet/router.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "fleet/load_board.hpp"

using namespace tokenyard;
using fleet::LoadIndex;
using fleet::LoadMeasure;
using fleet::PoolView;
using fleet::Prompt;
using fleet::RouterRules;

namespace {

std::unique_ptr<fleet::Router> router(std::string_view name, const RouterRules& rules = {}) {
  for (const auto& entry : fleet::routers()) {
    if (entry.name == name) return entry.make(rules);
  }
  FAIL("no router " << name);
  return nullptr;
}

// A pool with these loads, of which those with -1 are closed.
LoadIndex pool(const std::vector<std::int64_t>& loads) {
  LoadIndex index(loads.size());
  for (std::size_t i = 0; i < loads.size(); ++i) {
    if (loads[i] < 0) {
      index.close(i);
    } else {
      index.add(i, loads[i]);
    }
  }
  return index;
}

traffic::Request of_session(std::uint64_t session, std::uint16_t tenant = 0) {
  traffic::Request request;
  request.session = session;
  request.tenant = TenantId(tenant);
  return request;
}

RandomStream draws() { return {1, 0, "router"}; }

}  // namespace

TEST_CASE(
    "closed replicas keep their load, are never the least, and leave the others their order") {
  RandomStream draw(6, 0, "load");
  for (const std::size_t size : {1U, 2U, 5U, 64U, 100U, 300U}) {
    LoadIndex index(size);
    std::vector<std::int64_t> loads(size, 0);
    std::vector<bool> open(size, true);
    for (int step = 0; step < 2000; ++step) {
      const std::size_t i = draw.below(size);
      if (draw.below(3) == 0) {
        open[i] = !open[i];
        open[i] ? index.open(i) : index.close(i);
        open[i] ? index.open(i) : index.close(i);  // a second time changes nothing
      } else {
        const std::int64_t change = loads[i] > 0 && draw.below(2) == 0 ? -1 : 3;
        loads[i] += change;
        index.add(i, change);
      }
      std::vector<std::size_t> numbers;
      std::int64_t sum = 0, open_sum = 0;
      std::size_t least = size;
      for (std::size_t k = 0; k < size; ++k) {
        REQUIRE(index.load(k) == loads[k]);
        REQUIRE(index.is_open(k) == open[k]);
        REQUIRE(index.open_before(k) == numbers.size());
        sum += loads[k];
        if (!open[k]) continue;
        numbers.push_back(k);
        open_sum += loads[k];
        if (least == size || loads[k] < loads[least]) least = k;
      }
      REQUIRE(index.opened() == numbers.size());
      REQUIRE(index.sum() == sum);
      REQUIRE(index.sum_of_open() == open_sum);
      if (least < size) REQUIRE(index.least() == least);
      for (std::size_t k = 0; k < numbers.size(); ++k) REQUIRE(index.nth_open(k) == numbers[k]);
    }
  }
}

TEST_CASE("loads may be tokens by the thousand billions") {
  LoadIndex index(3);
  constexpr std::int64_t most = (std::int64_t{1} << 43) - 1;
  index.add(0, most);
  index.add(1, most - 1);
  index.add(2, most);
  CHECK(index.least() == 1);
  index.close(1);
  CHECK(index.least() == 0);
  CHECK(index.load(1) == most - 1);
  CHECK_THROWS_AS(index.add(0, 1), ContractViolation);
}

TEST_CASE("what happens to a pool is seen as late as stated, and no later") {
  fleet::LoadBoard board(2, LoadMeasure::requests, Duration(0.5));
  board.add(0, 1, Tokens(100), Instant(1));
  board.close(1, Instant(1.25));
  board.open(1, Instant(1.75));
  board.add(0, -1, Tokens(100), Instant(2));
  CHECK(board.empty());
  CHECK(board.at(Instant(1.25)).load(0) == 0);
  CHECK(board.at(Instant(1.5)).load(0) == 1);
  CHECK(board.requests() == 1);
  CHECK(board.tokens() == Tokens(100));
  CHECK(board.at(Instant(1.5)).opened() == 2);
  CHECK(board.at(Instant(1.75)).opened() == 1);
  CHECK(board.at(Instant(2.25)).opened() == 2);
  CHECK(board.at(Instant(2.5)).load(0) == 0);
  CHECK(board.tokens() == Tokens(0));
}

TEST_CASE("a board without delay tells at once, and counts what its router measures") {
  fleet::LoadBoard requests(2, LoadMeasure::requests, Duration(0));
  fleet::LoadBoard tokens(2, LoadMeasure::tokens, Duration(0));
  CHECK(tokens.empty());
  for (fleet::LoadBoard* board : {&requests, &tokens}) {
    board->add(0, 1, Tokens(10), Instant(0));
    board->add(1, 1, Tokens(2), Instant(0));
    board->add(1, 1, Tokens(3), Instant(0));
    CHECK(board->requests() == 3);
    CHECK_FALSE(board->empty());
    CHECK(board->tokens() == Tokens(15));
  }
  CHECK(requests.at(Instant(0)).least() == 0);
  CHECK(tokens.at(Instant(0)).least() == 1);
  CHECK(tokens.at(Instant(0)).load(1) == 5);
}

TEST_CASE("every router picks open replicas only, be they few") {
  const std::vector<std::uint64_t> blocks = {1, 2, 3};
  const std::vector<traffic::Piece> pieces = {{7, 20}};
  RandomStream stream = draws();
  for (const auto& entry : fleet::routers()) {
    INFO(entry.name);
    const auto made = entry.make({3, Blocks(10), Tokens(4)});
    for (const auto& loads : {std::vector<std::int64_t>{-1, 4, -1, -1},
                              {5, -1, 0, 7, -1},
                              {0},
                              {3, 3, 3, 3, 3, 3, -1}}) {
      const LoadIndex index = pool(loads);
      std::set<std::size_t> chosen;
      for (std::uint64_t i = 0; i < 300; ++i) {
        PoolView view(index, stream, i % 2 == 0 ? Prompt{pieces, blocks} : Prompt{});
        const std::size_t choice = made->choose(of_session(i % 3 == 0 ? i : 0), view);
        REQUIRE(choice < loads.size());
        REQUIRE(index.is_open(choice));
        chosen.insert(choice);
      }
      if (entry.name == "random" || entry.name == "round-robin") {
        CHECK(chosen.size() == index.opened());
      }
    }
  }
}

TEST_CASE("round-robin goes on behind the last, past closed ones, and to those that open again") {
  const auto turns = router("round-robin");
  LoadIndex index(4);
  RandomStream stream = draws();
  PoolView view(index, stream);
  const auto next = [&] { return turns->choose({}, view); };
  CHECK(next() == 0);
  CHECK(next() == 1);
  index.close(2);
  CHECK(next() == 3);
  index.close(0);
  CHECK(next() == 1);
  index.open(2);
  CHECK(next() == 2);
  CHECK(next() == 3);
  CHECK(next() == 1);
}

TEST_CASE("power-of-two compares the first of two draws with the second, which skips the first") {
  RandomStream first = draws(), second = draws(), loads = draws();
  const auto two = router("power-of-two");
  for (int i = 0; i < 5000; ++i) {
    std::vector<std::int64_t> some(2 + loads.below(5));
    for (std::int64_t& load : some) load = static_cast<std::int64_t>(loads.below(3));
    const std::size_t a = second.below(some.size());
    std::size_t b = second.below(some.size() - 1);
    if (b >= a) ++b;
    const LoadIndex index = pool(some);
    PoolView view(index, first);
    REQUIRE(two->choose({}, view) == (some[b] < some[a] ? b : a));
  }
}

TEST_CASE("power-of-d draws d different replicas, and is power-of-two for two") {
  const LoadIndex index = pool({9, 8, 7, 6, 5});
  RandomStream first = draws(), second = draws();
  const auto two = router("power-of-two");
  const auto d = router("power-of-d", {2, {}, Tokens(1)});
  const auto three = router("power-of-d", {3, {}, Tokens(1)});
  const auto all = router("power-of-d", {100, {}, Tokens(1)});
  std::map<std::size_t, int> of_three;
  for (int i = 0; i < 20000; ++i) {
    PoolView a(index, first), b(index, second);
    REQUIRE(two->choose({}, a) == d->choose({}, b));
    REQUIRE(all->choose({}, b) == 4);
    REQUIRE(all->choose({}, a) == 4);
    ++of_three[three->choose({}, a)];
    three->choose({}, b);
  }
  // Of the 10 triples, 6 have the last as their least, 3 the one before, 1 the middle one.
  CHECK(of_three.size() == 3);
  CHECK(of_three[4] == Approx(12000).margin(350));
  CHECK(of_three[3] == Approx(6000).margin(350));
  CHECK(of_three[2] == Approx(2000).margin(250));
}

TEST_CASE("least-tokens measures tokens, join-shortest-queue is least-loaded") {
  CHECK(router("least-tokens")->measure() == LoadMeasure::tokens);
  CHECK(router("join-shortest-queue")->measure() == LoadMeasure::requests);
  const LoadIndex index = pool({2, 1, 1});
  RandomStream stream = draws();
  PoolView view(index, stream);
  for (const char* name : {"least-tokens", "join-shortest-queue", "least-loaded"}) {
    CHECK(router(name)->choose({}, view) == 1);
  }
}

TEST_CASE("prefix-affinity: a session stays, sessions spread, and beginnings stand in for them") {
  const auto affinity = router("prefix-affinity");
  CHECK(affinity->wants() == fleet::Router::Wants::pieces);
  LoadIndex index(20);
  RandomStream stream = draws();
  const auto choose = [&](std::uint64_t session, std::uint16_t tenant = 0,
                          std::span<const traffic::Piece> pieces = {}) {
    PoolView view(index, stream, {pieces, {}});
    return affinity->choose(of_session(session, tenant), view);
  };
  std::map<std::size_t, int> homes;
  for (std::uint64_t session = 1; session <= 2000; ++session) {
    const std::size_t home = choose(session);
    REQUIRE(choose(session) == home);
    ++homes[home];
  }
  CHECK(homes.size() == 20);
  for (const auto& [replica, sessions] : homes) CHECK(sessions == Approx(100).margin(50));
  std::set<std::size_t> tenants;
  for (std::uint16_t tenant = 0; tenant < 10; ++tenant) tenants.insert(choose(1, tenant));
  CHECK(tenants.size() > 3);  // the number of a session is its tenant's

  const std::vector<traffic::Piece> one = {{5, 10}, {6, 20}}, alike = {{5, 10}, {9, 30}};
  CHECK(choose(0, 0, one) == choose(0, 3, alike));
  std::set<std::size_t> contents;
  for (std::uint64_t content = 0; content < 10; ++content) {
    const std::vector<traffic::Piece> pieces = {{content, 10}};
    contents.insert(choose(0, 0, pieces));
  }
  CHECK(contents.size() > 3);
  index.add(0, 1);
  CHECK(choose(0) == 1);  // without either: the least loaded
}

TEST_CASE("prefix-affinity moves what a loaded or closed replica cannot take, always to the same") {
  const auto affinity = router("prefix-affinity");
  LoadIndex index(4);
  for (std::size_t i = 0; i < 4; ++i) index.add(i, 8);
  RandomStream stream = draws();
  const auto choose = [&] {
    PoolView view(index, stream);
    return affinity->choose(of_session(3), view);
  };
  const std::size_t home = choose();
  index.add(home, 4);  // 12 <= 1.25 * 9 + 1 = 12.25
  CHECK(choose() == home);
  index.add(home, 1);  // 13 > 1.25 * 9.25 + 1 = 12.56
  const std::size_t other = choose();
  CHECK(other != home);
  CHECK(choose() == other);
  index.add(home, -5);
  CHECK(choose() == home);
  index.close(home);
  CHECK(choose() == other);
  index.open(home);
  CHECK(choose() == home);
}

TEST_CASE("kv-aware weighs the blocks a replica lacks against its outstanding tokens") {
  const auto aware = router("kv-aware", {2, Blocks(100), Tokens(10)});
  CHECK(aware->measure() == LoadMeasure::tokens);
  CHECK(aware->wants() == fleet::Router::Wants::blocks);
  LoadIndex index(3);
  RandomStream stream = draws();
  const auto choose = [&](const std::vector<std::uint64_t>& names) {
    PoolView view(index, stream, {{}, names});
    return aware->choose({}, view);
  };
  const std::vector<std::uint64_t> prompt = {11, 12, 13, 14}, other = {21, 22},
                                   longer = {11, 12, 13, 14, 15};
  index.add(0, 5);
  CHECK(choose(prompt) == 1);  // nobody has anything
  index.add(1, 40);
  CHECK(choose(longer) == 1);  // 1 block + 40 tokens as 5 blocks; replica 2 lacks 5: the lower one
  index.add(1, 11);            // 6.1 blocks against 5
  CHECK(choose(longer) == 2);
  CHECK(choose(other) == 2);
  CHECK(choose({}) == 2);  // falls back to the tokens
  aware->forget(2);
  index.add(2, 12);
  CHECK(choose(other) == 0);
  CHECK(choose({31}) == 0);
}

TEST_CASE("kv-aware forgets what no longer fits in a replica's cache, the longest unused first") {
  const auto aware = router("kv-aware", {2, Blocks(4), Tokens(10)});
  LoadIndex index(2);
  RandomStream stream = draws();
  const auto choose = [&](const std::vector<std::uint64_t>& names) {
    PoolView view(index, stream, {{}, names});
    return aware->choose({}, view);
  };
  CHECK(choose({1, 2}) == 0);
  CHECK(choose({3, 4}) == 0);
  index.add(0, 15);
  CHECK(choose({1, 2}) == 0);  // used again: 20 tokens saved for 15
  CHECK(choose({1, 2, 5, 6}) == 0);
  CHECK(choose({3, 4}) == 1);  // lost
  CHECK(choose({1, 2}) == 0);
}
