// SPDX-License-Identifier: Apache-2.0
#include "results/background.hpp"

#include <utility>

namespace tokenyard::results {

Background::~Background() {
  settle();
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Background::submit(std::function<void()> work) {
  std::unique_lock lock(mutex_);
  if (!thread_.joinable()) thread_ = std::thread([this] { loop(); });
  changed_.wait(lock, [this] { return waiting_.size() < most_waiting || failure_; });
  throw_if_failed();
  waiting_.push_back(std::move(work));
  changed_.notify_all();
}

void Background::drain() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return done(); });
  throw_if_failed();
}

void Background::settle() noexcept {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return done(); });
}

void Background::throw_if_failed() const {
  if (failure_) std::rethrow_exception(failure_);
}

void Background::loop() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return !waiting_.empty() || closing_; });
    if (waiting_.empty()) return;
    const std::function<void()> work = std::move(waiting_.front());
    waiting_.pop_front();
    working_ = true;
    changed_.notify_all();
    lock.unlock();
    std::exception_ptr thrown;
    try {
      work();
    } catch (...) {
      thrown = std::current_exception();
    }
    lock.lock();
    if (thrown) {
      failure_ = thrown;
      waiting_.clear();
    }
    working_ = false;
    changed_.notify_all();
  }
}

}  // namespace tokenyard::results
