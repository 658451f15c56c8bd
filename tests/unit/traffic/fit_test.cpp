// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <cmath>

#include "traffic/fit.hpp"
#include "traffic/tenant.hpp"

using namespace tokenyard;
using namespace tokenyard::traffic;

namespace {

// Rows of a process with this burstiness whose rate doubles in its second half.
std::vector<FitRow> rows_of(double cv) {
  DatesPlan plan;
  plan.curve.factors = {{{{0, 4}, {5000, 8}}}};
  plan.curve.until = 10000;
  if (cv != 1) plan.gaps = {Gaps::gamma(cv)};
  Dates dates(plan, {5, 0, "fit"});
  RandomStream draw(5, 0, "lengths");
  std::vector<FitRow> rows;
  for (Instant date = dates.next(); date < Instant::never(); date = dates.next()) {
    const std::int64_t prompt =
        draw.below(2) == 0 ? 100 : 1000 + static_cast<std::int64_t>(draw.below(100));
    const std::int64_t output = prompt == 100 ? 7 : 50 + static_cast<std::int64_t>(draw.below(9));
    rows.push_back({date.value(), prompt, output, prompt == 100 ? 64 : 0, 3});
  }
  return rows;
}

}  // namespace

TEST_CASE("the distance of two samples is the greatest difference of their shares") {
  CHECK(ks_distance({1, 2, 3, 4}, {1, 2, 3, 4}) == 0);
  CHECK(ks_distance({1, 2, 3, 4}, {3, 4, 5, 6}) == 0.5);
  CHECK(ks_distance({1, 1, 1, 2}, {1, 2}) == 0.25);
  CHECK(ks_distance({1}, {2}) == 1);
}

TEST_CASE("fitted quantiles are few, and within their tolerance of the values") {
  RandomStream draw(1, 0, "fit");
  const auto law = Distribution::log_normal({300, 0.9});
  std::vector<double> values;
  for (int i = 0; i < 20000; ++i) values.push_back(static_cast<double>(law.draw_whole(draw)));
  const auto knots = fit_quantiles(values, 0.004, 0.5);
  CHECK(knots.size() < 80);
  CHECK(knots.front().probability == 0);
  CHECK(knots.back().probability == 1);
  const auto fitted = Distribution::quantiles(knots);
  std::vector<double> drawn;
  for (int i = 0; i < 200000; ++i) drawn.push_back(static_cast<double>(fitted.draw_whole(draw)));
  CHECK(ks_distance(values, drawn) < 0.004 + 1.63 / std::sqrt(200000.0));
}

TEST_CASE("a value that many have is fitted as such") {
  std::vector<double> values(70, 400.0);
  values.resize(100, 7.0);
  const auto fitted = Distribution::quantiles(fit_quantiles(values, 0.01, 0.5));
  RandomStream draw(1, 0, "atoms");
  int many = 0, few = 0;
  for (int i = 0; i < 10000; ++i) {
    const auto x = fitted.draw_whole(draw);
    many += x == 400 ? 1 : 0;
    few += x == 7 ? 1 : 0;
  }
  CHECK(std::abs(many - 7000) < 250);
  CHECK(std::abs(few - 3000) < 250);
}

TEST_CASE("a fit finds the rates, the burstiness, the relation of lengths and the reuse") {
  for (const double cv : {1.0, 2.0}) {
    FitOptions options;
    options.step = Duration(1000);
    const FittedTrace fitted = fit_trace(rows_of(cv), options);
    CHECK(fitted.rates.size() == 10);
    CHECK(fitted.rates[2] == Approx(4).epsilon(0.1));
    CHECK(fitted.rates[7] == Approx(8).epsilon(0.1));
    CHECK(fitted.cv == Approx(cv).epsilon(0.05));
    if (cv == 2) CHECK(fitted.gaps == Gaps::Kind::gamma);
    CHECK(fitted.equal_stamps < 0.001);
    // Short prompts have short outputs and reuse 64 of 100 tokens, long ones nothing.
    const FittedRange& first = fitted.ranges.front();
    const FittedRange& last = fitted.ranges.back();
    CHECK(first.output.back().value == 7.5);
    CHECK(first.reused_share.front().value == 0.64);
    CHECK(last.output.front().value >= 49.5);
    CHECK(last.reused_share.back().value == 0);
    CHECK(fitted.age.back().value == 3);
  }
}

TEST_CASE("the text of a fit reads back as the workload it describes") {
  FitOptions options;
  options.block = Tokens(64);
  const FittedTrace fitted = fit_trace(rows_of(2), options);
  const config::Document document =
      config::parse_yaml("fit.yaml", workload_text(fitted, options, "a \"name\"", "a source"));
  config::Reading reading;
  config::check_schema(document, "workload", traffic_lists(), reading.mistakes);
  const Workload workload = read_workload(document, reading);
  reading.mistakes.throw_if_any();
  CHECK(workload.name == "a \"name\"");
  CHECK(workload.expected_requests(Duration(1e9)) ==
        Approx(static_cast<double>(fitted.requests)).epsilon(0.02));
  REQUIRE(workload.clients.size() == 1);
  CHECK(workload.clients[0].prefixes.has_value());
}
