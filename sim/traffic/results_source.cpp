// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <utility>

#include "results/reader.hpp"
#include "traffic/csv_cells.hpp"
#include "traffic/trace_source.hpp"

namespace tokenyard::traffic {
namespace {

using config::Mistake;

constexpr std::uint64_t chunk = 131'072;

template <class T>
void widen(const std::vector<unsigned char>& bytes, std::vector<double>& values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    T value;
    std::memcpy(&value, bytes.data() + i * sizeof value, sizeof value);
    values[i] = static_cast<double>(value);
  }
}

void widen(results::Type type, const std::vector<unsigned char>& bytes,
           std::vector<double>& values) {
  switch (type) {
    case results::Type::f4:
      return widen<float>(bytes, values);
    case results::Type::f8:
      return widen<double>(bytes, values);
    case results::Type::i8:
      return widen<std::int64_t>(bytes, values);
    case results::Type::u1:
      return widen<std::uint8_t>(bytes, values);
    case results::Type::u2:
      return widen<std::uint16_t>(bytes, values);
    case results::Type::u4:
      return widen<std::uint32_t>(bytes, values);
    case results::Type::u8:
      return widen<std::uint64_t>(bytes, values);
  }
}

// A column of the table, of which a chunk is held.
class Column {
 public:
  Column(const results::Reader& reader, std::string name) : name_("/requests/" + std::move(name)) {
    const auto& all = reader.datasets();
    if (!std::binary_search(all.begin(), all.end(), name_)) {
      throw refused(reader, "is missing; give a result file with a table of requests");
    }
    const auto found = reader.dataset(name_);
    if (!found.type) throw refused(reader, "is not a column of numbers");
    type_ = *found.type;
    rows_ = found.rows;
  }

  const std::string& name() const { return name_; }
  std::uint64_t rows() const { return rows_; }
  double operator[](std::size_t row) const { return values_[row]; }

  void read(const results::Reader& reader, std::uint64_t first, std::size_t rows) {
    bytes_.resize(rows * results::size_of(type_));
    values_.resize(rows);
    reader.read(name_, first, rows, bytes_.data());
    widen(type_, bytes_, values_);
  }

  config::ConfigError refused(const results::Reader& reader, std::string text) const {
    return config::ConfigError(Mistake{reader.path(), {}, name_, std::move(text)});
  }

 private:
  std::string name_;
  results::Type type_{};
  std::uint64_t rows_ = 0;
  std::vector<unsigned char> bytes_;
  std::vector<double> values_;
};

std::vector<std::string> meanings(const results::Reader& reader, const std::string& column) {
  const auto attribute = reader.attribute(column, "flag_meanings");
  const auto* text = attribute ? std::get_if<std::string>(&*attribute) : nullptr;
  std::vector<std::string> names;
  std::size_t from = 0;
  while (text != nullptr && from < text->size()) {
    const std::size_t blank = std::min(text->find(' ', from), text->size());
    names.push_back(text->substr(from, blank - from));
    from = blank + 1;
  }
  return names;
}

class ResultsSource final : public TraceSource {
 public:
  explicit ResultsSource(const std::string& path)
      : reader_(path),
        columns_{Column(reader_, "arrival_s"), Column(reader_, "prompt_tokens"),
                 Column(reader_, "output_tokens"), Column(reader_, "max_tokens"),
                 Column(reader_, "tenant")},
        tenants_(meanings(reader_, columns_[tenant].name())) {
    for (const Column& column : columns_) {
      if (column.rows() == columns_[arrival].rows()) continue;
      throw column.refused(reader_, "has other rows than " + columns_[arrival].name());
    }
  }

  std::string_view format() const override { return results_format; }
  bool sorted() const override { return false; }  // rows are in the order of their ends
  bool dated() const override { return true; }
  std::int64_t skipped() const override { return skipped_; }

  std::optional<Mistake> next(TraceRow& row, bool& end) override {
    for (; row_ < columns_[arrival].rows(); ++skipped_) {
      const auto at = static_cast<std::size_t>(row_ % chunk);
      if (at == 0) read_chunk();
      ++row_;
      if (columns_[output][at] != 0) return read(at, row);
    }
    end = true;
    return std::nullopt;
  }

  Mistake mistake(std::string text) const override { return mistake("/requests", text); }

 private:
  enum Which : std::size_t { arrival, prompt, output, max_tokens, tenant };

  void read_chunk() {
    const auto rows = std::min(chunk, columns_[arrival].rows() - row_);
    for (Column& column : columns_) column.read(reader_, row_, static_cast<std::size_t>(rows));
  }

  bool is_count(Which which, std::size_t at, double least) const {
    const double value = columns_[which][at];
    return value >= least && value <= static_cast<double>(most_exact) && std::floor(value) == value;
  }

  Tokens tokens(Which which, std::size_t at) const {
    return Tokens(static_cast<std::int64_t>(columns_[which][at]));
  }

  std::optional<Mistake> read(std::size_t at, TraceRow& row) const {
    row.clear();
    row.arrival_s = columns_[arrival][at];
    if (!(row.arrival_s >= 0 && row.arrival_s <= static_cast<double>(most_exact))) {
      return wrong_value(arrival, "no number of seconds from 0 to 2^53");
    }
    for (const Which which : {prompt, output}) {
      if (!is_count(which, at, 1)) return wrong_value(which, "no whole number from 1 to 2^53");
    }
    if (!is_count(max_tokens, at, 0)) {
      return wrong_value(max_tokens, "no whole number from 0 to 2^53");
    }
    row.prompt = tokens(prompt, at);
    row.output = tokens(output, at);
    row.max_tokens = tokens(max_tokens, at);
    if (row.max_tokens > Tokens(0) && row.max_tokens < row.output) {
      return wrong_value(max_tokens, "below output_tokens");
    }
    return read_tenant(at, row);
  }

  std::optional<Mistake> read_tenant(std::size_t at, TraceRow& row) const {
    if (tenants_.empty()) return std::nullopt;
    const bool known =
        is_count(tenant, at, 0) && columns_[tenant][at] < static_cast<double>(tenants_.size());
    if (!known) return wrong_value(tenant, "no number of one of its flag_meanings");
    row.tenant = tenants_[static_cast<std::size_t>(columns_[tenant][at])];
    return std::nullopt;
  }

  Mistake wrong_value(Which which, const std::string& what) const {
    return mistake(columns_[which].name(), "is " + what);
  }

  Mistake mistake(const std::string& place, const std::string& text) const {
    return {reader_.path(), {}, place, "row " + std::to_string(row_) + " " + text};
  }

  results::Reader reader_;
  std::array<Column, 5> columns_;
  std::vector<std::string> tenants_;
  std::uint64_t row_ = 0;  // from 1, once read
  std::int64_t skipped_ = 0;
};

}  // namespace

std::unique_ptr<TraceSource> open_results(const std::string& path) {
  return std::make_unique<ResultsSource>(path);
}

bool is_results(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return false;
  std::ifstream file(path, std::ios::binary);
  char start[4] = {};
  return file.read(start, sizeof start) && std::memcmp(start, "\x89HDF", sizeof start) == 0;
}

}  // namespace tokenyard::traffic
