// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>

#include "config/errors.hpp"
#include "config/numbers.hpp"
#include "core/contracts.hpp"
#include "sweep/expression.hpp"

namespace tokenyard::sweep {
namespace {

constexpr std::size_t most_depth = 100;
constexpr std::size_t most_nodes = 1000;  // evaluation nests as deep as a sum is long

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_word(char c) { return is_letter(c) || (c >= '0' && c <= '9'); }

// The letters, digits, dots and brackets of a name at the beginning of a text.
std::size_t name_length(std::string_view text) {
  std::size_t end = 0;
  while (end < text.size()) {
    if (text[end] == '[') {
      const std::size_t close = text.find(']', end);
      if (close == std::string_view::npos) break;
      end = close + 1;
    } else if (is_word(text[end]) || (text[end] == '.' && end > 0)) {
      ++end;
    } else {
      break;
    }
  }
  return end;
}

std::string shown(const Kind& kind) {
  if (kind.type == Kind::Type::text) return "a text";
  if (kind.type == Kind::Type::truth) return "a truth";
  return kind.dimension ? "a number in " + std::string(config::si_unit(*kind.dimension))
                        : "a bare number";
}

}  // namespace

// A descent by rank: or, and, not, comparison, sum, product, sign, single.
class ExpressionParser {
 public:
  ExpressionParser(std::string_view text, std::span<const Name> names)
      : text_(text), names_(names) {}

  Expression parse() {
    either();
    skip_blanks();
    if (at_ < text_.size()) fail(at_, unexpected());
    std::sort(made_.used_.begin(), made_.used_.end());
    made_.used_.erase(std::unique(made_.used_.begin(), made_.used_.end()), made_.used_.end());
    return std::move(made_);
  }

 private:
  using Op = Expression::Op;
  using Type = Kind::Type;

  // A node that was just made, and the byte it begins at.
  struct Made {
    std::size_t node;
    std::size_t offset;
  };

  [[noreturn]] static void fail(std::size_t offset, std::string text) {
    throw ExpressionError{offset, std::move(text)};
  }

  std::string unexpected() const {
    if (at_ >= text_.size()) return "ends where a value is wanted; complete it";
    if (text_[at_] == '=') return "'=' compares nothing; write ==";
    if (text_[at_] == ')') return "')' closes nothing; remove it";
    if (text_.substr(at_).starts_with("&&")) return "'&&' is no word here; write and";
    if (text_.substr(at_).starts_with("||")) return "'||' is no word here; write or";
    if (text_[at_] == '!') return "'!' is no word here; write not";
    const std::size_t length = std::max<std::size_t>(1, name_length(text_.substr(at_)));
    return config::in_quotes(text_.substr(at_, length)) +
           " is not expected here; write it like 'a * 4 > 32 and b <= 40 ms'";
  }

  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n')) {
      ++at_;
    }
  }

  bool take(std::string_view sign) {
    skip_blanks();
    const std::string_view rest = text_.substr(at_);
    if (!rest.starts_with(sign)) return false;
    const bool word = is_letter(sign.front());
    if (word && (rest.size() > sign.size() && is_word(rest[sign.size()]))) return false;
    if (word && own_name() > 0) return false;
    at_ += sign.size();
    return true;
  }

  const Kind& kind(const Made& made) const { return made_.nodes_[made.node].kind; }

  Made add(Op op, const Kind& kind, const Made& left, const Made& right) {
    if (made_.nodes_.size() >= most_nodes) fail(left.offset, "is too long; shorten it");
    made_.nodes_.push_back({op, kind, {}, left.node, right.node});
    return {made_.nodes_.size() - 1, left.offset};
  }

  void want(const Made& made, Type type, std::string_view what) const {
    if (kind(made).type == type) return;
    fail(made.offset, shown(kind(made)) + " where " + std::string(what) + " is wanted; " +
                          (type == Type::truth ? "compare it, like 'x > 1'" : "remove it"));
  }

  Made either() {
    Deeper deeper(*this);
    Made left = both();
    while (take("or")) left = logical(Op::either, left, [this] { return both(); });
    return left;
  }

  Made both() {
    Made left = negated();
    while (take("and")) left = logical(Op::both, left, [this] { return negated(); });
    return left;
  }

  template <class Next>
  Made logical(Op op, const Made& left, const Next& next) {
    want(left, Type::truth, "a comparison");
    const Made right = next();
    want(right, Type::truth, "a comparison");
    return add(op, {Type::truth, {}, false}, left, right);
  }

  Made negated() {
    skip_blanks();
    const std::size_t offset = at_;
    if (!take("not")) return comparison();
    Deeper deeper(*this);
    const Made made = negated();
    want(made, Type::truth, "a comparison");
    const Made all = add(Op::negate, kind(made), made, made);
    return {all.node, offset};
  }

  Made comparison() {
    const Made left = sum();
    // The longer signs first.
    static constexpr std::pair<std::string_view, Op> signs[] = {
        {"<=", Op::at_most}, {">=", Op::at_least}, {"==", Op::equal},
        {"!=", Op::unequal}, {"<", Op::less},      {">", Op::more}};
    for (const auto& [sign, op] : signs) {
      if (!take(sign)) continue;
      const Made right = sum();
      refuse_unlike(left, right, "compared");
      const bool ordered = op != Op::equal && op != Op::unequal;
      if (ordered && kind(left).type != Type::number) {
        fail(left.offset, shown(kind(left)) + " has no order; compare it with == or !=");
      }
      return add(op, {Type::truth, {}, false}, left, right);
    }
    return left;
  }

  void refuse_unlike(const Made& left, const Made& right, std::string_view what) const {
    const Kind &a = kind(left), &b = kind(right);
    const bool named = (a.unit_in_name && !b.dimension) || (b.unit_in_name && !a.dimension);
    if (a.type == b.type && (a.dimension == b.dimension || named)) return;
    fail(right.offset, shown(b) + " cannot be " + std::string(what) + " with " + shown(a) +
                           "; write both in units of a kind");
  }

  Made sum() {
    Made left = product();
    for (;;) {
      const bool plus = take("+");
      if (!plus && !take("-")) return left;
      want(left, Type::number, "a number");
      const Made right = product();
      want(right, Type::number, "a number");
      refuse_unlike(left, right, "combined");
      const Kind result = kind(left).dimension ? kind(left) : kind(right);
      left = add(plus ? Op::add : Op::subtract, result, left, right);
    }
  }

  Made product() {
    Made left = sign();
    for (;;) {
      const bool times = take("*");
      if (!times && !take("/")) return left;
      want(left, Type::number, "a number");
      const Made right = sign();
      want(right, Type::number, "a number");
      left = add(times ? Op::multiply : Op::divide, scaled(left, right, times), left, right);
    }
  }

  // Of a product or a quotient: with a bare number, or of two in one unit.
  Kind scaled(const Made& left, const Made& right, bool times) const {
    const Kind &a = kind(left), &b = kind(right);
    if (!b.dimension) return a;
    if (times && !a.dimension) return b;
    if (!times && a.dimension == b.dimension) return {};
    if (a.unit_in_name && b.unit_in_name) return {};
    fail(right.offset, shown(b) + (times ? " times " : " dividing ") + shown(a) +
                           " has no unit here; only bare numbers scale");
  }

  Made sign() {
    skip_blanks();
    const std::size_t offset = at_;
    if (!take("-")) return single();
    Deeper deeper(*this);
    const Made made = sign();
    want(made, Type::number, "a number");
    return {add(Op::minus, kind(made), made, made).node, offset};
  }

  Made single() {
    skip_blanks();
    const std::size_t offset = at_;
    if (take("(")) {
      const Made inner = either();
      if (!take(")")) fail(offset, "'(' without ')'; close it");
      return inner;
    }
    if (const std::size_t name = own_name(); name > 0) return take_name(name);
    if (at_ < text_.size() && (text_[at_] == '\'' || text_[at_] == '"')) return quoted();
    if (take("true")) return constant({Type::truth, {}, false}, {1, {}}, offset);
    if (take("false")) return constant({Type::truth, {}, false}, {0, {}}, offset);
    if (config::number_length(text_.substr(at_)) > 0) return number();
    if (at_ < text_.size() && is_letter(text_[at_]) && !is_reserved(word_at(at_))) unknown_name();
    fail(at_, unexpected());
  }

  static bool is_reserved(std::string_view word) {
    return word == "and" || word == "or" || word == "not";
  }
  std::string_view word_at(std::size_t at) const {
    std::size_t end = at;
    while (end < text_.size() && is_word(text_[end])) ++end;
    return text_.substr(at, end - at);
  }

  // Bytes of the longest name that stands here; 0 if none does.
  std::size_t own_name() const {
    std::size_t longest = 0;
    for (const Name& name : names_) {
      const std::string_view rest = text_.substr(at_);
      if (name.name.size() <= longest || !rest.starts_with(name.name)) continue;
      const bool ends = rest.size() == name.name.size() || !is_word(rest[name.name.size()]) ||
                        !is_word(name.name.back());
      if (ends) longest = name.name.size();
    }
    return longest;
  }

  Made take_name(std::size_t length) {
    const std::string_view word = text_.substr(at_, length);
    const auto found = std::find_if(names_.begin(), names_.end(),
                                    [word](const Name& name) { return name.name == word; });
    if (!found->problem.empty()) fail(at_, config::in_quotes(word) + " " + found->problem);
    const auto number = static_cast<std::size_t>(found - names_.begin());
    made_.used_.push_back(number);
    made_.nodes_.push_back({Op::name, found->kind, {}, number, 0});
    at_ += length;
    return {made_.nodes_.size() - 1, at_ - length};
  }

  [[noreturn]] void unknown_name() const {
    std::vector<std::string> listed, others;
    for (const Name& name : names_) (name.listed ? listed : others).push_back(name.name);
    const std::string_view rest = text_.substr(at_);
    const std::string word(rest.substr(0, name_length(rest)));
    const std::string other = config::nearest(word, others);
    if (other.empty() || !config::nearest(word, listed).empty()) {
      fail(at_, config::unknown_name(word, listed));
    }
    fail(at_, config::in_quotes(word) + " is not known here; did you mean " +
                  config::in_quotes(other) + "?");
  }

  Made constant(const Kind& kind, Operand operand, std::size_t offset) {
    made_.nodes_.push_back({Op::constant, kind, std::move(operand), 0, 0});
    return {made_.nodes_.size() - 1, offset};
  }

  Made quoted() {
    const std::size_t offset = at_;
    const std::size_t end = text_.find(text_[at_], at_ + 1);
    if (end == std::string_view::npos) fail(offset, "a quote that is not closed; close it");
    at_ = end + 1;
    return constant({Type::text, {}, false},
                    {0, std::string(text_.substr(offset + 1, end - offset - 1))}, offset);
  }

  Made number() {
    const std::size_t offset = at_;
    at_ += config::number_length(text_.substr(at_));
    const std::size_t end_of_digits = at_;
    std::size_t unit = at_;
    while (unit < text_.size() && text_[unit] == ' ') ++unit;
    const std::size_t end = end_of_unit(unit);
    if (end == unit) return constant({}, bare(offset, end_of_digits), offset);
    config::Value value;
    value.kind = config::Value::Kind::string;
    value.text = text_.substr(offset, end - offset);
    const auto found = typed(value);
    if (found && found->kind.type == Type::number) {
      at_ = end;
      return constant(found->kind, found->operand, offset);
    }
    if (!is_letter(text_[unit]) && text_[unit] != '%')  // a quotient after all
      return constant({}, bare(offset, end_of_digits), offset);
    const std::string shown = config::in_quotes(text_.substr(unit, end - unit));
    fail(unit, shown + " is not a unit; write it like '40 ms', '2 TB/s' or '5 /min'");
  }

  Operand bare(std::size_t begin, std::size_t end) const {
    const auto number = config::parse_decimal(text_.substr(begin, end - begin));
    return {config::to_double_or_infinity(number), {}};
  }

  // Of s, %, GB/s, USD/kW-month, /min, 1/min; the place itself if no unit can begin there.
  std::size_t end_of_unit(std::size_t at) const {
    if (at >= text_.size()) return at;
    std::size_t end = at;
    if (text_.substr(at).starts_with("1/")) ++end;
    if (text_[end] == '%') return end + 1;
    const bool letters = is_letter(text_[end]);
    if (letters) {
      const std::string_view first = word_at(end);
      if (is_reserved(first)) return at;
      end += first.size();
    }
    if (end + 1 >= text_.size() || text_[end] != '/' || !is_letter(text_[end + 1])) {
      return letters ? end : at;
    }
    const std::string_view second = word_at(end + 1);
    if (names_begin_with(second)) return letters ? end : at;  // divided by a name
    end += 1 + second.size();
    if (text_.substr(end).starts_with("-month")) end += 6;
    return end;
  }
  bool names_begin_with(std::string_view word) const {
    return std::any_of(names_.begin(), names_.end(), [word](const Name& name) {
      return name.name.starts_with(word) &&
             (name.name.size() == word.size() || !is_word(name.name[word.size()]));
    });
  }

  // Counts how deep the descent is: what users nest must not exhaust the stack.
  class Deeper {
   public:
    explicit Deeper(ExpressionParser& parser) : parser_(parser) {
      if (++parser_.depth_ > most_depth) fail(parser_.at_, "nested too deep; simplify it");
    }
    ~Deeper() { --parser_.depth_; }
    Deeper(const Deeper&) = delete;
    Deeper& operator=(const Deeper&) = delete;

   private:
    ExpressionParser& parser_;
  };

  std::string_view text_;
  std::span<const Name> names_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  Expression made_;
};

Expression Expression::parse(std::string_view text, std::span<const Name> names) {
  return ExpressionParser(text, names).parse();
}

}  // namespace tokenyard::sweep
