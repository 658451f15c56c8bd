// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "fleet/scenario.hpp"

namespace tokenyard::fleet {
namespace {

using config::Section;

// all, none, or 'sample 1 %'.
double read_requests(Section& section) {
  const auto text = section.optional<std::string>("requests", "all");
  if (text == "all") return 1;
  if (text == "none") return 0;
  constexpr std::string_view sample = "sample ";
  if (text.starts_with(sample)) {
    const config::ParsedQuantity share =
        config::parse_quantity(text.substr(sample.size()), config::Dimension::fraction);
    if (share.problem.empty() && share.value > 0 && share.value <= 1) return share.value;
  }
  section.mistake("requests", "'" + text + "' is not all, none or a sample such as 'sample 1 %'");
  return 1;
}

TraceWindow read_window(Section section, const Scenario& scenario) {
  TraceWindow window;
  window.from =
      Instant(section.optional<Duration>("from", Duration(0), config::not_negative).value());
  window.to = Instant(section.required<Duration>("to", config::positive).value());
  if (window.to <= window.from) section.mistake("to", "is not after 'from'; raise it");
  const std::vector<std::string> names = section.strings("pools");
  window.pools.assign(scenario.pools.size(), names.empty());
  for (const std::string& name : names) {
    const auto pool = std::find_if(scenario.pools.begin(), scenario.pools.end(),
                                   [&name](const PoolPlan& p) { return p.name == name; });
    if (pool != scenario.pools.end()) {
      window.pools[static_cast<std::size_t>(pool - scenario.pools.begin())] = true;
    } else if (!scenario.pools.empty()) {
      section.mistake("pools", "'" + name + "' is not a pool of this fleet; name one that is");
    }
  }
  section.finish();
  return window;
}

}  // namespace

void read_keep(Section section, Scenario& scenario) {
  scenario.keep.requests = read_requests(section);
  scenario.keep.series = section.optional<Duration>("series", Duration(10), {1e-3, 1e9});
  if (section.has("trace")) {
    scenario.keep.trace = read_window(section.child("trace"), scenario);
    // Iterations wait in memory for the next look, to be put in order.
    if (scenario.keep.series > Duration(60)) {
      section.mistake("series",
                      "is above 60 s, which with a trace could fill the memory; lower it");
    }
  }
  section.finish();
}

}  // namespace tokenyard::fleet
