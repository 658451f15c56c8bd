// SPDX-License-Identifier: Apache-2.0
#include "sweep/survey.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace tokenyard::sweep {
namespace {

constexpr auto refused_kind = "refused";

using Version = std::pair<std::string, std::string>;  // with the commit

class Surveyor {
 public:
  Surveyor(const Directory& directory, const Sweep& sweep) : directory_(directory), sweep_(sweep) {
    found_.states.assign(sweep.runs.size(), RunState::missing);
    for (std::size_t i = 0; i < sweep.runs.size(); ++i) {
      const std::string& identity = sweep.runs[i].identity;
      if (identity.empty()) continue;
      std::vector<std::size_t>& runs = runs_of_[identity];
      if (runs.empty()) identities_.push_back(&identity);
      runs.push_back(i);
    }
  }

  Survey look(const SeePoint& see, const Progress& progress) {
    const Listing listing = list_points(directory_);
    std::size_t done = 0;
    // In the order of the runs, so that what is made of it does not depend on names.
    for (const std::string* identity : identities_) {
      const bool is_there =
          std::binary_search(listing.identities.begin(), listing.identities.end(), *identity);
      if (is_there) take(*identity, see);
      progress(++done, identities_.size());
    }
    compare_versions();
    add_failures();
    add_left_out(listing);
    return std::move(found_);
  }

 private:
  void take(const std::string& identity, const SeePoint& see) {
    const std::string path = directory_.point(identity);
    const CheckedPoint checked = check_point(path, identity, Depth::bytes);
    if (!checked.point) return found_.damaged.push_back({path, checked.problem});
    files_of_[{checked.point->version, checked.point->commit}].push_back(path);
    const std::vector<std::size_t>& runs = runs_of_.at(identity);
    for (const std::size_t run : runs) found_.states[run] = RunState::done;
    see(runs, *checked.point);
  }

  // The version of most files is the sweep's.
  void compare_versions() {
    std::size_t most = 0;
    for (const auto& [version, files] : files_of_) {
      if (files.size() <= most) continue;
      most = files.size();
      found_.version = version.first;
      found_.commit = version.second;
    }
    for (const auto& [version, files] : files_of_) {
      if (version == Version{found_.version, found_.commit}) continue;
      for (const std::string& file : files) {
        found_.of_other_version.push_back(
            {file, "is of version " + version.first + " (" + version.second + ")"});
      }
    }
  }

  void add_failures() {
    const std::set<std::string> failed = directory_.failed();
    std::map<std::size_t, const std::string*> refusals;  // by point
    for (const Refusal& refusal : sweep_.refusals) {
      refusals[sweep_.runs[refusal.run].point] = &refusal.text;
    }
    for (std::size_t i = 0; i < sweep_.runs.size(); ++i) {
      const Run& run = sweep_.runs[i];
      if (found_.states[i] == RunState::done) continue;
      const auto refusal = refusals.find(run.point);
      if (run.identity.empty() && refusal != refusals.end()) {
        add_failure(i, {"", 0, 0, refused_kind, *refusal->second});
      } else if (failed.contains(run.identity)) {
        const auto failure = read_failure(directory_, run.identity);
        if (failure) add_failure(i, *failure);
      }
    }
  }

  // Runs of one identity share the file of their failure.
  void add_failure(std::size_t number, Failure failure) {
    const Run& run = sweep_.runs[number];
    failure.point = sweep_.point(run).number;
    failure.replication = run.replication;
    found_.states[number] = RunState::failed;
    found_.failures.push_back(std::move(failure));
  }

  void add_left_out(const Listing& listing) {
    for (const std::string& identity : listing.identities) {
      if (runs_of_.contains(identity)) continue;
      found_.left_out.push_back({directory_.point(identity), "is of no run of this study"});
    }
    for (const std::string& name : listing.others) {
      found_.left_out.push_back(
          {directory_.points() + "/" + name, describe_other(directory_, name)});
    }
  }

  const Directory& directory_;
  const Sweep& sweep_;
  std::map<std::string, std::vector<std::size_t>> runs_of_;  // by identity
  std::vector<const std::string*> identities_;               // in the order of the runs
  std::map<Version, std::vector<std::string>> files_of_;
  Survey found_;
};

}  // namespace

std::size_t Survey::count(RunState state) const {
  return static_cast<std::size_t>(std::count(states.begin(), states.end(), state));
}

Survey survey(const Directory& directory, const Sweep& sweep, const SeePoint& see,
              const Progress& progress) {
  return Surveyor(directory, sweep).look(see, progress);
}

}  // namespace tokenyard::sweep
