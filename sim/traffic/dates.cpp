// SPDX-License-Identifier: Apache-2.0
#include "traffic/dates.hpp"

#include "core/contracts.hpp"

namespace tokenyard::traffic {

double DatesPlan::expected(Duration until) const {
  return curve.amount(0, until.value()) * (batch ? batch->mean() : 1);
}

Dates::Dates(DatesPlan given, const Seeding& seeding)
    : plan_(std::make_unique<const DatesPlan>(std::move(given))),
      walk_(plan_->curve),
      gaps_(seeding.stream("arrivals")),
      states_(seeding.stream("states")),
      batches_(seeding.stream("batches")) {
  const DatesPlan& plan = *plan_;
  SIM_EXPECT(plan.gaps.size() == 1 || plan.gaps.size() == plan.curve.factors[0].points.size());
  SIM_EXPECT(plan.states.size() != 1);
  if (plan.states.empty()) return;
  // Each state is entered equally often, so its share of the time follows from its stay.
  double stays = 0, weighted = 0;
  for (const DatesPlan::State& state : plan.states) {
    stays += state.stay_s;
    weighted += state.stay_s * state.times;
  }
  mean_times_ = weighted / stays;
  double u = states_.uniform() * stays;
  while (state_ + 1 < plan.states.size() && u > plan.states[state_].stay_s) {
    u -= plan.states[state_++].stay_s;
  }
  state_ends_ = Instant(states_.exponential() * plan.states[state_].stay_s);
  walk_.modulate(plan.states[state_].times / mean_times_);
}

// Into any of the others alike.
void Dates::change_state() {
  const std::size_t others = plan_->states.size() - 1;
  const std::size_t draw = states_.below(others);
  state_ = draw < state_ ? draw : draw + 1;
  state_ends_ = state_ends_ + Duration(states_.exponential() * plan_->states[state_].stay_s);
  walk_.modulate(plan_->states[state_].times / mean_times_);
}

double Dates::gap() {
  const Gaps& gaps = plan_->gaps.size() == 1 ? plan_->gaps[0] : plan_->gaps[walk_.point()];
  if (begun_) return gaps.draw(gaps_);
  begun_ = true;
  return gaps.first(gaps_);
}

Instant Dates::next_begin() {
  double left = gap();
  if (plan_->states.empty()) return walk_.spend(left);
  for (;;) {
    const Instant date = walk_.spend(left, state_ends_);
    if (left == 0 || date == Instant::never()) return date;
    change_state();
  }
}

Instant Dates::next() {
  if (left_ == 0) {
    date_ = next_begin();
    if (plan_->batch) left_ = plan_->batch->draw_whole(batches_) - 1;
  } else {
    --left_;
  }
  return date_;
}

}  // namespace tokenyard::traffic
