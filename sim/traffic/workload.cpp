// SPDX-License-Identifier: Apache-2.0
#include "traffic/workload.hpp"

#include <algorithm>

namespace tokenyard::traffic {
namespace {

using config::Section;

PoissonArrivals::Rate read_rate(Section section) {
  PoissonArrivals::Rate rate;
  rate.step = section.required<Duration>("step", config::positive);
  static constexpr std::array<std::string_view, 3> units = {"1/s", "1/min", "1/h"};
  static constexpr std::array<double, 3> seconds = {1, 60, 3600};
  const double per = seconds[section.choice("unit", units)];
  rate.per_s = section.numbers("values", config::not_negative);
  for (double& value : rate.per_s) value /= per;
  const bool silent =
      std::all_of(rate.per_s.begin(), rate.per_s.end(), [](double value) { return value == 0; });
  if (silent) section.mistake("values", "has no rate above 0, so nothing would ever arrive");
  section.finish();
  return rate;
}

ClosedLoop::Users read_users(Section& section) {
  ClosedLoop::Users users;
  users.count = std::max<std::int64_t>(section.required<std::int64_t>("users", {1, 1e8}), 1);
  users.think_time = section.optional<Duration>("think_time", Duration(0), config::not_negative);
  users.requests = section.required<std::int64_t>("requests", {1, 0x1p53});
  return users;
}

}  // namespace

double Workload::expected_requests() const {
  if (const auto* users = std::get_if<ClosedLoop::Users>(&arrivals)) {
    return static_cast<double>(users->requests);
  }
  const auto& rate = std::get<PoissonArrivals::Rate>(arrivals);
  double sum = 0;
  for (const double value : rate.per_s) sum += value * rate.step.value();
  return sum;
}

std::unique_ptr<Arrivals> Workload::generator(const Request& pattern, double scale,
                                              std::uint64_t seed, const std::string& stream) const {
  const GeneratorInput input{pattern, prompt, output, seed, stream};
  if (const auto* closed = std::get_if<ClosedLoop::Users>(&arrivals)) {
    ClosedLoop::Users users = *closed;
    const double count = static_cast<double>(users.count) * scale + 0.5;
    users.count = std::max<std::int64_t>(1, static_cast<std::int64_t>(count));
    return std::make_unique<ClosedLoop>(input, users);
  }
  PoissonArrivals::Rate rate = std::get<PoissonArrivals::Rate>(arrivals);
  for (double& value : rate.per_s) value *= scale;
  return std::make_unique<PoissonArrivals>(input, std::move(rate));
}

Workload read_workload(const config::Document& document, config::Reading& reading) {
  Workload workload;
  Section root(document, reading);
  workload.name = root.required<std::string>("name");
  workload.source = root.required<std::string>("source");
  root.skip("description");
  root.skip("licence");
  Section arrivals = root.child("arrivals");
  if (arrivals.choice("process", arrival_processes) == 1) {
    workload.arrivals = read_users(arrivals);
  } else {
    workload.arrivals = read_rate(arrivals.child("rate"));
  }
  arrivals.finish();
  Section lengths = root.child("lengths");
  workload.prompt = read_lengths(lengths.child("prompt_tokens"));
  workload.output = read_lengths(lengths.child("output_tokens"));
  lengths.finish();
  root.finish();
  return workload;
}

}  // namespace tokenyard::traffic
