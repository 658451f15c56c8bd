// SPDX-License-Identifier: Apache-2.0
#include "commands/sweep_run.hpp"

#include <fmt/format.h>
#include <sys/sysinfo.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <thread>

#include "commands/option_values.hpp"
#include "commands/point_runner.hpp"
#include "commands/stop_signals.hpp"
#include "commands/summary_table.hpp"
#include "commands/sweep_manifest.hpp"
#include "commands/sweep_progress.hpp"
#include "commands/terminal.hpp"
#include "config/errors.hpp"
#include "results/target.hpp"
#include "sweep/execute.hpp"
#include "sweep/failures.hpp"
#include "sweep/inventory.hpp"

namespace tokenyard::commands {
namespace {

using sweep::Directory;
using sweep::Ending;
using sweep::Reply;
using sweep::Shard;
using sweep::Sweep;
using sweep::Tally;

Shard shard_of(const SweepRunOptions& options) {
  const Shard shard{whole_option("--shard", options.shard), whole_option("--of", options.of)};
  if (shard.of < 1) refuse_option("--of", "is 0; give the number of shards");
  if (shard.number < 1 || shard.number > shard.of) {
    refuse_option("--shard", fmt::format("{} is not from 1 to {}", shard.number, shard.of));
  }
  return shard;
}

std::size_t at_a_time(const SweepRunOptions& options) {
  constexpr std::uint64_t most = 1024;
  if (options.jobs.empty()) return std::max(1U, std::thread::hardware_concurrency());
  const std::uint64_t jobs = whole_option("--jobs", options.jobs);
  if (jobs < 1 || jobs > most) refuse_option("--jobs", "is not from 1 to 1024");
  return static_cast<std::size_t>(jobs);
}

// A run's share of what the machine has.
std::uint64_t memory_bytes(std::size_t jobs) {
  struct sysinfo machine {};
  if (::sysinfo(&machine) != 0) return 0;
  constexpr std::uint64_t least = std::uint64_t{2} << 30;
  const std::uint64_t all = machine.totalram * machine.mem_unit;
  return std::max(least, all / 10 * 9 / jobs);
}

// Notes of failures, of runs that are done since.
void remove_old_failures(const Directory& directory) {
  const std::set<std::string> done = directory.done();
  for (const std::string& identity : directory.failed()) {
    if (done.contains(identity)) sweep::remove_failure(directory, identity);
  }
}

class RunCollector final : public sweep::Collector {
 public:
  RunCollector(const Sweep& sweep, const Directory& directory, Tally& tally,
               SweepProgress& progress)
      : sweep_(sweep), directory_(directory), tally_(tally), progress_(progress) {}

  sweep::Stop& stop() { return stop_; }
  const std::vector<sweep::Failure>& failures() const { return failures_; }
  bool was_stopped() const { return stop_.begin_no_more || stop_.at_once; }

  std::vector<std::size_t> take(std::size_t number, const Reply& reply) override {
    const sweep::Run& run = sweep_.runs[number];
    if (reply.ending == Ending::disk) throw results::IoError(reply.text);
    if (reply.ending == Ending::done) {
      sweep::remove_failure(directory_, run.identity);
      return tally_.done(run.identity, values_of(reply.text));
    }
    // It may have been killed after its file was there.
    if (const auto values = sweep::values_in_file(sweep_, directory_, run.identity)) {
      return tally_.done(run.identity, *values);
    }
    const auto kind = std::string(sweep::ending_names[static_cast<std::size_t>(reply.ending)]);
    failures_.push_back(
        {run.identity, sweep_.point(run).number, run.replication, kind, reply.text});
    sweep::write_failure(directory_, failures_.back());
    tally_.failed(run.identity);
    return {};
  }

  void show(std::size_t under_way) override {
    if (signals_.interrupts() > 0) stop_.begin_no_more = true;
    if (signals_.interrupts() > 1 || signals_.ended()) stop_.at_once = true;
    const bool waits = stop_.begin_no_more && !stop_.at_once;
    progress_.show(under_way, waits ? "finishing these; Ctrl-C again ends them" : "");
  }

 private:
  const Sweep& sweep_;
  const Directory& directory_;
  Tally& tally_;
  SweepProgress& progress_;
  sweep::Stop stop_;
  StopSignals signals_;
  std::vector<sweep::Failure> failures_;
};

std::vector<std::string> serve_command(const Directory& directory, std::chrono::seconds timeout,
                                       std::uint64_t bytes) {
  return {std::filesystem::read_symlink("/proc/self/exe").string(),
          "sweep",
          "serve",
          directory.path(),
          "--point-timeout",
          std::to_string(timeout.count()),
          "--point-memory",
          std::to_string(bytes)};
}

std::string name_of(const Shard& shard) {
  return shard.of == 1 ? "" : fmt::format("shard {} of {}: ", shard.number, shard.of);
}

void print_beginning(const Sweep& sweep, const Shard& shard, const Tally& tally, std::size_t to_do,
                     std::size_t jobs) {
  fmt::print(stderr, "{}: {}{}{} {}, {} of them done already; {} to do, {} at a time\n",
             sweep.study.name, name_of(shard), sweep.study.until ? "at least " : "", tally.runs(),
             noun_of(sweep.study), tally.done(), to_do, jobs);
}

// The first points that were refused, and runs that failed.
void print_failures(const Sweep& sweep, const std::vector<std::size_t>& refused,
                    const std::vector<sweep::Failure>& failures) {
  constexpr std::size_t most = 5;
  for (std::size_t i = 0; i < std::min(most, refused.size()); ++i) {
    const sweep::Refusal& refusal = sweep.refusals[refused[i]];
    fmt::print(stderr, "point {}: refused: {}\n", sweep.point(sweep.runs[refusal.run]).number,
               refusal.text);
  }
  if (refused.size() > most) fmt::print(stderr, "and {} more refused\n", refused.size() - most);
  for (std::size_t i = 0; i < std::min(most, failures.size()); ++i) {
    const sweep::Failure& failure = failures[i];
    fmt::print(stderr, "point {}, replication {}: {}: {}\n", failure.point, failure.replication,
               failure.kind, failure.text);
  }
  if (failures.size() > most) {
    fmt::print(stderr, "and {} more, in the directory's failures/\n", failures.size() - most);
  }
}

// Says how far it came; returns the exit code.
int end(const Sweep& sweep, const Shard& shard, const Directory& directory, const Tally& tally,
        const RunCollector& collector) {
  std::vector<std::size_t> refused;  // those of this shard
  for (std::size_t i = 0; i < sweep.refusals.size(); ++i) {
    if (tally.is_wanted(sweep.refusals[i].run)) refused.push_back(i);
  }
  print_failures(sweep, refused, collector.failures());
  fmt::print("{}{} of {} {} done", name_of(shard), tally.done(), tally.runs(),
             noun_of(sweep.study));
  if (tally.failed() > 0) fmt::print(", {} failed", tally.failed());
  fmt::print("; {}\n", directory.path());
  const std::string best = best_text(sweep, tally);
  if (!best.empty()) fmt::print("{}", wrapped("best  " + best, 6));
  if (collector.was_stopped()) {
    fmt::print(stderr, "interrupted; the same command goes on from there\n");
    return 1;
  }
  if (!collector.failures().empty() || !refused.empty()) {
    fmt::print(stderr, "the same command tries what failed again\n");
    return 1;
  }
  return 0;
}

}  // namespace

int sweep_run(const SweepRunOptions& options) {
  const Shard shard = shard_of(options);
  const std::size_t jobs = at_a_time(options);
  const std::chrono::seconds timeout = timeout_option("--point-timeout", options.timeout);
  const Directory directory(options.out);
  const Sweep sweep =
      begin_sweep(options.study, directory,
                  options.update ? OtherContent::replace : OtherContent::refuse, options.quiet);
  directory.create();
  directory.sweep_up();
  remove_old_failures(directory);
  Tally tally(sweep, shard);
  sweep::count_done(sweep, directory, tally, [&options](std::size_t count, std::size_t all) {
    if (!options.quiet && count % 100 == 0) show_done(count, all, "files that are there read");
  });
  SweepProgress progress(sweep, tally, options.quiet);
  RunCollector collector(sweep, directory, tally, progress);
  sweep::ForkServer fork_server(serve_command(directory, timeout, memory_bytes(jobs)));
  std::vector<std::size_t> agenda = tally.to_do();
  const std::size_t at_once = std::min(jobs, std::max<std::size_t>(1, agenda.size()));
  if (!options.quiet) print_beginning(sweep, shard, tally, agenda.size(), at_once);
  if (!agenda.empty()) {
    sweep::execute(
        {&sweep.runs, std::move(agenda), at_once, &fork_server, &collector, &collector.stop()});
  }
  progress.clear();
  directory.sweep_up();
  return end(sweep, shard, directory, tally, collector);
}

}  // namespace tokenyard::commands
