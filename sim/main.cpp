// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <functional>
#include <memory>

#include "commands/check.hpp"
#include "commands/digest.hpp"
#include "commands/failure.hpp"
#include "commands/forecast.hpp"
#include "commands/list.hpp"
#include "commands/platform_command_line.hpp"
#include "commands/precision.hpp"
#include "commands/replay.hpp"
#include "commands/run.hpp"
#include "commands/sweep_command_line.hpp"
#include "commands/trace_command_line.hpp"

namespace {

using namespace tokenyard;

constexpr const char* set_help =
    "Set a key of the scenario, e.g. --set fleet.pools[chat].replicas=8; may be repeated";

std::string joined(int argc, char** argv) {
  std::string text;
  for (int i = 0; i < argc; ++i) text += (i == 0 ? "" : " ") + std::string(argv[i]);
  return text;
}

void add_run(CLI::App& app, Action& action, const std::string& command_line) {
  auto o = std::make_shared<commands::RunOptions>();
  o->command_line = command_line;
  CLI::App* c = app.add_subcommand("run", "Simulate a scenario and print its summary");
  c->footer(
      "Example: tokenyard run configs/azure-conv.yaml --out chat.h5 --set seed=3\n"
      "A scenario with `variants` is run once for each, and they are shown side by side;\n"
      "--out F.h5 then writes F-NAME.h5 for each. --set, --seed and --until come last.");
  c->add_option("scenario", o->scenario, "Scenario file (YAML)")->required();
  c->add_option("--out", o->out,
                "Write requests, series and summary to this HDF5 file; of variants to F-NAME.h5");
  c->add_option("--variant", o->variant, "Run only this variant, as an ordinary run");
  c->add_option("--seed", o->seed, "Seed of all random streams, in place of the scenario's");
  c->add_option("--set", o->sets, set_help)->allow_extra_args(false);
  c->add_option("--until", o->until, "Simulated time to stop at, e.g. '10 min'");
  c->add_flag("--no-leap", o->no_leap, "Every iteration is an event; slower, the same bits");
  c->add_flag("--quiet", o->quiet, "No progress and no timing on stderr");
  c->add_flag("--force", o->force, "Replace the --out file if it exists");
  c->callback([o, &action] { action = [o] { return commands::run(*o); }; });
}

void add_check(CLI::App& app, Action& action) {
  auto o = std::make_shared<commands::CheckOptions>();
  CLI::App* c = app.add_subcommand(
      "check",
      "Print everything that is wrong with scenarios, platforms, workloads, studies, traces");
  c->footer(
      "Example: tokenyard check configs/azure-conv.yaml --explain\n"
      "Each mistake is a line file:line:column: key: problem; what to do. Exit code 2 if any.\n"
      "--strict adds a line for each value that nobody measured or published, file: entry: key:\n"
      "source, and their number. Of a scenario: of the racks, accelerators, regions, prices and\n"
      "models that its pools use; of a platform: of all that its clusters and regions name. They\n"
      "are no mistakes: the exit code stays.");
  c->add_option("files", o->files, "Files of any of these kinds; each kind is recognised")
      ->required();
  c->add_option("--set", o->sets, set_help)->allow_extra_args(false);
  c->add_flag("--explain", o->explain, "Print every key with its value, defaults included");
  c->add_flag("--strict", o->strict, "List the values that are from memory or assumed");
  c->callback([o, &action] { action = [o] { return commands::check(*o); }; });
}

void add_list(CLI::App& app, Action& action) {
  auto what = std::make_shared<std::string>();
  CLI::App* c = app.add_subcommand("list", "Print what a scenario or a study may name");
  c->footer(
      "Example: tokenyard list routers\n"
      "'tokenyard list schema:scenario' prints the JSON Schema that editors use.");
  c->add_option("what", *what, "One list; all if left out")
      ->check(CLI::IsMember({"routers", "pool-routers", "batchers", "engines", "autoscalers",
                             "accelerators", "racks", "models", "traces", "metrics",
                             "schema:scenario", "schema:study", "schema:workload"}));
  c->callback([what, &action] { action = [what] { return commands::list(*what); }; });
}

void add_replay(CLI::App& app, Action& action) {
  auto o = std::make_shared<commands::ReplayOptions>();
  CLI::App* c =
      app.add_subcommand("replay", "Serve a trace on one replica, by the public semantics");
  c->footer(
      "Example: tokenyard replay --config c.json --trace t.csv --out r.csv\n"
      "The rules, the JSON keys and both CSV formats: sim/serving/SEMANTICS.md");
  c->add_option("--config", o->config, "Replica (JSON): max_num_seqs, num_blocks, t_base, ...")
      ->required();
  c->add_option("--trace", o->trace, "Requests (CSV): arrival_s,prompt_tokens,output_tokens")
      ->required();
  c->add_option("--out", o->out, "Results (CSV): id,status,ttft,e2e,tpot,preemptions")->required();
  c->add_flag("--no-leap", o->no_leap, "Every iteration is an event; slower, the same bits");
  c->callback([o, &action] { action = [o] { return commands::replay(*o); }; });
}

void add_digest(CLI::App& app, Action& action) {
  auto path = std::make_shared<std::string>();
  CLI::App* c = app.add_subcommand(
      "digest", "Print the SHA-256 of a result file's content, and whether it is as written");
  c->footer(
      "Example: tokenyard digest chat.h5\n"
      "It covers names, types, values and units; not host, date, command or compression.");
  c->add_option("file", *path, "Result file (HDF5)")->required();
  c->callback([path, &action] { action = [path] { return commands::digest(*path); }; });
}

void add_precision(CLI::App& app, Action& action) {
  auto o = std::make_shared<commands::PrecisionOptions>();
  CLI::App* c = app.add_subcommand(
      "precision", "Print how sure the mean latencies of one long run are, and its start-up");
  c->footer(
      "Example: tokenyard precision chat.h5\n"
      "By means of batches (95 %); the start-up by MSER-5. The file needs results: {requests: "
      "all}.\n"
      "Of many short runs, a study's replications say the same: tokenyard sweep --help");
  c->add_option("file", o->file, "Result file (HDF5) of `tokenyard run`")->required();
  c->add_option("--tenant", o->tenant, "Of this tenant's requests only");
  c->add_flag("--json", o->json, "As JSON");
  c->callback([o, &action] { action = [o] { return commands::precision(*o); }; });
}

void add_forecast(CLI::App& app, Action& action) {
  auto o = std::make_shared<commands::ForecastOptions>();
  CLI::App* c = app.add_subcommand(
      "forecast", "Print what years of growth come to, and simulate days that stand for them");
  c->footer(
      "Example: tokenyard forecast workloads/three-year-growth.yaml --case high\n"
      "Of a scenario whose workload.file is a forecast, its representative days are\n"
      "simulated, and some others, to see what the choice of days loses.");
  c->add_option("file", o->file, "Forecast (workload file) or scenario with one (YAML)")
      ->required();
  c->add_option("--case", o->growth_case, "Growth: low, mid or high; default as the file says");
  c->add_option("--out", o->out, "Write the days' results to this HDF5 file");
  c->add_option("--set", o->sets, set_help)->allow_extra_args(false);
  c->add_flag("--quiet", o->quiet, "No progress on stderr");
  c->add_flag("--force", o->force, "Replace the --out file if it exists");
  c->callback([o, &action] { action = [o] { return commands::forecast(*o); }; });
}

}  // namespace

int main(int argc, char** argv) {
  // A file-size limit is then an error of the write, which is reported, not a signal.
  std::signal(SIGXFSZ, SIG_IGN);
  try {
    CLI::App app("Simulates datacenter fleets that serve AI models.", "tokenyard");
    app.set_version_flag("--version", TOKENYARD_VERSION);
    app.footer(
        "Exit codes: 0 done, 1 failed, 2 bad input.\n"
        "Start with: tokenyard run configs/azure-conv.yaml");
    app.require_subcommand(1);
    Action action;
    add_run(app, action, joined(argc, argv));
    add_check(app, action);
    add_list(app, action);
    add_replay(app, action);
    add_digest(app, action);
    add_precision(app, action);
    add_trace_commands(app, action);
    add_platform_commands(app, action);
    add_sweep_commands(app, action);
    add_forecast(app, action);
    try {
      app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      return app.exit(error) == 0 ? 0 : 2;
    }
    return action();
  } catch (const std::exception&) {
    const commands::Failure failure = commands::failure_at_hand();
    std::fprintf(stderr, "%s\n", failure.text.c_str());
    return failure.code;
  }
}
