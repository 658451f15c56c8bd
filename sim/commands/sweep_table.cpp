// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "commands/summary_table.hpp"
#include "commands/sweep_report.hpp"

namespace tokenyard::commands {
namespace {

using sweep::Axis;
using sweep::Level;
using sweep::Point;

constexpr std::size_t width = 80;
constexpr std::size_t indent = 14;
constexpr std::size_t most_rows = 10;

std::string clipped(const std::string& text, std::size_t most) {
  return text.size() <= most ? text : text.substr(0, most - 3) + "...";
}

std::string line(const std::string& label, const std::string& text) {
  return wrapped(fmt::format("{:<{}}{}", label, indent, text), indent);
}

std::string plural(std::size_t count, const std::string& noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string large(double count) {
  if (count < 1e5) return fmt::format("{:.0f}", count);
  return count < 1e9 ? fmt::format("{:.3g} million", count / 1e6)
                     : fmt::format("{:.3g} billion", count / 1e9);
}

// Of two digits: it is an estimate.
std::string rough(double seconds) {
  constexpr std::array<std::pair<double, const char*>, 3> units = {
      {{86400, "d"}, {3600, "h"}, {60, "min"}}};
  for (const auto& [unit, name] : units) {
    if (seconds >= 2 * unit) return fmt::format("{:.2g} {}", seconds / unit, name);
  }
  return fmt::format("{:.2g} s", seconds);
}

std::string values(const SweepReport& report, std::size_t number) {
  const Axis& axis = report.study.axes[number];
  if (axis.range) {
    const sweep::Range& range = *axis.range;
    const std::string spacing = range.spacing == sweep::Spacing::log ? ", log" : "";
    const std::string whole = range.whole ? ", whole" : "";
    const std::string ends = range.first + " to " + range.last + spacing + whole;
    if (report.study.design.sampled()) return ends;
    return plural(axis.levels.size(), "value") + ", " + ends;
  }
  std::string text = plural(axis.levels.size(), "value") + ": ";
  for (std::size_t i = 0; i < axis.levels.size(); ++i) {
    const std::string next = (i == 0 ? "" : ", ") + axis.levels[i].label;
    if (text.size() + next.size() > 3 * (width - indent)) return text + ", ...";
    text += next;
  }
  return text;
}

std::string axes(const SweepReport& report) {
  std::string text;
  for (std::size_t i = 0; i < report.study.axes.size(); ++i) {
    text += line(i == 0 ? "axes" : "", clipped(report.study.axes[i].name, width - indent));
    text += line("", "  " + values(report, i));
  }
  return text;
}

std::string design(const SweepReport& report) {
  const sweep::Design& design = report.study.design;
  std::string text(sweep::design_names[static_cast<std::size_t>(design.kind)]);
  text += ", " + plural(report.points.all.size() + report.points.repeated, "point");
  if (report.points.repeated > 0) {
    text += fmt::format("; {} of them the second time, which are left out", report.points.repeated);
  }
  return line("design", text);
}

std::string skipped(const SweepReport& report) {
  std::string text;
  for (std::size_t i = 0; i < report.study.skip.size(); ++i) {
    text += line(i == 0 ? "skipped" : "", fmt::format("{} by {}", report.points.skipped(i),
                                                      clipped(report.study.skip[i].text, 60)));
  }
  return text;
}

std::string replications(const sweep::Study& study) {
  const auto most = static_cast<std::size_t>(study.replications);
  if (!study.until) return plural(most, "replication");
  std::string text = fmt::format("{} to {} replications, until ", study.until->rule.least, most);
  for (const std::size_t metric : study.until->of) {
    text += (metric == study.until->of.front() ? "" : ", ") + study.measured[metric].text();
  }
  return text + fmt::format(" is within {:.3g} %", 100 * study.until->rule.relative);
}

std::string runs(const SweepReport& report) {
  const std::size_t looked = report.dry_run.looked.size();
  std::string text = line(
      "runs", fmt::format("{}: {} x {}", report.runs(), plural(report.kept - report.equal, "point"),
                          replications(report.study)));
  if (report.equal > 0) {
    text += line("", fmt::format("{} the scenario of an earlier point, which runs once",
                                 report.equal == 1 ? "1 point is"
                                                   : std::to_string(report.equal) + " points are"));
  }
  const std::string read = looked == report.kept ? "all points were read"
                                                 : fmt::format(
                                                       "{} of {} points were read; --all "
                                                       "reads the others",
                                                       looked, report.kept);
  return text + line("dry run", read + ", without mistakes");
}

std::string duration(const SweepReport& report) {
  if (report.runs() == 0) return line("time", "none: no point is left to run");
  const double seconds_in_all = report.core_seconds();
  const Pace& pace = report.pace;
  std::string text =
      line("requests",
           fmt::format("{} to {} a run expected, {} on average", large(report.requests_least),
                       large(report.requests_most), large(report.requests_mean)));
  std::string time = "about " + rough(seconds_in_all) + " on one core";
  if (report.cores > 1) {
    const double of_each =
        std::ceil(static_cast<double>(report.runs()) / static_cast<double>(report.cores)) /
        static_cast<double>(report.runs());
    time += fmt::format(", {} on the {} of this machine", rough(seconds_in_all * of_each),
                        report.cores);
  }
  text += line("time", time);
  const std::string by = fmt::format("at {}/s and {} a run beside, ", large(pace.requests_per_s),
                                     seconds(pace.setup_s));
  return text +
         line("", by + (pace.timed_requests > 0
                            ? fmt::format(
                                  "as {} of point {} took here",
                                  plural(static_cast<std::size_t>(pace.timed_requests), "request"),
                                  pace.timed_point)
                            : "which is assumed: no run could be timed"));
}

std::string goal(const sweep::Goal& goal) {
  std::string keys;
  for (const auto& key : goal.keys) keys += (keys.empty() ? "" : ", ") + key.key;
  std::string text =
      fmt::format("{} {} from {} to {}, within {:.3g} %",
                  sweep::goal_senses[static_cast<std::size_t>(goal.range.sense)], keys,
                  goal.text(goal.range.from), goal.text(goal.range.to), 100 * goal.range.tolerance);
  if (goal.survive) {
    text += fmt::format(", with any {} lost",
                        fleet::fault_scopes[static_cast<std::size_t>(*goal.survive)]);
  }
  return line("goal", text) + line("", fmt::format("about {:.0f} simulations a run{}",
                                                   sweep::expected_values(goal.range),
                                                   goal.survive ? ", and as many for a loss" : ""));
}

std::string aims(const SweepReport& report) {
  std::string kept;
  for (const sweep::MetricName& name : report.study.keep) {
    kept += (kept.empty() ? "" : ", ") + name.text();
    if (kept.size() <= 3 * (width - indent)) continue;
    kept += fmt::format(", ... ({})", report.study.keep.size());
    break;
  }
  std::string text = report.study.goal ? goal(*report.study.goal) : std::string();
  text += line("keep", kept);
  for (const sweep::Condition& bound : report.study.feasible) {
    text += line(&bound == report.study.feasible.data() ? "feasible" : "", bound.text);
  }
  return report.study.objective ? text + line("objective", report.study.objective->text) : text;
}

// The last steps of each key, as many as tell it from the others.
std::vector<std::string> short_names(const std::vector<Axis>& axes) {
  std::vector<std::string> names;
  for (const Axis& axis : axes) {
    const auto ends_so = [](const std::string& name, const std::string& end) {
      return name == end || name.ends_with("." + end) || name.ends_with("]." + end);
    };
    std::string name = axis.name;
    for (std::size_t at = axis.name.size(); !axis.of_variants && at-- > 0;) {
      if (axis.name[at] != '.') continue;
      const std::string end = axis.name.substr(at + 1);
      if (end.find(']') < end.find('[')) continue;  // a dot in a bracket
      if (std::count_if(axes.begin(), axes.end(),
                        [&](const Axis& other) { return ends_so(other.name, end); }) > 1) {
        continue;
      }
      name = end;
      break;
    }
    names.push_back(name);
  }
  return names;
}

// Axes that do not fit into a line beside the others are left out.
std::string first_points(const SweepReport& report) {
  const std::vector<std::string> names = short_names(report.study.axes);
  const std::vector<Point>& all = report.points.all;
  const std::size_t rows = std::min(all.size(), most_rows);
  constexpr std::size_t status_width = 12, most_cell = 24;
  std::vector<std::size_t> widths;
  std::size_t used = 6 + status_width;
  for (std::size_t i = 0; i < names.size(); ++i) {
    std::size_t cell = names[i].size();
    for (std::size_t row = 0; row < rows; ++row) {
      cell = std::max(cell, report.points.level(all[row], i).label.size());
    }
    cell = std::min(cell, most_cell) + 2;
    if (used + cell > width) break;
    used += cell;
    widths.push_back(cell);
  }
  std::string text = fmt::format("\n{:>4}  ", "no.");
  for (std::size_t i = 0; i < widths.size(); ++i) {
    text += fmt::format("{:<{}}", clipped(names[i], widths[i] - 2), widths[i]);
  }
  text += "identity\n";
  const auto status = [&report](const Point& point) -> std::string {
    if (point.skipped_by) return "skipped";
    for (const auto& looked : report.dry_run.looked) {
      if (looked.point == &point) return looked.identity.substr(0, status_width);
    }
    return "";
  };
  for (std::size_t row = 0; row < rows; ++row) {
    std::string cells = fmt::format("{:>4}  ", all[row].number);
    for (std::size_t i = 0; i < widths.size(); ++i) {
      cells += fmt::format("{:<{}}", clipped(report.points.level(all[row], i).label, widths[i] - 2),
                           widths[i]);
    }
    cells += status(all[row]);
    cells.erase(cells.find_last_not_of(' ') + 1);
    text += cells + "\n";
  }
  std::string rest;
  if (all.size() > rows) rest = fmt::format("{} more points", all.size() - rows);
  if (widths.size() < names.size()) {
    const std::size_t count = names.size() - widths.size();
    rest +=
        fmt::format("{}{} more {}", rest.empty() ? "" : ", ", count, count == 1 ? "axis" : "axes");
  }
  return rest.empty() ? text : text + fmt::format("      ({}; --json has all)\n", rest);
}

}  // namespace

std::string sweep_table(const SweepReport& report) {
  return wrapped(report.study.name, 2) + line("scenario", report.study.scenario.file) +
         axes(report) + design(report) + skipped(report) + runs(report) + duration(report) +
         aims(report) + first_points(report);
}

}  // namespace tokenyard::commands
