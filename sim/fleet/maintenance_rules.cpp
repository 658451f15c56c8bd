// SPDX-License-Identifier: Apache-2.0
// Planned work, as an operator writes it.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "fleet/fault_rules.hpp"
#include "fleet/scenario.hpp"

namespace tokenyard::fleet {
namespace {

using config::Section;

constexpr double minute_s = 60;
constexpr double day_s = 86400;
constexpr double least_away_s = 1;

// Seconds of "02:30" after midnight; nothing if it is no time of the day.
std::optional<double> time_of_day(std::string_view text) {
  const auto two_digits = [&text](std::size_t at, int most) -> std::optional<int> {
    int value = 0;
    const char* end = text.data() + at + 2;
    const auto read = std::from_chars(text.data() + at, end, value);
    if (read.ec != std::errc() || read.ptr != end || value < 0 || value > most) return std::nullopt;
    return value;
  };
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  const auto hours = two_digits(0, 24);
  const auto minutes = two_digits(3, 59);
  if (!hours || !minutes || (*hours == 24 && *minutes > 0)) return std::nullopt;
  return minute_s * (60 * *hours + *minutes);
}

double read_time_of_day(Section& section, const char* key) {
  const auto text = section.required<std::string>(key);
  const auto time = time_of_day(text);
  if (!time && section.has(key)) {
    section.mistake(key, config::in_quotes(text) +
                             " is no time of the day; write it like '02:30' (UTC, to '24:00')");
  }
  return time.value_or(0);
}

void read_window(Section section, MaintenancePlan& plan) {
  const double from = read_time_of_day(section, "from");
  const double until = read_time_of_day(section, "until");
  section.finish();
  double length = until - from;
  if (length == 0 && section.has("from") && section.has("until")) {
    section.mistake("until", "is when it opens; say 00:00 to 24:00 for all day, or leave it out");
  }
  if (length <= 0) length += day_s;
  plan.window = DayWindow{Duration(from), Duration(length)};
}

// The window, and whether a replica can be away within it.
void check_window(Section& section, MaintenancePlan& plan) {
  if (!section.has("window")) return;
  read_window(section.child("window"), plan);
  const Duration needed = plan.patience + plan.takes;
  if (!section.has("patience")) {
    section.mistake("window",
                    "without 'patience' a replica could drain beyond it; say how long "
                    "one may take to finish what it has");
  } else if (needed > plan.window->length) {
    section.mistake("window",
                    fmt::format("is open for {:.6g} min, and 'patience' and 'takes' make "
                                "{:.6g} min; widen it, or shorten them",
                                plan.window->length.value() / minute_s, needed.value() / minute_s));
  }
}

void add_pool(Section& section, const Scenario& scenario, std::size_t number,
              MaintenancePlan& plan) {
  const std::string& name = scenario.pools[number].name;
  const auto holds = [number](const MaintenancePlan& p) {
    return std::find(p.pools.begin(), p.pools.end(), number) != p.pools.end();
  };
  if (holds(plan)) return section.mistake("pools", "'" + name + "' is there twice; remove one");
  if (std::any_of(scenario.maintenance.begin(), scenario.maintenance.end(), holds)) {
    return section.mistake("pools", "'" + name +
                                        "' is in the maintenance before, and only one may take its "
                                        "replicas away; make them one");
  }
  plan.pools.push_back(number);
  std::uint32_t first = 0;
  for (std::size_t i = 0; i < number; ++i) {
    first += static_cast<std::uint32_t>(scenario.pools[i].replicas);
  }
  for (std::uint32_t i = 0; i < scenario.pools[number].replicas; ++i) {
    plan.replicas.push_back(first + i);
  }
}

void read_pool_names(Section& section, const Scenario& scenario, MaintenancePlan& plan) {
  std::vector<std::string> known;
  for (const PoolPlan& pool : scenario.pools) known.push_back(pool.name);
  const std::vector<std::string> names = section.strings("pools");
  if (names.empty() && (section.has_list("pools") || !section.has("pools"))) {
    section.mistake("pools", "names none; say which pools are maintained");
  }
  for (const std::string& name : names) {
    const auto found = std::find(known.begin(), known.end(), name);
    if (found != known.end()) {
      add_pool(section, scenario, static_cast<std::size_t>(found - known.begin()), plan);
    } else if (!known.empty()) {
      section.mistake("pools", config::unknown_name(name, known));
    }
  }
}

}  // namespace

void read_maintenance(Section& root, Scenario& scenario) {
  for (Section& section : root.children("maintenance")) {
    MaintenancePlan plan;
    section.skip("name");
    read_pool_names(section, scenario, plan);
    plan.starts = Instant(section.required<Duration>("starts", config::not_negative).value());
    plan.takes = section.required<Duration>("takes", {least_away_s});
    if (const auto every = section.maybe<Duration>("every", config::positive)) {
      plan.every = *every;
      if (plan.every < plan.takes) {
        section.mistake("every", "is less than one replica takes; raise it");
      }
    }
    plan.at_once =
        std::max<std::int64_t>(1, section.optional<std::int64_t>("at_once", 1, {1, 1e6}));
    if (const auto patience = section.maybe<Duration>("patience", config::not_negative)) {
      plan.patience = *patience;
    }
    plan.clock = scenario.accounting.energy.start;
    check_window(section, plan);
    section.finish();
    scenario.maintenance.push_back(std::move(plan));
  }
}

}  // namespace tokenyard::fleet
