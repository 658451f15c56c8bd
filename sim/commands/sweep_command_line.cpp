// SPDX-License-Identifier: Apache-2.0
#include "commands/sweep_command_line.hpp"

#include <CLI/CLI.hpp>
#include <memory>

#include "commands/sweep_merge.hpp"
#include "commands/sweep_run.hpp"
#include "commands/sweep_show.hpp"
#include "commands/sweep_slurm.hpp"
#include "commands/sweep_status.hpp"
#include "commands/sweep_verify.hpp"

namespace tokenyard {
namespace {

void add_sweep_show(CLI::App& sweep, Action& action) {
  auto o = std::make_shared<commands::SweepShowOptions>();
  CLI::App* c = sweep.add_subcommand(
      "show", "Print a study's axes, its points, and how long they should take");
  c->footer(
      "Example: tokenyard sweep show configs/studies/smoke.yaml\n"
      "Runs nothing of the study, but reads scenarios of its points and reports what is wrong\n"
      "with them: of up to 64 points, which hold each value of each axis; --all reads all.\n"
      "The time comes from a run of the beginning of the base scenario on this machine.");
  c->add_option("study", o->study, "Study file (YAML)")->required();
  c->add_flag("--all", o->all, "Read the scenario of every point");
  c->add_flag("--json", o->json, "Print JSON, with all points");
  c->callback([o, &action] { action = [o] { return commands::sweep_show(*o); }; });
}

void add_sweep_run(CLI::App& sweep, Action& action) {
  auto o = std::make_shared<commands::SweepRunOptions>();
  CLI::App* c = sweep.add_subcommand("run", "Simulate a study's points, a file for each");
  c->footer(
      "Example: tokenyard sweep run configs/studies/smoke.yaml --out results/smoke\n"
      "Writes DIR/points/IDENTITY.h5 for each run; what is there already is not run again, so the\n"
      "same command goes on after an interruption. A run that crashes, is killed, takes too long\n"
      "or is refused leaves DIR/failures/IDENTITY.json, and does not stop the others; it is tried\n"
      "again the next time. Ctrl-C lets the runs under way end, a second one ends them.\n"
      "Shards share a directory: --shard 1 --of 8 to --shard 8 --of 8, on any machines.");
  c->add_option("study", o->study, "Study file (YAML)")->required();
  c->add_option("--out", o->out, "The directory; made if it is not there")->required();
  c->add_option("--jobs", o->jobs, "Runs at a time; as many as there are cores if left out");
  c->add_option("--shard", o->shard, "Only the points of this shard, from 1");
  c->add_option("--of", o->of, "How many shards there are");
  c->add_option("--point-timeout", o->timeout, "What takes longer is a failure, e.g. '10 min'")
      ->capture_default_str();
  c->add_flag("--update", o->update, "Go on although the study or its files have changed");
  c->add_flag("--quiet", o->quiet, "No progress on stderr");
  c->callback([o, &action] { action = [o] { return commands::sweep_run(*o); }; });
}

void add_sweep_status(CLI::App& sweep, Action& action) {
  auto o = std::make_shared<commands::SweepStatusOptions>();
  CLI::App* c = sweep.add_subcommand("status", "Print how far the sweep of a directory is");
  c->footer(
      "Example: tokenyard sweep status results/smoke\n"
      "Of any directory of `sweep run`, also one that a cluster is filling: what is done, running\n"
      "and failed, the time left, the best plan so far.");
  c->add_option("directory", o->directory, "The directory of `sweep run --out`")->required();
  c->add_flag("--json", o->json, "Print JSON");
  c->callback([o, &action] { action = [o] { return commands::sweep_status(*o); }; });
}

void add_sweep_slurm(CLI::App& sweep, Action& action) {
  auto o = std::make_shared<commands::SweepSlurmOptions>();
  CLI::App* c = sweep.add_subcommand("slurm", "Write, and submit, a study as a Slurm job array");
  c->footer(
      "Example: tokenyard sweep slurm STUDY --shards 64 --out DIR --submit -- --partition=long\n"
      "Writes DIR/sweep.sbatch, an array with a shard each, and DIR/merge.sbatch, which merges\n"
      "into DIR/merged.h5 after it. Options of sbatch after -- go into both. All nodes have to\n"
      "see DIR, the study, what it reads, and this program, by the same paths. Requeued and\n"
      "resubmitted shards go on where they were; `tokenyard sweep status DIR` and DIR/logs tell\n"
      "how far they are.");
  c->add_option("study", o->study, "Study file (YAML)")->required();
  c->add_option("options", o->options, "After --: options of sbatch");
  c->add_option("--shards", o->shards, "How many elements the array has")->required();
  c->add_option("--out", o->out, "The directory; made if it is not there")->required();
  c->add_option("--point-timeout", o->timeout, "What takes longer is a failure, e.g. '10 min'")
      ->capture_default_str();
  c->add_flag("--submit", o->submit, "Call sbatch for both");
  c->add_flag("--update", o->update, "Go on although the study or its files have changed");
  c->callback([o, &action] { action = [o] { return commands::sweep_slurm(*o); }; });
}

void add_sweep_verify(CLI::App& sweep, Action& action) {
  auto directory = std::make_shared<std::string>();
  CLI::App* c = sweep.add_subcommand("verify", "Check every byte of a sweep's files");
  c->footer(
      "Example: tokenyard sweep verify results/smoke\n"
      "Names damaged files on stdout, a line each, and says on stderr what is missing or of no "
      "run\n"
      "of the study. Exit code 1 if a file is damaged. To make those runs again:\n"
      "  tokenyard sweep verify results/smoke | cut -d: -f1 | xargs rm\n"
      "  tokenyard sweep run configs/studies/smoke.yaml --out results/smoke");
  c->add_option("directory", *directory, "The directory of the sweep")->required();
  c->callback([directory, &action] {
    action = [directory] { return commands::sweep_verify(*directory); };
  });
}

void add_sweep_merge(CLI::App& sweep, Action& action) {
  auto o = std::make_shared<commands::SweepMergeOptions>();
  CLI::App* c = sweep.add_subcommand("merge", "Put all that a sweep has found into one file");
  c->footer(
      "Example: tokenyard sweep merge results/smoke --out smoke.h5\n"
      "  xarray.open_dataset('smoke.h5', group='cube')       a grid's metrics over its axes\n"
      "  xarray.open_dataset('smoke.h5', group='points')     plans: means, intervals, rank\n"
      "/runs has a row for each run. Request tables, if there are any, stay in the point files,\n"
      "and /requests shows them: keep file and directory together. --copy copies them (a must for\n"
      "more than 900 files, which HDF5 could not open at once), --no-requests leaves them out.\n"
      "Every file is checked. Damaged ones, and those of another version of the program, are\n"
      "named, and nothing is written; likewise where runs are missing, unless --partial.");
  c->add_option("directory", o->directory, "The directory of the sweep")->required();
  c->add_option("--out", o->out, "The merged file (HDF5)")->required();
  CLI::Option* copy =
      c->add_flag("--copy", o->copy, "Copy request tables too, so that the file stands alone");
  c->add_flag("--no-requests", o->no_requests, "Leave request tables out")->excludes(copy);
  c->add_flag("--partial", o->partial, "Merge although runs are missing or have failed");
  c->add_flag("--force", o->force, "Replace the --out file if it exists");
  c->callback([o, &action] { action = [o] { return commands::sweep_merge(*o); }; });
}

// Of no use by hand.
void add_sweep_serve(CLI::App& sweep, Action& action) {
  auto o = std::make_shared<commands::SweepServeOptions>();
  CLI::App* c = sweep.add_subcommand("serve", "The fork server of `sweep run`");
  c->group("");
  c->add_option("directory", o->directory)->required();
  c->add_option("--point-timeout", o->timeout_s)->required();
  c->add_option("--point-memory", o->memory_bytes)->required();
  c->callback([o, &action] { action = [o] { return commands::sweep_serve(*o); }; });
}

}  // namespace

void add_sweep_commands(CLI::App& app, Action& action) {
  CLI::App* c = app.add_subcommand("sweep", "Many plans side by side: a study over a scenario");
  c->footer("Example: tokenyard sweep show configs/studies/smoke.yaml");
  c->require_subcommand(1);
  add_sweep_show(*c, action);
  add_sweep_run(*c, action);
  add_sweep_status(*c, action);
  add_sweep_slurm(*c, action);
  add_sweep_verify(*c, action);
  add_sweep_merge(*c, action);
  add_sweep_serve(*c, action);
}

}  // namespace tokenyard
