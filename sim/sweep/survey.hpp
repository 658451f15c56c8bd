// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "sweep/failures.hpp"
#include "sweep/verify.hpp"

namespace tokenyard::sweep {

// not_needed: its point was precise enough without it.
enum class RunState : std::uint8_t { done, failed, missing, not_needed };
inline constexpr std::array<std::string_view, 4> run_state_names = {"done", "failed", "missing",
                                                                    "not_needed"};

// What is there of a sweep, after a look at every file.
struct Survey {
  std::vector<RunState> states;         // of Sweep::runs
  std::vector<Failure> failures;        // of the runs that failed, in their order
  std::vector<Named> damaged;           // point files
  std::vector<Named> of_other_version;  // those of fewer files than have `version` and `commit`
  std::vector<Named> left_out;          // foreign files, and copies
  std::string version, commit;          // of the program that wrote the point files

  std::size_t count(RunState state) const;
};

// Is shown each point file that is whole, with the runs that it stands for: those of its identity.
using SeePoint = std::function<void(const std::vector<std::size_t>& runs, const PointFile& point)>;

Survey survey(const Directory& directory, const Sweep& sweep, const SeePoint& see,
              const Progress& progress);

}  // namespace tokenyard::sweep
