// SPDX-License-Identifier: Apache-2.0
#include "commands/platform_command_line.hpp"

#include <CLI/CLI.hpp>
#include <memory>

#include "commands/platform_info.hpp"

namespace tokenyard {
namespace {

void add_platform_info(CLI::App& platform, Action& action) {
  auto o = std::make_shared<commands::PlatformInfoOptions>();
  CLI::App* c = platform.add_subcommand(
      "info", "Print regions, racks, power, distances, cuts, and what a loss costs");
  c->footer(
      "Example: tokenyard platform info platforms/aws.xml\n"
      "  --from aws/us-east-1 --to aws/us-west-2   the way between two regions, what can\n"
      "                                            flow at most, and the links that bound it\n"
      "  --lost aws/us-east-1--us-west-2           what a lost link or region costs; may be\n"
      "                                            repeated, and asked with --from and --to\n"
      "Power is the most that racks draw, by the catalogue beside the file. A pair takes the\n"
      "file's own route, and the surviving way of the least latency once that is lost.");
  c->add_option("file", o->file, "Platform file (SimGrid XML)")->required();
  c->add_option("--from", o->from, "Region to start from");
  c->add_option("--to", o->to, "Region to reach");
  c->add_option("--lost", o->lost, "Region or link that is lost")->allow_extra_args(false);
  c->add_flag("--json", o->json, "Print JSON, in SI units");
  c->callback([o, &action] { action = [o] { return commands::platform_info(*o); }; });
}

}  // namespace

void add_platform_commands(CLI::App& app, Action& action) {
  CLI::App* c = app.add_subcommand("platform", "Look at platforms: what stands where");
  c->footer("Example: tokenyard platform info platforms/aws.xml");
  c->require_subcommand(1);
  add_platform_info(*c, action);
}

}  // namespace tokenyard
