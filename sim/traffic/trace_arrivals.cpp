// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>
#include <vector>

#include "core/contracts.hpp"
#include "traffic/trace.hpp"

namespace tokenyard::traffic {
namespace {

Request filled(const Request& pattern, const TraceRow& row, double origin_s) {
  Request request = pattern;
  request.arrival = Instant(row.arrival_s - origin_s);
  request.prompt = row.prompt;
  request.output = row.output;
  request.max_tokens = row.max_tokens == Tokens(0) ? row.output : row.max_tokens;
  if (row.session != 0) request.session = row.session;
  return request;
}

class StreamedTrace final : public Arrivals {
 public:
  StreamedTrace(TraceReader reader, const Request& pattern, double origin_s)
      : reader_(std::move(reader)), pattern_(pattern), origin_s_(origin_s) {
    advance();
  }

  Instant date() const override { return next_.arrival; }

  void take(Request& request) override {
    SIM_EXPECT(next_.arrival < Instant::never());
    request = next_;
    pieces_.swap(row_.pieces);
    advance();
  }

  std::span<const Piece> pieces() const override { return pieces_; }

 private:
  void advance() {
    if (reader_.next(row_)) {
      next_ = filled(pattern_, row_, origin_s_);
    } else {
      next_.arrival = Instant::never();
    }
  }

  TraceReader reader_;
  Request pattern_;
  TraceRow row_;
  Request next_;
  std::vector<Piece> pieces_;  // of the one before
  double origin_s_;
};

// Rows in any order have to be held to be sorted.
class HeldTrace final : public Arrivals {
 public:
  HeldTrace(TraceReader reader, const Request& pattern, double origin_s) {
    TraceRow row;
    while (reader.next(row)) {
      const std::size_t begin = pieces_.size();
      pieces_.insert(pieces_.end(), row.pieces.begin(), row.pieces.end());
      held_.push_back({filled(pattern, row, origin_s), begin, row.pieces.size()});
    }
    std::stable_sort(held_.begin(), held_.end(), [](const Held& a, const Held& b) {
      return a.request.arrival < b.request.arrival;
    });
  }

  Instant date() const override {
    return at_ < held_.size() ? held_[at_].request.arrival : Instant::never();
  }

  void take(Request& request) override {
    SIM_EXPECT(at_ < held_.size());
    request = held_[at_++].request;
  }

  std::span<const Piece> pieces() const override {
    if (at_ == 0) return {};
    const Held& taken = held_[at_ - 1];
    return std::span(pieces_).subspan(taken.begin, taken.count);
  }

 private:
  struct Held {
    Request request;
    std::size_t begin, count;  // of its pieces
  };

  std::vector<Held> held_;
  std::vector<Piece> pieces_;
  std::size_t at_ = 0;
};

}  // namespace

std::unique_ptr<Arrivals> trace_arrivals(const std::string& path, const TraceSummary& summary,
                                         const Request& pattern, const TraceOptions& options) {
  TraceReader reader(path, options);
  if (summary.sorted) {
    return std::make_unique<StreamedTrace>(std::move(reader), pattern, summary.first_s);
  }
  return std::make_unique<HeldTrace>(std::move(reader), pattern, summary.first_s);
}

}  // namespace tokenyard::traffic
