// SPDX-License-Identifier: Apache-2.0
#include "traffic/servegen_files.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include "traffic/servegen.hpp"
#include "traffic/statistics_rows.hpp"

namespace tokenyard::traffic {
namespace {

using Pattern = ServeGenFiles::Pattern;
using Field = ServeGenFiles::Field;

constexpr std::string_view windows_header = "client,t_s,rate_rps,cv,pattern,p1,p2";
constexpr std::string_view lengths_header = "client,t_s,field,mean,q0";
constexpr std::size_t lengths_before_quantiles = 4;
constexpr std::size_t most_quantiles = 41;
constexpr std::size_t most_windows = 2'000'000;
constexpr std::size_t most_lengths = 100'000;
constexpr double most_number = 10'000'000;  // of a window: 190 years

std::optional<Problem> parse_number(const Cell& cell, double unit_s, std::uint32_t& number) {
  double seconds = 0;
  if (auto problem = parse_seconds(cell, "t_s", seconds)) return problem;
  const double count = seconds / unit_s;
  const std::string unit = std::to_string(static_cast<int>(unit_s)) + " s";
  if (count != std::floor(count)) return wrong(cell, "t_s", "is not a multiple of " + unit);
  if (count > most_number) {
    return wrong(cell, "t_s", "is too late; count from the beginning of the record");
  }
  number = static_cast<std::uint32_t>(count);
  return std::nullopt;
}

// "q99.9": with the five decimals that a workload file is written with; -1 if it is no quantile.
double probability_of(std::string_view column) {
  double percent = 0;
  const char* end = column.data() + column.size();
  if (!column.starts_with('q') || column.size() < 2) return -1;
  const auto [stop, error] = std::from_chars(column.data() + 1, end, percent);
  if (error != std::errc() || stop != end || !std::isfinite(percent)) return -1;
  return std::round(percent * 1e3) / 1e5;
}

class Reader {
 public:
  void read_windows(const std::string& path) {
    LineReader lines(path);
    if (!begins_servegen(header_of(lines))) {
      throw config::ConfigError(
          lines.mistake(0, "not the header of windows; it must be " + std::string(windows_header)));
    }
    read_rows(lines, 7, most_windows, [&](auto cells) { return take_window(lines, cells); });
  }

  void read_lengths(const std::string& path) {
    LineReader lines(path);
    const std::string header(header_of(lines));
    if (auto problem = read_quantile_columns(header)) {
      throw config::ConfigError(lines.mistake(problem->offset, std::move(problem->text)));
    }
    read_rows(lines, lengths_before_quantiles + probabilities_.size(), most_lengths,
              [this](auto cells) { return take_lengths(cells); });
  }

  ServeGenFiles files;

 private:
  std::optional<Problem> take_window(const LineReader& lines, std::span<const Cell> cells) {
    ServeGenFiles::Window window{};
    std::string name;
    if (auto problem = parse_label(cells[0], "client", name)) return problem;
    if (auto problem = parse_number(cells[1], ServeGenFiles::window_s, window.number))
      return problem;
    double rate = 0;
    if (auto problem = parse_seconds(cells[2], "rate_rps", rate)) return problem;
    window.requests = rate * ServeGenFiles::window_s;
    if (auto problem = parse_seconds(cells[3], "cv", window.cv)) return problem;
    const std::string_view pattern = cells[4].text;
    if (pattern != "Gamma" && pattern != "Weibull") {
      return wrong(cells[4], "pattern", "is neither Gamma nor Weibull");
    }
    window.pattern = pattern == "Gamma" ? Pattern::gamma : Pattern::weibull;
    const auto next = static_cast<std::uint32_t>(numbers_.size());
    const auto [known, is_new] = numbers_.emplace(name, next);
    if (is_new && next == most_described_clients) {
      throw config::ConfigError(
          lines.mistake(0, "has one more client than the 10,000 there may be; split the file"));
    }
    if (is_new) files.clients.push_back(name);
    window.client = known->second;
    if (!seen_windows_.emplace(window.client, window.number).second) {
      return wrong(cells[1], "t_s", "is there twice for this client; remove one row");
    }
    files.windows.push_back(window);
    return std::nullopt;
  }

  std::optional<Problem> read_quantile_columns(std::string_view header) {
    if (!begins_servegen_lengths(header)) {
      return Problem{0, "not the header of lengths; it must be " + std::string(lengths_header) +
                            ",... up to q100"};
    }
    std::vector<Cell> cells;
    split(header, cells);
    for (std::size_t i = lengths_before_quantiles; i < cells.size(); ++i) {
      const std::string_view text = cells[i].text;
      const double probability = probability_of(text);
      const double before = probabilities_.empty() ? -1 : probabilities_.back();
      if (!(probability > before && probability <= 1)) {
        return wrong(cells[i], "column",
                     "is no quantile above the one before, like q99; correct it");
      }
      if (probabilities_.size() == most_quantiles) {
        return wrong(cells[i], "column", "is beyond the 41 quantiles there may be; remove some");
      }
      probabilities_.push_back(probability);
    }
    if (probabilities_.back() == 1) return std::nullopt;
    return wrong(cells.back(), "column", "is the last, but not q100; add the greatest value");
  }

  std::optional<Problem> take_lengths(std::span<const Cell> cells) {
    static constexpr std::array<std::string_view, 3> fields = {"input_tokens", "output_tokens",
                                                               "reason_ratio"};
    ServeGenFiles::Lengths row{};
    std::string name;
    if (auto problem = parse_label(cells[0], "client", name)) return problem;
    constexpr double period_s = ServeGenFiles::window_s * ServeGenFiles::windows_in_period;
    if (auto problem = parse_number(cells[1], period_s, row.period)) return problem;
    const auto field = std::find(fields.begin(), fields.end(), cells[2].text);
    if (field == fields.end()) {
      return wrong(cells[2], "field", "is none of input_tokens, output_tokens, reason_ratio");
    }
    row.field = static_cast<Field>(field - fields.begin());
    if (auto problem = parse_seconds(cells[3], "mean", row.mean)) return problem;
    if (auto problem = read_quantiles(cells.subspan(lengths_before_quantiles), row)) return problem;
    const auto known = numbers_.find(name);
    if (known == numbers_.end()) return std::nullopt;
    row.client = known->second;
    if (!seen_lengths_.emplace(row.client, row.period, row.field).second) {
      return wrong(cells[2], "field", "is there twice for this client and time; remove one row");
    }
    files.lengths.push_back(std::move(row));
    return std::nullopt;
  }

  std::optional<Problem> read_quantiles(std::span<const Cell> cells,
                                        ServeGenFiles::Lengths& row) const {
    for (std::size_t i = 0; i < cells.size(); ++i) {
      double value = 0;
      if (auto problem = parse_seconds(cells[i], "quantile", value)) return problem;
      if (!row.knots.empty() && value < row.knots.back().value) {
        return wrong(cells[i], "quantile", "is below the one before");
      }
      row.knots.push_back({probabilities_[i], value});
    }
    // Nobody asks for less than a token.
    if (row.field == Field::reason_ratio) return std::nullopt;
    for (Distribution::Knot& knot : row.knots) knot.value = std::max(knot.value, 1.0);
    row.mean = std::max(row.mean, 1.0);
    return std::nullopt;
  }

  std::map<std::string, std::uint32_t> numbers_;
  std::set<std::pair<std::uint32_t, std::uint32_t>> seen_windows_;
  std::set<std::tuple<std::uint32_t, std::uint32_t, Field>> seen_lengths_;
  std::vector<double> probabilities_;
};

}  // namespace

bool begins_servegen(std::string_view header) { return header == windows_header; }

bool begins_servegen_lengths(std::string_view header) {
  return header.starts_with(std::string(lengths_header) + ",");
}

ServeGenFiles read_servegen(const std::string& windows, const std::string& lengths) {
  Reader reader;
  reader.read_windows(windows);
  reader.read_lengths(lengths);
  return std::move(reader.files);
}

}  // namespace tokenyard::traffic
