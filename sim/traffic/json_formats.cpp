// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstdlib>

#include "traffic/json_line.hpp"
#include "traffic/trace_formats.hpp"

namespace tokenyard::traffic {
namespace {

using Kind = JsonMember::Kind;

// Mooncake traces (github kvcache-ai/Mooncake): an id for each block of 512 tokens of the prompt.
// Some count a block more or less: one more holds nothing, and one less is like no other.
class Mooncake final : public TraceFormat {
 public:
  bool begins(std::string_view first_line) override {
    return has_members(first_line, keys, members_.size());
  }
  bool has_header() const override { return false; }

  std::optional<Problem> parse(TraceLine& line, TraceRow& row) override {
    if (auto problem = read_object_line(line.text, keys, members_)) return problem;
    const auto& [stamp, input, output, blocks] = members_;
    double milliseconds = 0;
    if (auto problem = parse_seconds(stamp.value, "timestamp", milliseconds)) return problem;
    row.arrival_s = milliseconds / 1000;
    if (auto problem = parse_tokens(input.value, "input_length", row.prompt)) return problem;
    if (auto problem = parse_tokens(output.value, "output_length", row.output)) return problem;
    return read_blocks(blocks.value, row);
  }

 private:
  static constexpr std::int64_t block = 512;
  static constexpr std::array<JsonKey, 4> keys = {
      {{"timestamp", 0}, {"input_length", 1}, {"output_length", 2}, {"hash_ids", 3, Kind::list}}};

  static std::optional<Problem> read_blocks(const Cell& list, TraceRow& row) {
    const std::int64_t prompt = row.prompt.value();
    JsonIds ids(list);
    Cell cell;
    std::int64_t count = 0;
    while (ids.next(cell)) {
      std::uint64_t id = 0;
      if (auto problem = parse_id(cell, "hash_ids", id)) return problem;
      if (count++ * block < prompt) row.pieces.push_back({id, std::min(count * block, prompt)});
    }
    const std::int64_t expected = (prompt - 1) / block + 1;
    if (std::abs(count - expected) <= 1) return std::nullopt;
    return Problem{list.offset, "hash_ids has " + std::to_string(count) +
                                    " ids where input_length has " + std::to_string(expected) +
                                    " blocks of 512 tokens"};
  }

  std::array<JsonMember, 4> members_;
};

// Requests of a vLLM benchmark, as LLMServingSim writes them; the stamp is a date.
class VllmRequests final : public TraceFormat {
 public:
  bool begins(std::string_view first_line) override {
    return has_members(first_line, keys, members_.size());
  }
  bool has_header() const override { return false; }
  bool sorted() const override { return false; }

  std::optional<Problem> parse(TraceLine& line, TraceRow& row) override {
    if (auto problem = read_object_line(line.text, keys, members_)) return problem;
    const auto& [stamp, input, output] = members_;
    double unix_s = 0;
    if (auto problem = parse_seconds(stamp.value, "arrival_time", unix_s)) return problem;
    if (auto problem = parse_tokens(input.value, input.key.text, row.prompt)) return problem;
    if (auto problem = parse_tokens(output.value, output.key.text, row.output)) return problem;
    if (!first_) first_ = unix_s;
    row.arrival_s = unix_s - *first_;
    return std::nullopt;
  }

 private:
  static constexpr std::array<JsonKey, 5> keys = {{{"arrival_time", 0},
                                                   {"input_toks", 1},
                                                   {"prompt_len", 1},
                                                   {"output_toks", 2},
                                                   {"output_len", 2}}};

  std::array<JsonMember, 3> members_;
  std::optional<double> first_;
};

// Lengths without stamps: objects or pairs [prompt, output], one a line, or an array of them in one
// or more lines. None may span lines; an array on one line is held whole, up to LineReader's limit.
class LengthsOnly final : public TraceFormat {
 public:
  bool begins(std::string_view first_line) override {
    std::size_t at = skip_blanks(first_line, 0);
    if (at < first_line.size() && first_line[at] == '[') {
      if (is_pair(first_line, at)) return true;
      at = skip_blanks(first_line, at + 1);
      if (at == first_line.size() || is_pair(first_line, at)) return true;
    }
    return has_members(first_line.substr(at), keys, members_.size());
  }
  bool has_header() const override { return false; }
  bool sorted() const override { return false; }
  bool dated() const override { return false; }

  std::optional<Problem> parse(TraceLine& line, TraceRow& row) override {
    std::size_t at = skip_blanks(line.text, line.at);
    auto problem = at == line.text.size() ? read_end(line, at) : read(line, at, row);
    if (problem) state_ = State::unknown;
    return problem;
  }

  std::optional<Problem> finish() override {
    const bool open = state_ == State::opened || state_ == State::element || state_ == State::comma;
    if (!open) return std::nullopt;
    return Problem{0, "the array has no end; fetch the file again"};
  }

 private:
  // What was read last; unknown: there was a mistake, after which all goes.
  enum class State : std::uint8_t { nothing, object, opened, element, comma, closed, unknown };

  static constexpr std::array<JsonKey, 11> keys = {{{"prompt_len", 0},
                                                    {"prompt", 0, Kind::number, true},
                                                    {"input_len", 0},
                                                    {"prompt_tokens", 0},
                                                    {"input_toks", 0},
                                                    {"input_length", 0},
                                                    {"output_len", 1},
                                                    {"output_tokens", 1},
                                                    {"output_toks", 1},
                                                    {"output_length", 1},
                                                    {"completion_tokens", 1}}};

  std::optional<Problem> read_end(TraceLine& line, std::size_t at) {
    line.holds = TraceLine::Holds::nothing;
    const bool alone = line.at == 0 && (state_ == State::nothing || state_ == State::object);
    if (alone) return Problem{at, "a blank line; remove it"};
    return std::nullopt;
  }

  std::optional<Problem> read(TraceLine& line, std::size_t at, TraceRow& row) {
    const char c = line.text[at];
    if (c == '{' || is_pair(line.text, at)) return read_row(line, at, row);
    line.holds = TraceLine::Holds::nothing;
    line.next = at + 1;
    const State before = state_;
    const bool any = before == State::unknown;
    if (c == '[' && before == State::nothing) {
      state_ = State::opened;
    } else if (c == ',' && (before == State::element || any)) {
      state_ = any ? before : State::comma;
    } else if (c == ']' && (before == State::opened || before == State::element || any)) {
      state_ = any ? before : State::closed;
    } else {
      return Problem{at, "does not belong here; a trace is a JSON array or one object a line"};
    }
    return std::nullopt;
  }

  std::optional<Problem> read_row(TraceLine& line, std::size_t at, TraceRow& row) {
    const bool in_array = state_ == State::opened || state_ == State::comma;
    const bool own_line = line.at == 0 && (state_ == State::nothing || state_ == State::object);
    if (!in_array && !own_line && state_ != State::unknown) {
      return Problem{at, "a request should not begin here; put a comma or a line end before it"};
    }
    auto problem =
        line.text[at] == '{' ? read_members(line.text, at, row) : read_pair(line.text, at, row);
    if (problem) return problem;
    if (state_ != State::unknown) state_ = in_array ? State::element : State::object;
    line.next = at;
    return std::nullopt;
  }

  std::optional<Problem> read_members(std::string_view line, std::size_t& at, TraceRow& row) {
    if (auto problem = read_object(line, at, keys, members_)) return problem;
    const auto& [input, output] = members_;
    if (auto problem = parse_tokens(input.value, input.key.text, row.prompt)) return problem;
    return parse_tokens(output.value, output.key.text, row.output);
  }

  // Whether a list begins here whose first element is a number, which an array of requests has not.
  static bool is_pair(std::string_view line, std::size_t at) {
    if (line[at] != '[') return false;
    at = skip_blanks(line, at + 1);
    return at < line.size() && (line[at] == '-' || (line[at] >= '0' && line[at] <= '9'));
  }

  static std::optional<Problem> read_pair(std::string_view line, std::size_t& at, TraceRow& row) {
    const Problem no_pair{at, "not a pair [prompt tokens, output tokens]"};
    const std::size_t end = line.find(']', at);
    if (end == line.npos) return no_pair;
    JsonIds numbers({at, line.substr(at, end + 1 - at)});
    Cell input, output, third;
    numbers.next(input);
    if (!numbers.next(output) || numbers.next(third)) return no_pair;
    if (auto problem = parse_tokens(input, "prompt", row.prompt)) return problem;
    if (auto problem = parse_tokens(output, "output", row.output)) return problem;
    at = end + 1;
    return std::nullopt;
  }

  std::array<JsonMember, 2> members_;
  State state_ = State::nothing;
};

}  // namespace

std::unique_ptr<TraceFormat> make_mooncake() { return std::make_unique<Mooncake>(); }
std::unique_ptr<TraceFormat> make_vllm_requests() { return std::make_unique<VllmRequests>(); }
std::unique_ptr<TraceFormat> make_lengths() { return std::make_unique<LengthsOnly>(); }

}  // namespace tokenyard::traffic
