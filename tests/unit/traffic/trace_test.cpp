// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <cmath>
#include <filesystem>
#include <fstream>

#include "traffic/trace.hpp"

using namespace tokenyard;
using namespace tokenyard::traffic;

namespace {

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
