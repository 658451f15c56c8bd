// SPDX-License-Identifier: Apache-2.0
#include "sweep/points.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "core/contracts.hpp"
#include "sweep/terms.hpp"

namespace tokenyard::sweep {
namespace {

using Levels = std::vector<std::uint32_t>;

std::vector<Levels> grid(const std::vector<std::vector<Level>>& levels) {
  std::vector<Levels> points;
  Levels at(levels.size(), 0);
  for (;;) {
    points.push_back(at);
    std::size_t axis = levels.size();
    while (axis > 0 && at[axis - 1] + 1 == levels[axis - 1].size()) at[--axis] = 0;
    if (axis == 0) return points;
    ++at[axis - 1];
  }
}

// The levels of an axis at these coordinates; those of a range are made for it.
Levels take(const Axis& axis, const std::vector<double>& coordinates, std::vector<Level>& levels) {
  Levels taken;
  std::map<std::string, std::uint32_t> known;
  for (const double share : coordinates) {
    if (!axis.range) {
      const double number = share * static_cast<double>(axis.levels.size());
      taken.push_back(static_cast<std::uint32_t>(number));
      continue;
    }
    Level level = axis.range->at(share);
    const auto next = static_cast<std::uint32_t>(levels.size());
    const auto [entry, is_new] = known.emplace(level.label, next);
    if (is_new) levels.push_back(std::move(level));
    taken.push_back(entry->second);
  }
  return taken;
}

std::vector<Levels> sampled(const Study& study, std::vector<std::vector<Level>>& levels) {
  std::vector<std::string> names;
  for (const Axis& axis : study.axes) names.push_back(axis.name);
  const auto coordinates = sample(study.design, study.seed, names);
  std::vector<Levels> points(study.design.points, Levels(names.size()));
  for (std::size_t axis = 0; axis < names.size(); ++axis) {
    const Levels taken = take(study.axes[axis], coordinates[axis], levels[axis]);
    for (std::size_t i = 0; i < taken.size(); ++i) points[i][axis] = taken[i];
  }
  return points;
}

std::optional<std::size_t> skipping(const Study& study, const Points& points, const Point& point) {
  if (study.skip.empty()) return {};
  const std::vector<Operand> operands = operands_of(study, points, point);
  for (std::size_t i = 0; i < study.skip.size(); ++i) {
    if (study.skip[i].expression.holds(operands)) return i;
  }
  return {};
}

}  // namespace

std::vector<const Point*> Points::kept() const {
  std::vector<const Point*> found;
  for (const Point& point : all) {
    if (!point.skipped_by) found.push_back(&point);
  }
  return found;
}

std::size_t Points::skipped(std::size_t condition) const {
  return static_cast<std::size_t>(std::count_if(
      all.begin(), all.end(), [&](const Point& point) { return point.skipped_by == condition; }));
}

Points points_of(const Study& study) {
  SIM_EXPECT(!study.axes.empty());
  Points points;
  for (const Axis& axis : study.axes) points.levels.push_back(axis.levels);
  const std::vector<Levels> chosen =
      study.design.sampled() ? sampled(study, points.levels) : grid(points.levels);
  std::set<Levels> seen;
  for (const Levels& levels : chosen) {
    if (!seen.insert(levels).second) {
      ++points.repeated;
      continue;
    }
    Point& point = points.all.emplace_back();
    point.number = points.all.size();
    point.levels = levels;
    point.skipped_by = skipping(study, points, point);
  }
  return points;
}

std::vector<Operand> operands_of(const Study& study, const Points& points, const Point& point) {
  std::vector<Operand> operands;
  for (const Term& term : study.terms) {
    operands.push_back(operand_of(term, study.axes[term.axis], points.level(point, term.axis)));
  }
  return operands;
}

std::string describe(const Study& study, const Points& points, const Point& point) {
  std::string text;
  for (std::size_t i = 0; i < study.axes.size(); ++i) {
    text += (i == 0 ? "" : ", ") + study.axes[i].name + " = " + points.level(point, i).label;
  }
  return text;
}

config::Document scenario_of(const Study& study, const Points& points, const Point& point,
                             std::int64_t replication, config::Mistakes& mistakes) {
  fleet::Variant variant;
  variant.file = study.file;
  for (std::size_t i = 0; i < study.axes.size(); ++i) {
    const Level& level = points.level(point, i);
    variant.settings.insert(variant.settings.end(), level.settings.begin(), level.settings.end());
  }
  if (study.goal) {  // so that what the scenario says of its keys makes no difference
    const auto least = study.goal->settings(study.goal->range.from);
    variant.settings.insert(variant.settings.end(), least.begin(), least.end());
  }
  fleet::sort_by_width(variant.settings);
  config::Document document = fleet::varied(study.scenario, variant, mistakes);
  if (study.replications > 1) {
    const auto number = study.first_replication + static_cast<std::uint64_t>(replication);
    config::assign(document, "replication", std::to_string(number));
  }
  return document;
}

}  // namespace tokenyard::sweep
