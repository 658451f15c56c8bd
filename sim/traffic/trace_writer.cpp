// SPDX-License-Identifier: Apache-2.0
#include "traffic/trace_writer.hpp"

#include <zlib.h>

#include <charconv>
#include <new>

#include "core/contracts.hpp"

namespace tokenyard::traffic {
namespace {

constexpr std::size_t buffer_bytes = 1 << 18;
constexpr std::size_t longest_number = 32;  // "-1.7976931348623157e+308" has 24

const std::string& checked_name(const std::string& path) {
  if (path.ends_with(".csv") || path.ends_with(".csv.gz")) return path;
  throw config::ConfigError(config::Mistake{
      path, {}, "", "the name of a trace ends in .csv or .csv.gz; choose such a name"});
}

}  // namespace

struct TraceWriter::Gzip {
  z_stream stream{};
  std::vector<unsigned char> out = std::vector<unsigned char>(buffer_bytes);

  Gzip() {
    // 16 more bits of window ask for a gzip header, which zlib leaves without name and date.
    constexpr int window = 15 + 16, memory = 8;
    if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, window, memory,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
      throw std::bad_alloc();
    }
  }
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;
  ~Gzip() { deflateEnd(&stream); }
};

TraceWriter::TraceWriter(const std::string& path, TraceColumns columns, results::Existing existing)
    : path_(path), columns_(columns), target_(checked_name(path), existing), buffer_(buffer_bytes) {
  if (path.ends_with(".gz")) gzip_ = std::make_unique<Gzip>();
  add_text("arrival_s,prompt_tokens,output_tokens");
  if (columns_.tenant) add_text(",tenant");
  if (columns_.model) add_text(",model");
  if (columns_.api_class) add_text(",api_class");
  if (columns_.tier) add_text(",tier");
  if (columns_.origin) add_text(",origin");
  if (columns_.client) add_text(",client");
  if (columns_.session) add_text(",session");
  if (columns_.max_tokens) add_text(",max_tokens");
  if (columns_.deadline) add_text(",deadline_s");
  if (columns_.pieces) add_text(",pieces");
  add_text("\n");
}

TraceWriter::~TraceWriter() = default;

void TraceWriter::add(const TraceRow& row) {
  add_number(row.arrival_s);
  add_text(",");
  add_number(row.prompt.value());
  add_text(",");
  add_number(row.output.value());
  if (columns_.tenant) add_name("tenant", row.tenant);
  if (columns_.model) add_name("model", row.model);
  if (columns_.api_class) add_name("API class", row.api_class);
  if (columns_.tier) add_name("tier", row.tier);
  if (columns_.origin) add_name("origin", row.origin);
  if (columns_.client) add_name("client", row.client);
  if (columns_.session) {
    add_text(",");
    if (row.session != 0) add_number(row.session);
  }
  if (columns_.max_tokens) {
    add_text(",");
    if (row.max_tokens > Tokens(0)) add_number(row.max_tokens.value());
  }
  if (columns_.deadline) {
    add_text(",");
    if (row.deadline_s > 0) add_number(row.deadline_s);
  }
  if (columns_.pieces) add_pieces(row.pieces);
  add_text("\n");
  ++rows_;
}

void TraceWriter::add_name(std::string_view column, std::string_view name) {
  if (name.find_first_of(",\"\r\n") != std::string_view::npos) {
    const std::string text = "a cell cannot hold the " + std::string(column) + ' ' +
                             config::in_quotes(name) +
                             " (a comma, a quote or a line break); rename it in the source";
    throw config::ConfigError(config::Mistake{path_, {}, "", text});
  }
  add_text(",");
  add_text(name);
}

void TraceWriter::add_pieces(const std::vector<Piece>& pieces) {
  const char* separator = ",";
  if (pieces.empty()) add_text(separator);
  for (const Piece& piece : pieces) {
    add_text(separator);
    add_number(piece.content);
    add_text(":");
    add_number(piece.until);
    separator = " ";
  }
}

void TraceWriter::add_text(std::string_view text) {
  while (text.size() > buffer_.size() - used_) {
    const std::size_t room = buffer_.size() - used_;
    text.copy(buffer_.data() + used_, room);
    used_ += room;
    text.remove_prefix(room);
    flush();
  }
  used_ += text.copy(buffer_.data() + used_, text.size());
}

template <class Number>
void TraceWriter::add_number(Number number) {
  if (buffer_.size() - used_ < longest_number) flush();
  char* const end = buffer_.data() + buffer_.size();
  const auto [stop, error] = std::to_chars(buffer_.data() + used_, end, number);
  SIM_ENSURE(error == std::errc());
  used_ = static_cast<std::size_t>(stop - buffer_.data());
}

void TraceWriter::flush(bool end) {
  if (!gzip_) {
    write(buffer_.data(), used_);
    used_ = 0;
    return;
  }
  z_stream& stream = gzip_->stream;
  stream.next_in = reinterpret_cast<unsigned char*>(buffer_.data());
  stream.avail_in = static_cast<unsigned>(used_);
  do {
    stream.next_out = gzip_->out.data();
    stream.avail_out = buffer_bytes;
    deflate(&stream, end ? Z_FINISH : Z_NO_FLUSH);
    write(gzip_->out.data(), buffer_bytes - stream.avail_out);
  } while (stream.avail_out == 0);
  used_ = 0;
}

void TraceWriter::write(const void* from, std::size_t bytes) {
  target_.disk().write(written_, from, bytes);
  target_.check_disk();
  written_ += bytes;
}

void TraceWriter::finish() {
  flush(true);
  target_.publish();
}

}  // namespace tokenyard::traffic
