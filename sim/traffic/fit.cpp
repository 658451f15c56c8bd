// SPDX-License-Identifier: Apache-2.0
#include "traffic/fit.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/contracts.hpp"
#include "traffic/rate_curve.hpp"

namespace tokenyard::traffic {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double length_tolerance = 0.004;  // in probability
constexpr double range_tolerance = 0.01;
constexpr double share_tolerance = 0.01;
constexpr double least_in_step = 200;  // requests on average: a rate is then known within 7 %
constexpr double most_steps = 2000;
constexpr std::size_t most_ranges = 12;
constexpr std::size_t least_in_range = 300;

template <class Value>
std::vector<double> values_of(const std::vector<FitRow>& rows, Value value) {
  std::vector<double> values;
  values.reserve(rows.size());
  for (const FitRow& row : rows) values.push_back(static_cast<double>(value(row)));
  return values;
}

double mean_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

// Standard deviation by mean.
double variation(const std::vector<double>& values) {
  const double mean = mean_of(values);
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return std::sqrt(squares / static_cast<double>(values.size())) / mean;
}

double step_for(const FittedTrace& fitted) {
  const double rate = static_cast<double>(fitted.requests) / fitted.span_s;
  for (const double step : {10.0, 60.0, 300.0, 600.0, 1800.0, 3600.0, 7200.0, 21600.0, 86400.0}) {
    if (rate * step >= least_in_step && fitted.span_s / step <= most_steps) return step;
  }
  return fitted.span_s;
}

std::vector<double> rates_of(const std::vector<FitRow>& rows, double step_s, double span_s) {
  const auto steps = static_cast<std::size_t>(std::ceil(span_s / step_s));
  std::vector<double> rates(std::max<std::size_t>(steps, 1), 0.0);
  for (const FitRow& row : rows) {
    const auto step = static_cast<std::size_t>(row.date_s / step_s);
    rates[std::min(step, rates.size() - 1)] += 1 / step_s;
  }
  const double last = span_s - static_cast<double>(rates.size() - 1) * step_s;
  rates.back() *= step_s / last;
  return rates;
}

// A step's count has the noise of its arrivals in it, which a generator adds once more. Deviations
// from the mean are shrunk so that the counts vary as they did.
void shrink(std::vector<double>& rates, double step_s, double cv) {
  const double mean = mean_of(rates);
  const double spread = variation(rates) * mean;
  const double noise = cv * cv * mean / step_s;
  const double kept = spread > 0 ? std::sqrt(std::max(0.0, 1 - noise / (spread * spread))) : 0;
  for (double& rate : rates) rate = mean + (rate - mean) * kept;
}

// The gaps on a clock that runs with the rate.
std::vector<double> rescaled_gaps(const std::vector<FitRow>& rows, const FittedTrace& fitted) {
  RateCurve curve;
  curve.factors.emplace_back();
  for (std::size_t i = 0; i < fitted.rates.size(); ++i) {
    curve.factors[0].points.push_back({static_cast<double>(i) * fitted.step_s, fitted.rates[i]});
  }
  RateWalk walk(curve);
  std::vector<double> gaps;
  for (std::size_t i = 1; i < rows.size(); ++i) gaps.push_back(walk.pass(Instant(rows[i].date_s)));
  return gaps;
}

void fit_gaps(const std::vector<double>& gaps, FittedTrace& fitted) {
  fitted.cv = std::clamp(variation(gaps), least_cv, most_cv);
  if (std::abs(fitted.cv - 1) < 0.02) return;
  double nearest = infinity;
  for (const Gaps& candidate : {Gaps::gamma(fitted.cv), Gaps::weibull(fitted.cv)}) {
    RandomStream stream(0, 0, "fit/gaps");
    std::vector<double> drawn(100'000);
    for (double& gap : drawn) gap = candidate.draw(stream);
    const double distance = ks_distance(gaps, std::move(drawn));
    if (distance >= nearest) continue;
    nearest = distance;
    fitted.gaps = candidate.kind();
  }
}

void fit_rates(const std::vector<FitRow>& rows, FittedTrace& fitted) {
  fitted.rates = rates_of(rows, fitted.step_s, fitted.span_s);
  const std::vector<double> gaps = rescaled_gaps(rows, fitted);
  fitted.equal_stamps = static_cast<double>(std::count(gaps.begin(), gaps.end(), 0.0)) /
                        static_cast<double>(gaps.size());
  shrink(fitted.rates, fitted.step_s, std::min(variation(gaps), 3.0));
  fit_gaps(rescaled_gaps(rows, fitted), fitted);
}

// Prompts that end ranges of about as many rows each. A prompt that many have is a range of its
// own.
std::vector<double> range_ends(const std::vector<FitRow>& rows) {
  std::vector<double> prompts = values_of(rows, [](const FitRow& r) { return r.prompt; });
  std::sort(prompts.begin(), prompts.end());
  const std::size_t ranges = std::clamp<std::size_t>(rows.size() / least_in_range, 1, most_ranges);
  const auto below = [&prompts](double end) {
    return static_cast<std::size_t>(std::lower_bound(prompts.begin(), prompts.end(), end) -
                                    prompts.begin());
  };
  const std::size_t least = rows.size() / ranges / 3;
  std::vector<double> ends;
  std::size_t done = 0;  // rows in the ranges so far
  for (std::size_t i = 1; i < ranges; ++i) {
    const double prompt = prompts[i * rows.size() / ranges];
    for (const double end : {prompt, prompt + 1}) {
      if (below(end) < done + least || below(end) + least > rows.size()) continue;
      ends.push_back(end);
      done = below(end);
    }
  }
  ends.push_back(infinity);
  return ends;
}

FittedRange fit_range(const std::vector<FitRow>& rows, double below, bool reuses) {
  FittedRange range;
  range.below = below;
  range.output = fit_quantiles(
      values_of(rows, [](const FitRow& r) { return r.output; }),
      std::max(range_tolerance, 1 / std::sqrt(static_cast<double>(rows.size())) / 4), 0.5);
  if (!reuses) return range;
  range.reused_share = fit_quantiles(values_of(rows,
                                               [](const FitRow& r) {
                                                 return static_cast<double>(r.reused) /
                                                        static_cast<double>(r.prompt);
                                               }),
                                     share_tolerance, 0);
  return range;
}

void fit_ranges(const std::vector<FitRow>& rows, FittedTrace& fitted) {
  const bool reuses =
      std::any_of(rows.begin(), rows.end(), [](const FitRow& r) { return r.reused > 0; });
  double from = 0;
  for (const double below : range_ends(rows)) {
    std::vector<FitRow> own;
    for (const FitRow& row : rows) {
      const auto prompt = static_cast<double>(row.prompt);
      if (prompt >= from && prompt < below) own.push_back(row);
    }
    fitted.ranges.push_back(fit_range(own, below, reuses));
    from = below;
  }
  if (!reuses) return;
  std::vector<double> ages;
  for (const FitRow& row : rows) {
    if (row.reused > 0) ages.push_back(row.age_s);
  }
  fitted.age = fit_quantiles(std::move(ages), share_tolerance, 0);
}

}  // namespace

std::vector<Distribution::Knot> fit_quantiles(std::vector<double> values, double tolerance,
                                              double rounded_by) {
  SIM_EXPECT(!values.empty());
  std::sort(values.begin(), values.end());
  // The distribution function as a line through points; a whole value is all that rounds to it, and
  // one that many have is a step.
  std::vector<Distribution::Knot> line;
  const auto n = static_cast<double>(values.size());
  for (std::size_t i = 0; i < values.size();) {
    const double value = values[i];
    const double begin = std::max(0.0, value - rounded_by);
    const std::size_t first = i;
    while (i < values.size() && values[i] == value) ++i;
    const bool step = rounded_by > 0 || i - first > 1 || first == 0;
    if (step && (line.empty() || begin > line.back().value)) {
      line.push_back({static_cast<double>(first) / n, begin});
    }
    line.push_back({static_cast<double>(i) / n, value + rounded_by});
  }
  // As few of its points as keep it near (Ramer, Douglas and Peucker, with errors in probability).
  std::vector<bool> kept(line.size(), false);
  kept.front() = kept.back() = true;
  std::vector<std::pair<std::size_t, std::size_t>> open = {{0, line.size() - 1}};
  while (!open.empty()) {
    const auto [a, b] = open.back();
    open.pop_back();
    double worst = 1;
    std::size_t at = 0;
    for (std::size_t i = a + 1; i < b; ++i) {
      const double share = (line[i].value - line[a].value) / (line[b].value - line[a].value);
      const double between =
          line[a].probability + share * (line[b].probability - line[a].probability);
      // Nearer in the tails, which are long: a tenth of the tolerance at 1 % and 99 %.
      const double p = line[i].probability;
      const double allowed = tolerance * std::min(1.0, 10 * std::min(p, 1 - p)) + 0.5 / n;
      const double error = std::abs(between - p) / allowed;
      if (error > worst) {
        worst = error;
        at = i;
      }
    }
    if (at == 0) continue;
    kept[at] = true;
    open.emplace_back(a, at);
    open.emplace_back(at, b);
  }
  std::vector<Distribution::Knot> knots;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (kept[i]) knots.push_back(line[i]);
  }
  return knots;
}

double ks_distance(std::vector<double> a, std::vector<double> b) {
  SIM_EXPECT(!a.empty() && !b.empty());
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  double greatest = 0;
  std::size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    const double x = std::min(a[i], b[j]);
    while (i < a.size() && a[i] == x) ++i;
    while (j < b.size() && b[j] == x) ++j;
    greatest = std::max(greatest, std::abs(static_cast<double>(i) / static_cast<double>(a.size()) -
                                           static_cast<double>(j) / static_cast<double>(b.size())));
  }
  return greatest;
}

FittedTrace fit_trace(const std::vector<FitRow>& rows, const FitOptions& options) {
  SIM_EXPECT(rows.size() >= 2 && rows.back().date_s > 0);
  FittedTrace fitted;
  fitted.requests = rows.size();
  fitted.span_s = rows.back().date_s;
  fitted.step_s = std::min(fitted.span_s, options.step ? options.step->value() : step_for(fitted));
  fit_rates(rows, fitted);
  fitted.prompt = fit_quantiles(values_of(rows, [](const FitRow& r) { return r.prompt; }),
                                length_tolerance, 0.5);
  fit_ranges(rows, fitted);
  return fitted;
}

}  // namespace tokenyard::traffic
