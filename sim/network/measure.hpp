// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tokenyard::network {

// What a quantity of a platform file measures. Its units are SimGrid's: 1Gf, 400GBps, 5us.
enum class Measure : std::uint8_t { speed, bandwidth, latency };

// Why `text` is no finite quantity with a unit of SimGrid's, above zero (a latency may be zero):
// "problem; what to do". Empty if it is one. SimGrid itself takes nan, inf and negative numbers.
std::string problem_of_quantity(std::string_view text, Measure measure);

// Why `text` is no whole number from 1 to 999,999,999, in the same form.
std::string problem_of_count(std::string_view text);

// The value of a text without problem, in B/s, s or flop/s.
double quantity(std::string_view text, Measure measure);

}  // namespace tokenyard::network
