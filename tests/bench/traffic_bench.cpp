// SPDX-License-Identifier: Apache-2.0
// Traffic alone: requests generated or imported per second of CPU time, on one core.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "traffic/mix.hpp"
#include "traffic/open_arrivals.hpp"
#include "traffic/sessions.hpp"
#include "traffic/trace.hpp"

namespace {

using namespace tokenyard;
using traffic::Distribution;

// As many knots as workloads/azure-conv-2023.yaml has.
Distribution empirical() {
  std::vector<Distribution::Knot> knots;
  for (int i = 0; i <= 30; ++i) {
    const double p = i / 30.0;
    knots.push_back({p, 1 + 4000 * p * p});
  }
  return Distribution::quantiles(knots);
}

const traffic::Lengths& lengths() {
  static const traffic::Lengths made = {empirical(), traffic::GivenPrompt(empirical()),
                                        std::nullopt, std::nullopt};
  return made;
}

traffic::StreamInput input(const std::string& name) {
  return {{}, &lengths(), nullptr, {1, 0, name}};
}

traffic::DatesPlan rate(double per_s) {
  traffic::DatesPlan plan;
  plan.curve.factors = {traffic::RateCurve::constant(per_s)};
  return plan;
}

void take(benchmark::State& state, traffic::Arrivals& arrivals) {
  traffic::Request request;
  for (auto _ : state) {
    arrivals.take(request);
    benchmark::DoNotOptimize(request);
  }
  state.SetItemsProcessed(state.iterations());
}

void poisson(benchmark::State& state) {
  traffic::OpenArrivals arrivals(input("bench"), rate(100));
  take(state, arrivals);
}
BENCHMARK(poisson)->Name("generate/poisson");

void gamma(benchmark::State& state) {
  traffic::DatesPlan plan = rate(100);
  plan.gaps = {traffic::Gaps::gamma(2)};
  traffic::OpenArrivals arrivals(input("bench"), plan);
  take(state, arrivals);
}
BENCHMARK(gamma)->Name("generate/gamma_cv_2");

// Clients with rates that change every ten minutes, half of them bursty.
void clients(benchmark::State& state) {
  std::vector<std::unique_ptr<traffic::Arrivals>> streams;
  for (int i = 0; i < state.range(0); ++i) {
    traffic::DatesPlan plan = rate(1.0 / (1 + i));
    plan.curve.factors.push_back(
        {{{0, 0.5}, {600, 1}, {1200, 2}}, traffic::RateCurve::Between::constant, 1800, 0});
    if (i % 2 == 0) plan.gaps = {traffic::Gaps::weibull(2)};
    traffic::StreamInput made = input("client " + std::to_string(i));
    made.pattern.client = static_cast<std::uint32_t>(i);
    streams.push_back(std::make_unique<traffic::OpenArrivals>(made, plan));
  }
  traffic::Mix mix(std::move(streams));
  take(state, mix);
}
BENCHMARK(clients)->Name("generate/clients")->Arg(100);

// Turns that follow the answers at once: the bookkeeping of sessions.
void sessions(benchmark::State& state) {
  traffic::SessionPlan plan;
  plan.turns = Distribution::constant(5);
  plan.pause_s = Distribution::gamma({30, 1});
  plan.pace = traffic::SessionPlan::Pace::clock;
  traffic::Sessions arrivals(input("bench"), rate(100), plan);
  take(state, arrivals);
}
BENCHMARK(sessions)->Name("generate/sessions");

std::string azure_row(int i) {
  char row[64];
  std::snprintf(row, sizeof row, "2023-11-16 %02d:%02d:%02d.%d000000,%d,%d\n", i / 36'000 % 24,
                i / 600 % 60, i / 10 % 60, i % 10, i % 4000 + 1, i % 700 + 1);
  return row;
}

std::string own_row(int i) {
  return std::to_string(i / 100.0) + "," + std::to_string(i % 4000 + 1) + "," +
         std::to_string(i % 700 + 1) + "\n";
}

std::string wide_row(int i) {
  const std::string row = own_row(i), n = std::to_string(i % 4000 + 1);
  return row.substr(0, row.size() - 1) + ",tenant" + std::to_string(i % 7) + ",," +
         std::to_string(i) + ":" + n + "\n";
}

// Rows of a plain file that lies in the cache of the disk.
void import(benchmark::State& state, const std::string& header, std::string (*row)(int)) {
  const auto path = std::filesystem::temp_directory_path() / "tokenyard_bench.csv";
  constexpr int rows = 800'000;
  {
    std::ofstream file(path);
    file << header << '\n';
    for (int i = 0; i < rows; ++i) file << row(i);
  }
  for (auto _ : state) {
    traffic::TraceReader reader(path.string());
    traffic::TraceRow read;
    while (reader.next(read)) benchmark::DoNotOptimize(read);
  }
  state.SetItemsProcessed(state.iterations() * rows);
  std::filesystem::remove(path);
}
BENCHMARK_CAPTURE(import, azure, "TIMESTAMP,ContextTokens,GeneratedTokens", azure_row)
    ->Name("import/csv/azure-llm");
BENCHMARK_CAPTURE(import, own, "arrival_s,prompt_tokens,output_tokens", own_row)
    ->Name("import/csv/tokenyard-csv");
BENCHMARK_CAPTURE(import, wide, "arrival_s,prompt_tokens,output_tokens,tenant,session,pieces",
                  wide_row)
    ->Name("import/csv/tokenyard-csv-pieces");

}  // namespace
