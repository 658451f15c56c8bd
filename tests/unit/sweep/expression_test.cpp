// SPDX-License-Identifier: Apache-2.0
#include "sweep/expression.hpp"

#include <catch2/catch.hpp>
#include <limits>

using namespace tokenyard;
using config::Dimension;
using sweep::Expression;
using sweep::Kind;
using sweep::Name;
using sweep::Operand;

namespace {

const std::vector<Name> names = {
    {"fleet.pools[write].replicas", {}, {}},
    {"a", {}, {}},
    {"and_more", {}, {}},
    {"duration", {Kind::Type::number, Dimension::duration, false}, {}},
    {"mix", {Kind::Type::text, {}, false}, {}},
    {"on", {Kind::Type::truth, {}, false}, {}},
    {"ttft_p99_s", {Kind::Type::number, Dimension::duration, true}, {}},
    {"cost_usd", {Kind::Type::number, Dimension::money, true}, {}},
    {"lists", {}, "has values that are lists or maps; compare something else"},
};
const std::vector<Operand> operands = {{8, {}}, {3, {}},   {5, {}},  {90, {}}, {0, "wafers + GPU"},
                                       {1, {}}, {1.5, {}}, {20, {}}, {}};

bool holds(const std::string& text) { return Expression::parse(text, names).holds(operands); }
double number(const std::string& text) { return Expression::parse(text, names).number(operands); }
std::string complaint(const std::string& text) {
  try {
    Expression::parse(text, names);
    return "";
  } catch (const sweep::ExpressionError& error) {
    return std::to_string(error.offset) + ": " + error.text;
  }
}

}  // namespace

TEST_CASE("an expression binds as arithmetic and logic do") {
  CHECK(number("1 + 2 * 3 - 4 / 2") == 5);
  CHECK(number("(1 + 2) * -3") == -9);
  CHECK(number("8 - 4 - 2") == 2);
  CHECK(number("16 / 4 / 2") == 2);
  CHECK(number("--2") == 2);
  CHECK(number("1.5e1*2") == 30);
  CHECK(holds("fleet.pools[write].replicas * 4 >= 32"));
  CHECK_FALSE(holds("fleet.pools[write].replicas * 4 > 32"));
  CHECK(holds("1 > 2 and 1 > 2 or 2 > 1"));
  CHECK_FALSE(holds("1 > 2 and (1 > 2 or 2 > 1)"));
  CHECK(holds("not 1 > 2 and not (2 > 3)"));
  CHECK(holds("not not on"));
  CHECK(holds("on == true and on != false"));
  CHECK(holds("and_more == 5"));  // the longest name, and no word of its own
}

TEST_CASE("numbers in an expression have units, and are compared in SI units") {
  CHECK(holds("duration == 1.5 min"));
  CHECK(holds("duration < 2min and duration > 89 s"));
  CHECK(holds("duration / 3 == 30 s"));
  CHECK(holds("2 * duration == 180 s"));
  CHECK(holds("duration / 45 s == 2"));
  CHECK(holds("duration - 80 s < a * 5 s"));
  CHECK(number("50 %") == 0.5);
  CHECK(number("8 ktokens") == 8000);
  CHECK(holds("5 /min < 1 1/s"));
  CHECK(holds("2 GB/s > 3 MB/s"));
  CHECK(number("9/a") == 3);  // a quotient: there is no unit of that name
}

TEST_CASE("bare numbers beside a name with a unit in it are in that unit") {
  CHECK(holds("ttft_p99_s <= 2"));
  CHECK(holds("ttft_p99_s <= 2 s and ttft_p99_s > 1400 ms"));
  CHECK(number("cost_usd / ttft_p99_s * 3") == 40);
  CHECK(complaint("ttft_p99_s <= 2 GB") ==
        "14: a number in B cannot be compared with a number in s; write both in units of a kind");
}

TEST_CASE("texts are equal or not") {
  CHECK(holds("mix == 'wafers + GPU'"));
  CHECK(holds("mix != \"wafers\""));
  CHECK(complaint("mix < 'b'") == "0: a text has no order; compare it with == or !=");
}

TEST_CASE("what divides by zero is infinite, and what is no number is nothing") {
  CHECK(number("a / 0") == std::numeric_limits<double>::infinity());
  CHECK_FALSE(holds("0 / 0 > 1"));
  CHECK_FALSE(holds("0 / 0 <= 1"));
  CHECK_FALSE(holds("0 / 0 == 0 / 0"));
}

TEST_CASE("which names an expression uses") {
  CHECK(Expression::parse("a > 1 or on and a < 3", names).names() ==
        std::vector<std::size_t>{1, 5});
}

TEST_CASE("what is wrong with an expression has its place") {
  CHECK(complaint("") == "0: ends where a value is wanted; complete it");
  CHECK(complaint("a >") == "3: ends where a value is wanted; complete it");
  CHECK(complaint("a > 1 and") == "9: ends where a value is wanted; complete it");
  CHECK(complaint("a = 1") == "2: '=' compares nothing; write ==");
  CHECK(complaint("a > 1 && on") == "6: '&&' is no word here; write and");
  CHECK(complaint("a > 1 || on") == "6: '||' is no word here; write or");
  CHECK(complaint("!on") == "0: '!' is no word here; write not");
  CHECK(complaint("(a > 1") == "0: '(' without ')'; close it");
  CHECK(complaint("a > 1)") == "5: ')' closes nothing; remove it");
  CHECK(complaint("mix == 'b") == "7: a quote that is not closed; close it");
  CHECK(complaint("a > 10 parsecs") ==
        "7: 'parsecs' is not a unit; write it like '40 ms', '2 TB/s' or '5 /min'");
  CHECK(
      complaint("durations > 1 s") ==
      "0: 'durations' is not one of: fleet.pools[write].replicas, a, and_more, duration, mix, on, "
      "ttft_p99_s, cost_usd, lists; did you mean 'duration'?");
  CHECK(complaint("fleet.pools[writ].replicas > 1").starts_with("0: 'fleet.pools[writ].replicas'"));
  CHECK(complaint("lists == 1") ==
        "0: 'lists' has values that are lists or maps; compare something else");
  CHECK(complaint("duration > 5") ==
        "11: a bare number cannot be compared with a number in s; write both in units of a kind");
  CHECK(complaint("duration * 5 s > 1") ==
        "11: a number in s times a number in s has no unit here; only bare numbers scale");
  CHECK(complaint("1 / duration > 1") ==
        "4: a number in s dividing a bare number has no unit here; only bare numbers scale");
  CHECK(complaint("a and on") ==
        "0: a bare number where a comparison is wanted; compare it, like 'x > 1'");
  CHECK(complaint("on and 1") ==
        "7: a bare number where a comparison is wanted; compare it, like 'x > 1'");
  CHECK(complaint("1 + on > 2") == "4: a truth where a number is wanted; remove it");
  CHECK(complaint("a > 1 > 0").starts_with("6: '>' is not expected here"));
  CHECK(complaint("a b").starts_with("2: 'b' is not expected here"));
}

TEST_CASE("expressions that nest or go on without end are refused") {
  CHECK(complaint(std::string(5000, '(') + "1").find("nested too deep") != std::string::npos);
  CHECK(complaint(std::string(5000, '-') + "1").find("nested too deep") != std::string::npos);
  std::string negations;
  for (int i = 0; i < 5000; ++i) negations += "not ";
  CHECK(complaint(negations + "on").find("nested too deep") != std::string::npos);
  std::string sum = "1";
  for (int i = 0; i < 5000; ++i) sum += "+1";
  CHECK(complaint(sum).find("too long") != std::string::npos);
}
