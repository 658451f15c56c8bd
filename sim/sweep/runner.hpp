// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace tokenyard::sweep {

// A run that cannot be done, for a reason that stands in the user's words already.
class RunError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// What the processes of a sweep do. A zygote calls prepare once; each of its children, which are
// copies of it, calls run once.
class Runner {
 public:
  virtual ~Runner() = default;

  // Loads what runs of one platform share, the run of this number being the first of them. Throws
  // ConfigError, RunError.
  virtual void prepare(std::size_t run) = 0;

  // Simulates a run, writes its file, and returns what the collector is told of it. Throws
  // ConfigError, RunError, IoError.
  virtual std::string run(std::size_t run) = 0;
};

// How far a run may go.
struct RunLimits {
  std::chrono::seconds time{24 * 3600};
  std::uint64_t memory_bytes = 0;  // of addresses, beside what the zygote has; 0: any
};

// How a child ended.
enum class Ending : std::uint8_t { done, refused, failed, disk, crashed, killed, timed_out };
inline constexpr std::array<std::string_view, 7> ending_names = {
    "done", "refused", "failed", "disk", "crashed", "killed", "timed_out"};

struct Reply {
  Ending ending = Ending::done;
  std::string text;  // what Runner::run returned, or why it did not
};

}  // namespace tokenyard::sweep
