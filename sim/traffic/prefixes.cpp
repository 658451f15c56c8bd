// SPDX-License-Identifier: Apache-2.0
#include "traffic/prefixes.hpp"

#include <algorithm>
#include <cmath>

namespace tokenyard::traffic {

using config::Section;

Prefixes::Prefixes(const PrefixPlan& plan, const Seeding& seeding)
    : plan_(&plan), contents_(seeding.stream("contents")), choices_(seeding.stream("prefixes")) {
  RandomStream draw(seeding.seed, seeding.replication, "groups/" + seeding.family);
  for (std::size_t i = 0; i < plan.groups.size(); ++i) group_contents_.push_back(draw.bits());
}

std::optional<Piece> Prefixes::group(RandomStream& stream, Tokens most) const {
  if (plan_->groups.empty()) return std::nullopt;
  double u = stream.uniform();
  for (std::size_t i = 0; i < plan_->groups.size(); ++i) {
    const PrefixPlan::Group& group = plan_->groups[i];
    if (u < group.share) {
      return Piece{group_contents_[i], std::min(group.tokens, most).value()};
    }
    u -= group.share;
  }
  return std::nullopt;
}

// Among the prompts near this date, one that is as long as this, or the longest.
const Prefixes::Earlier* Prefixes::find(Instant date, std::int64_t tokens) const {
  constexpr std::ptrdiff_t most_looks = 64;
  const auto after = std::partition_point(earlier_.begin(), earlier_.end(),
                                          [date](const Earlier& e) { return e.arrival < date; });
  const Earlier* best = nullptr;
  const auto look = [&](const Earlier& e) {
    if (best == nullptr || e.tokens > best->tokens) best = &e;
    return best->tokens >= tokens;
  };
  for (std::ptrdiff_t away = 0; away < most_looks; ++away) {
    if (after - earlier_.begin() > away && look(*(after - away - 1))) return best;
    if (earlier_.end() - after > away && look(*(after + away))) return best;
  }
  return best;
}

void Prefixes::reuse(const Request& request, std::vector<Piece>& pieces) {
  const PrefixPlan::Reuse& plan = *plan_->reuse;
  const auto prompt = static_cast<double>(request.prompt.value());
  const auto block = static_cast<double>(plan.block.value());
  const double share = plan.share.at(request.prompt).draw(choices_);
  const double age = plan.age_s.draw(choices_);
  const auto wanted = static_cast<std::int64_t>(std::floor(share * prompt / block + 0.5) * block);
  const Earlier* from =
      wanted == 0 ? nullptr : find(Instant(request.arrival.value() - age), wanted);
  if (from != nullptr) {
    const std::int64_t shared = std::min({wanted, from->tokens, request.prompt.value()});
    for (const Piece& piece : from->pieces) {
      pieces.push_back({piece.content, std::min(piece.until, shared)});
      if (piece.until >= shared) break;
    }
  }
  // What follows is new; a later prompt may go on from the answer.
  const std::int64_t whole = (request.prompt + request.output).value();
  pieces.push_back({fresh(), whole});
  earlier_.push_back({request.arrival, whole, pieces});
  pieces.back().until = request.prompt.value();
  if (pieces.size() > 1 && pieces[pieces.size() - 2].until >= request.prompt.value()) {
    pieces.pop_back();
  }
  if (earlier_.size() > plan.memory) earlier_.pop_front();
}

void Prefixes::compose(const Request& request, std::vector<Piece>& pieces) {
  pieces.clear();
  if (plan_->reuse) return reuse(request, pieces);
  if (const auto shared = group(choices_, request.prompt)) pieces.push_back(*shared);
  pieces.push_back({fresh(), request.prompt.value()});
}

namespace {

std::vector<PrefixPlan::Group> read_groups(Section& section) {
  std::vector<PrefixPlan::Group> groups;
  double sum = 0;
  for (Section& group : section.children("groups")) {
    const double share = group.required<config::Fraction>("share", {0, 1}).value;
    const auto tokens = group.required<Tokens>("tokens", {1, 0x1p40});
    group.finish();
    groups.push_back({share, tokens});
    sum += share;
  }
  if (sum > 1 + 1e-9) section.mistake("groups", "has shares that add up to more than 1");
  return groups;
}

PrefixPlan::Reuse read_reuse(Section section) {
  PrefixPlan::Reuse reuse{
      read_given_prompt(section, "share", config::Dimension::fraction),
      read_distribution(section, "age", config::Dimension::duration),
      std::max(section.optional<Tokens>("block", Tokens(512), {1, 1e6}), Tokens(1)),
      static_cast<std::size_t>(section.optional<std::int64_t>("memory", 4096, {1, 1e6})),
  };
  section.finish();
  return reuse;
}

}  // namespace

PrefixPlan read_prefixes(Section section) {
  PrefixPlan plan;
  if (section.has("groups")) plan.groups = read_groups(section);
  if (section.has("reuse")) plan.reuse = read_reuse(section.child("reuse"));
  if (plan.reuse && !plan.groups.empty()) {
    section.mistake("groups", "stands beside 'reuse', which has shared prompts in it; keep one");
  }
  section.finish();
  return plan;
}

}  // namespace tokenyard::traffic
