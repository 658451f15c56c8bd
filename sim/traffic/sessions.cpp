// SPDX-License-Identifier: Apache-2.0
#include "traffic/sessions.hpp"

#include <algorithm>
#include <functional>

#include "core/contracts.hpp"

namespace tokenyard::traffic {

using config::Dimension;
using config::Section;

double SessionPlan::requests_per_session() const {
  double per_call = 1;
  if (fan_out) per_call += fan_out->probability * (fan_out->branches.mean() - 1);
  return turns.mean() * (tools ? 1 + tools->calls.mean() : 1) * per_call;
}

Sessions::Sessions(const StreamInput& input, DatesPlan dates, const SessionPlan& plan)
    : pattern_(input.pattern),
      lengths_(input.lengths),
      plan_(&plan),
      dates_(std::move(dates), input.seeding),
      seeds_(input.seeding.stream("sessions")),
      next_begin_(dates_.next()) {
  if (input.prefixes != nullptr) prefixes_.emplace(*input.prefixes, input.seeding);
}

Instant Sessions::date() const {
  return due_.empty() ? next_begin_ : std::min(due_.front().date, next_begin_);
}

// Opens the session whose date has come.
void Sessions::begin() {
  Session session{RandomStream(seeds_.bits()), 0, std::nullopt};
  session.content = session.draw.bits();
  if (prefixes_) session.group = prefixes_->group(session.draw, Tokens(plan_->context_limit));
  if (session.group) session.context = session.group->until;
  session.turns = plan_->turns.draw_whole(session.draw) - 1;
  if (plan_->tools) {
    session.calls = static_cast<std::int64_t>(plan_->tools->calls.draw(session.draw) + 0.5);
  }
  const Distribution& first = plan_->first_tokens ? *plan_->first_tokens : lengths_->prompt;
  session.adds = first.draw_whole(session.draw);
  begin_call(session);
  due_.push_back({next_begin_, ++begun_});
  std::push_heap(due_.begin(), due_.end(), std::greater<>());
  sessions_.emplace(begun_, std::move(session));
  next_begin_ = dates_.next();
}

void Sessions::begin_call(Session& session) {
  session.branches = 1;
  session.fanned = plan_->fan_out && session.draw.uniform() < plan_->fan_out->probability;
  if (session.fanned) session.branches = plan_->fan_out->branches.draw_whole(session.draw);
}

void Sessions::take(Request& request) {
  SIM_EXPECT(date() < Instant::never());
  if (due_.empty() || next_begin_ < due_.front().date) begin();
  const Due due = due_.front();
  const auto found = sessions_.find(due.session);
  SIM_ASSERT(found != sessions_.end());
  Session& session = found->second;
  request = pattern_;
  request.arrival = due.date;
  fill(request, due.session, session);
  ++session.open;
  session.written += request.output.value();
  if (--session.branches > 0) return;  // the others arrive at the same date
  std::pop_heap(due_.begin(), due_.end(), std::greater<>());
  due_.pop_back();
  if (plan_->pace == SessionPlan::Pace::answer) return;
  session.open = 0;
  if (!go_on(due.session, session, due.date)) sessions_.erase(found);
}

void Sessions::fill(Request& request, std::uint64_t number, Session& session) {
  const std::int64_t prompt = std::min(session.context + session.adds, plan_->context_limit);
  request.session = number;
  request.prompt = Tokens(std::max<std::int64_t>(prompt, 1));
  lengths_->draw_output(request, session.draw);
  pieces_.clear();
  if (session.group) pieces_.push_back(*session.group);
  // The branches of a call share what was before it; what each adds is its own.
  if (session.fanned) {
    if (session.context > (pieces_.empty() ? 0 : pieces_.back().until)) {
      pieces_.push_back({session.content, session.context});
    }
    pieces_.push_back({session.draw.bits(), request.prompt.value()});
  } else {
    pieces_.push_back({session.content, request.prompt.value()});
  }
}

void Sessions::ended(const Request& request, Instant now, Answer answer) {
  const auto found = sessions_.find(request.session);
  SIM_EXPECT(found != sessions_.end());
  Session& session = found->second;
  session.refused = session.refused || answer == Answer::refused;
  SIM_EXPECT(session.open > 0);
  if (--session.open > 0 || session.branches > 0) return;
  if (session.refused || !go_on(request.session, session, now)) sessions_.erase(found);
}

bool Sessions::go_on(std::uint64_t number, Session& session, Instant date) {
  session.context += session.adds + session.written;
  session.written = 0;
  double wait = 0;
  if (session.calls > 0) {
    --session.calls;
    wait = plan_->tools->time_s.draw(session.draw);
    session.adds = plan_->tools->result_tokens.draw_whole(session.draw);
  } else if (session.turns > 0) {
    --session.turns;
    wait = plan_->pause_s.draw(session.draw);
    session.adds = lengths_->prompt.draw_whole(session.draw);
    if (plan_->tools) {
      session.calls = static_cast<std::int64_t>(plan_->tools->calls.draw(session.draw) + 0.5);
    }
  } else {
    return false;
  }
  if (session.context + session.adds > plan_->context_limit) return false;
  begin_call(session);
  due_.push_back({date + Duration(wait), number});
  std::push_heap(due_.begin(), due_.end(), std::greater<>());
  return true;
}

SessionPlan read_sessions(Section section) {
  SessionPlan plan;
  plan.turns = read_distribution(section, "turns", Dimension::tokens);
  plan.pause_s = read_distribution(section, "pause", Dimension::duration);
  static constexpr std::array<std::string_view, 2> paces = {"answer", "clock"};
  plan.pace = static_cast<SessionPlan::Pace>(section.choice("pause_after", paces, 0));
  if (section.has("first_prompt_tokens")) {
    plan.first_tokens = read_distribution(section, "first_prompt_tokens", Dimension::tokens);
  }
  if (section.has("tools")) {
    Section tools = section.child("tools");
    plan.tools = SessionPlan::Tools{
        read_distribution(tools, "calls", Dimension::tokens),
        read_distribution(tools, "time", Dimension::duration),
        read_distribution(tools, "result_tokens", Dimension::tokens),
    };
    tools.finish();
  }
  if (section.has("fan_out")) {
    Section fan_out = section.child("fan_out");
    const double probability = fan_out.required<config::Fraction>("probability", {0, 1}).value;
    plan.fan_out =
        SessionPlan::FanOut{probability, read_distribution(fan_out, "branches", Dimension::tokens)};
    fan_out.finish();
  }
  plan.context_limit =
      section.optional<Tokens>("context_limit", Tokens(plan.context_limit), {1, 0x1p40}).value();
  section.finish();
  return plan;
}

}  // namespace tokenyard::traffic
