// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tokenyard::config {

// What a quantity measures; each has its unit names (a table in units.cpp) and the one unit it is
// kept in, named first.
enum class Dimension : std::uint8_t {
  duration,          // s: ns us ms s min h d
  tokens,            // tokens: token tokens ktokens Mtokens, or a bare whole number
  bytes,             // B: B kB .. PB, KiB .. PiB
  bandwidth,         // B/s: B/s .. PB/s, KiB/s .. TiB/s, bit/s .. Tbit/s
  flops,             // FLOP: FLOP kFLOP .. ZFLOP
  flop_rate,         // FLOP/s: FLOP/s kFLOP/s .. EFLOP/s
  power,             // W: mW W kW MW GW
  price_rate,        // USD/h: USD/h USD/min USD/s USD/d
  energy_price,      // USD/kWh: USD/kWh USD/MWh
  carbon_intensity,  // g/kWh: g/kWh kg/kWh kg/MWh
  rate,              // 1/s: 1/s 1/min 1/h 1/d, or /s ..
  token_price,       // USD/Mtoken: USD/Mtoken USD/ktoken
  token_rate,        // tokens/s: tokens/s ktokens/s
  money,             // USD: USD kUSD MUSD
  power_rent,        // USD/kW-month
  data_price,        // USD/GB: USD/GB USD/TB
  fraction,          // 1: "70 %", or a bare number between 0 and 1
};

struct ParsedQuantity {
  double value = 0;     // in the SI unit
  std::string problem;  // empty when it was understood; else "problem; what to do"
};

// "3.35 TB/s", "40 ms", "70 %": a decimal number by JSON's grammar, optional blanks, a unit of the
// dimension. The value is the exact product, rounded once ("1/min" and its like: twice).
ParsedQuantity parse_quantity(std::string_view text, Dimension dimension);

struct ParsedWhole {
  std::int64_t value = 0;
  std::string problem;
};

// The same for tokens and bytes, which are whole numbers: "80.5 GB" is one, "0.1 B" is a problem.
ParsedWhole parse_whole_quantity(std::string_view text, Dimension dimension);

// "write it like '2 h' (ns, us, ms, s, min, h, d)"
std::string how_to_write(Dimension dimension);

// The unit a dimension is kept in ("s", "B/s"), for --explain and column units.
std::string_view si_unit(Dimension dimension);

// The shortest decimal text that reads back to the same binary64; -0 is "0".
std::string shortest(double value);

}  // namespace tokenyard::config
