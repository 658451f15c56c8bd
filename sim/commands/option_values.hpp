// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "core/quantity.hpp"

namespace tokenyard::commands {

// Values of command-line options. Each throws ConfigError that names the option.

[[noreturn]] void refuse_option(const std::string& option, const std::string& text);

// A whole number from 0 to 2^64 - 1.
std::uint64_t whole_option(const std::string& option, const std::string& text);
// A number above 0, up to `most`.
double positive_option(const std::string& option, const std::string& text, double most);
// At least one token.
Tokens tokens_option(const std::string& option, const std::string& text);
// A quantity of time that is not negative, e.g. '10 min'.
Duration duration_option(const std::string& option, const std::string& text);
// The same for how long something may take: in whole seconds, rounded up, at least one.
std::chrono::seconds timeout_option(const std::string& option, const std::string& text);

}  // namespace tokenyard::commands
