// SPDX-License-Identifier: Apache-2.0
#include "commands/trace_describe.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "commands/option_values.hpp"
#include "fleet/scenario.hpp"
#include "traffic/places.hpp"
#include "traffic/servegen.hpp"
#include "traffic/statistics_rows.hpp"
#include "traffic/telemetry.hpp"

namespace tokenyard::commands {
namespace {

namespace fs = std::filesystem;

constexpr const char* made_by = "tokenyard " TOKENYARD_VERSION;
constexpr std::string_view windows_end = "_windows";

std::string name_of(const TraceDescribeOptions& options) {
  if (!options.name.empty()) {
    if (traffic::is_label(options.name)) return options.name;
    refuse_option("--name", "has a byte that is no UTF-8 or a control character; remove it");
  }
  std::string name = fs::path(options.file).filename().string();
  name.resize(std::min(name.find('.'), name.size()));
  if (name.ends_with(windows_end)) name.resize(name.size() - windows_end.size());
  return traffic::is_label(name) ? name : "described";
}

// The file of lengths that seems to belong to one of windows, for a message.
std::string likely_lengths(const std::string& windows) {
  const fs::path path(windows);
  std::string name = path.filename().string();
  const std::size_t at = name.find(windows_end);
  if (at == std::string::npos) return "FILE";
  name.replace(at, windows_end.size(), "_lengths");
  return (path.parent_path() / name).string();
}

std::string from_servegen(const TraceDescribeOptions& options) {
  if (options.lengths.empty()) {
    refuse_option(options.file,
                  "says nothing of lengths; give --lengths " + likely_lengths(options.file));
  }
  traffic::ServeGenOptions servegen{options.file, options.lengths, name_of(options), made_by};
  if (!options.step.empty()) servegen.step = duration_option("--step", options.step);
  if (!options.clients.empty()) {
    servegen.clients = whole_option("--clients", options.clients);
    if (servegen.clients > traffic::most_described_clients) {
      refuse_option("--clients", "is above 10,000; give fewer");
    }
  }
  return traffic::workload_from_servegen(servegen);
}

std::string from_telemetry(const TraceDescribeOptions& options) {
  for (const auto& [option, value] : {std::pair("--lengths", &options.lengths),
                                      {"--step", &options.step},
                                      {"--clients", &options.clients}}) {
    if (!value->empty()) refuse_option(option, "is not for hourly telemetry; leave it out");
  }
  config::Mistakes mistakes;
  traffic::TelemetryOptions telemetry{options.file, name_of(options), made_by, {}};
  for (const auto& [name, place] : traffic::load_places(
           (fs::path(fleet::home()) / "workloads" / "places.yaml").string(), mistakes)) {
    telemetry.places.insert(name);
  }
  mistakes.throw_if_any();
  return traffic::workload_from_telemetry(telemetry);
}

std::string described(const TraceDescribeOptions& options) {
  traffic::LineReader lines(options.file);
  const std::string_view header = traffic::header_of(lines);
  if (traffic::begins_servegen(header)) return from_servegen(options);
  if (traffic::begins_telemetry(header)) return from_telemetry(options);
  if (traffic::begins_servegen_lengths(header)) {
    throw config::ConfigError(lines.mistake(
        0, "is the header of lengths; name the file of windows, and this one under --lengths"));
  }
  throw config::ConfigError(lines.mistake(
      0,
      "not the header of statistics; they are windows (client,t_s,rate_rps,cv,pattern,p1,p2) or "
      "hourly telemetry (hour,region,model,tier,requests,input_tokens,output_tokens); describe "
      "a trace of requests with 'tokenyard trace fit'"));
}

}  // namespace

int trace_describe(const TraceDescribeOptions& options) {
  fmt::print("{}", described(options));
  return 0;
}

}  // namespace tokenyard::commands
