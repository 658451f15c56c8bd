// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <functional>
#include <memory>
#include <new>

#include "commands/check.hpp"
#include "commands/digest.hpp"
#include "commands/forecast.hpp"
#include "commands/list.hpp"
#include "commands/replay.hpp"
#include "commands/run.hpp"
#include "commands/trace_change.hpp"
#include "commands/trace_describe.hpp"
#include "commands/trace_fit.hpp"
#include "commands/trace_generate.hpp"
#include "commands/trace_info.hpp"
#include "config/errors.hpp"
#include "core/contracts.hpp"
#include "results/target.hpp"

namespace {

using namespace tokenyard;

// What the command line asks for; set by the subcommand that was parsed.
using Action = std::function<int()>;

constexpr const char* set_help =
    "Set a key of the scenario, e.g. --set fleet.pools[chat].replicas=8; may be repeated";

constexpr const char* spread_help =
    "Spread requests of one stamp at random over the time to the next (Mooncake's 3 s)";

std::string joined(int argc, char** argv) {
  std::string text;
  for (int i = 0; i < argc; ++i) text += (i == 0 ? "" : " ") + std::string(argv[i]);
  return text;
}

void add_run(CLI::App& app, Action& action, const std::string& command_line) {
  auto o = std::make_shared<commands::RunOptions>();
  o->command_line = command_line;
  CLI::App* c = app.add_subcommand("run", "Simulate a scenario and print its summary");
  c->footer("Example: tokenyard run configs/azure-conv.yaml --out chat.h5 --set seed=3");
  c->add_option("scenario", o->scenario, "Scenario file (YAML)")->required();
  c->add_option("--out", o->out, "Write requests, series and summary to this HDF5 file");
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
      "Each mistake is a line file:line:column: key: problem; what to do. Exit code 2 if any.");
  c->add_option("files", o->files, "Files of any of these kinds; each kind is recognised")
      ->required();
  c->add_option("--set", o->sets, set_help)->allow_extra_args(false);
  c->add_flag("--explain", o->explain, "Print every key with its value, defaults included");
  c->callback([o, &action] { action = [o] { return commands::check(*o); }; });
}

void add_list(CLI::App& app, Action& action) {
  auto what = std::make_shared<std::string>();
  CLI::App* c = app.add_subcommand("list", "Print what a scenario may name");
  c->footer(
      "Example: tokenyard list routers\n"
      "'tokenyard list schema:scenario' prints the JSON Schema that editors use.");
  c->add_option("what", *what, "One list; all if left out")
      ->check(CLI::IsMember({"routers", "batchers", "accelerators", "racks", "models", "traces",
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

void add_trace_info(CLI::App& trace, Action& action) {
  auto o = std::make_shared<commands::TraceInfoOptions>();
  CLI::App* c = trace.add_subcommand(
      "info", "Print what a trace is like: rates, bursts, lengths, reuse of prompts");
  c->footer(
      "Example: tokenyard trace info trace.csv.gz\n"
      "Reads the file once. Memory does not grow with its rows but for sessions and\n"
      "different blocks of prompts, about 16 bytes each. Only rows that are not in\n"
      "order are held, to be sorted.");
  c->add_option("file", o->file, "Trace of any format in 'tokenyard list traces'")->required();
  c->add_option("--block", o->block, "Tokens in a block whose reuse is counted (512)");
  c->add_flag("--json", o->json, "Print JSON, with all numbers of the plots");
  c->add_flag("--spread-ticks", o->spread_ticks, spread_help);
  c->callback([o, &action] { action = [o] { return commands::trace_info(*o); }; });
}

void add_change(CLI::App& c, commands::TraceChangeOptions& options) {
  c.add_option("file", options.file, "Trace of any format in 'tokenyard list traces'")->required();
  c.add_option("--out", options.out, "Trace to write, .csv or .csv.gz")->required();
  c.add_flag("--force", options.force, "Replace the --out file if it exists");
}

void add_trace_convert(CLI::App& trace, Action& action) {
  auto o = std::make_shared<commands::TraceChangeOptions>();
  CLI::App* c = trace.add_subcommand("convert", "Write any trace as tokenyard-csv");
  c->footer(
      "Example: tokenyard trace convert mooncake.jsonl.gz --out mooncake.csv.gz\n"
      "Columns: arrival_s,prompt_tokens,output_tokens, and those of tenant, session,\n"
      "max_tokens and pieces (content:until, separated by blanks) that the trace says.\n"
      "Rows are sorted by arrival.");
  add_change(*c, *o);
  c->add_flag("--spread-ticks", o->spread_ticks, spread_help);
  c->callback([o, &action] { action = [o] { return commands::trace_convert(*o); }; });
}

void add_trace_slice(CLI::App& trace, Action& action) {
  auto o = std::make_shared<commands::TraceSliceOptions>();
  CLI::App* c = trace.add_subcommand("slice", "Cut a part out of a trace");
  c->footer(
      "Example: tokenyard trace slice t.csv --from '10 min' --to '20 min' --out s.csv\n"
      "Times count from the trace's first arrival; --from becomes 0.");
  add_change(*c, *o);
  c->add_option("--from", o->from, "Keep from here, e.g. '10 min' (the start)");
  c->add_option("--to", o->to, "Keep what is before, e.g. '1 h' (the end)");
  c->add_option("--tenant", o->tenant, "Keep this tenant's requests only");
  c->callback([o, &action] { action = [o] { return commands::trace_slice(*o); }; });
}

void add_trace_scale(CLI::App& trace, Action& action) {
  auto o = std::make_shared<commands::TraceScaleOptions>();
  CLI::App* c = trace.add_subcommand("scale", "Write a trace with more or fewer requests");
  c->footer(
      "Example: tokenyard trace scale trace.csv.gz --by 2.5 --out busy.csv.gz\n"
      "Below 1, each request is kept with this probability, independently. Above,\n"
      "copies are laid over the trace: 2.5 is the trace, a copy, and a copy of which\n"
      "half the requests are kept. Each copy is rotated by a random time below --shift\n"
      "and wraps at the end, so that counts by minute keep their shape while bursts do\n"
      "not coincide. Copies stand for other users: their sessions and the content of\n"
      "their prompts are their own.");
  add_change(*c, *o);
  c->add_option("--by", o->by, "Requests out for each request in, e.g. 0.5 or 3")->required();
  c->add_option("--shift", o->shift, "Copies are rotated by less than this ('60 s')");
  c->add_option("--seed", o->seed, "Seed of rotations and of what is kept (1)");
  c->callback([o, &action] { action = [o] { return commands::trace_scale(*o); }; });
}

void add_trace_generate(CLI::App& trace, Action& action) {
  auto o = std::make_shared<commands::TraceGenerateOptions>();
  CLI::App* c = trace.add_subcommand("generate", "Write the requests that a workload describes");
  c->footer(
      "Example: tokenyard trace generate workloads/azure-conv-2023.yaml --out conv.csv.gz\n"
      "The workload may be a scenario's. Columns: arrival_s,prompt_tokens,output_tokens,\n"
      "tenant, and what else the workload tells apart. The same seed gives the same bytes\n"
      "on any machine, and the requests that `run` would see, but for those that wait for\n"
      "answers (sessions, closed loops), which are assumed here.");
  c->add_option("workload", o->workload, "Workload or scenario file (YAML)")->required();
  c->add_option("--out", o->out, "File to write, .csv, .csv.gz or .h5")->required();
  c->add_option("--duration", o->duration, "Only requests that arrive before, e.g. '2 h'");
  c->add_option("--requests", o->requests, "No more than so many");
  c->add_option("--seed", o->seed, "Seed of all random streams (0)");
  c->add_option("--replication", o->replication, "With the same seed, other draws (0)");
  c->add_flag("--quiet", o->quiet, "No progress on stderr");
  c->add_flag("--force", o->force, "Replace the --out file if it exists");
  c->callback([o, &action] { action = [o] { return commands::trace_generate(*o); }; });
}

void add_trace_fit(CLI::App& trace, Action& action) {
  auto o = std::make_shared<commands::TraceFitOptions>();
  CLI::App* c =
      trace.add_subcommand("fit", "Print a trace as a workload that reproduces it, and how well");
  c->footer(
      "Example: tokenyard trace fit trace.csv.gz > workload.yaml\n"
      "Reproduced: the rate curve, the burstiness of arrivals, the lengths of prompts and\n"
      "of outputs given the prompt, and, where the trace tells, the reuse of prompts.");
  c->add_option("file", o->file, "Trace of any format in 'tokenyard list traces'")->required();
  c->add_option("--name", o->name, "Name of the workload; default: the file's");
  c->add_option("--step", o->step, "Of the rate, e.g. '5 min'; default: by the counts");
  c->add_option("--block", o->block, "Tokens in a block whose reuse is counted (512)");
  c->add_flag("--spread-ticks", o->spread_ticks, spread_help);
  c->callback([o, &action] { action = [o] { return commands::trace_fit(*o); }; });
}

void add_trace_describe(CLI::App& trace, Action& action) {
  auto o = std::make_shared<commands::TraceDescribeOptions>();
  CLI::App* c =
      trace.add_subcommand("describe", "Print statistics of traffic (no requests) as a workload");
  c->footer(
      "Example: tokenyard trace describe telemetry.csv > workload.yaml\n"
      "The header says what the file is, gzip or plain:\n"
      "  hour,region,model,tier,requests,input_tokens,output_tokens[,cached_tokens]\n"
      "    Telemetry: sums over hours (2026-11-02T13:00, UTC); columns in any order. Each\n"
      "    region, model and tier becomes a tenant. Only means of lengths are known, so\n"
      "    their shape is assumed, and the workload says so.\n"
      "  client,t_s,rate_rps,cv,pattern,p1,p2\n"
      "    ServeGen's statistics of clients by 600 s; needs the file of --lengths,\n"
      "    client,t_s,field,mean,q0,...,q100. The largest --clients stay on their own,\n"
      "    the others become one.\n"
      "    tokenyard trace describe x_windows.csv.gz --lengths x_lengths.csv.gz");
  c->add_option("file", o->file, "Statistics (CSV)")->required();
  c->add_option("--lengths", o->lengths, "ServeGen: statistics of lengths (CSV)");
  c->add_option("--step", o->step, "ServeGen: of the rates, a multiple of 10 min ('1 h')");
  c->add_option("--clients", o->clients, "ServeGen: clients on their own (20)");
  c->add_option("--name", o->name, "Name of the workload; default: the file's");
  c->callback([o, &action] { action = [o] { return commands::trace_describe(*o); }; });
}

void add_trace(CLI::App& app, Action& action) {
  CLI::App* c = app.add_subcommand("trace", "Look at traces, convert, cut, scale and make them");
  c->footer(
      "Example: tokenyard trace info trace.csv.gz\n"
      "Each has its own --help, e.g. tokenyard trace scale --help");
  c->require_subcommand(1);
  add_trace_info(*c, action);
  add_trace_convert(*c, action);
  add_trace_slice(*c, action);
  add_trace_scale(*c, action);
  add_trace_generate(*c, action);
  add_trace_fit(*c, action);
  add_trace_describe(*c, action);
}

int fail(int code, const std::string& text) {
  std::fprintf(stderr, "%s\n", text.c_str());
  return code;
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
    add_trace(app, action);
    add_forecast(app, action);
    try {
      app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      return app.exit(error) == 0 ? 0 : 2;
    }
    return action();
  } catch (const config::ConfigError& error) {
    return fail(2, error.what());
  } catch (const results::IoError& error) {
    return fail(1, error.what());
  } catch (const std::bad_alloc&) {
    return fail(1, "out of memory; a smaller scenario, or results: {requests: none}, needs less");
  } catch (const std::exception& error) {
    return fail(1, std::string("internal error: ") + error.what() +
                       "; please report it with the command and its files");
  }
}
