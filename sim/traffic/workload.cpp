// SPDX-License-Identifier: Apache-2.0
#include "traffic/workload.hpp"

#include <algorithm>

namespace tokenyard::traffic {
namespace {

using config::Section;

std::unique_ptr<Arrivals> open_client(const Client& client, const Opening& opening) {
  StreamInput input{opening.pattern, &client.lengths, nullptr, opening.seeding};
  if (client.prefixes) input.prefixes = &*client.prefixes;
  if (!client.name.empty()) {
    input.seeding.name = joined(input.seeding.name, client.name);
    input.seeding.family = joined(input.seeding.family, client.name);
  }
  if (const auto* users = std::get_if<UsersPlan>(&client.arrivals)) {
    const double count = static_cast<double>(users->count) * opening.scale + 0.5;
    return std::make_unique<ClosedLoop>(
        input, *users, std::max<std::int64_t>(1, static_cast<std::int64_t>(count)));
  }
  DatesPlan dates = std::get<DatesPlan>(client.arrivals);
  for (RateCurve::Factor& factor : dates.curve.factors) {
    if (factor.period < RateCurve::forever) factor.ahead += opening.local_clock.value();
  }
  dates.curve.factors.push_back(RateCurve::constant(opening.scale));
  if (client.sessions) {
    return std::make_unique<Sessions>(input, std::move(dates), *client.sessions);
  }
  return std::make_unique<OpenArrivals>(input, std::move(dates));
}

}  // namespace

double Client::expected(Duration until) const {
  if (const auto* users = std::get_if<UsersPlan>(&arrivals)) {
    return users->ends() ? static_cast<double>(users->requests) : RateCurve::forever;
  }
  const auto& dates = std::get<DatesPlan>(arrivals);
  const double end = std::min(until.value(), dates.curve.end());
  if (end == RateCurve::forever) return RateCurve::forever;
  return dates.expected(Duration(end)) * (sessions ? sessions->requests_per_session() : 1);
}

bool Client::ends() const {
  if (const auto* users = std::get_if<UsersPlan>(&arrivals)) return users->ends();
  return std::get<DatesPlan>(arrivals).curve.end() < RateCurve::forever;
}

double Workload::expected_requests(Duration until) const {
  double sum = 0;
  for (const Client& client : clients) sum += client.expected(until);
  return sum;
}

bool Workload::ends() const {
  return std::all_of(clients.begin(), clients.end(), [](const Client& c) { return c.ends(); });
}

std::vector<std::unique_ptr<Arrivals>> open_clients(const Workload& workload,
                                                    const Opening& opening, std::size_t first) {
  std::vector<std::unique_ptr<Arrivals>> streams;
  Opening own = opening;
  for (const Client& client : workload.clients) {
    own.pattern.client = static_cast<std::uint32_t>(first + streams.size());
    streams.push_back(open_client(client, own));
  }
  return streams;
}

Client read_client(Section& section) {
  Client client;
  client.arrivals = read_arrivals(section.child("arrivals"));
  client.lengths = read_lengths(section.child("lengths"));
  const bool open = std::holds_alternative<DatesPlan>(client.arrivals);
  if (section.has("sessions")) {
    client.sessions = read_sessions(section.child("sessions"));
    if (!open) section.mistake("sessions", "need arrivals that begin them, not a closed loop");
  }
  if (section.has("prefixes")) {
    client.prefixes = read_prefixes(section.child("prefixes"));
    if (!open) section.mistake("prefixes", "are not for a closed loop; use sessions");
    if (client.sessions && client.prefixes->reuse) {
      section.mistake("prefixes", "'reuse' stands beside 'sessions', which reuse by themselves");
    }
  }
  return client;
}

Workload read_workload(const config::Document& document, config::Reading& reading) {
  Workload workload;
  Section root(document, reading);
  workload.name = root.required<std::string>("name");
  workload.source = root.required<std::string>("source");
  root.skip("description");
  root.skip("licence");
  root.skip("fit");
  if (root.has("clients")) {
    for (Section& section : root.children("clients", 1)) {
      const auto name = section.required<std::string>("name");
      for (const Client& other : workload.clients) {
        if (other.name == name) section.mistake("name", "names two clients; rename one");
      }
      workload.clients.push_back(read_client(section));
      workload.clients.back().name = name;
      section.finish();
    }
  } else {
    workload.clients.push_back(read_client(root));
  }
  root.finish();
  return workload;
}

}  // namespace tokenyard::traffic
