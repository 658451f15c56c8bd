// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "traffic/ordered_trace.hpp"

namespace tokenyard::traffic {

struct ScalePlan {
  double by = 1;        // above 0
  double shift_s = 60;  // the copies' offsets are below it
  std::uint64_t seed = 1;
};

// A trace with `by` times the requests at the same rate curve; time 0 is its first arrival. It is
// floor(by) whole copies and one thinned to the rest. The first copy stays where it is; every other
// one is rotated by a random offset below `shift_s`, wrapping at the end (the span and one mean
// gap), so that bursts do not coincide. Copies stand for other users with the same habits: their
// sessions and the content of their prompts are their own. Holds the requests of `shift_s`, a copy.
class Superposition final {
 public:
  Superposition(const std::string& path, const TraceContents& contents, const ScalePlan& plan);

  // In order of arrival. The row's tenant is valid until the next one.
  bool next(TraceRow& row);

 private:
  struct Copy {
    double offset_s;
    double share;
  };
  struct Held {
    double date_s;
    std::uint64_t copy;
    std::uint64_t number;  // of the row, from 0
    TraceRow row;
    std::string tenant;

    bool operator>(const Held& other) const;
  };

  void draw_copies(const ScalePlan& plan);
  void hold_wrapped(const std::string& path, const TraceContents& contents);
  void advance();
  double rotated(std::size_t copy, double date_s) const { return date_s + copies_[copy].offset_s; }
  bool kept(std::size_t copy, std::uint64_t number) const;
  void hold(std::size_t copy, std::uint64_t number, double date_s, const TraceRow& row);
  void hold_copies_of_next();

  OrderedTrace rows_;
  double first_s_;
  double period_s_;
  std::uint64_t seed_;
  std::vector<Copy> copies_;
  std::vector<Held> waiting_;  // a heap, the earliest on top
  Held given_;
  TraceRow next_;
  bool has_next_ = false;
  std::uint64_t next_number_ = 0;
};

}  // namespace tokenyard::traffic
