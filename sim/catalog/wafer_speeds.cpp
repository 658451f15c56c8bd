// SPDX-License-Identifier: Apache-2.0
#include "catalog/wafer_speeds.hpp"

#include <algorithm>

namespace tokenyard::catalog {
namespace {

using config::Section;

PublishedSpeed read_speed(Section& entry, Duration hop, const Sources& sources) {
  PublishedSpeed speed;
  speed.model = entry.required<std::string>("model");
  speed.tokens_per_s =
      entry.required_quantity("speed", config::Dimension::token_rate, config::positive);
  speed.basis = static_cast<SpeedBasis>(entry.choice("basis", speed_bases));
  speed.layers = entry.required<std::int64_t>("layers", {1, 10000});
  speed.wafers = entry.required<std::int64_t>("wafers", {1, 10000});
  speed.source = read_source(entry, sources);
  entry.finish();
  if (speed.tokens_per_s > 0 && layer_time(speed, hop) <= Duration(0)) {
    entry.mistake("speed", "is faster than its hops alone; lower `hop` or `wafers`");
  }
  return speed;
}

}  // namespace

const PublishedSpeed* WaferSpeeds::find(const std::string& model) const {
  const PublishedSpeed* best = nullptr;
  for (const PublishedSpeed& speed : speeds) {
    if (speed.model == model && (best == nullptr || speed.basis < best->basis)) best = &speed;
  }
  return best;
}

std::optional<WaferSpeeds::LayerTimes> WaferSpeeds::layer_times(Duration a_hop) const {
  std::vector<Duration> times;
  for (const PublishedSpeed& speed : speeds) {
    if (speed.basis > SpeedBasis::listed || find(speed.model) != &speed) continue;
    times.push_back(layer_time(speed, a_hop));
  }
  if (times.empty()) return std::nullopt;
  std::sort(times.begin(), times.end());
  const std::size_t half = times.size() / 2;
  const Duration median = times.size() % 2 == 1 ? times[half] : (times[half - 1] + times[half]) / 2;
  return LayerTimes{median, times.front(), times.back(), times.size()};
}

Duration layer_time(const PublishedSpeed& speed, Duration hop) {
  const Duration hops = hop * static_cast<double>(wafer_hops(speed.wafers));
  return (Duration(1 / speed.tokens_per_s) - hops) / static_cast<double>(speed.layers);
}

WaferSpeeds read_wafer_speeds(Section& entry, const Sources& sources) {
  WaferSpeeds wafer;
  wafer.hop = entry.required<Duration>("hop", {0, 1});
  wafer.reserve = entry.required<Bytes>("reserve", {0, 1e13});
  for (Section& speed : entry.children("speeds", 1)) {
    wafer.speeds.push_back(read_speed(speed, wafer.hop, sources));
  }
  wafer.source = read_source(entry, sources);
  entry.finish();
  return wafer;
}

}  // namespace tokenyard::catalog
