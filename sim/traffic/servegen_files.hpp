// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "traffic/quantile_functions.hpp"

namespace tokenyard::traffic {

// What the files of ServeGen's statistics say.
struct ServeGenFiles {
  static constexpr double window_s = 600;
  static constexpr std::uint32_t windows_in_period = 36;  // 6 h

  enum class Pattern : std::uint8_t { gamma, weibull };
  enum class Field : std::uint8_t { input, output, reason_ratio };

  // A client's arrivals in 600 s.
  struct Window {
    std::uint32_t client;
    std::uint32_t number;
    double requests;
    double cv;
    Pattern pattern;
  };
  // A client's lengths in 6 h.
  struct Lengths {
    std::uint32_t client;
    std::uint32_t period;
    Field field;
    double mean;
    Knots knots;
  };

  std::vector<std::string> clients;
  std::vector<Window> windows;
  std::vector<Lengths> lengths;  // of clients that have windows
};

// Throws ConfigError with the mistakes of a file.
ServeGenFiles read_servegen(const std::string& windows, const std::string& lengths);

}  // namespace tokenyard::traffic
