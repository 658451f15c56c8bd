// SPDX-License-Identifier: Apache-2.0
#include "commands/day_runs.hpp"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <thread>

#include "commands/run.hpp"
#include "config/errors.hpp"
#include "results/target.hpp"

namespace tokenyard::commands {

const std::array<DayResult::Column, 10> DayResult::columns = {{
    {"requests", "", "requests arrived", &DayResult::requests},
    {"ttft_p50_s", "s", "time to first token, median, within 1 %", &DayResult::ttft_p50_s},
    {"ttft_p99_s", "s", "time to first token, 99th percentile, within 1 %", &DayResult::ttft_p99_s},
    {"end_to_end_p50_s", "s", "end to end, median, within 1 %", &DayResult::end_to_end_p50_s},
    {"end_to_end_p99_s", "s", "end to end, 99th percentile, within 1 %",
     &DayResult::end_to_end_p99_s},
    {"attainment", "1", "share of requests within their limits", &DayResult::attainment},
    {"output_tokens", "", "tokens written", &DayResult::output_tokens},
    {"cost_usd", "USD", "cost", &DayResult::cost_usd},
    {"revenue_usd", "USD", "price of served tokens", &DayResult::revenue_usd},
    {"energy_j", "J", "energy of the sites", &DayResult::energy_j},
}};

std::string DayResult::row() const {
  return fmt::format("{:>9.4g} s{:>9.4g} s{:>8.2f} %{:>14.6g}", ttft_p99_s, end_to_end_p99_s,
                     100 * attainment, cost_usd);
}

namespace {

DayResult simulate(const ForecastOptions& options, const std::string& date) {
  RunOptions run;
  run.scenario = options.file;
  run.sets = options.sets;
  run.sets.push_back("workload.day=" + date);
  if (!options.growth_case.empty()) run.sets.push_back("workload.case=" + options.growth_case);
  const fleet::Summary summary = summary_of(run);
  DayResult day;
  day.requests = static_cast<double>(summary.totals.arrived);
  day.ttft_p50_s = summary.latency[0].p50;
  day.ttft_p99_s = summary.latency[0].p99;
  day.end_to_end_p50_s = summary.latency[2].p50;
  day.end_to_end_p99_s = summary.latency[2].p99;
  double arrived = 0, attained = 0;
  for (const fleet::ClassSummary& c : summary.classes) {
    arrived += static_cast<double>(c.arrived);
    attained += static_cast<double>(c.attained);
  }
  day.attainment = arrived > 0 ? attained / arrived : 1;
  for (const fleet::TenantSummary& t : summary.tenants) day.output_tokens += t.output_tokens;
  day.cost_usd = summary.cost_usd;
  day.revenue_usd = summary.revenue_usd;
  day.energy_j = summary.energy_j;
  return day;
}

// A child that simulates one day and sends its result through a pipe.
struct Child {
  pid_t pid = -1;
  int from = -1;
};

[[noreturn]] void be_child(const ForecastOptions& options, const std::string& date, int to) {
  int code = 0;
  try {
    const DayResult day = simulate(options, date);
    if (::write(to, &day, sizeof day) != static_cast<ssize_t>(sizeof day)) code = 1;
  } catch (const config::ConfigError& error) {
    std::fprintf(stderr, "%s\n", error.what());
    code = 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "on %s: %s\n", date.c_str(), error.what());
    code = 1;
  }
  std::_Exit(code);
}

Child start(const ForecastOptions& options, const std::string& date) {
  int ends[2];
  if (::pipe(ends) != 0) throw results::IoError("cannot make a pipe; close other programs");
  std::fflush(nullptr);
  Child child;
  child.pid = ::fork();
  if (child.pid < 0) throw results::IoError("cannot start a process; close other programs");
  if (child.pid == 0) {
    ::close(ends[0]);
    be_child(options, date, ends[1]);
  }
  ::close(ends[1]);
  child.from = ends[0];
  return child;
}

DayResult finish(const Child& child, const std::string& date) {
  DayResult day;
  ssize_t got = 0;
  do {
    got = ::read(child.from, &day, sizeof day);
  } while (got < 0 && errno == EINTR);
  ::close(child.from);
  int status = 0;
  while (::waitpid(child.pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (got == static_cast<ssize_t>(sizeof day) && status == 0) return day;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 2) {
    throw config::ConfigError(
        config::Mistake{date, {}, "", "could not be simulated, as the lines above say"});
  }
  throw results::IoError("the simulation of " + date + " ended without a result" +
                         (WIFSIGNALED(status) ? " (killed)" : "") +
                         "; try it alone: run --set workload.day=" + date);
}

}  // namespace

std::vector<DayResult> run_days(const ForecastOptions& options,
                                const std::vector<std::string>& dates) {
  const std::size_t at_once = std::max(1U, std::thread::hardware_concurrency());
  std::vector<Child> children;
  std::vector<DayResult> results;
  for (std::size_t i = 0; i < dates.size(); ++i) {
    while (children.size() < std::min(dates.size(), i + at_once)) {
      children.push_back(start(options, dates[children.size()]));
    }
    results.push_back(finish(children[i], dates[i]));
    if (!options.quiet && ::isatty(STDERR_FILENO) != 0) {
      fmt::print(stderr, "\r{} of {} days", i + 1, dates.size());
    }
  }
  if (!options.quiet && ::isatty(STDERR_FILENO) != 0) fmt::print(stderr, "\n");
  return results;
}

}  // namespace tokenyard::commands
