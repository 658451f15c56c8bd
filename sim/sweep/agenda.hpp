// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <vector>

namespace tokenyard::sweep {

// The runs that are still to do, for several threads at once. Those under way may bring others.
class Agenda final {
 public:
  explicit Agenda(std::vector<std::size_t> runs) : waiting_(runs.begin(), runs.end()) {}

  // The next run. Waits while there is none but one may come; none if all is done, or stopped.
  std::optional<std::size_t> next();
  // Of a run that next() gave: it is over, and these come first now.
  void ended(const std::vector<std::size_t>& then = {});
  // Nothing is begun any more.
  void stop();

  std::size_t under_way() const;
  std::size_t waiting() const;

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::size_t> waiting_;
  std::size_t under_way_ = 0;
  bool stopped_ = false;
};

}  // namespace tokenyard::sweep
