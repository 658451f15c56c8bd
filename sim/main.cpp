// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <cstdio>
#include <functional>
#include <new>

#include "commands/replay.hpp"
#include "config/errors.hpp"
#include "core/contracts.hpp"
#include "results/target.hpp"

namespace {

using namespace tokenyard;

void add_replay(CLI::App& app, std::function<int()>& chosen) {
  auto options = std::make_shared<commands::ReplayOptions>();
  CLI::App* command = app.add_subcommand("replay", "Serve a trace on one replica, exactly");
  command->add_option("--config", options->config, "JSON file of the replica")->required();
  command->add_option("--trace", options->trace, "CSV file of requests")->required();
  command->add_option("--out", options->out, "CSV file to write")->required();
  command->add_flag("--no-leap", options->no_leap, "Take every iteration in an event of its own");
  command->callback([options, &chosen] { chosen = [options] { return commands::replay(*options); }; });
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Simulates datacenter fleets that serve AI models.", "tokenyard");
  app.require_subcommand(1);
  std::function<int()> chosen;
  add_replay(app, chosen);
  try {
    app.parse(argc, argv);
    return chosen();
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  } catch (const config::ConfigError& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  } catch (const results::IoError& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  } catch (const ContractViolation& error) {
    std::fprintf(stderr, "internal error: %s; please report it with the command and its files\n", error.what());
    return 1;
  } catch (const std::bad_alloc&) {
    std::fprintf(stderr, "out of memory\n");
    return 1;
  }
}
