// SPDX-License-Identifier: Apache-2.0
#include "traffic/telemetry_file.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

#include "traffic/statistics_rows.hpp"
#include "traffic/telemetry.hpp"

namespace tokenyard::traffic {
namespace {

namespace chrono = std::chrono;

enum Column : std::uint8_t { hour, region, model, tier, requests, input, output, cached };
constexpr std::array<std::string_view, 8> names = {"hour",          "region",       "model",
                                                   "tier",          "requests",     "input_tokens",
                                                   "output_tokens", "cached_tokens"};
constexpr std::size_t required = 7;
constexpr std::size_t most_rows = 10'000'000;

// "2026-11-02T13:00", or with a blank, :00 seconds and Z: hours since 1970.
std::optional<std::int64_t> parse_hour(std::string_view text) {
  for (const std::string_view end : {"Z", "+00:00"}) {
    if (text.ends_with(end)) {
      text.remove_suffix(end.size());
      break;
    }
  }
  constexpr std::string_view shape = "dddd-dd-dd dd:00:00";
  if (text.size() != shape.size() && text.size() != shape.size() - 3) return std::nullopt;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    const bool between = i == 10 && text[i] == 'T';
    if (shape[i] == 'd' ? !digit : text[i] != shape[i] && !between) return std::nullopt;
  }
  const auto number = [text](std::size_t at, std::size_t length) {
    unsigned value = 0;
    std::from_chars(text.data() + at, text.data() + at + length, value);
    return value;
  };
  const chrono::year_month_day day(chrono::year(static_cast<int>(number(0, 4))),
                                   chrono::month(number(5, 2)), chrono::day(number(8, 2)));
  if (!day.ok() || number(11, 2) > 23) return std::nullopt;
  return chrono::sys_days(day).time_since_epoch().count() * std::int64_t{24} + number(11, 2);
}

class Reader {
 public:
  explicit Reader(const std::string& path) : lines_(path) {
    if (auto problem = read_columns(header_of(lines_), names, columns_)) {
      throw config::ConfigError(lines_.mistake(problem->offset, std::move(problem->text)));
    }
    for (std::size_t i = 0; i < required; ++i) {
      if (std::find(columns_.begin(), columns_.end(), i) != columns_.end()) continue;
      throw config::ConfigError(
          lines_.mistake(0, "has no column '" + std::string(names[i]) + "'; add it"));
    }
    made_.says_cached = columns_.size() > required;
  }

  Telemetry read() {
    read_rows(lines_, columns_.size(), most_rows, [this](auto cells) { return take(cells); });
    return std::move(made_);
  }

 private:
  // What a row says.
  struct Row {
    std::int64_t hour = 0;
    TelemetryKey key;
    double requests = 0;
    double input = 0;
    double output = 0;
    double cached = 0;
  };

  std::optional<Problem> take(std::span<const Cell> cells) {
    Row row;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (auto problem = read_cell(static_cast<Column>(columns_[i]), cells[i], row)) return problem;
    }
    if (row.cached > row.input) {
      const auto at = std::find(columns_.begin(), columns_.end(), cached) - columns_.begin();
      return wrong(cells[static_cast<std::size_t>(at)], names[cached], "is above input_tokens");
    }
    add(row);
    return std::nullopt;
  }

  static std::optional<Problem> read_cell(Column column, const Cell& cell, Row& row) {
    const std::string_view name = names[column];
    switch (column) {
      case hour:
        return read_hour(cell, row);
      case region:
        return parse_label(cell, name, row.key.region);
      case model:
        return parse_label(cell, name, row.key.model);
      case tier:
        return read_tier(cell, row);
      case requests:
        return parse_seconds(cell, name, row.requests);
      case input:
        return parse_seconds(cell, name, row.input);
      case output:
        return parse_seconds(cell, name, row.output);
      case cached:
        return parse_seconds(cell, name, row.cached);
    }
    return std::nullopt;
  }

  static std::optional<Problem> read_hour(const Cell& cell, Row& row) {
    const auto found = parse_hour(cell.text);
    if (!found) return wrong(cell, "hour", "is no full hour (UTC) like 2026-11-02T13:00");
    row.hour = *found;
    return std::nullopt;
  }

  static std::optional<Problem> read_tier(const Cell& cell, Row& row) {
    const auto found = std::find(tiers.begin(), tiers.end(), cell.text);
    if (found == tiers.end()) {
      return Problem{cell.offset,
                     config::unknown_name(std::string(cell.text), {tiers.begin(), tiers.end()})};
    }
    row.key.tier = static_cast<Tier>(found - tiers.begin());
    return std::nullopt;
  }

  void add(const Row& row) {
    made_.first_hour = any_ ? std::min(made_.first_hour, row.hour) : row.hour;
    made_.last_hour = any_ ? std::max(made_.last_hour, row.hour) : row.hour;
    any_ = true;
    TelemetryTenant& tenant = made_.tenants[row.key];
    tenant.requests[row.hour] += row.requests;
    tenant.sum += row.requests;
    tenant.input_tokens += row.input;
    tenant.cached_tokens += row.cached;
    tenant.output_tokens += row.output;
    check_size();
  }

  // At the row with which it becomes too much, so that nothing large is ever held.
  void check_size() const {
    const auto hours = static_cast<std::size_t>(made_.last_hour - made_.first_hour) + 1;
    const std::size_t tenants = made_.tenants.size();
    constexpr std::size_t keys = 40;  // of a tenant, beside its rates
    if (tenants > most_described_clients) {
      refuse("has one more tenant than the 10,000 there may be; split the file by region or model");
    }
    if (hours > most_described_steps) {
      refuse(
          "makes it more than the 100,000 hours there may be; correct the date, or split the file");
    }
    if (tenants * (hours + keys) > most_described) {
      refuse("makes it " + std::to_string(tenants) + " tenants and " + std::to_string(hours) +
             " hours, more than the 900,000 numbers a workload file may hold; split the file by "
             "time, region or model");
    }
  }

  [[noreturn]] void refuse(std::string text) const {
    throw config::ConfigError(lines_.mistake(0, std::move(text)));
  }

  LineReader lines_;
  std::vector<std::uint8_t> columns_;
  Telemetry made_;
  bool any_ = false;
};

}  // namespace

bool begins_telemetry(std::string_view header) {
  std::vector<Cell> cells;
  split(header, cells);
  return std::any_of(cells.begin(), cells.end(),
                     [](const Cell& cell) { return cell.text == names[hour]; });
}

Telemetry read_telemetry(const std::string& path) { return Reader(path).read(); }

std::string hour_text(std::int64_t hour) {
  const auto days = chrono::floor<chrono::days>(chrono::hours(hour));
  const chrono::year_month_day day{chrono::sys_days(days)};
  const auto padded = [](auto value, std::size_t width) {
    const std::string digits = std::to_string(value);
    return std::string(width - std::min(width, digits.size()), '0') + digits;
  };
  return padded(static_cast<int>(day.year()), 4) + "-" +
         padded(static_cast<unsigned>(day.month()), 2) + "-" +
         padded(static_cast<unsigned>(day.day()), 2) + " " +
         padded(hour - chrono::hours(days).count(), 2) + ":00 UTC";
}

}  // namespace tokenyard::traffic
