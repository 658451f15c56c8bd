// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <cmath>
#include <filesystem>
#include <fstream>

#include "traffic/generators.hpp"
#include "traffic/trace.hpp"

using namespace tokenyard;
using namespace tokenyard::traffic;

namespace {

GeneratorInput input(std::uint64_t seed, const std::string& name = "chat") {
  return {{}, Lengths::constant(Tokens(10)), Lengths({{0, 1}, {0.5, 11}, {1, 101}}), seed, name};
}

std::string trace_file(const std::string& text) {
  const auto path = std::filesystem::temp_directory_path() / "tokenyard_traffic_test.csv";
  std::ofstream(path) << text;
  return path.string();
}

std::string problems(const std::string& text) {
  const std::string path = trace_file(text);
  config::Mistakes mistakes;
  try {
    scan_trace(path, mistakes);
  } catch (const config::ConfigError& error) {
    return std::string(error.what()).substr(path.size());
  }
  std::string all;
  for (const auto& m : mistakes.all()) all += config::describe(m).substr(path.size()) + "\n";
  return all;
}

}  // namespace

TEST_CASE("Poisson counts follow the rate of each step, and nothing comes after the last") {
  PoissonArrivals arrivals(input(1), {Duration(100), {50, 0, 100}});
  std::array<double, 3> counts{};
  Request request;
  Instant last;
  while (arrivals.date() < Instant::never()) {
    arrivals.take(request);
    REQUIRE(request.arrival >= last);
    last = request.arrival;
    ++counts[static_cast<std::size_t>(last.value() / 100)];
  }
  CHECK(counts[1] == 0);
  CHECK(std::abs(counts[0] - 5000) < 5 * std::sqrt(5000.0));
  CHECK(std::abs(counts[2] - 10000) < 5 * std::sqrt(10000.0));
}

TEST_CASE("another tenant's stream does not depend on this one, another seed's does differ") {
  PoissonArrivals a(input(1), {Duration(10), {5}}), same(input(1), {Duration(10), {5}});
  PoissonArrivals other(input(2), {Duration(10), {5}}), renamed(input(1, "b"), {Duration(10), {5}});
  CHECK(a.date() == same.date());
  CHECK(a.date() != other.date());
  CHECK(a.date() != renamed.date());
}

TEST_CASE("lengths are drawn between their quantiles with the mean of the interpolation") {
  const Lengths lengths({{0, 1}, {0.5, 11}, {1, 101}});
  CHECK(lengths.mean() == Approx(31));
  RandomStream draw(1, 0, "lengths");
  double sum = 0;
  int below = 0;
  constexpr int n = 100000;
  for (int i = 0; i < n; ++i) {
    const auto tokens = lengths.draw(draw).value();
    REQUIRE((tokens >= 1 && tokens <= 101));
    sum += static_cast<double>(tokens);
    below += tokens <= 11 ? 1 : 0;
  }
  CHECK(std::abs(sum / n - 31) < 5 * 30 / std::sqrt(n));
  CHECK(std::abs(below - 0.5 * n) < 0.01 * n);
}

TEST_CASE("a closed loop has as many requests in flight as users, and ends with its last") {
  ClosedLoop loop(input(1), {2, Duration(3), 4});
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

TEST_CASE("Azure stamps become seconds from the first, exact to their last digit") {
  const std::string path = trace_file(
      "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 23:59:59.5000000,374,44\n"
      "2023-11-17 00:00:00.2500001,396,109\n");
  config::Mistakes mistakes;
  const TraceSummary summary = scan_trace(path, mistakes);
  CHECK(mistakes.empty());
  CHECK(summary.requests == 2);
  CHECK(summary.format == "azure-llm");
  const auto arrivals = trace_arrivals(path, summary, {});
  Request r;
  arrivals->take(r);
  CHECK((r.arrival == Instant(0) && r.prompt == Tokens(374) && r.output == Tokens(44)));
  arrivals->take(r);
  CHECK(r.arrival == Instant(0.7500001));
  CHECK(arrivals->date() == Instant::never());
}

TEST_CASE("a bad trace line is named by its line and column, all of them at once") {
  CHECK(problems("") == ":1:1: is empty; a trace begins with its header");
  const std::string header = "TIMESTAMP,ContextTokens,GeneratedTokens\n";
  CHECK(problems(header) == ":1:1: has no requests; give a trace with at least one row\n");
  CHECK(problems(header + "2023-11-16 18:15:46,1.5,4\nx,3,4\n") ==
        ":2:21: ContextTokens '1.5' is not a whole number written in digits\n"
        ":3:1: TIMESTAMP 'x' is not a date like 2023-11-16 18:15:46.6805900\n");
  CHECK(problems(header + "2023-11-16 18:15:46,1,4\n2023-11-16 18:15:45,1,0\n") ==
        ":3:23: GeneratedTokens '0' is below 1\n");
  CHECK(problems(header + "2023-11-16 18:15:46,1,4\n2023-11-16 18:15:45,1,2\n") ==
        ":3:1: arrivals go back in time; sort the trace by its first column\n");
  CHECK(problems(header + "2023-11-16 18:15:46,1\n") == ":2:22: 2 cells where the header has 3\n");
}
