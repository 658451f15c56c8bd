// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <cmath>
#include <filesystem>
#include <fstream>

#include "traffic/forecast.hpp"

using namespace tokenyard;
using namespace tokenyard::traffic;

namespace {

const std::string base = R"(
name: base
source: a test
tenants:
  - name: a
    traffic:
      arrivals: {process: poisson, rate: {unit: 1/d, constant: 1000, weekly: [1, 1, 1, 1, 1, 0.5, 0]}}
      lengths: {prompt_tokens: 10, output_tokens: 5}
  - name: b
    traffic:
      arrivals: {process: poisson, rate: {unit: 1/d, constant: 100}}
      lengths: {prompt_tokens: 10, output_tokens: 5}
)";

Forecast read(const std::string& tenants, const std::string& more = "") {
  const auto folder = std::filesystem::temp_directory_path();
  std::ofstream(folder / "tokenyard_forecast_base.yaml") << base;
  const std::string text =
      "name: f\nsource: a test\nforecast:\n  workload: tokenyard_forecast_base.yaml\n"
      "  begins: 2027-01-01\n  quarters: 4\n" +
      more + "  tenants:\n" + tenants;
  config::Reading reading;
  const Forecast forecast = read_forecast(config::parse_yaml((folder / "f.yaml").string(), text),
                                          TOKENYARD_SOURCE_DIR, reading);
  reading.mistakes.throw_if_any();
  return forecast;
}

const std::string growing = "    a: {growth: {low: 0 %, mid: 10 %, high: [0.1, 0.2, 0.3, 0.4]}}\n";

}  // namespace

TEST_CASE("growth compounds within and over quarters, by the case") {
  Forecast forecast = read(growing);
  CHECK(forecast.days() == 365);
  const double quarter = 365.25 / 4;
  CHECK(forecast.scale(0, 0) == 1);
  CHECK(forecast.scale(0, 274) == Approx(std::pow(1.1, 274 / quarter)));
  CHECK(forecast.scale(1, 274) == 1);
  forecast.growth_case = GrowthCase::high;
  CHECK(forecast.scale(0, 137) == Approx(1.1 * std::pow(1.2, 137 / quarter - 1)));
  forecast.growth_case = GrowthCase::low;
  CHECK(forecast.scale(0, 300) == 1);
}

TEST_CASE("a launch has no traffic before its date and all of it when it is adopted") {
  const std::string launch =
      "    a:\n      growth: {low: 0 %, mid: 0 %, high: 0 %}\n      launch: 2027-03-02\n";
  CHECK(read(launch).scale(0, 59) == 0);
  CHECK(read(launch).scale(0, 60) == 1);
  const Forecast linear = read(launch + "      adoption: {curve: linear, over: 100 d}\n");
  CHECK(linear.scale(0, 85) == Approx(0.25));
  CHECK(linear.scale(0, 300) == 1);
  const Forecast logistic = read(launch + "      adoption: {curve: logistic, over: 100 d}\n");
  CHECK(logistic.scale(0, 60) == Approx(0).margin(1e-12));
  CHECK(logistic.scale(0, 110) == Approx(0.5));
  CHECK(logistic.scale(0, 160) == Approx(1));
  CHECK(logistic.scale(0, 85) < 0.2);
}

TEST_CASE("each day has the traffic of its weekday") {
  const Forecast forecast = read(growing);
  // 2027-01-01 is a Friday.
  CHECK(forecast.demand(0)[0] == Approx(1000));
  CHECK(forecast.demand(1)[0] == Approx(500 * forecast.scale(0, 1)));
  CHECK(forecast.demand(2)[0] == 0);
  CHECK(forecast.demand(3)[0] == Approx(1000 * forecast.scale(0, 3)));
  CHECK(forecast.demand(3)[1] == Approx(100));
  CHECK(date_text(forecast.date(31)) == "2027-02-01");
}

TEST_CASE("as many representative days as there are days have no error, fewer a small one") {
  Forecast forecast = read(growing, "  days: 365\n");
  const DaySample all = sample_days(forecast);
  double weights = 0;
  for (const DaySample::Day& day : all.days) weights += day.weight;
  CHECK(weights == 365);
  CHECK(std::abs(all.requests_error) < 1e-12);
  forecast.representative_days = 8;
  const DaySample sample = sample_days(forecast);
  CHECK(sample.days.size() == 8);
  weights = 0;
  std::int64_t busiest = 0;
  for (std::int64_t day = 0; day < 365; ++day) {
    if (forecast.demand(day)[0] > forecast.demand(busiest)[0]) busiest = day;
  }
  bool has_busiest = false;
  for (const DaySample::Day& day : sample.days) {
    weights += day.weight;
    has_busiest = has_busiest || day.day == busiest;
  }
  CHECK(weights == 365);
  CHECK(has_busiest);
  CHECK(std::abs(sample.requests_error) < 0.02);
  CHECK(sample.load_curve_error < 0.2);
  // The error is that of the weighted days against all: by hand.
  double truth = 0, estimate = 0;
  for (std::int64_t day = 0; day < 365; ++day) {
    truth += forecast.demand(day)[0] + forecast.demand(day)[1];
  }
  for (const DaySample::Day& day : sample.days) {
    estimate += day.weight * (forecast.demand(day.day)[0] + forecast.demand(day.day)[1]);
  }
  CHECK(sample.requests_error == Approx(estimate / truth - 1).margin(1e-12));
  const auto checks = days_to_check(forecast, sample);
  REQUIRE(checks.size() == 2);
  for (const std::int64_t day : checks) {
    CHECK(sample.days[sample.stands[static_cast<std::size_t>(day)]].day != day);
  }
}

TEST_CASE("a forecast that is none says why") {
  const auto said = [](const std::string& tenants, const std::string& more,
                       const std::string& wanted) {
    try {
      read(tenants, more);
      FAIL("was accepted");
    } catch (const config::ConfigError& error) {
      INFO(error.what());
      CHECK(std::string(error.what()).find(wanted) != std::string::npos);
    }
  };
  said("    c: {growth: {low: 1 %, mid: 1 %, high: 1 %}}\n", "", "not a known key");
  said("    a: {growth: {low: 1 %, mid: 1 %}}\n", "", "high");
  said("    a: {growth: {low: 1 %, mid: 1 %, high: [0.1]}}\n", "", "each of the 4 quarters");
  said("    a: {growth: {low: 1 %, mid: 1 %, high: 1 %}, launch: 2027-02-30}\n", "",
       "is not a date");
  said(growing, "  case: mit\n", "did you mean 'mid'");
}
