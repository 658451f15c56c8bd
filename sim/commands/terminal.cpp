// SPDX-License-Identifier: Apache-2.0
#include "commands/terminal.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace tokenyard::commands {
namespace {

constexpr int bar_cells = 20;
constexpr double redraw_s = 0.1;

std::string bar(double share, bool colour) {
  const int full = static_cast<int>(share * bar_cells + 0.5);
  const std::string done(static_cast<std::size_t>(full), '#');
  const std::string left(static_cast<std::size_t>(bar_cells - full), '.');
  return colour ? "\x1b[32m" + done + "\x1b[0m" + left : done + left;
}

}  // namespace

void show_done(std::size_t done, std::size_t all, const std::string& noun) {
  if (::isatty(STDERR_FILENO) == 0) return;
  fmt::print(stderr, "\r{} of {} {}{}", done, all, noun, done == all ? "\n" : "");
  std::fflush(stderr);
}

Progress::Progress(Show show, double requests)
    : shown_(show == Show::if_terminal && ::isatty(STDERR_FILENO) == 1),
      colour_(std::getenv("NO_COLOR") == nullptr),
      expected_(requests) {}

Progress::~Progress() {
  if (drawn_) fmt::print(stderr, "\r\x1b[K");
}

void Progress::update(Instant now, std::int64_t requests) {
  if (!shown_) return;
  const auto date = Clock::now();
  if (std::chrono::duration<double>(date - last_).count() < redraw_s) return;
  last_ = date;
  drawn_ = true;
  const double wall = std::chrono::duration<double>(date - start_).count();
  const double rate = static_cast<double>(requests) / wall;
  std::string text =
      fmt::format("{:.0f} s simulated  {} requests  {:.0f}/s", now.value(), requests, rate);
  if (expected_ > 0) {
    const double share = std::min(static_cast<double>(requests) / expected_, 1.0);
    const double left = rate > 0 ? (1 - share) * expected_ / rate : 0;
    text = fmt::format("[{}] {:3.0f} %  {}  ETA {:.0f} s", bar(share, colour_), 100 * share, text,
                       left);
  }
  fmt::print(stderr, "\r\x1b[K{}", text);
  std::fflush(stderr);
}

}  // namespace tokenyard::commands
