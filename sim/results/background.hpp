// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>

namespace tokenyard::results {

// A thread that writes while the simulation goes on. HDF5 is not for several threads at once: from
// the first submit() to drain() only what is submitted may touch the Writer. A slow disk makes
// submit() wait; nothing is lost, and no more waits than `most_waiting`.
class Background final {
 public:
  static constexpr std::size_t most_waiting = 1;
  // So many buffers in rotation are enough: one is filled, one waits, one is written.
  static constexpr std::size_t buffers = most_waiting + 2;

  Background() = default;
  ~Background();
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  // Runs `work` after all before it; the first starts the thread. Throws what an earlier one threw;
  // nothing is run after that.
  void submit(std::function<void()> work);
  // Waits until all is done. Throws as submit().
  void drain();
  // The same for destructors: what was thrown is left for the next drain().
  void settle() noexcept;

 private:
  void loop();
  void throw_if_failed() const;
  bool done() const { return waiting_.empty() && !working_; }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> waiting_;
  std::exception_ptr failure_;
  bool working_ = false;
  bool closing_ = false;
  std::thread thread_;
};

}  // namespace tokenyard::results
