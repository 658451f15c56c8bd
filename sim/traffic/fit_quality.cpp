// SPDX-License-Identifier: Apache-2.0
// How far a description is from its trace.
#include <algorithm>
#include <limits>

#include "core/contracts.hpp"
#include "traffic/fit.hpp"
#include "traffic/ordered_trace.hpp"
#include "traffic/tenant.hpp"
#include "traffic/trace_statistics.hpp"
#include "traffic/unattended.hpp"

namespace tokenyard::traffic {
namespace {

// What of a stream of requests is compared.
struct Sample {
  explicit Sample(Tokens block) : meter(block) {}

  void add(const TraceRow& row) {
    if (!dates.empty()) gaps.push_back(row.arrival_s - dates.back());
    dates.push_back(row.arrival_s);
    prompts.push_back(static_cast<double>(row.prompt.value()));
    outputs.push_back(static_cast<double>(row.output.value()));
    meter.add(row);
  }

  std::vector<double> outputs_between(double from, double below) const {
    std::vector<double> own;
    for (std::size_t i = 0; i < prompts.size(); ++i) {
      if (prompts[i] >= from && prompts[i] < below) own.push_back(outputs[i]);
    }
    return own;
  }

  std::vector<double> dates, gaps, prompts, outputs;
  TraceMeter meter;
};

void draw(const std::string& text, double span_s, Sample& sample) {
  const config::Document document = config::parse_yaml("fitted", text);
  config::Reading reading;
  const Workload workload = read_workload(document, reading);
  SIM_ENSURE(reading.mistakes.empty());
  const auto streams = open_clients(workload, {{}, 1, {0, 0, workload.name}});
  Arrivals& stream = *streams.front();
  TraceRow row;
  Request request;
  while (stream.date() < Instant(span_s)) {
    stream.take(request);
    row.arrival_s = request.arrival.value();
    row.prompt = request.prompt;
    row.output = request.output;
    row.pieces.assign(stream.pieces().begin(), stream.pieces().end());
    sample.add(row);
  }
}

double share_reused(const TraceStatistics& statistics) {
  if (!statistics.prefix) return std::numeric_limits<double>::quiet_NaN();
  return static_cast<double>(statistics.prefix->seen_before) /
         static_cast<double>(statistics.prefix->blocks);
}

}  // namespace

FitQuality judge_fit(const std::string& path, const FitOptions& options, const FittedTrace& fitted,
                     const std::string& text) {
  Sample trace(options.block), described(options.block);
  OrderedTrace rows(path, survey(path, options.reading), options.reading);
  TraceRow row;
  while (rows.next(row)) trace.add(row);
  draw(text, fitted.span_s, described);
  FitQuality quality;
  if (described.gaps.empty()) return quality;
  quality.ks_gaps = ks_distance(trace.gaps, described.gaps);
  quality.ks_prompt = ks_distance(trace.prompts, described.prompts);
  quality.ks_output = ks_distance(trace.outputs, described.outputs);
  double from = 0;
  for (const FittedRange& range : fitted.ranges) {
    const auto a = trace.outputs_between(from, range.below);
    const auto b = described.outputs_between(from, range.below);
    if (!a.empty() && !b.empty()) {
      quality.ks_output_given_prompt = std::max(quality.ks_output_given_prompt, ks_distance(a, b));
    }
    from = range.below;
  }
  const std::array<TraceStatistics, 2> both = {trace.meter.finish(), described.meter.finish()};
  for (std::size_t i = 0; i < 2; ++i) {
    quality.requests[i] = static_cast<double>(both[i].requests);
    quality.gap_variation[i] = both[i].arrivals.gap_variation;
    quality.dispersion[i] = both[i].arrivals.dispersion.back().value;
    quality.rank_correlation[i] = both[i].relation.rank_correlation;
    quality.blocks_reused[i] = share_reused(both[i]);
  }
  return quality;
}

}  // namespace tokenyard::traffic
