// SPDX-License-Identifier: Apache-2.0
#include "commands/sweep_status.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "commands/summary_table.hpp"
#include "commands/sweep_progress.hpp"
#include "commands/terminal.hpp"
#include "sweep/failures.hpp"
#include "sweep/inventory.hpp"

namespace tokenyard::commands {
namespace {

namespace fs = std::filesystem;
using sweep::Directory;
using sweep::Sweep;
using sweep::Tally;

constexpr std::size_t indent = 10;

// What the files of the points say of the pace.
struct Pace {
  std::size_t lately = 0;     // that appeared within so many seconds
  double seconds = 1;         // since the first of these
  double seconds_since = -1;  // the last one; negative: there is none
};

Pace pace_of(const Directory& directory) {
  constexpr double seconds_looked = 600;
  Pace pace;
  const std::time_t now = std::time(nullptr);
  std::error_code error;
  for (fs::directory_iterator at(directory.points(), error), end; !error && at != end;
       at.increment(error)) {
    const std::string file = at->path().string();
    if (file.find(".part-") != std::string::npos) continue;
    struct stat status {};
    if (::stat(file.c_str(), &status) != 0) continue;
    const double age = std::max(0.0, std::difftime(now, status.st_mtime));
    if (age <= seconds_looked) {
      ++pace.lately;
      pace.seconds = std::max(pace.seconds, age);
    }
    if (pace.seconds_since < 0 || age < pace.seconds_since) pace.seconds_since = age;
  }
  return pace;
}

// 0: cannot be told.
double seconds_left(const Pace& pace, const Tally& tally) {
  if (pace.lately == 0 || tally.missing() == 0) return 0;
  return pace.seconds / static_cast<double>(pace.lately) * static_cast<double>(tally.missing());
}

std::string line(const std::string& label, const std::string& text) {
  return wrapped(fmt::format("{:<{}}{}", label, indent, text), indent);
}

std::string failures(const Directory& directory, const Sweep& sweep) {
  constexpr std::size_t most = 5;
  std::string text;
  std::size_t shown = 0;
  const std::set<std::string> failed = directory.failed();
  for (const std::string& identity : failed) {
    if (shown == most) break;
    const auto failure = sweep::read_failure(directory, identity);
    if (!failure) continue;
    text += line(shown == 0 ? "failed" : "",
                 fmt::format("point {}, replication {}: {}: {}", failure->point,
                             failure->replication, failure->kind, failure->text));
    ++shown;
  }
  for (const sweep::Refusal& refusal : sweep.refusals) {
    if (shown++ == most) break;
    text += line(shown == 1 ? "failed" : "",
                 fmt::format("point {}: refused: {}", sweep.point(sweep.runs[refusal.run]).number,
                             refusal.text));
  }
  return text;
}

std::string table(const Directory& directory, const Sweep& sweep, const Tally& tally) {
  const Pace pace = pace_of(directory);
  const std::string noun = noun_of(sweep.study);
  std::string text = line("sweep", sweep.study.name) + line("study", sweep.study.file);
  std::string counts = fmt::format("{} of {} {}", tally.done(), tally.runs(), noun);
  const std::size_t running = directory.running();
  if (running > 0) counts += fmt::format(", {} running", running);
  if (tally.failed() > 0) counts += fmt::format(", {} failed", tally.failed());
  text += line("done", counts);
  if (pace.seconds_since >= 0 && tally.missing() > 0) {
    std::string when = "the last one " + rough(pace.seconds_since) + " ago";
    const double left = seconds_left(pace, tally);
    if (left > 0) {
      when += fmt::format("; {} in the last {}, at that pace {} left", pace.lately,
                          rough(pace.seconds), rough(left));
    }
    text += line("pace", when);
  }
  const std::string best = best_text(sweep, tally);
  if (!best.empty()) text += line("best", best);
  text += failures(directory, sweep);
  const std::string next =
      tally.missing() + tally.failed() > sweep.refusals.size()
          ? fmt::format("tokenyard sweep run {} --out {}", sweep.study.file, directory.path())
          : fmt::format("tokenyard sweep merge {} --out {}/merged.h5", directory.path(),
                        directory.path());
  return text + line("next", next);
}

std::string json(const Directory& directory, const Sweep& sweep, const Tally& tally) {
  const Pace pace = pace_of(directory);
  nlohmann::json all = {{"name", sweep.study.name},
                        {"study", sweep.study.file},
                        {"runs", tally.runs()},
                        {"done", tally.done()},
                        {"failed", tally.failed()},
                        {"missing", tally.missing()},
                        {"running", directory.running()},
                        {"points_whole", tally.whole()},
                        {"points_infeasible", tally.infeasible()}};
  const double left = seconds_left(pace, tally);
  if (left > 0) all["seconds_left"] = left;
  if (tally.best()) {
    all["best"] = {{"point", tally.best()->point->number},
                   {"objective", tally.best()->objective},
                   {"levels", sweep::describe(sweep.study, sweep.points, *tally.best()->point)}};
  }
  return all.dump(2) + "\n";
}

}  // namespace

int sweep_status(const SweepStatusOptions& options) {
  const Directory directory(options.directory);
  const Sweep sweep = sweep::read_sweep(directory);
  Tally tally(sweep);
  sweep::count_done(sweep, directory, tally, [](std::size_t done, std::size_t all) {
    if (done % 100 == 0 || done == all) show_done(done, all, "files read");
  });
  sweep::count_failed(directory, tally);
  fmt::print("{}", options.json ? json(directory, sweep, tally) : table(directory, sweep, tally));
  return 0;
}

}  // namespace tokenyard::commands
