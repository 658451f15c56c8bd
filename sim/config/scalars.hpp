// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "config/section.hpp"

namespace tokenyard::config {

// A scalar as each of the types that sections read. Returns what is wrong, "" if nothing.
std::string parse_scalar(const Value& value, bool& result);
std::string parse_scalar(const Value& value, std::int64_t& result);
std::string parse_scalar(const Value& value, std::uint64_t& result);
std::string parse_scalar(const Value& value, double& result);
std::string parse_scalar(const Value& value, std::string& result);
std::string parse_quantity(const Value& value, Dimension dimension, double& result);
std::string parse_whole(const Value& value, Dimension dimension, std::int64_t& result);

// "-3 is below 0", "" if the number is within its limits. `shown` is the number as written.
std::string beyond_limits(double number, const std::string& shown, Limits limits,
                          std::string_view unit);

// A number within the limits, for reading on after a mistake.
double harmless(Limits limits);

// "1 element where at least 2 must be; add more"
std::string too_few(std::size_t count, std::size_t least);

}  // namespace tokenyard::config
