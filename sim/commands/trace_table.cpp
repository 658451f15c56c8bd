// SPDX-License-Identifier: Apache-2.0
#include "commands/trace_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace tokenyard::commands {
namespace {

using traffic::ArrivalStatistics;
using traffic::LengthStatistics;
using traffic::TraceStatistics;

constexpr std::size_t most_tenants = 8;

std::string number(double value) { return std::isnan(value) ? "-" : fmt::format("{:.3g}", value); }

std::string percent(std::uint64_t part, std::uint64_t whole) {
  const double share = static_cast<double>(part) / static_cast<double>(whole);
  return fmt::format("{:.1f} %", 100 * share);
}

std::string plural(std::uint64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string duration(double s) {
  if (s < 120) return fmt::format("{:.4g} s", s);
  if (s < 7200) return fmt::format("{:.4g} min", s / 60);
  return s < 172800 ? fmt::format("{:.4g} h", s / 3600) : fmt::format("{:.4g} d", s / 86400);
}

// Coefficients near 1, where more digits would say nothing.
std::string ratio(double value) {
  if (std::isnan(value)) return "-";
  return value < 10 ? fmt::format("{:.2f}", value) : fmt::format("{:.3g}", value);
}

std::string arrivals(const TraceStatistics& s) {
  const ArrivalStatistics& a = s.arrivals;
  if (a.span_s == 0) return fmt::format("requests    {}, at one time\n", s.requests);
  std::string text = fmt::format("requests    {} in {}\n", s.requests, duration(a.span_s));
  text += fmt::format("rate        {}/s mean", number(a.rate_per_s));
  if (!std::isnan(a.peak_rate_per_s)) {
    text += fmt::format(", {}/s in the busiest minute ({:.2f} times the mean)",
                        number(a.peak_rate_per_s), a.peak_rate_per_s / a.rate_per_s);
  }
  text += fmt::format("\ngaps        CV {} over all", ratio(a.gap_variation));
  if (a.minutes_counted > 0) {
    text += fmt::format(", {} within a minute (mean of {})", ratio(a.minute_variation),
                        plural(a.minutes_counted, "minute"));
  }
  text += "\ncounts      variance/mean";
  const char* separator = " ";
  for (const ArrivalStatistics::Dispersion& d : a.dispersion) {
    text += fmt::format("{}{} in {:.0f} s", separator, ratio(d.value), d.window_s);
    separator = ", ";
  }
  return text + "\n            (a Poisson process has 1 in all of these)\n";
}

std::string lengths_row(std::string_view name, const LengthStatistics& l) {
  std::string text = fmt::format("{:<10} {:>6.{}f}", name, l.mean, l.mean < 1000 ? 1 : 0);
  for (const double quantile : l.quantiles) text += fmt::format(" {:>6.0f}", quantile);
  return text + fmt::format(" {:>6.0f}\n", l.max);
}

std::string lengths(const TraceStatistics& s) {
  std::string text = fmt::format("\n{:<10} {:>6}", "tokens", "mean");
  for (const double share : LengthStatistics::shares) {
    text += fmt::format(" {:>6}", fmt::format("p{:.0f}", 100 * share));
  }
  text += fmt::format(" {:>6}\n", "max");
  text += lengths_row("prompt", s.prompt) + lengths_row("output", s.output);
  if (s.max_tokens) text += lengths_row("max_tokens", *s.max_tokens);
  text +=
      fmt::format("rank correlation of prompt and output {}", ratio(s.relation.rank_correlation));
  if (s.relation.sample < s.requests) text += fmt::format(" (of {} requests)", s.relation.sample);
  text += "\nmean output by quarter of the prompts, shortest first:";
  for (const double mean : s.relation.mean_output) text += fmt::format(" {:.0f}", mean);
  return text + "\n";
}

std::string tenants(const TraceStatistics& s) {
  if (s.tenants.size() < 2) return "";
  std::string text = "\n";
  std::uint64_t left = s.requests;
  for (std::size_t i = 0; i < std::min(s.tenants.size(), most_tenants); ++i) {
    const auto& [name, requests] = s.tenants[i];
    text += fmt::format("{:<11} {:<40.40} {:>8}\n", i == 0 ? "tenants" : "",
                        name.empty() ? "(none)" : name, percent(requests, s.requests));
    left -= requests;
  }
  if (s.tenants.size() > most_tenants) {
    text += fmt::format("{:<11} {:<40} {:>8}\n", "",
                        fmt::format("{} others", s.tenants.size() - most_tenants),
                        percent(left, s.requests));
  }
  return text;
}

std::string reuse(const TraceStatistics& s) {
  std::string text;
  if (s.sessions > 0) {
    text += fmt::format("\nsessions    {} with {:.2f} turns each; {} of the requests\n", s.sessions,
                        static_cast<double>(s.turns) / static_cast<double>(s.sessions),
                        percent(s.turns, s.requests));
  }
  if (!s.prefix) return text;
  const traffic::PrefixStatistics& p = *s.prefix;
  text +=
      fmt::format("\nreuse       {} of the {} blocks of {} tokens came before at the same place\n",
                  percent(p.seen_before, p.blocks), p.blocks, s.block.value());
  return text + fmt::format(
                    "            {} of the requests reuse more than their first block\n"
                    "            (a cache without bounds; {} different blocks)\n",
                    percent(p.requests_reused, s.requests), p.distinct);
}

std::string plots(const ArrivalStatistics& a, Glyphs glyphs) {
  std::string text;
  if (a.rates.empty()) return text;
  const double column_s = a.span_s / static_cast<double>(a.rates.size());
  text += fmt::format("\nrequests/s over time, {} a column\n", duration(column_s));
  text += draw({a.rates, 8, 1, "0", duration(a.span_s)}, glyphs);
  if (a.rates_by_hour.empty()) return text;
  text += "\nrequests/s by hour of the day, counted from the first request\n";
  return text + draw({a.rates_by_hour, 6, 2, "0", "24 h"}, glyphs);
}

}  // namespace

std::string trace_table(std::string_view format, const TraceStatistics& s, Glyphs glyphs) {
  return fmt::format("format      {}\n", format) + arrivals(s) + lengths(s) + tenants(s) +
         reuse(s) + plots(s.arrivals, glyphs);
}

}  // namespace tokenyard::commands
