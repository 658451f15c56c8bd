// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/units.hpp"
#include "config/value.hpp"

namespace tokenyard::sweep {

// What a part of an expression is. Shares and tokens are bare numbers: both may be written so.
struct Kind {
  enum class Type : std::uint8_t { number, text, truth };

  Type type = Type::number;
  std::optional<config::Dimension> dimension;  // of a number; none: a bare one
  bool unit_in_name = false;  // bare numbers beside it are in its unit (ttft_p99_s <= 2)

  bool operator==(const Kind&) const = default;
};

// A value of a name: a number in the SI unit, a truth as 0 or 1, or a text.
struct Operand {
  double number = 0;
  std::string text;
};

// What an expression may name.
struct Name {
  std::string name;
  Kind kind;
  std::string problem{};  // why it cannot be used after all; empty if it can
  bool listed = true;     // among what an unknown name might have been
};

// A scalar as expressions see it: "40 ms" is a number with a unit. None of lists, maps and null.
struct Typed {
  Kind kind;
  Operand operand;
};
std::optional<Typed> typed(const config::Value& value);
// The kind of what a metric in this unit is worth.
Kind kind_of_unit(std::string_view unit);

// What is wrong with an expression, and at which byte of it.
struct ExpressionError {
  std::size_t offset = 0;
  std::string text;
};

// Numbers with or without units, 'texts', true and false, names; + - * / over numbers; < <= > >=
// == != between two of a kind; and, or, not; parentheses. Units are checked when it is parsed.
// Division by zero gives an infinity; what is no number is below, above and equal to nothing.
class Expression {
 public:
  // Throws ExpressionError. Names are found by their longest match.
  static Expression parse(std::string_view text, std::span<const Name> names);

  const Kind& kind() const { return nodes_.back().kind; }
  const std::vector<std::size_t>& names() const { return used_; }  // ascending, by number

  // Operands by number of the name.
  bool holds(std::span<const Operand> operands) const;     // of a truth
  double number(std::span<const Operand> operands) const;  // of a number

 private:
  friend class ExpressionParser;
  enum class Op : std::uint8_t {
    constant,
    name,
    minus,
    add,
    subtract,
    multiply,
    divide,
    less,
    at_most,
    more,
    at_least,
    equal,
    unequal,
    both,
    either,
    negate
  };
  struct Node {
    Op op = Op::constant;
    Kind kind;
    Operand operand{};
    std::size_t left = 0;   // a node, or the number of a name
    std::size_t right = 0;  // a node
  };

  Operand evaluate(std::size_t node, std::span<const Operand> operands) const;
  double compute(const Node& node, std::span<const Operand> operands) const;
  bool compare(const Node& node, std::span<const Operand> operands) const;

  std::vector<Node> nodes_;  // the whole comes last
  std::vector<std::size_t> used_;
};

}  // namespace tokenyard::sweep
