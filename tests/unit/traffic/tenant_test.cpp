// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <set>

#include "traffic/tenant.hpp"

using namespace tokenyard;
using namespace tokenyard::traffic;

namespace {

const std::string chat = R"(
name: mix
source: a test
tenants:
  - name: chat
    model: m
    tier: priority
    traffic:
      arrivals: {process: poisson, rate: {unit: 1/h, constant: 3600, daily: [DAILY], until: 24 h}}
      lengths: {prompt_tokens: 10, output_tokens: 5}
    from: {japan: 25 %, us-east: 75 %}
    slo: {class: fast, ttft: 1 s}
    timeout: 30 s
    retry: {attempts: 3, wait: 2 s}
    quota: {requests_per_minute: 60, tokens_per_minute: 10 ktokens}
    price: {input: 1 USD/Mtoken, output: 4 USD/Mtoken}
)";

// All of the traffic between 9 and 10 in the morning.
std::string office() {
  std::string text = chat;
  text.replace(text.find("DAILY"), 5, "0,0,0,0,0,0,0,0,0,1,0,0,0,0,0,0,0,0,0,0,0,0,0,0");
  return text;
}

struct Read {
  std::vector<Tenant> tenants;
  std::string problems;
};

Read read(const std::string& text) {
  config::Reading reading;
  Read result;
  try {
    result.tenants =
        load_tenants(config::parse_yaml("w.yaml", text), TOKENYARD_SOURCE_DIR, reading);
  } catch (const config::ConfigError& error) {
    result.problems = error.what();
  }
  for (const auto& mistake : reading.mistakes.all()) {
    result.problems += config::describe(mistake) + "\n";
  }
  return result;
}

std::string with(const std::string& old, const std::string& now) {
  std::string text = office();
  text.replace(text.find(old), old.size(), now);
  return text;
}

}  // namespace

TEST_CASE("a tenant has all that its file says") {
  const Read made = read(office());
  REQUIRE(made.problems.empty());
  const Tenant& t = made.tenants.at(0);
  CHECK((t.model == "m" && t.tier == Tier::priority && t.slo.name == "fast"));
  CHECK((t.timeout == Duration(30) && t.retry.attempts == 3 && t.retry.wait == Duration(2)));
  CHECK((t.quota.requests == 60 && t.quota.tokens == 10'000));
  CHECK((t.price->input_usd == 1 && t.price->cached_input_usd == 1 && t.price->output_usd == 4));
  CHECK(t.expected_requests(Duration(86400)) == Approx(3600));
}

TEST_CASE("clients keep the hours of their own places") {
  const Read made = read(office());
  REQUIRE(made.problems.empty());
  Opened opened;
  opened.origins = {0, 1};
  const auto stream = open_tenant(made.tenants[0], opened);
  std::array<double, 2> counts{};
  Request r;
  while (stream->date() < Instant::never()) {
    stream->take(r);
    const double hour = r.arrival.value() / 3600;
    // 9 in the morning is 0 UTC in Japan and 14 UTC in New York.
    const double begins = r.origin == 0 ? 0 : 14;
    REQUIRE((hour >= begins && hour < begins + 1));
    ++counts[r.origin];
  }
  CHECK(std::abs(counts[0] - 900) < 5 * 30);
  CHECK(std::abs(counts[1] - 2700) < 5 * 52);
}

TEST_CASE("a second tenant leaves the first one's requests as they were") {
  const std::string two = office() + R"(
  - name: other
    traffic:
      arrivals: {process: gamma, cv: 2, rate: {unit: 1/s, constant: 1, until: 24 h}}
      lengths: {prompt_tokens: 10, output_tokens: 5}
)";
  const Read alone = read(office()), beside_other = read(two);
  REQUIRE((alone.problems.empty() && beside_other.problems.empty()));
  Opened opened;
  opened.origins = {0, 1};
  const auto a = open_tenant(alone.tenants[0], opened);
  const auto b = open_tenant(beside_other.tenants[0], opened);
  Request x, y;
  while (a->date() < Instant::never()) {
    a->take(x);
    b->take(y);
    REQUIRE((x.arrival == y.arrival && x.origin == y.origin));
  }
  CHECK(b->date() == Instant::never());
}

TEST_CASE("what is wrong with a tenant is said at its place") {
  const auto said = [](const std::string& old, const std::string& now, const std::string& wanted) {
    const std::string problems = read(with(old, now)).problems;
    INFO(problems);
    CHECK(problems.find(wanted) != std::string::npos);
  };
  said("japan: 25 %", "japan: 26 %",
       "w.yaml:11:11: tenants[chat].from: has shares that add up to 101 %");
  said("japan", "japann", "did you mean 'japan'");
  said("tier: priority", "tier: prority", "tenants[chat].tier");
  said("retry: {attempts: 3", "retry: {attempts: 0", "tenants[chat].retry.attempts");
  said("wait: 2 s", "wait: 2", "tenants[chat].retry.wait");
  said("input: 1 USD/Mtoken", "input: 1 USD", "tenants[chat].price.input");
  said("process: poisson", "process: poison", "did you mean 'poisson'");
  said("process: poisson,", "process: gamma,", "cv");
  said("constant: 3600,", "constant: 0,", "no rate above 0");
}

TEST_CASE("two tenants may have one SLO class, if its limits are the same") {
  const auto second = [](const std::string& slo) {
    return office() +
           "  - name: b\n    traffic: {arrivals: {process: poisson, rate: {unit: 1/s, "
           "constant: 1}}, lengths: {prompt_tokens: 1, output_tokens: 1}}\n    slo: " +
           slo + "\n";
  };
  CHECK(read(second("{class: fast, ttft: 1 s}")).problems.empty());
  CHECK(read(second("{class: fast, ttft: 2 s}")).problems.find("other limits") !=
        std::string::npos);
}
