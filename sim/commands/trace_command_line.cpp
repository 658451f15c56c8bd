// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <memory>

#include "commands/trace_change.hpp"
#include "commands/trace_command_line.hpp"
#include "commands/trace_describe.hpp"
#include "commands/trace_fit.hpp"
#include "commands/trace_generate.hpp"
#include "commands/trace_info.hpp"

namespace tokenyard {
namespace {

constexpr const char* spread_help =
    "Spread requests of one stamp at random over the time to the next (Mooncake's 3 s)";

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

}  // namespace

void add_trace_commands(CLI::App& app, Action& action) {
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

}  // namespace tokenyard
