// SPDX-License-Identifier: Apache-2.0
#include "commands/sweep_manifest.hpp"

#include <algorithm>
#include <filesystem>
#include <thread>

#include "commands/forked.hpp"
#include "commands/terminal.hpp"
#include "config/errors.hpp"
#include "results/target.hpp"
#include "sweep/runs.hpp"

namespace tokenyard::commands {
namespace {

using sweep::Directory;
using sweep::Listed;
using sweep::Sweep;

[[noreturn]] void refuse(const std::string& file, const std::string& text) {
  throw config::ConfigError(config::Mistake{file, {}, "", text});
}

// Reads scenarios in children, several at a time: this process has to stay without threads.
std::vector<Listed> listed(const Sweep& sweep, const std::vector<const sweep::Point*>& points,
                           bool quiet) {
  constexpr std::size_t in_one = 100;
  const std::size_t parts = (points.size() + in_one - 1) / in_one;
  std::vector<std::vector<Listed>> found(parts);
  std::size_t done = 0;
  forked(
      parts,
      [&](std::size_t part) {
        std::vector<Listed> own;
        const std::size_t end = std::min(points.size(), (part + 1) * in_one);
        for (std::size_t i = part * in_one; i < end; ++i) {
          own.push_back(sweep::list_runs(sweep.study, sweep.points, *points[i]));
        }
        return sweep::packed(own);
      },
      [&](std::size_t part, const Outcome& outcome) {
        if (outcome.code != 0) throw results::IoError(outcome.text);
        found[part] = sweep::unpacked(outcome.text);
        done += found[part].size();
        if (!quiet && parts > 1) show_done(done, points.size(), "points read");
      });
  std::vector<Listed> all;
  for (std::vector<Listed>& part : found) {
    std::move(part.begin(), part.end(), std::back_inserter(all));
  }
  return all;
}

void list_all(Sweep& sweep, bool quiet) {
  const std::vector<const sweep::Point*> kept = sweep.points.kept();
  if (kept.empty()) refuse(sweep.study.file, "skips all its points; remove a condition of `skip`");
  std::size_t refused = 0;
  for (const Listed& one : listed(sweep, kept, quiet)) {
    refused += one.refusal.empty() ? 0 : 1;
    sweep::add(sweep, one);
  }
  if (refused < kept.size()) return;
  refuse(sweep.study.file, "none of its " + std::to_string(kept.size()) +
                               " points can be read; the first: " + sweep.refusals.front().text);
}

// Whether the files that scenarios read are as they were: by one of them.
bool files_are_as_before(const Sweep& sweep) {
  const auto first = std::find_if(sweep.runs.begin(), sweep.runs.end(),
                                  [](const sweep::Run& run) { return !run.identity.empty(); });
  if (first == sweep.runs.end()) return true;
  const std::vector<Listed> again = listed(sweep, {&sweep.point(*first)}, true);
  return again.front().refusal.empty() &&
         again.front().runs[first->replication].identity == first->identity;
}

// Results that are kept in another way would pass for these: `results` is not in identities.
void check_results(const Sweep& sweep, const Directory& directory, const std::string& before) {
  if (sweep.results == before || directory.done().empty()) return;
  refuse(directory.path(),
         "holds points that keep other `results` (requests, series); choose another directory");
}

}  // namespace

Sweep begin_sweep(const std::string& study, const Directory& directory, OtherContent other,
                  bool quiet) {
  Sweep sweep;
  config::Reading reading;
  sweep.study = sweep::read_study(config::load_yaml(study), reading);
  reading.mistakes.throw_if_any();
  sweep.points = sweep::points_of(sweep.study);
  std::error_code error;
  std::string results_before;
  if (std::filesystem::exists(directory.manifest(), error)) {
    const bool same = sweep::read_manifest(directory, sweep);
    if (same && files_are_as_before(sweep)) return sweep;
    if (other == OtherContent::refuse) {
      refuse(directory.path(),
             same ? "was begun with other contents of the files that the scenarios read; --update "
                    "goes on with those of now, or choose another directory"
                  : "is of another study, or of this one as it was before; --update goes on with "
                    "this one and keeps what fits it, or choose another directory");
    }
    results_before = sweep.results;
    sweep.runs.clear();
    sweep.refusals.clear();
    sweep.results.clear();
  }
  list_all(sweep, quiet);
  if (!results_before.empty()) check_results(sweep, directory, results_before);
  directory.create();
  sweep::write_manifest(directory, sweep);
  return sweep;
}

}  // namespace tokenyard::commands
