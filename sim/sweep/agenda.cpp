// SPDX-License-Identifier: Apache-2.0
#include "sweep/agenda.hpp"

#include "core/contracts.hpp"

namespace tokenyard::sweep {

std::optional<std::size_t> Agenda::next() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return stopped_ || !waiting_.empty() || under_way_ == 0; });
  if (stopped_ || waiting_.empty()) return {};
  const std::size_t run = waiting_.front();
  waiting_.pop_front();
  ++under_way_;
  return run;
}

void Agenda::ended(const std::vector<std::size_t>& then) {
  const std::lock_guard lock(mutex_);
  SIM_EXPECT(under_way_ > 0);
  --under_way_;
  waiting_.insert(waiting_.begin(), then.begin(), then.end());
  changed_.notify_all();
}

void Agenda::stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  changed_.notify_all();
}

std::size_t Agenda::under_way() const {
  const std::lock_guard lock(mutex_);
  return under_way_;
}

std::size_t Agenda::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

}  // namespace tokenyard::sweep
