// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cmath>

#include "commands/trace_table.hpp"
#include "config/json_text.hpp"

namespace tokenyard::commands {
namespace {

using traffic::LengthStatistics;
using traffic::TraceStatistics;

std::string number(double value) {
  return std::isfinite(value) ? config::json_number(value) : "null";
}

std::string numbers(std::span<const double> values) {
  std::string text;
  for (const double value : values) text += (text.empty() ? "" : ", ") + number(value);
  return "[" + text + "]";
}

// A JSON object, one key a line.
class Object {
 public:
  explicit Object(std::size_t depth) : indent_(2 * depth + 2, ' ') {}

  void add(std::string_view key, const std::string& json) {
    text_ += fmt::format("{}\n{}\"{}\": {}", text_.empty() ? "" : ",", indent_, key, json);
  }
  void add(std::string_view key, double value) { add(key, number(value)); }
  void add(std::string_view key, std::uint64_t value) { add(key, std::to_string(value)); }
  std::string json() const { return "{" + text_ + "\n" + indent_.substr(2) + "}"; }

 private:
  std::string indent_;
  std::string text_;
};

std::string lengths(const LengthStatistics& l) {
  Object object(1);
  object.add("mean", l.mean);
  for (std::size_t i = 0; i < l.quantiles.size(); ++i) {
    object.add(fmt::format("p{:.0f}", 100 * LengthStatistics::shares[i]), l.quantiles[i]);
  }
  object.add("max", l.max);
  return object.json();
}

std::string arrivals(const traffic::ArrivalStatistics& a) {
  Object object(1);
  object.add("first_s", a.first_s);
  object.add("span_s", a.span_s);
  object.add("rate_mean_per_s", a.rate_per_s);
  object.add("rate_peak_minute_per_s", a.peak_rate_per_s);
  object.add("gap_cv", a.gap_variation);
  object.add("gap_cv_within_minutes", a.minute_variation);
  object.add("minutes_with_30_requests", a.minutes_counted);
  for (const auto& d : a.dispersion) {
    object.add(fmt::format("dispersion_{:.0f}s", d.window_s), d.value);
  }
  object.add("rates_per_s", numbers(a.rates));
  object.add("rates_by_hour_per_s", numbers(a.rates_by_hour));
  return object.json();
}

std::string tenants(const TraceStatistics& s) {
  Object object(1);
  for (const auto& [name, requests] : s.tenants) {
    if (name.empty() && s.tenants.size() == 1) return "{}";
    const std::string quoted = config::json_string(name);
    object.add(quoted.substr(1, quoted.size() - 2), requests);
  }
  return object.json();
}

std::string prefix(const TraceStatistics& s) {
  if (!s.prefix) return "null";
  const auto share = [](std::uint64_t part, std::uint64_t whole) {
    return static_cast<double>(part) / static_cast<double>(whole);
  };
  Object object(1);
  object.add("block_tokens", static_cast<std::uint64_t>(s.block.value()));
  object.add("blocks", s.prefix->blocks);
  object.add("blocks_seen_before", s.prefix->seen_before);
  object.add("blocks_seen_before_share", share(s.prefix->seen_before, s.prefix->blocks));
  object.add("blocks_distinct", s.prefix->distinct);
  object.add("requests_reused", s.prefix->requests_reused);
  object.add("requests_reused_share", share(s.prefix->requests_reused, s.requests));
  return object.json();
}

}  // namespace

std::string trace_json(std::string_view format, const TraceStatistics& s) {
  Object object(0);
  object.add("format", config::json_string(format));
  object.add("requests", s.requests);
  object.add("arrivals", arrivals(s.arrivals));
  object.add("prompt_tokens", lengths(s.prompt));
  object.add("output_tokens", lengths(s.output));
  object.add("max_tokens", s.max_tokens ? lengths(*s.max_tokens) : "null");
  object.add("rank_correlation", s.relation.rank_correlation);
  object.add("rank_correlation_sample", s.relation.sample);
  object.add("output_mean_by_prompt_quarter", numbers(s.relation.mean_output));
  object.add("tenants", tenants(s));
  object.add("sessions", s.sessions);
  object.add("session_requests", s.turns);
  object.add("prefix", prefix(s));
  return object.json() + "\n";
}

}  // namespace tokenyard::commands
