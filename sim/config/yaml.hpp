// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "config/value.hpp"

namespace tokenyard::config {

// One YAML value, which may be empty. Throws ConfigError.
Value parse_yaml_value(const std::string& file, std::string_view text);

}  // namespace tokenyard::config
