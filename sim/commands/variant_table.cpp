// SPDX-License-Identifier: Apache-2.0
#include "commands/variant_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "commands/account_table.hpp"
#include "commands/summary_table.hpp"
#include "core/contracts.hpp"

namespace tokenyard::commands {
namespace {

using Shown = Cell::Shown;

constexpr const char* basis_row = "on the basis";
constexpr double no_value = std::numeric_limits<double>::quiet_NaN();

std::string count(double value) {
  if (value < 1e7) return fmt::format("{:.0f}", value);
  return value < 1e9 ? fmt::format("{:.2f} M", value / 1e6) : fmt::format("{:.2f} G", value / 1e9);
}
std::string percent(double share) { return fmt::format("{:.2f} %", 100 * share); }
std::string dollars(double value) { return fmt::format("{:.2f} USD", value); }
std::string dollars_exactly(double value) { return fmt::format("{:.3f} USD", value); }
std::string kilowatt_hours(double joules) { return fmt::format("{:.1f} kWh", joules / 3.6e6); }
std::string kilograms(double value) { return fmt::format("{:.3g} kg CO2", value); }
std::string hours(double value) { return fmt::format("{:.4g} h", value); }
std::string ratio(double value) { return fmt::format("{:.4g}", value); }
std::string rate(double value) { return fmt::format("{:.1f}/s", value); }

class Rows {
 public:
  void add(std::string row, double value, std::string (*text)(double),
           Shown shown = Shown::always) {
    cells_.push_back({std::move(row), std::isnan(value) ? "-" : text(value), value, shown});
  }
  void add(std::string row, std::string text) {
    cells_.push_back({std::move(row), std::move(text), no_value, Shown::always});
  }
  std::vector<Cell> take() { return std::move(cells_); }

 private:
  std::vector<Cell> cells_;
};

template <class Value>
double sum(const std::vector<fleet::PoolSummary>& pools, Value fleet::PoolSummary::*value) {
  double total = 0;
  for (const fleet::PoolSummary& pool : pools) total += static_cast<double>(pool.*value);
  return total;
}

double share_of_cached(const std::vector<fleet::TenantSummary>& tenants) {
  double cached = 0, all = 0;
  for (const fleet::TenantSummary& tenant : tenants) {
    cached += tenant.cached_tokens;
    all += tenant.prompt_tokens;
  }
  return all > 0 ? cached / all : no_value;
}

// The rows of the table, from top to bottom: to add one, add a line here.
std::vector<Cell> cells_of(const fleet::Scenario& scenario, const fleet::Summary& s) {
  Rows rows;
  rows.add("simulated", s.totals.end.value(), seconds);
  rows.add("requests", static_cast<double>(s.totals.arrived), count);
  rows.add("requests ok", static_cast<double>(s.totals.by_status[0]), count);
  constexpr std::array<const char*, fleet::latency_count> latencies = {"TTFT", "TPOT",
                                                                       "end to end"};
  for (std::size_t i = 0; i < latencies.size(); ++i) {
    rows.add(std::string(latencies[i]) + " p50", s.latency[i].p50, seconds);
    rows.add(std::string(latencies[i]) + " p99", s.latency[i].p99, seconds);
  }
  rows.add("client network", s.network.mean, seconds, Shown::if_any);
  rows.add("(quantiles)", s.exact_quantiles ? "exact" : "within 1 %");
  for (const fleet::ClassSummary& c : s.classes) {
    rows.add("attained " + c.name, c.attainment, percent);
  }
  rows.add("unanswered", 1 - s.availability, percent, Shown::if_any);
  rows.add("failures of replicas", sum(s.pools, &fleet::PoolSummary::failures), count,
           Shown::if_any);
  rows.add("prompt tokens read", sum(s.pools, &fleet::PoolSummary::prompt_tokens), count);
  rows.add("prompt tokens cached", share_of_cached(s.tenants), percent, Shown::if_any);
  rows.add("output tokens", s.output_tokens_per_s, rate);
  rows.add("preemptions", static_cast<double>(s.preemptions), count);
  for (const fleet::PoolSummary& pool : s.pools) {
    rows.add("busy " + pool.name, pool.utilisation, percent);
  }
  const fleet::Account& all = s.accounts.total;
  rows.add("accelerator-hours", all.accelerator_h, hours);
  rows.add("cost", all.cost_usd(), dollars);
  std::string basis = bases(scenario);
  std::replace(basis.begin(), basis.end(), '-', ' ');  // where a line may end
  rows.add(basis_row, basis);
  rows.add("egress", all.cost_egress_usd, dollars, Shown::if_any);
  rows.add("shortfall", all.cost_shortfall_usd, dollars, Shown::if_any);
  rows.add("a million prompt tokens", all.cost_per_million_prompt_tokens_usd(), dollars_exactly);
  rows.add("a million output tokens", all.cost_per_million_output_tokens_usd(), dollars_exactly);
  rows.add("a million tokens", all.cost_per_million_tokens_usd(), dollars_exactly);
  rows.add("revenue", all.revenue_usd, dollars, Shown::if_any);
  if (all.revenue_usd > 0) rows.add("margin", all.margin_usd(), dollars);
  rows.add("energy", all.energy_j, kilowatt_hours);
  rows.add("tokens a joule", all.tokens_per_j(), ratio);
  rows.add("carbon", all.carbon_kg, kilograms);
  rows.add("identity", scenario.identity.substr(0, 12));
  return rows.take();
}

// Cannot stand in what users name.
constexpr char end_of_field = '\x1f';

std::string field(std::string_view text, std::size_t& at) {
  const std::size_t end = text.find(end_of_field, at);
  SIM_ASSERT(end != std::string_view::npos);
  const std::string_view found = text.substr(at, end - at);
  at = end + 1;
  return std::string(found);
}

double number(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  SIM_ASSERT(error == std::errc() && end == text.data() + text.size());
  return value;
}

const Cell* find(const Column& column, const std::string& row) {
  const auto found = std::find_if(column.cells.begin(), column.cells.end(),
                                  [&row](const Cell& cell) { return cell.row == row; });
  return found == column.cells.end() ? nullptr : &*found;
}

// The rows of all columns: one that a column has alone comes after those before it there.
std::vector<std::string> rows_of(const std::vector<Column>& columns) {
  std::vector<std::string> rows;
  for (const Column& column : columns) {
    auto after = rows.begin();
    for (const Cell& cell : column.cells) {
      const auto found = std::find(rows.begin(), rows.end(), cell.row);
      after = found != rows.end() ? std::next(found) : std::next(rows.insert(after, cell.row));
    }
  }
  return rows;
}

bool is_shown(const std::vector<Column>& columns, const std::string& row) {
  return std::any_of(columns.begin(), columns.end(), [&row](const Column& column) {
    const Cell* cell = find(column, row);
    return cell != nullptr && (cell->shown == Shown::always || cell->value > 0);
  });
}

bool stand_on_unlike_bases(const std::vector<Column>& columns) {
  const Cell* first = nullptr;
  for (const Column& column : columns) {
    const Cell* cell = find(column, basis_row);
    if (cell == nullptr) continue;
    if (first != nullptr && cell->text != first->text) return true;
    first = cell;
  }
  return false;
}

std::string change(const Cell* from, const Cell* to) {
  if (from == nullptr || to == nullptr) return "";
  if (from->value == to->value) return "=";
  const double relative = to->value / from->value - 1;
  return std::isfinite(relative) ? fmt::format("{:+.1f} %", 100 * relative) : "";
}

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

// The text in lines of at most `width` characters, broken at blanks where there are any.
std::vector<std::string> broken(std::string text, std::size_t width) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    std::size_t end = 0, blank = 0;
    for (std::size_t characters = 0; end < text.size(); ++end) {
      if (!continues_character(text[end]) && ++characters > width) break;
      if (text[end] == ' ') blank = end;
    }
    if (end < text.size() && text[end] != ' ' && blank > 0) end = blank;
    lines.push_back(text.substr(0, end));
    text.erase(0, end < text.size() && text[end] == ' ' ? end + 1 : end);
  }
  return lines;
}

std::string heading(const std::vector<Column>& columns, std::size_t label, std::size_t width) {
  std::vector<std::vector<std::string>> names;
  std::size_t lines = 1;
  for (const Column& column : columns) {
    names.push_back(broken(column.name, width - 2));
    lines = std::max(lines, names.back().size());
  }
  std::string text;
  for (std::size_t line = 0; line < lines; ++line) {
    text += std::string(label, ' ');
    for (const std::vector<std::string>& name : names) {
      const std::size_t above = lines - name.size();  // short names stand at the bottom
      text += fmt::format("{:>{}}", line < above ? "" : name[line - above], width);
    }
    if (columns.size() == 2 && line + 1 == lines) text += fmt::format("{:>12}", "change");
    text.erase(text.find_last_not_of(' ') + 1);
    text += '\n';
  }
  return text;
}

// Cells that are too long go on below.
std::string row_text(const std::vector<Column>& columns, const std::string& row, std::size_t label,
                     std::size_t width) {
  std::vector<std::vector<std::string>> cells;
  std::size_t lines = 1;
  for (const Column& column : columns) {
    const Cell* cell = find(column, row);
    cells.push_back(broken(cell == nullptr ? "-" : cell->text, width - 1));
    lines = std::max(lines, cells.back().size());
  }
  std::string text;
  for (std::size_t line = 0; line < lines; ++line) {
    text += fmt::format("{:<{}.{}}", line == 0 ? row : "", label, label - 1);
    for (const auto& cell : cells) {
      text += fmt::format(" {:>{}}", line < cell.size() ? cell[line] : "", width - 1);
    }
    if (columns.size() == 2 && line == 0) {
      text += fmt::format("{:>12}", change(find(columns[0], row), find(columns[1], row)));
    }
    text.erase(text.find_last_not_of(' ') + 1);
    text += '\n';
  }
  return text;
}

}  // namespace

Column column_of(const Ran& ran) { return {"", ran.digest, cells_of(ran.scenario, ran.summary)}; }

std::string packed(const Column& column) {
  std::string text = column.digest + end_of_field;
  for (const Cell& cell : column.cells) {
    for (const std::string& part : {cell.row, cell.text, fmt::format("{}", cell.value),
                                    std::string(1, static_cast<char>(cell.shown))}) {
      text += part + end_of_field;
    }
  }
  return text;
}

Column unpacked(const std::string& text) {
  Column column;
  std::size_t at = 0;
  column.digest = field(text, at);
  while (at < text.size()) {
    Cell& cell = column.cells.emplace_back();
    cell.row = field(text, at);
    cell.text = field(text, at);
    cell.value = number(field(text, at));
    cell.shown = static_cast<Shown>(field(text, at).front());
  }
  return column;
}

std::string variant_table(const std::vector<Column>& columns) {
  constexpr std::size_t label = 24;
  const std::size_t width = columns.size() > 3 ? 14 : columns.size() == 3 ? 18 : 20;
  std::string text = heading(columns, label, width);
  for (const std::string& row : rows_of(columns)) {
    if (!is_shown(columns, row)) continue;
    text += row_text(columns, row, label, width);
  }
  if (stand_on_unlike_bases(columns)) {
    text += "(costs are on unlike bases: they do not compare)\n";
  }
  return text + "(more of one, and what it stands on: --variant NAME)\n";
}

}  // namespace tokenyard::commands
