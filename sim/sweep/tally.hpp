// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sweep/manifest.hpp"
#include "sweep/point_file.hpp"
#include "sweep/shard.hpp"

namespace tokenyard::sweep {

// How far a sweep is, or a shard of it, and what it has found: of the runs asked for.
class Tally final {
 public:
  // A plan that has all its runs, is feasible, and better than the others that are.
  struct Best {
    const Point* point = nullptr;
    double objective = 0;  // of the means over its replications
  };

  // `sweep` outlives the tally.
  explicit Tally(const Sweep& sweep, const Shard& shard = {});

  bool knows(const std::string& identity) const { return runs_of_.contains(identity); }
  // All runs of the identity. Returns the runs that are wanted since: more replications of points
  // whose means are not precise yet.
  std::vector<std::size_t> done(const std::string& identity, const std::vector<double>& measured);
  void failed(const std::string& identity);

  // Whether it is to be done, by what is known so far.
  bool is_wanted(std::size_t run) const {
    return sweep_->runs[run].replication < wanted_[run / replications_];
  }
  // The same by the number of a kept point and its replication.
  bool is_wanted(std::size_t point, std::size_t replication) const;
  // What is wanted and neither done nor failed: of each identity the first run.
  std::vector<std::size_t> to_do() const;
  std::size_t runs() const { return wanted_runs_; }  // that are wanted
  std::size_t done() const { return done_; }
  std::size_t failed() const { return failed_; }
  std::size_t missing() const { return runs() - done_ - failed_; }
  const std::optional<Best>& best() const { return best_; }
  // Points with all their runs of which a condition of `feasible` does not hold.
  std::size_t infeasible() const { return infeasible_; }
  std::size_t whole() const { return whole_; }  // points with all their runs

 private:
  enum class State : std::uint8_t { missing, done, failed };

  void take(std::size_t run, const std::vector<double>& measured, std::vector<std::size_t>& more);
  std::vector<double> values_of(std::size_t metric, std::size_t first_run, std::size_t count) const;
  bool is_precise(std::size_t first_run, std::size_t count) const;
  void judge(const Point& point, std::size_t first_run, std::size_t count);

  const Sweep* sweep_;
  std::map<std::string, std::vector<std::size_t>> runs_of_;  // by identity
  std::size_t replications_;                                 // of a point, at most
  std::vector<std::size_t> wanted_;                          // of each kept point
  std::size_t wanted_runs_ = 0;
  std::vector<State> states_;   // of each run
  std::vector<double> values_;  // of each run, those of Study::measured
  std::size_t done_ = 0, failed_ = 0, infeasible_ = 0, whole_ = 0;
  std::optional<Best> best_;
};

// The metrics that a study's conditions and objective stand on; NaN for those that are not there.
std::vector<double> measured_of(const Study& study, const Metrics& metrics);

}  // namespace tokenyard::sweep
