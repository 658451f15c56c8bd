// SPDX-License-Identifier: Apache-2.0
#include "traffic/trace_statistics.hpp"

#include <catch2/catch.hpp>
#include <cmath>

using namespace tokenyard;
using namespace tokenyard::traffic;

namespace {

ArrivalStatistics pattern(const std::vector<double>& dates) {
  ArrivalPattern arrivals;
  for (const double date : dates) arrivals.add(date);
  return arrivals.finish();
}

TokenCounts counts(const std::vector<std::int64_t>& lengths) {
  TokenCounts all;
  for (const std::int64_t length : lengths) all.add(Tokens(length));
  return all;
}

LengthRelationStatistics relation(const std::vector<std::pair<std::int64_t, std::int64_t>>& pairs) {
  LengthRelation all;
  for (const auto& [prompt, output] : pairs) all.add(Tokens(prompt), Tokens(output));
  return all.finish();
}

struct Prompt {
  std::int64_t tokens;
  std::vector<Piece> pieces;
};

PrefixStatistics reuse(std::int64_t block, const std::vector<Prompt>& prompts) {
  PrefixReuse all{Tokens(block)};
  for (const Prompt& prompt : prompts) all.add(Tokens(prompt.tokens), prompt.pieces);
  return all.finish();
}

}  // namespace

TEST_CASE("equal gaps have no variation, and gaps of 1 and 3 that of their sample") {
  CHECK(pattern({5, 6, 7, 8}).gap_variation == 0);
  // Gaps 1 3 1 3: mean 2, variance 4 / 3.
  CHECK(pattern({5, 6, 9, 10, 13}).gap_variation == Approx(std::sqrt(4.0 / 3) / 2));
  CHECK(std::isnan(pattern({5, 6}).gap_variation));
  CHECK(std::isnan(pattern({5, 5, 5}).gap_variation));
}

TEST_CASE("only minutes with 30 arrivals have a variation of their own, of the gaps within") {
  std::vector<double> dates;
  for (int i = 0; i < 30; ++i) dates.push_back(2 * i);              // 29 gaps of 2 s: 0
  for (int i = 0; i < 29; ++i) dates.push_back(60 + 2 * i);         // one too few
  for (int i = 0; i < 31; ++i) dates.push_back(120 + 2 * (i / 2));  // 30 gaps of 0 and 2 s
  const ArrivalStatistics s = pattern(dates);
  CHECK(s.minutes_counted == 2);
  CHECK(s.minute_variation == Approx((0 + std::sqrt(30.0 / 29)) / 2));
}

TEST_CASE("the dispersion of counts is their variance by their mean, in whole windows") {
  WindowCounts windows(10);
  // Counts 3, 0, 1 and a last window that may be cut off: mean 4 / 3, variance 7 / 3.
  for (const double date : {0.0, 1.0, 9.9, 20.0, 31.0, 32.0}) windows.add(date);
  CHECK(windows.windows() == 3);
  CHECK(windows.most() == 3);
  CHECK(windows.dispersion() == Approx((7.0 / 3) / (4.0 / 3)));
}

TEST_CASE("rates are those of the span from the first arrival to the last") {
  std::vector<double> dates;
  for (int i = 0; i <= 600; ++i) dates.push_back(1000 + i);
  for (int i = 0; i < 60; ++i) dates.insert(dates.begin() + 301, 1300.0);
  const ArrivalStatistics s = pattern(dates);
  CHECK(s.first_s == 1000);
  CHECK(s.span_s == 600);
  CHECK(s.rate_per_s == Approx(661.0 / 600));
  CHECK(s.peak_rate_per_s == Approx(2));
  CHECK(s.rates_by_hour.empty());
  double sum = 0;
  for (const double rate : s.rates) sum += rate * 600 / 60;
  CHECK(sum == Approx(661));
  CHECK(s.rates[5] == Approx(1).epsilon(0.11));
  CHECK(s.rates[30] == Approx(7).epsilon(0.11));
}

TEST_CASE("the rate by hour counts how often each hour was there") {
  std::vector<double> dates;
  for (int hour = 0; hour <= 36; ++hour) dates.push_back(3600.0 * hour);
  const ArrivalStatistics s = pattern(dates);
  REQUIRE(s.rates_by_hour.size() == 24);
  CHECK(s.rates_by_hour[0] == Approx(1.0 / 3600));
  CHECK(s.rates_by_hour[11] == Approx(1.0 / 3600));
  CHECK(s.rates_by_hour[12] == Approx(2.0 / 3600));  // the last arrival is at its start
  CHECK(s.rates_by_hour[23] == Approx(1.0 / 3600));
}

TEST_CASE("a trace of one request has no rate") {
  const ArrivalStatistics s = pattern({7});
  CHECK(s.span_s == 0);
  CHECK(std::isnan(s.rate_per_s));
  CHECK(std::isnan(s.peak_rate_per_s));
  CHECK(s.rates.empty());
}

TEST_CASE("token quantiles are of the nearest rank, exact below a million tokens") {
  const TokenCounts all = counts({5, 1, 3, 4, 2, 2000});
  CHECK(all.quantile(0.01) == 1);
  CHECK(all.quantile(0.5) == 3);
  CHECK(all.quantile(0.9) == 2000);
  CHECK(all.mean() == Approx(2015.0 / 6));
  const TokenCounts long_ones = counts({10, 3'000'000, 5'000'000});
  CHECK(long_ones.quantile(0.25) == 10);
  CHECK(long_ones.quantile(0.5) == Approx(3e6).epsilon(0.008));
  CHECK(long_ones.max() == 5e6);
}

TEST_CASE("Spearman's correlation is that of ranks, where equals share theirs") {
  CHECK(relation({{1, 10}, {2, 100}, {3, 1000}}).rank_correlation == Approx(1));
  CHECK(relation({{1, 9}, {2, 8}, {30, 7}}).rank_correlation == Approx(-1));
  // Ranks 1 2.5 2.5 4 and 1 3 2 4: the products of their deviations sum to 4.5, squares 4.5 and 5.
  CHECK(relation({{1, 1}, {2, 7}, {2, 3}, {9, 8}}).rank_correlation ==
        Approx(4.5 / std::sqrt(4.5 * 5)));
  CHECK(std::isnan(relation({{1, 5}, {1, 6}}).rank_correlation));
}

TEST_CASE("equal prompts that lie across quarters count in each") {
  const auto apart = relation({{4, 40}, {1, 10}, {3, 30}, {2, 20}}).mean_output;
  CHECK(apart == std::array<double, 4>{10, 20, 30, 40});
  const auto equal = relation({{1, 10}, {1, 30}, {1, 20}, {2, 7}}).mean_output;
  CHECK(equal[0] == Approx(20));
  CHECK(equal[2] == Approx(20));
  CHECK(equal[3] == Approx(7));
}

TEST_CASE("a long trace is sampled, the same way each time") {
  LengthRelation a, b;
  for (std::int64_t i = 1; i <= 250'000; ++i) {
    a.add(Tokens(i), Tokens(i % 1000));
    b.add(Tokens(i), Tokens(i % 1000));
  }
  CHECK(a.finish().sample <= 100'000);
  CHECK(a.finish().sample >= 45'000);
  CHECK(a.finish().rank_correlation == b.finish().rank_correlation);
  CHECK(std::abs(a.finish().rank_correlation) < 0.02);
}

TEST_CASE("a block is reused if an earlier prompt had the same pieces there") {
  const PrefixStatistics s = reuse(10, {{30, {{1, 10}, {2, 20}, {3, 30}}},
                                        {30, {{1, 10}, {2, 20}, {4, 30}}},
                                        {20, {{1, 10}, {5, 20}}},
                                        {20, {{2, 10}, {1, 20}}}});  // known, at other places
  CHECK(s.blocks == 10);
  CHECK(s.seen_before == 3);
  CHECK(s.distinct == 7);
  CHECK(s.requests_reused == 1);
}

TEST_CASE("a partial last block is reused only where pieces cover it") {
  CHECK(reuse(10, {{15, {{1, 15}}}, {15, {{1, 15}}}}).seen_before == 2);
  CHECK(reuse(10, {{15, {{1, 10}}}, {15, {{1, 10}}}}).seen_before == 1);
  CHECK(reuse(10, {{15, {{1, 14}}}, {15, {{1, 14}}}}).seen_before == 1);
  CHECK(reuse(10, {{15, {{1, 20}}}, {15, {{1, 20}}}}).seen_before == 2);
  CHECK(reuse(10, {{15, {}}, {15, {}}}).seen_before == 0);
}

TEST_CASE("a piece that ends inside a block decides where the next begins") {
  CHECK(reuse(10, {{10, {{1, 4}, {2, 10}}}, {10, {{1, 6}, {2, 10}}}}).seen_before == 0);
  CHECK(reuse(10, {{10, {{1, 4}, {2, 10}}}, {10, {{1, 4}, {2, 12}}}}).seen_before == 1);
}

TEST_CASE("a set of numbers holds each once, zero too, however many") {
  NumberSet numbers;
  for (std::uint64_t round = 0; round < 2; ++round) {
    for (std::uint64_t i = 0; i < 50'000; ++i) REQUIRE(numbers.insert(i << 20) == (round == 0));
  }
  CHECK(numbers.size() == 50'000);
}

TEST_CASE("the meter counts tenants, sessions and limits as the rows say them") {
  TraceMeter meter{Tokens(16)};
  const auto add = [&meter](double date, std::string_view tenant, std::uint64_t session) {
    TraceRow row;
    row.arrival_s = date;
    row.prompt = Tokens(100);
    row.output = Tokens(10);
    row.max_tokens = Tokens(session == 0 ? 0 : 50);
    row.tenant = tenant;
    row.session = session;
    meter.add(row);
  };
  add(0, "b", 7);
  add(1, "a", 0);
  add(2, "b", 7);
  add(3, "c", 8);
  const TraceStatistics s = meter.finish();
  CHECK(s.requests == 4);
  REQUIRE(s.tenants.size() == 3);
  CHECK(s.tenants[0] == std::pair<std::string, std::uint64_t>("b", 2));
  CHECK(s.tenants[1].first == "a");
  CHECK(s.sessions == 2);
  CHECK(s.turns == 3);
  REQUIRE(s.max_tokens);
  CHECK(s.max_tokens->mean == 50);
  CHECK_FALSE(s.prefix);
}
