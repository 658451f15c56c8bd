// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "traffic/csv_cells.hpp"
#include "traffic/trace_formats.hpp"

namespace tokenyard::traffic {
namespace {

// The simulator's own format, and that of `replay`.
class TokenyardCsv final : public TraceFormat {
 public:
  bool begins(std::string_view first_line) override {
    return first_line == required || first_line.starts_with(std::string(required) + ",");
  }

  std::optional<Problem> read_header(std::string_view line) override {
    return read_columns(line, names, columns_);
  }

  bool sorted() const override { return false; }

  std::optional<Problem> parse(TraceLine& line, TraceRow& row) override {
    if (auto problem = split(line.text, columns_.size(), cells_)) return problem;
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      const auto column = static_cast<Column>(columns_[i]);
      if (cells_[i].text.empty() && column >= first_optional) continue;
      if (auto problem = read(column, cells_[i], row)) return problem;
    }
    return std::nullopt;
  }

 private:
  enum Column : std::uint8_t {
    arrival,
    prompt,
    output,
    tenant,
    model,
    api_class,
    tier,
    origin,
    client,
    session,
    max_tokens,
    pieces,
    deadline,
    first_optional = tenant
  };
  static constexpr std::string_view required = "arrival_s,prompt_tokens,output_tokens";
  static constexpr std::array<std::string_view, 13> names = {
      "arrival_s", "prompt_tokens", "output_tokens", "tenant",     "model",  "api_class", "tier",
      "origin",    "client",        "session",       "max_tokens", "pieces", "deadline_s"};

  static constexpr std::array<std::string_view TraceRow::*, 6> texts = {
      &TraceRow::tenant, &TraceRow::model,  &TraceRow::api_class,
      &TraceRow::tier,   &TraceRow::origin, &TraceRow::client};

  // The required columns come first, so that the others may be compared with them.
  static std::optional<Problem> read(Column column, const Cell& cell, TraceRow& row) {
    const std::string_view name = names[column];
    if (column >= tenant && column <= client) {
      return parse_name(cell, name, row.*texts[static_cast<std::size_t>(column - tenant)]);
    }
    if (column == arrival) return parse_seconds(cell, name, row.arrival_s);
    if (column == prompt) return parse_tokens(cell, name, row.prompt);
    if (column == output) return parse_tokens(cell, name, row.output);
    if (column == max_tokens) return parse_most(cell, row);
    if (column == pieces) return parse_pieces(cell, row.prompt, row.pieces);
    if (column == deadline) return parse_seconds(cell, name, row.deadline_s);
    row.session = session_number(cell.text);
    return std::nullopt;
  }

  static std::optional<Problem> parse_most(const Cell& cell, TraceRow& row) {
    if (auto problem = parse_tokens(cell, "max_tokens", row.max_tokens)) return problem;
    if (row.max_tokens >= row.output) return std::nullopt;
    return wrong(cell, "max_tokens", "is below output_tokens");
  }

  std::vector<std::uint8_t> columns_;
  std::vector<Cell> cells_;
};

// Azure LLM inference traces (github Azure/AzurePublicDataset): TIMESTAMP,ContextTokens,...
class AzureLlm final : public TraceFormat {
 public:
  bool begins(std::string_view first_line) override {
    return first_line == "TIMESTAMP,ContextTokens,GeneratedTokens";
  }

  std::optional<Problem> parse(TraceLine& line, TraceRow& row) override {
    if (auto problem = split(line.text, 3, cells_)) return problem;
    const auto stamp = parse_stamp(cells_[0].text);
    if (!stamp) {
      return wrong(cells_[0], "TIMESTAMP", "is not a date like 2023-11-16 18:15:46.6805900");
    }
    // Differences from the first stamp are exact in nanoseconds before they become binary64.
    if (!first_) first_ = *stamp;
    row.arrival_s = static_cast<double>(*stamp - *first_) / 1e9;
    if (auto problem = parse_tokens(cells_[1], "ContextTokens", row.prompt)) return problem;
    return parse_tokens(cells_[2], "GeneratedTokens", row.output);
  }

 private:
  std::vector<Cell> cells_;
  std::optional<std::int64_t> first_;
};

// BurstGPT (github HPMLL/BurstGPT). A request without an answer failed.
class BurstGpt final : public TraceFormat {
 public:
  bool begins(std::string_view first_line) override {
    if (first_line.size() > longest_header) return false;
    split(first_line, cells_);
    return std::all_of(names.begin(), names.begin() + first_optional, [this](std::string_view n) {
      return std::any_of(cells_.begin(), cells_.end(), [n](const Cell& c) { return c.text == n; });
    });
  }

  std::optional<Problem> read_header(std::string_view line) override {
    return read_columns(line, names, columns_);
  }

  bool sorted() const override { return false; }

  std::optional<Problem> parse(TraceLine& line, TraceRow& row) override {
    if (auto problem = split(line.text, columns_.size(), cells_)) return problem;
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      if (auto problem = read(static_cast<Column>(columns_[i]), cells_[i], row)) return problem;
    }
    if (row.output == Tokens(0)) {
      line.holds = TraceLine::Holds::a_failed_request;
      return std::nullopt;
    }
    if (row.prompt > Tokens(0)) return std::nullopt;
    const auto place = std::find(columns_.begin(), columns_.end(), prompt) - columns_.begin();
    return wrong(cells_[static_cast<std::size_t>(place)], names[prompt], "is below 1");
  }

 private:
  enum Column : std::uint8_t {
    stamp,
    prompt,
    output,
    model,
    total,
    log_type,
    session,
    elapsed,
    first_optional = model
  };
  static constexpr std::size_t longest_header = 1 << 12;  // a first line may be a long array
  static constexpr std::array<std::string_view, 8> names = {
      "Timestamp",    "Request tokens", "Response tokens", "Model",
      "Total tokens", "Log Type",       "Session ID",      "Elapsed time"};

  static std::optional<Problem> read(Column column, const Cell& cell, TraceRow& row) {
    const std::string_view name = names[column];
    switch (column) {
      case stamp:
        return parse_seconds(cell, name, row.arrival_s);
      case prompt:
        return parse_tokens(cell, name, row.prompt, 0);
      case output:
        return parse_tokens(cell, name, row.output, 0);
      case model:
        return parse_name(cell, name, row.tenant);
      case session:
        row.session = session_number(cell.text);
        break;
      default:
        break;
    }
    return std::nullopt;
  }

  std::vector<std::uint8_t> columns_;
  std::vector<Cell> cells_;
};

}  // namespace

std::unique_ptr<TraceFormat> make_tokenyard_csv() { return std::make_unique<TokenyardCsv>(); }
std::unique_ptr<TraceFormat> make_azure_llm() { return std::make_unique<AzureLlm>(); }
std::unique_ptr<TraceFormat> make_burstgpt() { return std::make_unique<BurstGpt>(); }

}  // namespace tokenyard::traffic
