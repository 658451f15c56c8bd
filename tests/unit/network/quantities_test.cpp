// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "network/measure.hpp"
#include "network/radical.hpp"

namespace tokenyard::network {

TEST_CASE("every unit of SimGrid's that we know is accepted") {
  for (const char* text : {"1f", "1kf", "2.5Gf", "1e3Yf", "1flops", "1kiloflops", "1yottaflops"}) {
    CHECK(problem_of_quantity(text, Measure::speed).empty());
  }
  for (const char* text : {"1Bps", "1kBps", "400GBps", "51.2TBps", "1KiBps", "1YiBps", "1bps",
                           "100Gbps", "1Gibps", "1YBps"}) {
    CHECK(problem_of_quantity(text, Measure::bandwidth).empty());
  }
  for (const char* text : {"1w", "1d", "1h", "1m", "1s", "32.075ms", "5us", "1ns", "1ps", "0us"}) {
    CHECK(problem_of_quantity(text, Measure::latency).empty());
  }
}

TEST_CASE("a quantity that SimGrid would misread is refused with its reason") {
  struct Case {
    const char* text;
    Measure measure;
    const char* problem;
  };
  const Case cases[] = {
      {"fast", Measure::speed,
       "'fast' does not start with a number; write a number with its unit, such as 1Gf"},
      {"nan", Measure::speed,
       "'nan' does not start with a number; write a number with its unit, such as 1Gf"},
      {"infGf", Measure::speed,
       "'infGf' does not start with a number; write a number with its unit, such as 1Gf"},
      {"0x10Gf", Measure::speed,
       "'x10Gf' is not a unit that fits here; write a number with its unit, such as 1Gf"},
      {"1GBps", Measure::speed,
       "'GBps' is not a unit that fits here; write a number with its unit, such as 1Gf"},
      {"1Gf,2Gf", Measure::speed,
       "'Gf,2Gf' is not a unit that fits here; write a number with its unit, such as 1Gf"},
      {"-1Gf", Measure::speed,
       "'-1Gf' is not above zero; write a number with its unit, such as 1Gf"},
      {"400", Measure::bandwidth,
       "'400' has no unit; write a number with its unit, such as 400GBps"},
      {"400 GBps", Measure::bandwidth,
       "'400 GBps' has a blank, which SimGrid does not read; write a number with its unit, such "
       "as 400GBps"},
      {"400GB/s", Measure::bandwidth,
       "'GB/s' is not a unit that fits here; write a number with its unit, such as 400GBps"},
      {"1KBps", Measure::bandwidth,
       "'KBps' is not a unit that fits here; write a number with its unit, such as 400GBps"},
      {"0GBps", Measure::bandwidth,
       "'0GBps' is not above zero; write a number with its unit, such as 400GBps"},
      {"1e999Bps", Measure::bandwidth,
       "'1e999Bps' is beyond the numbers that SimGrid can hold; write a number with its unit, "
       "such as 400GBps"},
      {"1e300YBps", Measure::bandwidth,
       "'1e300YBps' is beyond the numbers that SimGrid can hold; write a number with its unit, "
       "such as 400GBps"},
      {"-1us", Measure::latency, "'-1us' is negative; write 0us or more"},
      {"0", Measure::latency, "'0' has no unit; write a number with its unit, such as 5us"},
      {"1min", Measure::latency,
       "'min' is not a unit that fits here; write a number with its unit, such as 5us"},
  };
  for (const Case& one : cases) CHECK(problem_of_quantity(one.text, one.measure) == one.problem);
}

TEST_CASE("a radical lists numbers and ranges in its own order") {
  const Radical radical = parse_radical("7,0-3,12-12");
  CHECK(radical.problem.empty());
  CHECK(radical.nodes == 6);
  REQUIRE(radical.ranges.size() == 3);
  CHECK(radical.ranges[0].first == 7);
  CHECK(radical.ranges[1].last == 3);
  CHECK(parse_radical("0-999999999").nodes == 1'000'000'000);  // counted, not expanded
}

TEST_CASE("a radical that SimGrid would read otherwise, or abort on, is refused") {
  const std::string hint =
      " is not a number or a range of numbers (of at most 9 digits); write them as in 0-127 or "
      "0-3,8";
  for (const char* part : {"", "a", "0-", "-3", "1-2-3", "0 -3", "+1", "0x3", "1234567890"}) {
    CHECK(parse_radical(part).problem == "'" + std::string(part) + "'" + hint);
  }
  CHECK(parse_radical("0-3,").problem == "''" + hint);
  CHECK(parse_radical("3-0").problem ==
        "'3-0' runs backwards (SimGrid would take no node); write the smaller number first");
}

}  // namespace tokenyard::network
