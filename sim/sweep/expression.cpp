// SPDX-License-Identifier: Apache-2.0
#include "sweep/expression.hpp"

#include <array>

#include "config/numbers.hpp"
#include "core/contracts.hpp"

namespace tokenyard::sweep {
namespace {

using config::Dimension;
using config::Value;

// "40 ms" in the one dimension that has its unit.
std::optional<Typed> quantity(std::string_view text) {
  if (config::number_length(text) == 0) return {};
  for (std::size_t i = 0; i <= static_cast<std::size_t>(Dimension::fraction); ++i) {
    const auto dimension = static_cast<Dimension>(i);
    const config::ParsedQuantity parsed = config::parse_quantity(text, dimension);
    if (!parsed.problem.empty()) continue;
    Typed found{{}, {parsed.value, {}}};
    if (dimension != Dimension::fraction && dimension != Dimension::tokens) {
      found.kind.dimension = dimension;
    }
    return found;
  }
  return {};
}

}  // namespace

std::optional<Typed> typed(const Value& value) {
  switch (value.kind) {
    case Value::Kind::boolean:
      return Typed{{Kind::Type::truth, {}, false}, {value.text == "true" ? 1.0 : 0.0, {}}};
    case Value::Kind::number:
      return Typed{{}, {config::to_double_or_infinity(config::parse_decimal(value.text)), {}}};
    case Value::Kind::string: {
      // A quoted number is a text.
      if (!config::is_number(value.text)) {
        if (const auto found = quantity(value.text)) return found;
      }
      return Typed{{Kind::Type::text, {}, false}, {0, value.text}};
    }
    default:
      return {};
  }
}

Kind kind_of_unit(std::string_view unit) {
  Kind kind;
  for (std::size_t i = 0; i < static_cast<std::size_t>(Dimension::fraction); ++i) {
    const auto dimension = static_cast<Dimension>(i);
    if (dimension == Dimension::tokens || config::si_unit(dimension) != unit) continue;
    kind.dimension = dimension;
    kind.unit_in_name = true;
  }
  return kind;
}

bool Expression::holds(std::span<const Operand> operands) const {
  SIM_EXPECT(kind().type == Kind::Type::truth);
  return evaluate(nodes_.size() - 1, operands).number != 0;
}

double Expression::number(std::span<const Operand> operands) const {
  SIM_EXPECT(kind().type == Kind::Type::number);
  return evaluate(nodes_.size() - 1, operands).number;
}

Operand Expression::evaluate(std::size_t index, std::span<const Operand> operands) const {
  const Node& node = nodes_[index];
  if (node.op == Op::constant) return node.operand;
  if (node.op == Op::name) return operands[node.left];
  if (node.op >= Op::less && node.op <= Op::unequal) {
    return {compare(node, operands) ? 1.0 : 0.0, {}};
  }
  return {compute(node, operands), {}};
}

double Expression::compute(const Node& node, std::span<const Operand> operands) const {
  const double left = evaluate(node.left, operands).number;
  const auto right = [&] { return evaluate(node.right, operands).number; };
  switch (node.op) {
    case Op::minus:
      return -left;
    case Op::negate:
      return left == 0 ? 1 : 0;
    case Op::both:
      return left != 0 && right() != 0 ? 1 : 0;
    case Op::either:
      return left != 0 || right() != 0 ? 1 : 0;
    case Op::add:
      return left + right();
    case Op::subtract:
      return left - right();
    case Op::multiply:
      return left * right();
    default:
      SIM_ASSERT(node.op == Op::divide);
      return left / right();
  }
}

bool Expression::compare(const Node& node, std::span<const Operand> operands) const {
  const Operand left = evaluate(node.left, operands);
  const Operand right = evaluate(node.right, operands);
  if (nodes_[node.left].kind.type == Kind::Type::text) {
    return (left.text == right.text) == (node.op == Op::equal);
  }
  switch (node.op) {
    case Op::less:
      return left.number < right.number;
    case Op::at_most:
      return left.number <= right.number;
    case Op::more:
      return left.number > right.number;
    case Op::at_least:
      return left.number >= right.number;
    case Op::equal:
      return left.number == right.number;
    default:
      return left.number != right.number;
  }
}

}  // namespace tokenyard::sweep
