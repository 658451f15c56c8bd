// SPDX-License-Identifier: Apache-2.0
#include "sweep/merge.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "config/errors.hpp"
#include "core/sha256.hpp"
#include "sweep/merge_cube.hpp"
#include "sweep/merge_points.hpp"
#include "sweep/merge_requests.hpp"
#include "sweep/merge_runs.hpp"
#include "sweep/tally.hpp"

namespace tokenyard::sweep {
namespace {

using results::Writer;

// The text of a file that was read before.
std::string text_of(const std::string& path, const std::string& sha256) {
  std::ifstream file(path, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(file), {});
  if (sha256_hex(text) == sha256) return text;
  throw config::ConfigError(
      config::Mistake{path, {}, "", "has changed while it was read; merge again"});
}

bool can_be_merged(const Survey& found, const MergeOptions& options) {
  return found.damaged.empty() && found.of_other_version.empty() &&
         (options.partial || found.count(RunState::failed) + found.count(RunState::missing) == 0);
}

// Not in the digest: what else lies in the directory changes nothing of the study.
void write_left_out(Writer& writer, const Survey& found) {
  constexpr std::size_t most = 20;
  std::string names;
  for (std::size_t i = 0; i < std::min(most, found.left_out.size()); ++i) {
    names += std::filesystem::path(found.left_out[i].file).filename().string() + "\n";
  }
  if (found.left_out.size() > most) {
    names += "and " + std::to_string(found.left_out.size() - most) + " more\n";
  }
  if (!names.empty()) writer.attribute("/", "left_out", names);
}

void write_root(Writer& writer, const Sweep& sweep, const Survey& found) {
  const auto count = [&](RunState state) { return static_cast<std::int64_t>(found.count(state)); };
  writer.attribute("/", "title", sweep.study.name);
  writer.attribute("/", "study_file", sweep.study.file);
  writer.attribute("/", "version", found.version);
  writer.attribute("/", "commit", found.commit);
  writer.attribute("/", "runs_done", count(RunState::done));
  writer.attribute("/", "runs_failed", count(RunState::failed));
  writer.attribute("/", "runs_missing", count(RunState::missing));
  write_left_out(writer, found);
  writer.text("/study", text_of(sweep.study.file, sweep.study.sha256));
  writer.text("/scenario_base", text_of(sweep.study.scenario.file, sweep.study.scenario.sha256));
}

void write_failures(Writer& writer, const std::vector<Failure>& failures) {
  if (failures.empty()) return;
  std::vector<std::uint32_t> points, replications;
  std::string lines;
  for (const Failure& failure : failures) {
    points.push_back(static_cast<std::uint32_t>(failure.point));
    replications.push_back(static_cast<std::uint32_t>(failure.replication));
    const nlohmann::json line = {{"point", failure.point},
                                 {"replication", failure.replication},
                                 {"kind", failure.kind},
                                 {"text", failure.text}};
    lines += line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  }
  writer.dimension("/failures", "failure", failures.size());
  writer.column("/failures/point", points, {"", "number of the point", {}, {}});
  writer.column("/failures/replication", replications, {"", "replication", {}, {}});
  writer.text("/failures/lines", lines);
}

std::vector<Named> missing_of(const Sweep& sweep, const Survey& found) {
  std::vector<Named> missing;
  for (std::size_t i = 0; i < sweep.runs.size(); ++i) {
    if (found.states[i] != RunState::missing) continue;
    const Run& run = sweep.runs[i];
    missing.push_back({run.identity, "of point " + std::to_string(sweep.point(run).number) +
                                         ", replication " + std::to_string(run.replication)});
  }
  return missing;
}

// Where points have as many replications as make them precise, others may lie in the directory: of
// another shard's time, or of a rule that was changed. They must not show.
void leave_out_what_is_not_needed(const Tally& tally, Survey& found, RunTable& table) {
  for (std::size_t i = 0; i < found.states.size(); ++i) {
    if (tally.is_wanted(i)) continue;
    found.states[i] = RunState::not_needed;
    table.forget(i);
  }
  const auto is_of_no_wanted = [&tally](const Failure& failure) {
    return !tally.is_wanted(failure.point, failure.replication);
  };
  found.failures.erase(
      std::remove_if(found.failures.begin(), found.failures.end(), is_of_no_wanted),
      found.failures.end());
}

}  // namespace

Merged merge(const Directory& directory, const MergeOptions& options) {
  const Sweep sweep = read_sweep(directory);
  Writer writer(options.out, options.existing);
  RunTable table(sweep);
  Merged merged;
  Tally tally(sweep);
  merged.survey = survey(
      directory, sweep,
      [&](const std::vector<std::size_t>& runs, const PointFile& point) {
        table.take(runs, point);
        tally.done(point.identity, measured_of(sweep.study, point.metrics));
      },
      options.progress);
  leave_out_what_is_not_needed(tally, merged.survey, table);
  merged.runs = tally.runs();
  merged.missing = missing_of(sweep, merged.survey);
  if (!can_be_merged(merged.survey, options)) return merged;

  write_root(writer, sweep, merged.survey);
  const MergeInput input{sweep, merged.survey, table,
                         axis_columns(sweep.study, sweep.points, table.measures())};
  write_runs(writer, input);
  write_points(writer, input);
  merged.cube_is_out = write_cube(writer, input);
  write_failures(writer, merged.survey.failures);
  write_requests(writer, input, directory, options);
  if (options.also_write) options.also_write(writer);
  merged.digest = writer.commit();
  return merged;
}

}  // namespace tokenyard::sweep
