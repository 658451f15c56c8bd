// SPDX-License-Identifier: Apache-2.0
#include "commands/trace_fit.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "commands/option_values.hpp"
#include "traffic/fit.hpp"
#include "traffic/line_reader.hpp"

namespace tokenyard::commands {

int trace_fit(const TraceFitOptions& options) {
  traffic::FitOptions fit;
  fit.reading.spread_ticks = options.spread_ticks;
  fit.block = tokens_option("--block", options.block);
  if (!options.step.empty()) {
    fit.step = duration_option("--step", options.step);
    if (*fit.step <= Duration(0)) refuse_option("--step", "is 0; give a time, e.g. '60 s'");
  }
  const auto rows = traffic::read_fit_rows(options.file, fit);
  if (fit.step && rows.back().date_s / fit.step->value() > 100'000) {
    refuse_option("--step", "makes more than 100,000 steps of this trace; give a longer one");
  }
  const traffic::FittedTrace fitted = traffic::fit_trace(rows, fit);
  const std::string file = std::filesystem::path(options.file).filename().string();
  const std::string source = fmt::format(
      "Fitted by tokenyard {} to {} (sha256 {}){}", TOKENYARD_VERSION, file,
      traffic::file_sha256(options.file), options.spread_ticks ? ", its ticks spread" : "");
  const std::string text = traffic::workload_text(
      fitted, fit, options.name.empty() ? file.substr(0, file.find('.')) : options.name, source);
  const auto quality = traffic::judge_fit(options.file, fit, fitted, text);
  fmt::print("{}\n{}", text, traffic::quality_text(quality));
  constexpr double many = 0.1;
  if (fitted.equal_stamps > many) {
    fmt::print(stderr,
               "note: {:.0f} % of the requests have the stamp of the one before; if the trace was "
               "stamped in ticks, fit it with --spread-ticks\n",
               100 * fitted.equal_stamps);
  }
  return 0;
}

}  // namespace tokenyard::commands
