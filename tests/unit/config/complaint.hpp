// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "config/section.hpp"
#include "config/value.hpp"

namespace tokenyard::config {

// What a call complains of, a line for each mistake, or "" if it does not.
template <class Call>
std::string complaint(Call call) {
  try {
    call();
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "";
}

inline std::string complaint_of_yaml(std::string_view text) {
  return complaint([&] { parse_yaml("t", text); });
}

inline std::string complaint_of_json(std::string_view text) {
  return complaint([&] { parse_json("t", text); });
}

// What a reading of the text complains of; `read` takes the root section.
template <class Read>
std::string complaint_of_reading(std::string_view text, Read read) {
  const Document document = parse_yaml("t", text);
  Reading reading;
  Section root(document, reading);
  read(root);
  return complaint([&] { reading.mistakes.throw_if_any(); });
}

}  // namespace tokenyard::config
