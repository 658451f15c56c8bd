// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "sweep/tally.hpp"

namespace tokenyard::commands {

// How far a sweep is, on stderr: a line that is drawn over on a terminal, elsewhere one a minute.
class SweepProgress final {
 public:
  SweepProgress(const sweep::Sweep& sweep, const sweep::Tally& tally, bool quiet);
  ~SweepProgress() { clear(); }
  SweepProgress(const SweepProgress&) = delete;
  SweepProgress& operator=(const SweepProgress&) = delete;

  // At most so often as is of use.
  void show(std::size_t under_way, const std::string& note);
  // Takes the line away, so that something else can be printed.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;

  std::string text(std::size_t under_way) const;
  std::string time_left() const;

  const sweep::Sweep* sweep_;
  const sweep::Tally* tally_;
  bool quiet_;
  bool terminal_;
  std::size_t done_before_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point last_ = start_;
  bool drawn_ = false;
};

// "runs" where points have several, else "points".
std::string noun_of(const sweep::Study& study);

// Of two digits, with a unit: it is an estimate.
std::string rough(double seconds);

// The best plan in a line: its point and what the objective is worth; with its name, or short.
enum class Objective : std::uint8_t { named, short_of_name };
std::string best_text(const sweep::Sweep& sweep, const sweep::Tally& tally,
                      Objective objective = Objective::named);

}  // namespace tokenyard::commands
