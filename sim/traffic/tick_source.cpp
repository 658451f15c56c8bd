// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "core/random.hpp"
#include "traffic/trace_source.hpp"

namespace tokenyard::traffic {
namespace {

using config::Mistake;

constexpr std::size_t most_rows = 1'000'000;
constexpr std::size_t most_bytes = std::size_t{1} << 28;  // of pieces and names

class TickSource final : public TraceSource {
 public:
  explicit TickSource(std::unique_ptr<TraceSource> source) : source_(std::move(source)) {}

  std::string_view format() const override { return source_->format(); }
  bool sorted() const override { return true; }
  bool dated() const override { return true; }
  std::int64_t skipped() const override { return source_->skipped(); }
  Mistake mistake(std::string text) const override { return source_->mistake(std::move(text)); }

  std::optional<Mistake> next(TraceRow& row, bool& end) override {
    while (!complete_ || given_ == tick_.size()) {
      if (complete_ && !ahead_is_next_) {
        end = true;
        return std::nullopt;
      }
      if (complete_) begin();
      if (auto mistake = read()) return mistake;
    }
    row = std::move(tick_[given_++]);
    return std::nullopt;
  }

 private:
  void begin() {
    tick_.clear();
    names_.clear();
    bytes_ = 0;
    given_ = 0;
    complete_ = false;
    ahead_is_next_ = false;
    hold();
  }

  // One more row of the tick, or its end.
  std::optional<Mistake> read() {
    bool end = false;
    if (auto mistake = source_->next(ahead_, end)) return mistake;
    if (end) {
      finish();
      return std::nullopt;
    }
    if (tick_.empty() || ahead_.arrival_s == stamp_) return hold();
    if (ahead_.arrival_s < stamp_) {
      return mistake("arrivals go back in time; sort the trace, or do not spread its ticks");
    }
    length_s_ = ahead_.arrival_s - stamp_;
    ahead_is_next_ = true;
    finish();
    return std::nullopt;
  }

  std::optional<Mistake> hold() {
    bytes_ += ahead_.pieces.size() * sizeof(Piece);
    for (std::string_view* name : {&ahead_.tenant, &ahead_.model, &ahead_.api_class, &ahead_.tier,
                                   &ahead_.origin, &ahead_.client}) {
      *name = kept(*name);
    }
    if (tick_.size() == most_rows || bytes_ > most_bytes) {
      return mistake("too many rows of one stamp to be spread; the most is 1,000,000, or 256 MiB");
    }
    stamp_ = ahead_.arrival_s;
    tick_.push_back(std::move(ahead_));
    return std::nullopt;
  }

  std::string_view kept(std::string_view name) {
    if (name.empty()) return {};
    const auto found = names_.find(name);
    if (found != names_.end()) return *found;
    bytes_ += sizeof(std::string) + name.size();
    return *names_.emplace(name).first;
  }

  void finish() {
    complete_ = true;
    draws_.resize(tick_.size());
    for (double& draw : draws_) draw = random_.uniform();
    std::sort(draws_.begin(), draws_.end());
    for (std::size_t i = 0; i < tick_.size(); ++i) {
      tick_[i].arrival_s = stamp_ + draws_[i] * length_s_;
    }
  }

  std::unique_ptr<TraceSource> source_;
  RandomStream random_{0, 0, "ticks"};
  std::vector<TraceRow> tick_;
  std::set<std::string, std::less<>> names_;  // of its rows
  std::vector<double> draws_;
  std::size_t bytes_ = 0;
  std::size_t given_ = 0;
  double stamp_ = 0;
  double length_s_ = 0;  // of the tick before, until this one's is known
  bool complete_ = false;
  TraceRow ahead_;
  bool ahead_is_next_ = false;
};

}  // namespace

std::unique_ptr<TraceSource> spread_ticks(std::unique_ptr<TraceSource> source) {
  return std::make_unique<TickSource>(std::move(source));
}

}  // namespace tokenyard::traffic
