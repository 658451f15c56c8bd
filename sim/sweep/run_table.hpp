// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "sweep/manifest.hpp"
#include "sweep/point_file.hpp"

namespace tokenyard::sweep {

// A number that a study keeps of its runs: one of its metrics, or what goal seeking adds.
struct Measure {
  std::string name;  // as a study names it
  std::string unit;
  std::string text;            // what it is
  std::vector<double> values;  // of each run; NaN where it has none
};

// What the runs of a sweep have found, a column for each number that the study keeps.
class RunTable final {
 public:
  explicit RunTable(const Sweep& sweep);
  RunTable(const RunTable&) = delete;
  RunTable& operator=(const RunTable&) = delete;

  void take(const std::vector<std::size_t>& runs, const PointFile& point);
  // Takes back what was taken of a run.
  void forget(std::size_t run);

  // Those of the study in its order, then those of goal seeking by name.
  std::vector<const Measure*> measures() const;
  // Those that conditions and objective stand on, in the order of Study::measured.
  const std::vector<const Measure*>& measured() const { return measured_; }
  const std::vector<std::uint64_t>& requests() const { return requests_; }  // rows, of each run

 private:
  std::vector<Measure> kept_;
  std::map<std::string, Measure> goals_;  // without values until a run has one
  std::vector<const Measure*> measured_;
  std::vector<std::uint64_t> requests_;
};

// Points with their means over replications, and what the study makes of them.
struct PointTable {
  explicit PointTable(const Sweep& sweep);

  struct Means {
    std::vector<double> mean, half_width;  // of each point, at 95 %; NaN where there is no number
  };
  // Over the replications that are done; NaN if one of them has no number.
  Means means_of(const Measure& measure, const std::vector<bool>& done) const;

  std::vector<const Point*> points;  // those that are not skipped
  std::vector<std::size_t> first;    // run of each; its replications follow
  std::size_t replications = 1;      // of each
};

}  // namespace tokenyard::sweep
