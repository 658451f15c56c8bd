// SPDX-License-Identifier: Apache-2.0
#include "commands/sweep_progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

namespace tokenyard::commands {
namespace {

constexpr std::size_t width = 79;

}  // namespace

std::string rough(double seconds) {
  constexpr double minute = 60, hour = 3600, day = 86400;
  if (seconds >= 2 * day) return fmt::format("{:.0f} d", seconds / day);
  if (seconds >= 2 * hour) return fmt::format("{:.0f} h", seconds / hour);
  if (seconds >= 2 * minute) return fmt::format("{:.0f} min", seconds / minute);
  return fmt::format("{:.0f} s", seconds);
}

std::string noun_of(const sweep::Study& study) {
  return study.replications > 1 ? "runs" : "points";
}

std::string best_text(const sweep::Sweep& sweep, const sweep::Tally& tally, Objective objective) {
  if (!sweep.study.objective) return "";
  if (!tally.best()) {
    if (tally.whole() == 0) return "";
    return fmt::format("none of {} points is feasible", tally.whole());
  }
  const std::string& text = sweep.study.objective->text;  // "minimise cost_usd"
  const std::string name =
      objective == Objective::named ? text.substr(text.find(' ') + 1) + " = " : "";
  return fmt::format("point {}: {}{:.4g} ({})", tally.best()->point->number, name,
                     tally.best()->objective,
                     sweep::describe(sweep.study, sweep.points, *tally.best()->point));
}

SweepProgress::SweepProgress(const sweep::Sweep& sweep, const sweep::Tally& tally, bool quiet)
    : sweep_(&sweep),
      tally_(&tally),
      quiet_(quiet),
      terminal_(::isatty(STDERR_FILENO) == 1),
      done_before_(tally.done() + tally.failed()) {}

void SweepProgress::show(std::size_t under_way, const std::string& note) {
  if (quiet_) return;
  const auto pause = terminal_ ? std::chrono::milliseconds(200) : std::chrono::minutes(1);
  const Clock::time_point now = Clock::now();
  if (now - last_ < pause) return;
  last_ = now;
  std::string line = text(under_way) + (note.empty() ? "" : "; " + note);
  if (!terminal_) {
    fmt::print(stderr, "{}\n", line);
    return;
  }
  if (line.size() > width) line = line.substr(0, width - 3) + "...";
  fmt::print(stderr, "\r\x1b[K{}", line);
  std::fflush(stderr);
  drawn_ = true;
}

void SweepProgress::clear() {
  if (drawn_) fmt::print(stderr, "\r\x1b[K");
  drawn_ = false;
}

std::string SweepProgress::text(std::size_t under_way) const {
  std::string line =
      fmt::format("{} of {} {}", tally_->done(), tally_->runs(), noun_of(sweep_->study));
  if (under_way > 0) line += fmt::format(", {} running", under_way);
  if (tally_->failed() > 0) line += fmt::format(", {} failed", tally_->failed());
  const std::string left = time_left();
  if (!left.empty()) line += ", " + left + " left";
  const std::string best = best_text(*sweep_, *tally_, Objective::short_of_name);
  return best.empty() ? line : line + "; best " + best;
}

std::string SweepProgress::time_left() const {
  const std::size_t done = tally_->done() + tally_->failed() - done_before_;
  if (done == 0) return "";
  const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
  return rough(seconds / static_cast<double>(done) * static_cast<double>(tally_->missing()));
}

}  // namespace tokenyard::commands
