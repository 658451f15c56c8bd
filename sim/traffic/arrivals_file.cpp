// SPDX-License-Identifier: Apache-2.0
// How arrivals are written in a file.
#include <algorithm>

#include "traffic/workload.hpp"

namespace tokenyard::traffic {
namespace {

using config::Dimension;
using config::Section;
using Factor = RateCurve::Factor;

// What changes more often would take all the time there is.
constexpr config::Limits at_least_1_ms{1e-3};
constexpr double hour_s = 3600;
constexpr double day_s = 24 * hour_s;
constexpr std::array<std::string_view, 2> betweens = {"constant", "linear"};
constexpr std::array<std::string_view, 3> event_kinds = {"step", "ramp", "spike"};
constexpr std::array<std::string_view, 7> weekdays = {"monday", "tuesday",  "wednesday", "thursday",
                                                      "friday", "saturday", "sunday"};

double read_unit(Section& section) {
  static constexpr std::array<std::string_view, 4> units = {"1/s", "1/min", "1/h", "1/d"};
  static constexpr std::array<double, 4> seconds = {1, 60, hour_s, day_s};
  return seconds[section.choice("unit", units)];
}

Factor steps(const std::vector<double>& values, double step, double per) {
  Factor factor;
  for (std::size_t i = 0; i < values.size(); ++i) {
    factor.points.push_back({static_cast<double>(i) * step, values[i] / per});
  }
  return factor;
}

// values with a step: zero after the last, or from the start again.
Factor read_values(Section& section, double per) {
  const std::vector<double> values = section.numbers("values", config::not_negative);
  const double step = section.required<Duration>("step", at_least_1_ms).value();
  const bool repeat = section.optional<bool>("repeat", false);
  if (values.empty()) return RateCurve::constant(1);
  Factor factor = steps(values, step, per);
  const double end = static_cast<double>(values.size()) * step;
  if (repeat) {
    factor.period = end;
  } else {
    factor.points.push_back({end, 0});
  }
  return factor;
}

Factor read_table(Section& section, double per) {
  Factor factor;
  for (const std::vector<double>& row : section.table("table", 2)) {
    const bool rises = factor.points.empty() ? row[0] == 0 : row[0] > factor.points.back().at;
    if (!rises) section.mistake("table", "must begin at 0 s and rise; sort its rows by time");
    if (row[1] < 0) section.mistake("table", "has a rate below 0; correct it");
    if (rises && row[1] >= 0) factor.points.push_back({row[0], row[1] / per});
  }
  factor.between = static_cast<RateCurve::Between>(section.choice("between", betweens, 1));
  return factor.points.empty() ? RateCurve::constant(1) : factor;
}

Factor read_cycle(Section& section, std::string_view key, std::size_t count, double step) {
  const std::vector<double> values = section.numbers(key, config::not_negative);
  if (values.size() != count) {
    section.mistake(key, "must have " + std::to_string(count) + " values; give one for each");
    return RateCurve::constant(1);
  }
  Factor factor = steps(values, step, 1);
  factor.period = static_cast<double>(count) * step;
  return factor;
}

// A factor that is 1 but for what happens at a date.
Factor read_event(Section section) {
  const std::size_t kind = section.choice("kind", event_kinds);
  const double at = section.required<Duration>("at", config::not_negative).value();
  const double times = section.required<double>("times", {0, 1e9});
  const bool lasts = kind == 0 && !section.has("for");
  const double length = lasts ? 0 : section.required<Duration>("for", config::positive).value();
  section.finish();
  Factor factor;
  const double before = kind == 0 && at == 0 ? times : 1;
  factor.points.push_back({0, before});
  if (kind == 0) {
    if (at > 0) factor.points.push_back({at, times});
    if (length > 0) factor.points.push_back({at + length, 1});
    return factor;
  }
  factor.between = RateCurve::Between::linear;
  if (at > 0) factor.points.push_back({at, 1});
  if (kind == 1) {
    factor.points.push_back({at + length, times});
  } else {
    factor.points.push_back({at + length / 2, times});
    factor.points.push_back({at + length, 1});
  }
  return factor;
}

bool silent(const RateCurve& curve) {
  return std::any_of(curve.factors.begin(), curve.factors.end(), [](const Factor& f) {
    return std::all_of(f.points.begin(), f.points.end(),
                       [](const RateCurve::Point& p) { return p.value == 0; });
  });
}

// The base rate comes first: gaps may go by its points.
RateCurve read_rate(Section section) {
  RateCurve curve;
  const double per = read_unit(section);
  if (section.has("values")) {
    curve.factors.push_back(read_values(section, per));
  } else if (section.has("table")) {
    curve.factors.push_back(read_table(section, per));
  } else {
    curve.factors.push_back(
        RateCurve::constant(section.required<double>("constant", config::not_negative) / per));
  }
  const std::size_t weekday = section.choice("begins_on", weekdays, 0);
  const double begins = static_cast<double>(weekday) * day_s +
                        section.optional<Duration>("begins_at", Duration(0), {0, day_s}).value();
  for (const auto& [key, count, step] :
       {std::tuple("daily", 24, hour_s), std::tuple("weekly", 7, day_s)}) {
    if (!section.has(key)) continue;
    curve.factors.push_back(read_cycle(section, key, static_cast<std::size_t>(count), step));
    curve.factors.back().ahead = begins;
  }
  if (section.has("events")) {
    for (Section& event : section.children("events")) {
      curve.factors.push_back(read_event(event));
    }
  }
  if (const auto until = section.maybe<Duration>("until", config::positive)) {
    curve.until = until->value();
  }
  if (silent(curve)) section.mistake("", "has no rate above 0, so nothing would ever arrive");
  section.finish();
  return curve;
}

std::vector<Gaps> read_gaps(Section& section, Process process, const RateCurve& curve) {
  const auto make = [process](double cv) {
    return process == Process::gamma ? Gaps::gamma(cv) : Gaps::weibull(cv);
  };
  if (!section.has("cvs")) return {make(section.required<double>("cv", {least_cv, most_cv}))};
  if (section.has("cv")) section.mistake("cv", "stands beside 'cvs'; keep one of the two");
  std::vector<Gaps> gaps;
  for (const double cv : section.numbers("cvs", {least_cv, most_cv})) gaps.push_back(make(cv));
  // A curve of values ends with a zero of its own.
  const std::size_t points = curve.factors[0].points.size();
  if (gaps.size() + 1 == points) gaps.push_back(Gaps::exponential());
  if (gaps.size() == points) return gaps;
  section.mistake("cvs", "must be as many as the rate's values");
  return {Gaps::exponential()};
}

std::vector<DatesPlan::State> read_states(Section& section) {
  std::vector<DatesPlan::State> states;
  double most = 0;
  for (Section& state : section.children("states", 2)) {
    states.push_back({state.required<double>("times", {0, 1e6}),
                      state.required<Duration>("stay", at_least_1_ms).value()});
    most = std::max(most, states.back().times);
    state.finish();
  }
  if (states.size() >= 2 && most > 0) return states;
  if (states.size() >= 2) section.mistake("states", "have no rate above 0 in any of them");
  return {};
}

UsersPlan read_users(Section& section) {
  UsersPlan users;
  users.count = std::max<std::int64_t>(section.required<std::int64_t>("users", {1, 1e7}), 1);
  if (section.has("think_time")) {
    users.think_time_s = read_distribution(section, "think_time", Dimension::duration);
  }
  users.requests = section.optional<std::int64_t>("requests", users.requests, {1, 0x1p53});
  return users;
}

}  // namespace

std::variant<DatesPlan, UsersPlan> read_arrivals(Section section) {
  const auto process = static_cast<Process>(section.choice("process", arrival_processes));
  if (process == Process::closed_loop) {
    UsersPlan users = read_users(section);
    section.finish();
    return users;
  }
  DatesPlan plan;
  plan.curve = read_rate(section.child("rate"));
  if (process == Process::gamma || process == Process::weibull) {
    plan.gaps = read_gaps(section, process, plan.curve);
  }
  if (process == Process::markov_modulated) plan.states = read_states(section);
  if (process == Process::batches) {
    plan.batch = read_distribution(section, "size", Dimension::tokens);
  }
  section.finish();
  return plan;
}

}  // namespace tokenyard::traffic
