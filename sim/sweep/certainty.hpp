// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/quantity.hpp"

namespace tokenyard::sweep {

// Requests of an SLO class that were judged so far, and of these those that met all limits.
struct Judged {
  std::int64_t all = 0;
  std::int64_t met = 0;
};

// Tells, while a run goes on, how it will end: whether each SLO class attains the share that it
// asks for, of the requests judged from the warm-up to the end.
//
// By counting, which is certain: a class has missed more than may be missed of all the requests
// that can still come, or met as many as are needed of them.
//
// By statistics, of a run that is steady (nothing of its input changes with time): the looks since
// the warm-up are cut into 20 batches of equal length, growing with the run (two more before them
// are left out). The share that will miss in the rest of the run is in the prediction interval of
// Student's t around the share of the batches, widened to what independent requests would vary by,
// and so around 0. That holds only if the batches are as good as independent and the rest is like
// them. So nothing is said while batches resemble their neighbours, and no success is foretold
// while the number of requests in the fleet grows, which is how a fleet over its capacity begins.
// There are a few such looks at most, at lengths in a fixed ratio, which share the error allowed.
class Certainty final {
 public:
  struct Class {
    double wanted = 0.99;
    double most = 0;  // requests of it that may be judged in all, at most; may be infinite
    bool most_is_known = false;  // exactly; else it is an estimate on the safe side
  };
  struct Input {
    Instant begin;                   // end of the warm-up
    Instant end = Instant::never();  // never: only counting says something
    bool steady = false;             // likewise
    double confidence = 0.99;
    std::vector<Class> classes;
  };
  explicit Certainty(Input input);

  // At equal intervals of time: what was judged since the warm-up, of each class, and how many
  // requests are in the fleet. Returns whether all classes will attain what they ask for, if that
  // is certain.
  std::optional<bool> look(Instant now, std::span<const Judged> judged, double in_fleet);

 private:
  struct Row {
    std::vector<Judged> judged;  // so far
    double in_fleet;
  };
  struct Batches;

  std::optional<bool> counted(std::span<const Judged> judged) const;
  std::optional<bool> foretold(Instant now) const;
  Batches batches() const;

  Input input_;
  std::vector<Row> rows_;
  std::size_t next_;  // rows at which there will be enough for another look at batches
  double looks_ = 0;  // at batches, at most
};

}  // namespace tokenyard::sweep
