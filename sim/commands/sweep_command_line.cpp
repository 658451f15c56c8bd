// SPDX-License-Identifier: Apache-2.0
#include "commands/sweep_command_line.hpp"

#include <CLI/CLI.hpp>
#include <memory>

#include "commands/sweep_show.hpp"

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

}  // namespace

void add_sweep_commands(CLI::App& app, Action& action) {
  CLI::App* c = app.add_subcommand("sweep", "Many plans side by side: a study over a scenario");
  c->footer("Example: tokenyard sweep show configs/studies/smoke.yaml");
  c->require_subcommand(1);
  add_sweep_show(*c, action);
}

}  // namespace tokenyard
