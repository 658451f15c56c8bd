// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <cmath>

#include "config/schema.hpp"
#include "traffic/distribution.hpp"
#include "traffic/lengths.hpp"

using namespace tokenyard;
using namespace tokenyard::traffic;

namespace {

struct Read {
  Lengths lengths;
  std::string problems;
};

Read read(const std::string& text) {
  const config::Document document = config::parse_yaml("lengths.yaml", text);
  config::Reading reading;
  Read result{read_lengths(config::Section(document, reading)), ""};
  for (const auto& mistake : reading.mistakes.all()) {
    result.problems += config::describe(mistake) + "\n";
  }
  return result;
}

}  // namespace

TEST_CASE("values are drawn between their quantiles with the mean of the interpolation") {
  const auto lengths = Distribution::quantiles({{0, 1}, {0.5, 11}, {0.501, 12}, {1, 101}});
  RandomStream draw(1, 0, "lengths");
  double sum = 0;
  int below = 0;
  constexpr int n = 100000;
  for (int i = 0; i < n; ++i) {
    const auto tokens = lengths.draw_whole(draw);
    REQUIRE((tokens >= 1 && tokens <= 101));
    sum += static_cast<double>(tokens);
    below += tokens <= 11 ? 1 : 0;
  }
  CHECK(std::abs(sum / n - lengths.mean()) < 5 * 30 / std::sqrt(n));
  CHECK(std::abs(below - 0.5 * n) < 0.01 * n);
}

TEST_CASE("two quantiles of one probability are a gap that no value is in") {
  const auto gap = Distribution::quantiles({{0, 1}, {0.3, 2}, {0.3, 100}, {1, 101}});
  RandomStream draw(1, 0, "gap");
  int low = 0;
  for (int i = 0; i < 10000; ++i) {
    const double x = gap.draw(draw);
    CHECK(((x >= 1 && x <= 2) || (x >= 100 && x <= 101)));
    low += x <= 2 ? 1 : 0;
  }
  CHECK(std::abs(low - 3000) < 250);
  CHECK(gap.mean() == Approx(0.3 * 1.5 + 0.7 * 100.5));
}

TEST_CASE("each form has the mean and the median of its formula") {
  struct Case {
    Distribution distribution;
    double mean;
    double median;
  };
  const Case cases[] = {
      {Distribution::log_normal({300, 0.8}), 300 * std::exp(0.32), 300},
      {Distribution::gamma({500, 1}), 500, 500 * std::log(2.0)},
      {Distribution::pareto({100, 3}), 150, 100 * std::pow(2.0, 1.0 / 3)},
      {Distribution::mixture({{1, Distribution::constant(10)}, {3, Distribution::constant(20)}}),
       17.5, 20},
  };
  for (const Case& c : cases) {
    CHECK(c.distribution.mean() == Approx(c.mean));
    RandomStream draw(5, 0, "forms");
    double sum = 0;
    int below = 0;
    constexpr int n = 200000;
    for (int i = 0; i < n; ++i) {
      const double x = c.distribution.draw(draw);
      sum += x;
      below += x < c.median ? 1 : 0;
    }
    CHECK(sum / n == Approx(c.mean).epsilon(0.01));
    if (c.median < c.mean) CHECK(std::abs(below - n / 2) < 5 * std::sqrt(n / 4.0));
  }
}

TEST_CASE("values outside the limits are moved to them") {
  auto clipped = Distribution::pareto({100, 0.5});
  clipped.clip(150, 200);
  RandomStream draw(1, 0, "clip");
  for (int i = 0; i < 1000; ++i) {
    const double x = clipped.draw(draw);
    CHECK((x >= 150 && x <= 200));
  }
}

TEST_CASE("output follows the range that the prompt is in, and is cut at max_tokens") {
  const Read made = read(R"(
prompt_tokens: {mixture: [{share: 50 %, constant: 100}, {share: 50 %, constant: 900}]}
output_tokens: {given_prompt: [{below: 500, constant: 7}, {lognormal: {median: 70, sigma: 0}}]}
reasoning_tokens: 1000
max_tokens: 1050
)");
  REQUIRE(made.problems.empty());
  RandomStream prompts(1, 0, "prompts"), outputs(1, 0, "outputs");
  int few = 0;
  for (int i = 0; i < 1000; ++i) {
    Request r;
    made.lengths.draw_prompt(r, prompts);
    made.lengths.draw_output(r, outputs);
    CHECK(r.max_tokens == Tokens(1050));
    CHECK(r.output == (r.prompt == Tokens(100) ? Tokens(1007) : Tokens(1050)));
    few += r.prompt == Tokens(100) ? 1 : 0;
  }
  CHECK(std::abs(few - 500) < 80);
}

TEST_CASE("a distribution that is none says why, at its place") {
  const std::string output = "\noutput_tokens: 3\n";
  CHECK(read("prompt_tokens: {}" + output).problems ==
        "lengths.yaml:1:16: prompt_tokens: names no distribution; give one of constant, "
        "quantiles, lognormal, gamma, exponential, pareto, mixture\n");
  CHECK(read("prompt_tokens: {constant: 3, gamma: {mean: 2, cv: 1}}" + output)
            .problems.find("keep one of the two") != std::string::npos);
  CHECK(read("prompt_tokens: {quantiles: [[0, 5], [1, 4]]}" + output)
            .problems.find("values that fall") != std::string::npos);
  CHECK(read("prompt_tokens: {lognormal: {median: 0, sigma: 1}}" + output)
            .problems.find("prompt_tokens.lognormal.median") != std::string::npos);
  CHECK(read("prompt_tokens: {constant: 3, least: 5, most: 4}" + output)
            .problems.find("is above 'most'") != std::string::npos);
  CHECK(read("prompt_tokens: 3\noutput_tokens: {given_prompt: [{below: 9, constant: 1}, "
             "{below: 12, constant: 2}]}\n")
            .problems.find("remove it") != std::string::npos);
}
