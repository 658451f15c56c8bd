// SPDX-License-Identifier: Apache-2.0
#include "traffic/superposition.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <tuple>

#include "core/contracts.hpp"
#include "core/random.hpp"
#include "traffic/number_set.hpp"

namespace tokenyard::traffic {
namespace {

// The name of a session or a content in a copy. Its size sets it apart from numbers that are
// counted up, and keeps it a whole number of binary64.
std::uint64_t renamed(std::uint64_t name, std::uint64_t copy) {
  constexpr std::uint64_t top = std::uint64_t{1} << 52;
  return copy == 0 ? name : (mixed(name, copy) & (top - 1)) | top;
}

// Requests that all come at once have no end to wrap at.
double period(const TraceContents& contents) {
  const double span_s = contents.last_s - contents.first_s;
  if (span_s == 0) return std::numeric_limits<double>::infinity();
  return span_s + span_s / static_cast<double>(contents.requests - 1);
}

}  // namespace

bool Superposition::Held::operator>(const Held& other) const {
  return std::tie(date_s, copy, number) > std::tie(other.date_s, other.copy, other.number);
}

Superposition::Superposition(const std::string& path, const TraceContents& contents,
                             const ScalePlan& plan)
    : rows_(path, contents),
      first_s_(contents.first_s),
      period_s_(period(contents)),
      seed_(plan.seed),
      given_() {
  SIM_EXPECT(plan.by > 0 && plan.shift_s >= 0);
  draw_copies(plan);
  hold_wrapped(path, contents);
  advance();
}

void Superposition::draw_copies(const ScalePlan& plan) {
  RandomStream draw(plan.seed, 0, "trace-scale");
  for (double left = plan.by; left > 0; left -= 1) {
    const double offset_s = copies_.empty() ? 0 : draw.uniform() * plan.shift_s;
    copies_.push_back({std::fmod(offset_s, period_s_), std::min(left, 1.0)});
  }
}

// What an offset carries over the end comes first.
void Superposition::hold_wrapped(const std::string& path, const TraceContents& contents) {
  double furthest_s = 0;
  for (const Copy& copy : copies_) furthest_s = std::max(furthest_s, copy.offset_s);
  if (furthest_s == 0) return;
  OrderedTrace rows(path, contents);
  TraceRow row;
  for (std::uint64_t number = 0; rows.next(row); ++number) {
    const double date_s = row.arrival_s - first_s_;
    if (date_s + furthest_s < period_s_) continue;
    for (std::size_t copy = 0; copy < copies_.size(); ++copy) {
      const double later_s = rotated(copy, date_s);
      if (later_s >= period_s_) hold(copy, number, later_s - period_s_, row);
    }
  }
}

bool Superposition::kept(std::size_t copy, std::uint64_t number) const {
  return copies_[copy].share >= 1 || in_sample(seed_, number, copies_[copy].share);
}

void Superposition::hold(std::size_t copy, std::uint64_t number, double date_s,
                         const TraceRow& row) {
  if (!kept(copy, number)) return;
  Held held{date_s, copy, number, row, std::string(row.tenant)};
  if (row.session != 0) held.row.session = renamed(row.session, copy);
  for (Piece& piece : held.row.pieces) piece.content = renamed(piece.content, copy);
  waiting_.push_back(std::move(held));
  std::push_heap(waiting_.begin(), waiting_.end(), std::greater<>());
}

void Superposition::advance() { has_next_ = rows_.next(next_); }

void Superposition::hold_copies_of_next() {
  const double date_s = next_.arrival_s - first_s_;
  for (std::size_t copy = 0; copy < copies_.size(); ++copy) {
    const double later_s = rotated(copy, date_s);
    if (later_s < period_s_) hold(copy, next_number_, later_s, next_);
  }
  ++next_number_;
  advance();
}

bool Superposition::next(TraceRow& row) {
  // No copy of a row comes before the row itself.
  while (has_next_ && (waiting_.empty() || next_.arrival_s - first_s_ <= waiting_.front().date_s)) {
    hold_copies_of_next();
  }
  if (waiting_.empty()) return false;
  std::pop_heap(waiting_.begin(), waiting_.end(), std::greater<>());
  given_ = std::move(waiting_.back());
  waiting_.pop_back();
  std::swap(row, given_.row);
  row.arrival_s = given_.date_s;
  row.tenant = given_.tenant;
  return true;
}

}  // namespace tokenyard::traffic
