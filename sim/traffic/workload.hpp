// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/section.hpp"
#include "traffic/closed_loop.hpp"
#include "traffic/sessions.hpp"

namespace tokenyard::traffic {

// The one list of arrival processes a workload file may name.
enum class Process : std::uint8_t {
  poisson,
  gamma,
  weibull,
  markov_modulated,
  batches,
  closed_loop
};
inline constexpr std::array<std::string_view, 6> arrival_processes = {
    "poisson", "gamma", "weibull", "markov-modulated", "batches", "closed-loop"};

// One kind of client of a workload: when its requests come, how long they are, what they share.
struct Client {
  std::string name;
  std::variant<DatesPlan, UsersPlan> arrivals;
  Lengths lengths;
  std::optional<SessionPlan> sessions;
  std::optional<PrefixPlan> prefixes;

  // Expected requests before a date; infinite, if there is no end to them and the date is infinite.
  double expected(Duration until) const;
  bool ends() const;
};

// Traffic described by statistics: a workload file (workloads/NAME.yaml).
struct Workload {
  std::string name;
  std::string source;
  std::vector<Client> clients;

  double expected_requests(Duration until) const;
  bool ends() const;
};

// How a stream is made from a workload.
struct Opening {
  Request pattern;
  double scale = 1;  // of the rate, or of the number of users
  Seeding seeding;
  Duration local_clock{0};  // how much later it is where the clients are
};

// The streams of a workload's clients, in their order; their requests count clients from `first`.
// The workload must outlive them.
std::vector<std::unique_ptr<Arrivals>> open_clients(const Workload& workload,
                                                    const Opening& opening, std::size_t first = 0);

// Reads the whole document; mistakes are noted in the reading.
Workload read_workload(const config::Document& document, config::Reading& reading);

// The keys of one client: arrivals, lengths, sessions, prefixes.
Client read_client(config::Section& section);

// Reads `process`, `rate` and what else the process needs.
std::variant<DatesPlan, UsersPlan> read_arrivals(config::Section section);

}  // namespace tokenyard::traffic
