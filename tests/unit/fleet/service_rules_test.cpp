// SPDX-License-Identifier: Apache-2.0
#include "fleet/service_rules.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "core/random.hpp"
#include "fleet/scenario.hpp"

using namespace tokenyard;
using namespace tokenyard::fleet;

namespace {

using Numbers = std::vector<std::size_t>;

constexpr double day_s = 86400;

// Two models, a tenant of each, and pools that a test adds. Begins on 2026-04-20, for ten days.
struct World {
  World() {
    scenario.catalog = std::make_unique<catalog::Catalog>();
    for (const char* region : {"aws/us", "aws/eu", "azure/us", "azure/eu"}) {
      scenario.catalog->regions[region];
    }
    for (const char* name : {"gpt-large", "llama"}) {
      scenario.models.push_back(std::make_unique<catalog::ModelShape>());
      scenario.models.back()->name = name;
      traffic::Tenant& tenant = scenario.tenants.emplace_back();
      tenant.name = std::string(name) + "-tenant";
      traffic::Opened opened;
      opened.model = ModelId(static_cast<std::uint16_t>(scenario.openings.size()));
      scenario.openings.push_back(opened);
    }
    scenario.begins = parse_moment("2026-04-20");
    scenario.until = Instant(10 * day_s);
  }

  PoolPlan& pool(const std::string& region, std::uint16_t model = 0,
                 PoolRole role = PoolRole::mixed, std::size_t next = 0) {
    PoolPlan& pool = scenario.pools.emplace_back();
    pool.name = "pool" + std::to_string(scenario.pools.size() - 1);
    pool.region = region;
    pool.model = ModelId(model);
    pool.role = role;
    pool.next_pool = next;
    return pool;
  }

  void rules(const std::string& list) {
    document = config::parse_yaml("s.yaml", "{rules: " + list + "}");
    config::Section routing(document, reading);
    read_rules(routing, scenario);
    routing.finish();
  }

  // What is said of tenants that have nowhere to run.
  std::string complaint() {
    const config::Document workload = config::parse_yaml("w.yaml", "{tenants: [{}, {}]}");
    config::Section section(workload, reading);
    check_routes(section, scenario);
    return said();
  }
  std::string said() const {
    std::string text;
    for (const config::Mistake& mistake : reading.mistakes.all()) text += describe(mistake) + "\n";
    return text;
  }

  TenantRoutes routes(std::size_t tenant = 0) const { return routes_of(scenario).at(tenant); }

  Scenario scenario;
  config::Document document;
  config::Reading reading;
};

void is(const Allowed& allowed, double from, const Numbers& preferred, const Numbers& others) {
  CHECK(allowed.from == Instant(from));
  CHECK(allowed.preferred == preferred);
  CHECK(allowed.others == others);
}

}  // namespace

TEST_CASE("dates are days, or times of a day in UTC") {
  const auto day = parse_moment("2026-04-20");
  REQUIRE(day.has_value());
  CHECK(moment_text(*day) == "2026-04-20");
  const auto morning = parse_moment("2026-04-20T06:05Z");
  REQUIRE(morning.has_value());
  CHECK(moment_text(*morning) == "2026-04-20T06:05Z");
  CHECK(instant_of(*morning, *day) == Instant(6 * 3600 + 5 * 60));
  CHECK(instant_of(*day, *morning) == Instant(-(6 * 3600 + 5 * 60)));
  CHECK(moment_of(Instant(day_s + 0.5), *day) == *day + std::chrono::days(1));
  CHECK(time_of_day(*morning) == Duration(6 * 3600 + 5 * 60));
  for (const char* wrong :
       {"2026-02-29", "2026-4-20", "2026-04-20T06:05", "2026-04-20T24:00Z", "2026-04-20T06:60Z",
        "2026-04-20 06:00Z", "2026-04-20T-1:00Z", "", "2026-04-20Z", "2026-04-20T06:05Zz"}) {
    INFO(wrong);
    CHECK_FALSE(parse_moment(wrong).has_value());
  }
}

TEST_CASE("a star at an end of a name stands for anything") {
  CHECK(matches("gpt-*", "gpt-oss-120b"));
  CHECK_FALSE(matches("gpt-*", "a-gpt-oss"));
  CHECK(matches("*-70b", "llama-3.1-70b"));
  CHECK_FALSE(matches("*-70b", "llama-70b-x"));
  CHECK(matches("*oss*", "gpt-oss-120b"));
  CHECK(matches("*", "anything"));
  CHECK(matches("gpt", "gpt"));
  CHECK_FALSE(matches("gpt", "gpt-oss"));
}

TEST_CASE("without rules all pools of a model may serve it, and those alone") {
  World world;
  world.pool("aws/us");
  world.pool("azure/us", 1);
  world.pool("azure/eu");
  CHECK(world.routes(0).all == Numbers{0, 2});
  REQUIRE(world.routes(0).allowed.size() == 1);
  is(world.routes(0).allowed[0], 0, {0, 2}, {});
  is(world.routes(1).allowed[0], 0, {1}, {});
  CHECK(world.complaint().empty());
}

TEST_CASE("a rule holds from its date to the day before its end") {
  World world;
  world.pool("aws/us");
  world.pool("azure/us");
  world.pool("aws/us", 1);
  world.rules("[{models: [gpt-*], providers: [azure], from: 2026-04-22, until: 2026-04-27}]");
  const TenantRoutes routes = world.routes();
  CHECK(routes.all == Numbers{0, 1});
  REQUIRE(routes.allowed.size() == 3);
  is(routes.allowed[0], 0, {0, 1}, {});
  is(routes.allowed[1], 2 * day_s, {1}, {});
  is(routes.allowed[2], 7 * day_s, {0, 1}, {});
  CHECK(world.complaint().empty());
}

TEST_CASE("a provider alone until a date, then first among all") {
  World world;
  world.pool("aws/us");
  world.pool("azure/us");
  world.pool("azure/eu");
  world.rules(
      "[{models: [gpt-*], api: stateless, providers: [azure], from: 2025-10-28,"
      " until: 2026-04-27}, {models: [gpt-*], providers: [azure], from: 2026-04-27, first: true}]");
  const TenantRoutes routes = world.routes();
  REQUIRE(routes.allowed.size() == 2);
  is(routes.allowed[0], 0, {1, 2}, {});
  is(routes.allowed[1], 7 * day_s, {1, 2}, {0});
  // A conversation that the provider keeps is not what the first rule is about.
  world.scenario.tenants[0].api_class = 1;
  is(world.routes().allowed[0], 0, {0, 1, 2}, {});
  is(world.routes().allowed[1], 7 * day_s, {1, 2}, {0});
}

TEST_CASE("dates outside the run change nothing, and those without an effect neither") {
  World world;
  world.pool("azure/us");
  world.rules(
      "[{models: ['*'], providers: [azure], from: 2026-04-22},"
      " {models: ['*'], providers: [azure], from: 2026-04-30},"
      " {models: ['*'], providers: [aws], until: 2026-04-20}]");
  REQUIRE(world.routes().allowed.size() == 1);
  is(world.routes().allowed[0], 0, {0}, {});
  // Without an end of the run, all dates to come are in it.
  world.pool("aws/us");
  world.scenario.until = Instant::never();
  REQUIRE(world.routes().allowed.size() == 2);
  is(world.routes().allowed[1], 2 * day_s, {0}, {});
}

TEST_CASE("all rules in force must allow a provider") {
  World world;
  world.pool("aws/us");
  world.pool("azure/us");
  world.rules(
      "[{models: ['*'], providers: [aws, azure]}, {models: [gpt-large], providers: [aws]}]");
  is(world.routes().allowed[0], 0, {0}, {});
}

TEST_CASE("if none of those that come first has a pool, all others are asked") {
  World world;
  world.pool("aws/us");
  world.rules("[{models: ['*'], providers: [azure], first: true}]");
  is(world.routes().allowed[0], 0, {0}, {});
  // Those of any rule that says so come first.
  world.pool("azure/us");
  world.rules("[{models: ['*'], providers: [aws], first: true}]");
  is(world.routes().allowed[0], 0, {0, 1}, {});
}

TEST_CASE("residency leaves out pools elsewhere") {
  World world;
  world.pool("aws/us");
  world.pool("aws/eu");
  world.pool("azure/eu");
  world.scenario.tenants[0].regions = {"aws/eu", "azure/eu"};
  CHECK(world.routes().all == Numbers{0, 1, 2});
  is(world.routes().allowed[0], 0, {1, 2}, {});
}

TEST_CASE("a pool kept for tenants is nobody else's") {
  World world;
  world.pool("aws/us").tenants = {"llama-tenant"};
  world.pool("aws/eu").tenants = {"gpt-large-tenant", "llama-tenant"};
  world.pool("azure/eu");
  CHECK(world.routes().all == Numbers{1, 2});
  is(world.routes().allowed[0], 0, {1, 2}, {});
}

TEST_CASE("where a pool hands over, both must be allowed") {
  World world;
  world.pool("aws/us", 0, PoolRole::prefill, 1);
  world.pool("azure/us", 0, PoolRole::decode);
  world.pool("aws/us", 0, PoolRole::prefill, 3);
  PoolPlan& last = world.pool("aws/eu", 0, PoolRole::decode);
  CHECK(world.routes().all == Numbers{0, 2});
  is(world.routes().allowed[0], 0, {0, 2}, {});
  world.rules("[{models: ['*'], providers: [aws]}]");
  is(world.routes().allowed[0], 0, {2}, {});
  world.scenario.rules[0].first = true;
  is(world.routes().allowed[0], 0, {2}, {0});
  world.scenario.rules.clear();
  world.scenario.tenants[0].regions = {"aws/us", "azure/us"};
  is(world.routes().allowed[0], 0, {0}, {});
  world.scenario.tenants[0].regions.clear();
  last.tenants = {"llama-tenant"};
  CHECK(world.routes().all == Numbers{0});
}

TEST_CASE("in random worlds exactly those pools serve that all rules of a date let") {
  RandomStream draws(7, 0, "rules");
  const std::vector<std::string> regions = {"aws/us", "aws/eu", "azure/us", "azure/eu"};
  const auto one_in = [&draws](std::uint64_t n) { return draws.below(n) == 0; };
  for (int i = 0; i < 300; ++i) {
    World world;
    Scenario& scenario = world.scenario;
    traffic::Tenant& tenant = scenario.tenants[0];
    const std::size_t pools = 1 + draws.below(5);
    for (std::size_t p = 0; p < pools; ++p) {
      PoolPlan& pool = world.pool(regions[draws.below(4)], one_in(5) ? 1 : 0);
      if (one_in(4)) pool.tenants = {one_in(2) ? tenant.name : "llama-tenant"};
    }
    for (const std::string& region : regions) {
      if (one_in(2)) tenant.regions.push_back(region);
    }
    for (std::size_t r = draws.below(4); r > 0; --r) {
      ServiceRule& rule = scenario.rules.emplace_back();
      rule.models = {one_in(3) ? "llama" : "gpt-*"};
      rule.providers = {one_in(2) ? "aws" : "azure"};
      if (one_in(3)) rule.api_class = static_cast<std::uint8_t>(draws.below(2));
      rule.first = one_in(3);
      rule.from = Instant(day_s * static_cast<double>(draws.below(8)));
      rule.until = rule.from + Duration(day_s * static_cast<double>(1 + draws.below(8)));
    }
    const TenantRoutes routes = world.routes();
    for (double date = 0; date < 10 * day_s; date += day_s / 2) {
      const Allowed* now = nullptr;
      for (const Allowed& entry : routes.allowed) {
        if (entry.from <= Instant(date)) now = &entry;
      }
      REQUIRE(now != nullptr);
      Numbers let, first;
      for (std::size_t p = 0; p < pools; ++p) {
        const PoolPlan& pool = scenario.pools[p];
        const std::string provider = pool.region.substr(0, pool.region.find('/'));
        bool may =
            pool.model == ModelId(0) && (pool.tenants.empty() || pool.tenants[0] == tenant.name);
        may = may && (tenant.regions.empty() ||
                      std::count(tenant.regions.begin(), tenant.regions.end(), pool.region) > 0);
        bool asked_first = false;
        for (const ServiceRule& rule : scenario.rules) {
          const bool holds = rule.models[0] == "gpt-*" && rule.api_class.value_or(0) == 0 &&
                             rule.from <= Instant(date) && Instant(date) < rule.until;
          if (!holds) continue;
          if (rule.first) asked_first = asked_first || rule.providers[0] == provider;
          if (!rule.first) may = may && rule.providers[0] == provider;
        }
        if (may) (asked_first ? first : let).push_back(p);
      }
      if (first.empty()) first.swap(let);
      CHECK(now->preferred == first);
      CHECK(now->others == let);
    }
  }
}

TEST_CASE("a tenant with nowhere to run is refused, with what stands in its way") {
  World world;
  world.pool("aws/us");
  world.pool("aws/eu").tenants = {"llama-tenant"};
  world.pool("azure/us", 1);
  SECTION("a model without a pool") {
    world.scenario.pools[2].model = ModelId(0);
    CHECK(world.complaint() ==
          "w.yaml:1:16: tenants[1]: 'llama-tenant' asks for llama, which no pool serves; add a "
          "pool\n");
  }
  SECTION("residency and pools of others") {
    world.scenario.tenants[0].regions = {"aws/eu"};
    CHECK(world.complaint() ==
          "w.yaml:1:12: tenants[0]: 'gpt-large-tenant' has nowhere to run, for the pools that "
          "serve gpt-large are kept for other tenants: 'pool1' (aws/eu); outside the regions that "
          "it names: 'pool0' (aws/us); add or move a pool, or change what forbids these\n");
  }
  SECTION("a rule, with its dates") {
    world.rules("[{models: [gpt-*], providers: [azure], from: 2026-04-22, until: 2026-05-27}]");
    const std::string said = world.complaint();
    CHECK_THAT(said, Catch::Contains("has nowhere to run from 2026-04-22 until 2026-04-30,"));
    CHECK_THAT(said, Catch::Contains("against the rule gpt-* by azure only, from 2026-04-22 until "
                                     "2026-05-27 (s.yaml:1:10): 'pool0' (aws/us)"));
  }
  SECTION("a rule that is over before, or comes after") {
    world.rules(
        "[{models: [gpt-*], providers: [azure], until: 2026-04-20},"
        " {models: [gpt-*], providers: [azure], from: 2026-04-30}]");
    CHECK(world.complaint().empty());
  }
  SECTION("a region that is none") {
    world.scenario.tenants[0].named_regions =
        world.scenario.tenants[0].regions = {"aws/us", "aws/ue"};
    CHECK_THAT(world.complaint(), Catch::Contains("'gpt-large-tenant' may be served in a region "
                                                  "that is none: 'aws/ue'"));
  }
}

TEST_CASE("what is wrong with a rule") {
  World world;
  const auto complaint = [&world](const std::string& rule) {
    world.rules("[" + rule + "]");
    return world.said();
  };
  SECTION("unknown provider") {
    CHECK_THAT(
        complaint("{models: [a], providers: [azur]}"),
        Catch::Contains("rules[0].providers: 'azur'") && Catch::Contains("did you mean 'azure'?"));
  }
  SECTION("an end before the beginning") {
    CHECK_THAT(complaint("{models: [a], providers: [aws], from: 2026-04-27, until: 2026-04-27}"),
               Catch::Contains("rules[0].until: is not after 'from'"));
  }
  SECTION("no date") {
    CHECK_THAT(complaint("{models: [a], providers: [aws], from: April}"),
               Catch::Contains("rules[0].from: 'April' is not a date"));
  }
  SECTION("a date without a beginning of the scenario") {
    world.scenario.begins.reset();
    CHECK_THAT(complaint("{models: [a], providers: [aws], from: 2026-04-27}"),
               Catch::Contains("rules[0].from: is a date, but the scenario does not say"));
  }
  SECTION("what is missing") {
    CHECK_THAT(complaint("{providers: [aws]}"), Catch::Contains("rules[0].models:"));
    CHECK_THAT(complaint("{models: [a], providers: []}"),
               Catch::Contains("rules[0].providers: names none"));
  }
  SECTION("a star inside") {
    CHECK_THAT(complaint("{models: [a*b], providers: [aws]}"), Catch::Contains("has a * inside"));
  }
  SECTION("an unknown key") {
    CHECK_THAT(complaint("{models: [a], providers: [aws], form: 2026-04-27}"),
               Catch::Contains("rules[0].form"));
  }
}

TEST_CASE("rules about no model of the scenario are told, not refused") {
  World world;
  world.rules("[{models: [claude-*], providers: [aws]}, {models: [llama], providers: [aws]}]");
  CHECK(world.said().empty());
  assume_of_rules(world.scenario);
  CHECK(
      world.scenario.assumptions ==
      std::vector<std::string>{"the rule claude-* by aws only is about no model of this scenario"});
  CHECK_FALSE(applies(world.scenario.rules[0], world.scenario));
  CHECK(applies(world.scenario.rules[1], world.scenario));
}

TEST_CASE("the shipped rules say what they say, with mistakes at their places") {
  const std::string root = TOKENYARD_SOURCE_DIR;
  const std::string file = root + "/platforms/rules/openai.yaml";
  config::Reading reading;
  const config::Document whole = with_rules_of_files(
      config::parse_yaml("s.yaml",
                         "routing: {rules: [{models: [a], providers: [aws]}, " + file + "]}"),
      reading);
  REQUIRE(reading.mistakes.empty());
  World world;
  config::Section section(whole, world.reading);
  config::Section routing = section.child("routing");
  read_rules(routing, world.scenario);
  CHECK(world.said().empty());
  REQUIRE(world.scenario.rules.size() == 3);
  CHECK(text_of(world.scenario.rules[1], world.scenario) ==
        "gpt-* (stateless) by azure only, from 2025-10-28 until 2026-04-27");
  CHECK(text_of(world.scenario.rules[2], world.scenario) ==
        "gpt-* by azure first, others after them, from 2026-04-27 until 2032-12-31");
  CHECK_THAT(world.scenario.rules[1].where, Catch::StartsWith(file + ":10:"));
  World without;
  without.scenario.begins.reset();
  config::Section again = config::Section(whole, without.reading).child("routing");
  read_rules(again, without.scenario);
  CHECK_THAT(without.said(), Catch::StartsWith(file + ":13:11: routing.rules[1].from: "));
}

TEST_CASE("a file of rules that is wrong is a mistake of that file") {
  const auto said = [](const std::string& text) {
    const auto path = std::filesystem::temp_directory_path() / "tokenyard_rules_test.yaml";
    std::ofstream(path) << text;
    config::Reading reading;
    with_rules_of_files(config::parse_yaml("s.yaml", "routing: {rules: [" + path.string() + "]}"),
                        reading);
    std::filesystem::remove(path);
    REQUIRE_FALSE(reading.mistakes.empty());
    return describe(reading.mistakes.all().front());
  };
  CHECK_THAT(said("{rules: [a.yaml]}"),
             Catch::Contains("tokenyard_rules_test.yaml:1:10: rules[0]"));
  CHECK_THAT(said("{rulse: []}"), Catch::Contains("rules"));
  CHECK_THAT(said("{rules: []}"), Catch::Contains("rules: 0 elements"));
  config::Reading reading;
  with_rules_of_files(config::parse_yaml("s.yaml", "routing: {rules: [/nowhere.yaml]}"), reading);
  REQUIRE(reading.mistakes.size() == 1);
  CHECK_THAT(describe(reading.mistakes.all().front()), Catch::StartsWith("/nowhere.yaml: "));
}
