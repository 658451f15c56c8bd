// SPDX-License-Identifier: Apache-2.0
#include "commands/sweep_merge.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "commands/interrupt.hpp"
#include "commands/named_files.hpp"
#include "commands/provenance.hpp"
#include "commands/terminal.hpp"
#include "sweep/merge.hpp"

namespace tokenyard::commands {
namespace {

using sweep::RunState;

constexpr std::size_t most_named = 20;

void write_provenance(results::Writer& writer, const SweepMergeOptions& options) {
  const Provenance provenance = provenance_now();
  writer.attribute("/", "command",
                   "tokenyard sweep merge " + options.directory + " --out " + options.out +
                       (options.copy ? " --copy" : "") +
                       (options.no_requests ? " --no-requests" : "") +
                       (options.partial ? " --partial" : ""));
  writer.attribute("/", "merged_by_version", provenance.version);
  writer.attribute("/", "merged_by_commit", provenance.commit);
  writer.attribute("/", "host", provenance.host);
  writer.attribute("/", "date", provenance.date);
}

void print_failures(const std::vector<sweep::Failure>& failures) {
  for (std::size_t i = 0; i < std::min(most_named, failures.size()); ++i) {
    const sweep::Failure& failure = failures[i];
    fmt::print(stderr, "  point {}, replication {}: {}: {}\n", failure.point, failure.replication,
               failure.kind, failure.text);
  }
  if (failures.size() > most_named) {
    fmt::print(stderr, "  and {} more\n", failures.size() - most_named);
  }
}

// Those without a file and without a reason, by their points.
void print_missing(const sweep::Merged& merged) {
  std::size_t named = 0;
  for (const sweep::Named& run : merged.missing) {
    if (named++ == most_named) break;
    fmt::print(stderr, "  {} {}\n", run.file, run.text);
  }
  if (merged.missing.size() > most_named) {
    fmt::print(stderr, "  and {} more\n", merged.missing.size() - most_named);
  }
}

void print_survey(const sweep::Merged& merged) {
  const sweep::Survey& found = merged.survey;
  print_named(found.left_out, "no part of the study, and left out");
  print_named(found.damaged, "damaged");
  print_named(found.of_other_version,
              fmt::format("not of version {} ({}), as most are", found.version, found.commit));
  const std::size_t failed = found.count(RunState::failed);
  if (failed > 0) fmt::print(stderr, "{} of {} runs failed:\n", failed, merged.runs);
  print_failures(found.failures);
  if (!merged.missing.empty()) {
    fmt::print(stderr, "{} of {} runs have no file:\n", merged.missing.size(), merged.runs);
    print_missing(merged);
  }
}

// What to do where there is no file.
void print_advice(const sweep::Merged& merged, const SweepMergeOptions& options) {
  const sweep::Survey& found = merged.survey;
  const bool only_missing = found.damaged.empty() && found.of_other_version.empty();
  fmt::print(stderr,
             "{} was not written; {}tokenyard sweep run STUDY --out {} makes what is missing{}\n",
             options.out, only_missing ? "" : "remove those files: ", options.directory,
             only_missing ? ", and --partial merges without it" : "");
}

}  // namespace

int sweep_merge(const SweepMergeOptions& options) {
  const StopOnInterrupt stop;
  sweep::MergeOptions merging;
  merging.out = options.out;
  merging.existing = options.force ? results::Existing::replace : results::Existing::refuse;
  if (options.copy) merging.requests = sweep::Requests::copy;
  if (options.no_requests) merging.requests = sweep::Requests::leave;
  merging.partial = options.partial;
  merging.also_write = [&options](results::Writer& writer) { write_provenance(writer, options); };
  merging.progress = [&stop](std::size_t done, std::size_t all) {
    stop.check();
    if (done % 50 == 0 || done == all) show_done(done, all, "files");
  };
  const sweep::Merged merged = sweep::merge(sweep::Directory(options.directory), merging);
  print_survey(merged);
  if (merged.digest.empty()) {
    print_advice(merged, options);
    return 1;
  }
  if (!merged.cube_is_out.empty()) {
    fmt::print(stderr, "there is no /cube: {}\n", merged.cube_is_out);
  }
  fmt::print("{} runs merged into {} (digest {}...)\n", merged.survey.count(RunState::done),
             options.out, merged.digest.substr(0, 16));
  return 0;
}

}  // namespace tokenyard::commands
