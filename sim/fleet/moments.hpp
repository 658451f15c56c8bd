// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "config/section.hpp"
#include "core/quantity.hpp"

namespace tokenyard::fleet {

// A date of the world in UTC, where one of the simulation is an Instant.
using Moment = std::chrono::sys_seconds;

// "2026-04-20" or "2026-04-20T06:00Z"; nothing if it is neither.
std::optional<Moment> parse_moment(const std::string& text);
std::string moment_text(Moment moment);          // without its time of day at midnight
std::string no_moment(const std::string& text);  // what is wrong with it

Instant instant_of(Moment moment, Moment begins);
Moment moment_of(Instant date, Moment begins);  // whole seconds
Duration time_of_day(Moment moment);

// The key `begins` of a scenario: the date of its second 0.
std::optional<Moment> read_begins(config::Section& root);

}  // namespace tokenyard::fleet
