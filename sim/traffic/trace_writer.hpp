// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "results/target.hpp"
#include "traffic/trace.hpp"

namespace tokenyard::traffic {

// What the rows of a trace say beyond arrival_s, prompt_tokens and output_tokens.
struct TraceColumns {
  bool tenant = false;
  bool model = false;
  bool api_class = false;
  bool tier = false;
  bool origin = false;
  bool client = false;
  bool session = false;
  bool max_tokens = false;
  bool deadline = false;
  bool pieces = false;  // content:until, separated by blanks
};

// Writes a trace in the simulator's own format. The file appears whole at finish(), or not at all;
// the same rows give the same bytes, compressed too.
class TraceWriter final {
 public:
  // Compresses what ends in .csv.gz. Throws ConfigError for a name that ends in neither that nor
  // .csv, and for a file that exists (refuse).
  TraceWriter(const std::string& path, TraceColumns columns,
              results::Existing existing = results::Existing::refuse);
  ~TraceWriter();
  TraceWriter(const TraceWriter&) = delete;
  TraceWriter& operator=(const TraceWriter&) = delete;

  // Throws ConfigError for a tenant whose name no cell can hold, IoError if the disk is full.
  void add(const TraceRow& row);
  void finish();

  std::uint64_t rows() const { return rows_; }

 private:
  struct Gzip;

  void add_name(std::string_view column, std::string_view name);
  void add_pieces(const std::vector<Piece>& pieces);
  void add_text(std::string_view text);
  template <class Number>
  void add_number(Number number);
  void flush(bool end = false);
  void write(const void* from, std::size_t bytes);

  std::string path_;
  TraceColumns columns_;
  results::Target target_;
  std::unique_ptr<Gzip> gzip_;  // null: plain
  std::vector<char> buffer_;
  std::size_t used_ = 0;
  std::uint64_t written_ = 0;  // bytes on the disk
  std::uint64_t rows_ = 0;
};

}  // namespace tokenyard::traffic
