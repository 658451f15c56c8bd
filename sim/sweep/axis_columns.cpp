// SPDX-License-Identifier: Apache-2.0
#include "sweep/axis_columns.hpp"

#include <numeric>
#include <optional>
#include <set>

#include "core/contracts.hpp"

namespace tokenyard::sweep {
namespace {

constexpr auto half_width = "_half_width";

std::set<std::string> names_of(const std::vector<const Measure*>& measures) {
  std::set<std::string> taken = {"run",      "point",     "replication", "replications", "status",
                                 "feasible", "objective", "rank",        "requests"};
  for (const Measure* measure : measures) {
    taken.insert(column_of(*measure));
    taken.insert(column_of(*measure) + half_width);
  }
  return taken;
}

std::optional<Typed> number_of(const Level& level) {
  if (level.settings.size() != 1) return {};
  const auto found = typed(level.settings.front().value);
  return found && found->kind.type == Kind::Type::number ? found : std::nullopt;
}

// Of each level; none if they are not all numbers of one kind.
void read_numbers(const Axis& axis, const std::vector<Level>& levels, AxisColumn& column) {
  if (axis.of_variants) return;
  std::optional<Kind> kind;
  std::vector<double> numbers;
  for (const Level& level : levels) {
    const auto found = number_of(level);
    if (!found || (kind && !(*kind == found->kind))) return;
    kind = found->kind;
    numbers.push_back(found->operand.number);
  }
  column.numbers = std::move(numbers);
  if (kind && kind->dimension) column.info.unit = config::si_unit(*kind->dimension);
}

}  // namespace

results::Cells AxisColumn::Values::cells() const {
  if (!narrow.empty()) return results::Cells(narrow);
  if (!codes.empty()) return results::Cells(codes);
  if (!wide.empty()) return results::Cells(wide);
  return results::Cells(numbers);
}

AxisColumn::Values AxisColumn::at(std::span<const std::uint32_t> levels) const {
  Values values;
  if (!numbers.empty()) {
    for (const std::uint32_t level : levels) values.numbers.push_back(numbers[level]);
    return values;
  }
  SIM_EXPECT(!info.flag_meanings.empty());
  const results::Type type = results::narrowest(info.flag_meanings.size() - 1);
  for (const std::uint32_t level : levels) {
    if (type == results::Type::u1) values.narrow.push_back(static_cast<std::uint8_t>(level));
    if (type == results::Type::u2) values.codes.push_back(static_cast<std::uint16_t>(level));
    if (type == results::Type::u4) values.wide.push_back(level);
  }
  return values;
}

AxisColumn::Values AxisColumn::all() const {
  std::vector<std::uint32_t> levels(numbers.empty() ? info.flag_meanings.size() : numbers.size());
  std::iota(levels.begin(), levels.end(), 0U);
  return at(levels);
}

std::vector<AxisColumn> axis_columns(const Study& study, const Points& points,
                                     const std::vector<const Measure*>& measures) {
  std::set<std::string> taken = names_of(measures);
  std::vector<AxisColumn> columns;
  for (std::size_t i = 0; i < study.axes.size(); ++i) {
    const Axis& axis = study.axes[i];
    AxisColumn& column = columns.emplace_back();
    column.name = results::path_component(axis.name);
    while (!taken.insert(column.name).second) column.name += "_axis";
    column.info.long_name = "axis " + axis.name;
    read_numbers(axis, points.levels[i], column);
    if (!column.numbers.empty()) continue;
    for (const Level& level : points.levels[i]) column.info.flag_meanings.push_back(level.label);
  }
  return columns;
}

std::string column_of(const Measure& measure) { return results::path_component(measure.name); }

}  // namespace tokenyard::sweep
