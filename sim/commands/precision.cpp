// SPDX-License-Identifier: Apache-2.0
#include "commands/precision.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "commands/summary_table.hpp"
#include "config/errors.hpp"
#include "config/text.hpp"
#include "results/reader.hpp"
#include "sweep/statistics.hpp"

namespace tokenyard::commands {
namespace {

using results::Reader;
using sweep::Interval;

constexpr std::size_t batches = 20;
constexpr std::size_t least_requests = 10 * batches;
// Neighbours among 20 independent normal means correlate less in 95 of 100 experiments (0.294, the
// quantile of 100,000).
constexpr double much_alike = 0.3;

struct Latency {
  const char* column;
  const char* name;
  const char* key;  // in JSON
};
constexpr std::array<Latency, 3> latencies = {{
    {"time_to_first_token_s", "time to first", "time_to_first_token"},
    {"time_per_output_token_s", "per output token", "time_per_output_token"},
    {"end_to_end_s", "end to end", "end_to_end"},
}};

[[noreturn]] void refuse(const Reader& file, const std::string& object, const std::string& text) {
  throw config::ConfigError(config::Mistake{file.path(), {}, object, text});
}

// Which rows of /requests count, and when they arrived.
struct Rows {
  std::uint64_t count = 0;
  std::optional<std::uint8_t> tenant;
  double warm_up_s = 0;
};

// A latency in the order of the rows. Of a very long run, means of a few rows stand for them.
struct Series {
  std::vector<double> all, dates;  // with those of the warm-up, and when these arrived
  std::vector<double> since_warm_up;
  std::uint64_t requests = 0;  // of the last
};

// Takes values one by one, and keeps the means of so many.
class Thinner {
 public:
  Thinner(std::vector<double>& kept, std::uint64_t each) : kept_(kept), each_(each) {}

  // Whether one was kept.
  bool add(double value) {
    sum_ += value;
    if (++count_ < each_) return false;
    kept_.push_back(sum_ / static_cast<double>(each_));
    sum_ = 0;
    count_ = 0;
    return true;
  }

 private:
  std::vector<double>& kept_;
  std::uint64_t each_;
  double sum_ = 0;
  std::uint64_t count_ = 0;
};

Series read_series(const Reader& file, const Rows& rows, const std::string& column) {
  constexpr std::uint64_t most_kept = 4'000'000, portion = 100'000;
  Series series;
  const std::uint64_t each = 1 + rows.count / most_kept;
  Thinner all(series.all, each), since(series.since_warm_up, each);
  std::vector<double> dates(portion), values(portion);
  std::vector<std::uint8_t> tenants(portion);
  for (std::uint64_t first = 0; first < rows.count; first += portion) {
    const std::size_t size = std::min(portion, rows.count - first);
    file.read("/requests/arrival_s", first, size, dates.data());
    file.read(column, first, size, values.data());
    if (rows.tenant) file.read("/requests/tenant", first, size, tenants.data());
    for (std::size_t i = 0; i < size; ++i) {
      if (!std::isfinite(values[i]) || (rows.tenant && tenants[i] != *rows.tenant)) continue;
      if (all.add(values[i])) series.dates.push_back(dates[i]);
      if (dates[i] < rows.warm_up_s) continue;
      since.add(values[i]);
      ++series.requests;
    }
  }
  return series;
}

// What there is to say of one latency.
struct Figure {
  const Latency* latency = nullptr;
  Interval interval;
  double alike = 0;                  // the correlation of neighbouring batches
  std::optional<double> start_up_s;  // how long it lasts; none: cannot be told
  std::uint64_t requests = 0;
};

std::optional<Figure> figure_of(const Reader& file, const Rows& rows, const Latency& latency) {
  const Series series = read_series(file, rows, std::string("/requests/") + latency.column);
  if (series.since_warm_up.size() < least_requests) return {};
  Figure figure;
  figure.latency = &latency;
  figure.requests = series.requests;
  figure.interval = sweep::batch_means(series.since_warm_up, batches);
  figure.alike =
      sweep::neighbour_correlation(sweep::means_of_batches(series.since_warm_up, batches));
  if (const auto end = sweep::warm_up_end(series.all)) {
    figure.start_up_s = *end == 0 ? 0 : series.dates[*end];
  }
  return figure;
}

// A number from 0 on that the scenario in the file says; 0 if it says none.
double warm_up_in(const Reader& file) {
  const auto scenario = nlohmann::json::parse(file.text("/scenario"), nullptr, false);
  if (!scenario.is_object()) refuse(file, "/scenario", "is damaged");
  const auto found = scenario.find("warm_up");
  if (found == scenario.end() || !found->is_number()) return 0;
  return std::max(0.0, found->get<double>());
}

std::uint8_t code_of(const Reader& file, const std::string& tenant) {
  const auto meanings = file.attribute("/requests/tenant", "flag_meanings");
  const auto* names = meanings ? std::get_if<std::string>(&*meanings) : nullptr;
  if (names == nullptr) refuse(file, "/requests/tenant", "has no names");
  std::vector<std::string> known;
  for (std::size_t at = 0; at <= names->size();) {
    const std::size_t end = std::min(names->find(' ', at), names->size());
    known.push_back(names->substr(at, end - at));
    at = end + 1;
  }
  const auto found = std::find(known.begin(), known.end(), tenant);
  if (found == known.end()) {
    throw config::ConfigError(
        config::Mistake{"--tenant", {}, "", config::in_quotes(tenant) + " is none of " + *names});
  }
  return static_cast<std::uint8_t>(found - known.begin());
}

// The file may be a stranger's: of other types, or with columns of other lengths.
void check_column(const Reader& file, const std::string& column, results::Type type,
                  std::uint64_t rows) {
  if (!file.has(column)) refuse(file, column, "is missing; name the file of a `tokenyard run`");
  const Reader::Dataset found = file.dataset(column);
  if (!found.is_virtual && found.type == type && found.rows == rows) return;
  refuse(file, column, "is not as one run writes it; name the file of a `tokenyard run`");
}

Rows rows_of(const Reader& file, const PrecisionOptions& options) {
  if (!file.has("/requests/arrival_s") || !file.has("/scenario")) {
    refuse(file, "/requests",
           "is missing; simulate with results: {requests: all}, or take replications in a study");
  }
  Rows rows;
  rows.count = file.dataset("/requests/arrival_s").rows;
  check_column(file, "/requests/arrival_s", results::Type::f8, rows.count);
  for (const Latency& latency : latencies) {
    check_column(file, std::string("/requests/") + latency.column, results::Type::f8, rows.count);
  }
  rows.warm_up_s = warm_up_in(file);
  if (options.tenant.empty()) return rows;
  check_column(file, "/requests/tenant", results::Type::u1, rows.count);
  rows.tenant = code_of(file, options.tenant);
  return rows;
}

std::string percent(double share) {
  return fmt::format("{:.{}f} %", 100 * share, share < 0.1 ? 1 : 0);
}

std::string start_up(const Figure& figure) {
  return figure.start_up_s ? seconds(*figure.start_up_s) : "not told";
}

std::string table(const std::vector<Figure>& figures, double warm_up_s) {
  std::string text =
      fmt::format("{:<18}{:>10}  {:<34}{:>13}\n", "", "mean", "95 % interval", "start-up");
  for (const Figure& figure : figures) {
    const Interval& interval = figure.interval;
    text +=
        fmt::format("{:<18}{:>10}  {:<34}{:>13}\n", figure.latency->name, seconds(interval.mean),
                    fmt::format("{} to {} (+-{})", seconds(std::max(0.0, interval.low())),
                                seconds(interval.high()), percent(interval.relative())),
                    start_up(figure));
  }
  text += wrapped(
      fmt::format("intervals  of the means of {} batches of {} requests, as they ended after the "
                  "warm-up of {}; for traffic that stays as it is",
                  batches, figures.front().requests / batches, seconds(warm_up_s)),
      11);
  text += "start-up   lasts as long as MSER-5 would leave out\n";
  return text;
}

// What to do where the figures say less than they seem to.
std::string advice(const std::vector<Figure>& figures, double warm_up_s) {
  std::string text;
  double longest = 0;
  bool is_told = true;
  for (const Figure& figure : figures) {
    longest = std::max(longest, figure.start_up_s.value_or(0));
    is_told = is_told && figure.start_up_s.has_value();
    if (figure.alike <= much_alike) continue;
    text += wrapped(fmt::format("too short  neighbouring batches of '{}' are alike (correlation "
                                "{:.2f}): the truth may lie outside its interval; simulate longer, "
                                "or take replications in a study",
                                figure.latency->name, figure.alike),
                    11);
  }
  if (longest > warm_up_s) {
    text += wrapped(fmt::format("warm-up    ends before the start-up: try warm_up: {:.0f} s",
                                std::ceil(longest)),
                    11);
  }
  if (!is_told) {
    text += wrapped(
        "start-up   is not told where it would be over half of the run: simulate "
        "longer, if the traffic stays as it is",
        11);
  }
  return text;
}

std::string json(const std::vector<Figure>& figures, double warm_up_s) {
  nlohmann::json all = {{"warm_up_s", warm_up_s}, {"batches", batches}};
  for (const Figure& figure : figures) {
    nlohmann::json& one = all[figure.latency->key];
    one = {{"requests", figure.requests},
           {"mean_s", figure.interval.mean},
           {"half_width_s", figure.interval.half_width},
           {"neighbours_correlate", figure.alike}};
    one["start_up_s"] = figure.start_up_s ? nlohmann::json(*figure.start_up_s) : nullptr;
  }
  return all.dump(2) + "\n";
}

}  // namespace

int precision(const PrecisionOptions& options) {
  const Reader file(options.file);
  const Rows rows = rows_of(file, options);
  std::vector<Figure> figures;
  for (const Latency& latency : latencies) {
    if (const auto figure = figure_of(file, rows, latency)) figures.push_back(*figure);
  }
  if (figures.empty()) {
    refuse(file, "/requests",
           fmt::format("has fewer than {} requests after the warm-up; simulate longer",
                       least_requests));
  }
  fmt::print("{}", options.json ? json(figures, rows.warm_up_s)
                                : table(figures, rows.warm_up_s) + advice(figures, rows.warm_up_s));
  return 0;
}

}  // namespace tokenyard::commands
