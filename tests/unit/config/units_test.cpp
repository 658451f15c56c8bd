// SPDX-License-Identifier: Apache-2.0
#include "config/units.hpp"

#include <catch2/catch.hpp>
#include <clocale>
#include <limits>

#include "config/numbers.hpp"

namespace tokenyard::config {
namespace {

double quantity(std::string_view text, Dimension dimension) {
  const ParsedQuantity parsed = parse_quantity(text, dimension);
  INFO(text);
  CHECK(parsed.problem.empty());
  return parsed.value;
}

std::string problem(std::string_view text, Dimension dimension) {
  return parse_quantity(text, dimension).problem;
}

std::int64_t whole(std::string_view text, Dimension dimension) {
  const ParsedWhole parsed = parse_whole_quantity(text, dimension);
  INFO(text);
  CHECK(parsed.problem.empty());
  return parsed.value;
}

std::string whole_problem(std::string_view text, Dimension dimension) {
  return parse_whole_quantity(text, dimension).problem;
}

}  // namespace

TEST_CASE("a quantity is the binary64 nearest to the decimal product") {
  CHECK(quantity("40 ms", Dimension::duration) == 0.04);
  CHECK(quantity("0.1 ms", Dimension::duration) == 0.0001);
  CHECK(quantity("3 ns", Dimension::duration) == 3e-9);
  CHECK(quantity("1.1 us", Dimension::duration) == 1.1e-6);
  CHECK(quantity("0.7 h", Dimension::duration) == 2520);
  CHECK(quantity("2.3 min", Dimension::duration) == 138);
  CHECK(quantity("1 d", Dimension::duration) == 86400);
  CHECK(quantity("3.35 TB/s", Dimension::bandwidth) == 3.35e12);
  CHECK(quantity("0.3 GB/s", Dimension::bandwidth) == 3e8);
  CHECK(quantity("70 %", Dimension::fraction) == 0.7);
  CHECK(quantity("0.08 USD/kWh", Dimension::energy_price) == 0.08);
  CHECK(quantity("2.1 ktokens/s", Dimension::token_rate) == 2100);
}

TEST_CASE("every unit has its factor") {
  CHECK(quantity("400 Gbit/s", Dimension::bandwidth) == 5e10);
  CHECK(quantity("1 bit/s", Dimension::bandwidth) == 0.125);
  CHECK(quantity("2 KiB/s", Dimension::bandwidth) == 2048);
  CHECK(quantity("1 ZFLOP", Dimension::flops) == 1e21);
  CHECK(quantity("989 TFLOP/s", Dimension::flop_rate) == 9.89e14);
  CHECK(quantity("1.5 kW", Dimension::power) == 1500);
  CHECK(quantity("5 mW", Dimension::power) == 0.005);
  CHECK(quantity("24 USD/d", Dimension::price_rate) == 1);
  CHECK(quantity("0.5 USD/min", Dimension::price_rate) == 30);
  CHECK(quantity("50 USD/MWh", Dimension::energy_price) == 0.05);
  CHECK(quantity("0.38 kg/kWh", Dimension::carbon_intensity) == 380);
  CHECK(quantity("380 kg/MWh", Dimension::carbon_intensity) == 380);
  CHECK(quantity("4.6 MUSD", Dimension::money) == 4.6e6);
  CHECK(quantity("370 kUSD", Dimension::money) == 370'000);
  CHECK(quantity("200 USD/kW-month", Dimension::power_rent) == 200);
  CHECK(quantity("20 USD/TB", Dimension::data_price) == 0.02);
  CHECK(quantity("60 1/min", Dimension::rate) == 1);
  CHECK(quantity("5 /s", Dimension::rate) == 5);
  CHECK(quantity("7200 1/h", Dimension::rate) == 2);
}

TEST_CASE("blanks around and between number and unit do not matter") {
  CHECK(quantity("40ms", Dimension::duration) == 0.04);
  CHECK(quantity("  40 \t ms ", Dimension::duration) == 0.04);
  CHECK(quantity("-1.5e2 s", Dimension::duration) == -150);
  CHECK(quantity("1E+2 s", Dimension::duration) == 100);
}

TEST_CASE("tokens and bytes are exact whole numbers") {
  CHECK(whole("80.5 GB", Dimension::bytes) == 80'500'000'000);
  CHECK(whole("1 TiB", Dimension::bytes) == 1'099'511'627'776);
  CHECK(whole("0.5 KiB", Dimension::bytes) == 512);
  CHECK(whole("9223372036854775807 B", Dimension::bytes) ==
        std::numeric_limits<std::int64_t>::max());
  CHECK(whole("9007199254740993 B", Dimension::bytes) == 9'007'199'254'740'993);
  CHECK(whole("8192 tokens", Dimension::tokens) == 8192);
  CHECK(whole("1 token", Dimension::tokens) == 1);
  CHECK(whole("1.5 ktokens", Dimension::tokens) == 1500);
  CHECK(whole("8192", Dimension::tokens) == 8192);
  CHECK(whole("-5", Dimension::tokens) == -5);
  CHECK(whole("0 B", Dimension::bytes) == 0);
}

TEST_CASE("a whole quantity with a rest, or beyond 2^63, is refused") {
  CHECK(whole_problem("0.1 B", Dimension::bytes) ==
        "'0.1 B' is not a whole number of B; use fewer digits");
  CHECK(whole_problem("1 B", Dimension::bytes).empty());
  CHECK(whole_problem("9223372036854775808 B", Dimension::bytes) ==
        "'9223372036854775808 B' is too large (at most 9223372036854775807 B)");
  CHECK(whole_problem("9300000 TB", Dimension::bytes) ==
        "'9300000 TB' is too large (at most 9223372036854775807 B)");
  CHECK(whole_problem("1e99999999999999999999 B", Dimension::bytes) ==
        "'1e99999999999999999999 B' is too large (at most 9223372036854775807 B)");
  CHECK(whole_problem("3.0", Dimension::tokens) ==
        "3.0 is not a whole number; write digits only, like 12");
  CHECK(whole_problem("1e3", Dimension::tokens) ==
        "1e3 is not a whole number; write digits only, like 12");
  CHECK(whole_problem("80", Dimension::bytes) ==
        "'80' has no unit; write it like '80 GB' (B, kB, MB, GB, TB, PB, KiB, MiB, GiB, TiB, PiB)");
}

TEST_CASE("a bare number for a quantity is refused with the way to write it") {
  CHECK(problem("5", Dimension::duration) ==
        "'5' has no unit; write it like '2 h' (ns, us, ms, s, min, h, d)");
  CHECK(problem("5", Dimension::power) ==
        "'5' has no unit; write it like '700 W' (mW, W, kW, MW, GW)");
}

TEST_CASE("an unknown unit lists the known ones and suggests the nearest") {
  CHECK(problem("5 sec", Dimension::duration) ==
        "'sec' is not a unit of duration (ns, us, ms, s, min, h, d); write it like '2 h'");
  CHECK(problem("5 Ms", Dimension::duration) ==
        "'Ms' is not a unit of duration (ns, us, ms, s, min, h, d); did you mean 'ms'?");
  CHECK(problem("5 Tflop/s", Dimension::flop_rate) ==
        "'Tflop/s' is not a unit of computing speed (FLOP/s, kFLOP/s, MFLOP/s, GFLOP/s, TFLOP/s, "
        "PFLOP/s, EFLOP/s); did you mean 'TFLOP/s'?");
  CHECK(problem("5 GB", Dimension::duration).starts_with("'GB' is not a unit of duration"));
}

TEST_CASE("megabits and megabytes are asked for, not guessed") {
  const std::string known =
      "B/s, kB/s, MB/s, GB/s, TB/s, PB/s, KiB/s, MiB/s, GiB/s, TiB/s, bit/s, kbit/s, Mbit/s, "
      "Gbit/s, Tbit/s";
  CHECK(problem("100 Mb/s", Dimension::bandwidth) ==
        "'Mb/s' is not a unit of bandwidth (" + known +
            "); did you mean 'Mbit/s' (bits) or 'MB/s' (bytes)?");
  CHECK(problem("100 Gbps", Dimension::bandwidth) ==
        "'Gbps' is not a unit of bandwidth (" + known +
            "); did you mean 'Gbit/s' (bits) or 'GB/s' (bytes)?");
  CHECK(problem("100 mb/s", Dimension::bandwidth) ==
        "'mb/s' is not a unit of bandwidth (" + known + "); did you mean 'MB/s'?");
}

TEST_CASE("what is no decimal number is refused") {
  const std::string advice = "write it like '2 h' (ns, us, ms, s, min, h, d)";
  for (const std::string text : {"abc", "", "s", "1_000 ms", "010 ms", "1,5 s", ".5 s", "5. s",
                                 "+5 s", "1.5.2 s", "1'000 s", "--5 s"}) {
    CHECK(problem(text, Dimension::duration) ==
          "'" + text + "' is not a number with a unit; " + advice);
  }
  CHECK(problem("0x10 s", Dimension::duration).starts_with("'x10 s' is not a unit of duration"));
  CHECK(problem("5e s", Dimension::duration).starts_with("'e s' is not a unit of duration"));
}

TEST_CASE("what is not finite is refused") {
  CHECK(problem("NaN", Dimension::duration) == "'NaN' is not a finite number");
  CHECK(problem(".inf", Dimension::duration) == "'.inf' is not a finite number");
  CHECK(problem("-Infinity s", Dimension::duration) == "'-Infinity s' is not a finite number");
  CHECK(problem("1e999 s", Dimension::duration) == "'1e999 s' is not a finite number");
  CHECK(problem("1e308 PB/s", Dimension::bandwidth) == "'1e308 PB/s' is not a finite number");
  CHECK(quantity("1e-999 s", Dimension::duration) == 0);
  CHECK(quantity("0e999 s", Dimension::duration) == 0);
}

TEST_CASE("a fraction is a percentage or a bare number between 0 and 1") {
  CHECK(quantity("0.7", Dimension::fraction) == 0.7);
  CHECK(quantity("1", Dimension::fraction) == 1);
  CHECK(quantity("150 %", Dimension::fraction) == 1.5);
  CHECK(quantity("70%", Dimension::fraction) == 0.7);
  CHECK(problem("70", Dimension::fraction) ==
        "'70' is not between 0 and 1; write it like '70 %' or 0.7");
  CHECK(problem("-0.1", Dimension::fraction) ==
        "'-0.1' is not between 0 and 1; write it like '70 %' or 0.7");
  CHECK(problem("half", Dimension::fraction) ==
        "'half' is not a number with a unit; write it like '70 %' or 0.7");
}

TEST_CASE("units are of one dimension only, and the SI unit is named first or is 1") {
  CHECK(si_unit(Dimension::duration) == "s");
  CHECK(si_unit(Dimension::bandwidth) == "B/s");
  CHECK(si_unit(Dimension::price_rate) == "USD/h");
  CHECK(si_unit(Dimension::carbon_intensity) == "g/kWh");
  CHECK(si_unit(Dimension::fraction) == "1");
}

TEST_CASE("numbers do not depend on the locale") {
  const char* comma = std::setlocale(LC_ALL, "de_DE.UTF-8");
  CHECK(quantity("1.5 s", Dimension::duration) == 1.5);
  CHECK(shortest(1.5) == "1.5");
  if (comma != nullptr) std::setlocale(LC_ALL, "C");
}

TEST_CASE("the shortest text of a number reads back to the same bits") {
  CHECK(shortest(0.04) == "0.04");
  CHECK(shortest(0.1 + 0.2) == "0.30000000000000004");
  CHECK(shortest(-0.0) == "0");
  CHECK(shortest(2) == "2");
  CHECK(shortest(1e300) == "1e+300");
  CHECK(shortest(5e-324) == "5e-324");
}

TEST_CASE("numbers are JSON's") {
  for (const char* text : {"0", "-0", "10", "1.5", "-1.5e-3", "1E5", "1e+5", "0.0"}) {
    CHECK(is_number(text));
  }
  for (const char* text : {"", "-", "+1", "01", "1.", ".5", "1e", "1e+", "0x10", "1_000", "nan",
                           "inf", "1 ", " 1", "--1", "1e5.5", "1,000", "²"}) {
    CHECK_FALSE(is_number(text));
  }
}

TEST_CASE("whole numbers are exact to the ends of their range") {
  std::int64_t value = 0;
  CHECK(to_integer(parse_decimal("-9223372036854775808"), value) == Whole::yes);
  CHECK(value == std::numeric_limits<std::int64_t>::min());
  CHECK(to_integer(parse_decimal("-9223372036854775809"), value) == Whole::too_large);
  CHECK(to_integer(parse_decimal("1.50"), value) == Whole::fractional);
  CHECK(to_integer(parse_decimal("1.50e1"), value) == Whole::yes);
  CHECK(value == 15);
  std::uint64_t large = 0;
  CHECK(to_integer(parse_decimal("18446744073709551615"), large) == Whole::yes);
  CHECK(large == std::numeric_limits<std::uint64_t>::max());
  CHECK(to_integer(parse_decimal("18446744073709551616"), large) == Whole::too_large);
}

}  // namespace tokenyard::config
