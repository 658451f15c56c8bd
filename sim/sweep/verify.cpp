// SPDX-License-Identifier: Apache-2.0
#include "sweep/verify.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

#include "config/errors.hpp"
#include "results/digest.hpp"
#include "results/seal.hpp"
#include "sweep/inventory.hpp"

namespace tokenyard::sweep {
namespace {

namespace fs = std::filesystem;

// Empty if the bytes are those that were written.
std::string problem_of_bytes(const std::string& path) {
  switch (results::seal_of(path)) {
    case results::Seal::intact:
      return "";
    case results::Seal::broken:
      return "its bytes are not those that were written: it is damaged";
    default:
      return "does not end in its checksum: it was cut short, or changed";
  }
}

// The texts of an error of the file, without its name.
std::string texts_of(const config::ConfigError& error) {
  std::string text;
  for (config::Mistake mistake : error.mistakes()) {
    mistake.file.clear();
    text += (text.empty() ? "" : "; ") + config::describe(mistake);
  }
  return text;
}

void check_manifest(const Directory& directory, Verified& found) {
  const std::string problem = problem_of_bytes(directory.manifest());
  if (!problem.empty()) found.damaged.push_back({directory.manifest(), problem});
}

// What of the study is there, and what is not of it.
void compare(const Directory& directory, const Listing& listing, Verified& found) {
  try {
    const Sweep sweep = read_sweep(directory);
    std::set<std::string> known;
    for (const Run& run : sweep.runs) {
      known.insert(run.identity);
      const bool is_there =
          std::binary_search(listing.identities.begin(), listing.identities.end(), run.identity);
      found.missing += is_there ? 0 : 1;
    }
    found.runs = sweep.runs.size();
    if (sweep.study.until) {
      Tally tally(sweep);
      count_done(sweep, directory, tally, {});
      found.runs = tally.runs();
      found.missing = tally.runs() - tally.done();
    }
    for (const std::string& identity : listing.identities) {
      if (!known.contains(identity)) {
        found.foreign.push_back({directory.point(identity), "is of no run of this study"});
      }
    }
  } catch (const config::ConfigError& error) {
    found.unknown = error.what();
  }
}

}  // namespace

CheckedPoint check_point(const std::string& path, const std::string& identity, Depth depth) {
  CheckedPoint checked;
  try {
    checked.problem = problem_of_bytes(path);
    if (!checked.problem.empty()) return checked;
    if (depth == Depth::values && !results::verify(path)) {
      checked.problem = "its values are not those that were written";
      return checked;
    }
    PointFile point = read_point(path);
    if (point.identity != identity) {
      checked.problem = "holds another run, " + config::brief(point.identity);
      return checked;
    }
    checked.point = std::move(point);
  } catch (const config::ConfigError& error) {
    checked.problem = texts_of(error);
  }
  return checked;
}

Listing list_points(const Directory& directory) {
  Listing listing;
  const std::set<std::string> identities = directory.done();
  listing.identities = {identities.begin(), identities.end()};
  std::error_code error;
  for (fs::directory_iterator at(directory.points(), error), end; !error && at != end;
       at.increment(error)) {
    const std::string name = at->path().filename().string();
    const bool is_point =
        at->path().extension() == ".h5" && identities.contains(at->path().stem().string());
    if (!is_point && name.find(".part-") == std::string::npos) listing.others.push_back(name);
  }
  if (error) {
    throw config::ConfigError(config::Mistake{
        directory.points(), {}, "", "cannot be read (" + error.message() + "); check the folder"});
  }
  std::sort(listing.others.begin(), listing.others.end());
  return listing;
}

std::string describe_other(const Directory& directory, const std::string& name) {
  try {
    const std::string identity = read_point(directory.points() + "/" + name).identity;
    return "is called by no identity, but holds the run " + config::brief(identity) +
           ": a copy of its file?";
  } catch (const config::ConfigError&) {
    return "is no point of a sweep";
  }
}

Verified verify(const Directory& directory, const Progress& progress) {
  directory.check();
  Verified found;
  const Listing listing = list_points(directory);
  check_manifest(directory, found);
  for (const std::string& identity : listing.identities) {
    const std::string path = directory.point(identity);
    const CheckedPoint checked = check_point(path, identity, Depth::values);
    if (!checked.point) found.damaged.push_back({path, checked.problem});
    progress(++found.checked, listing.identities.size());
  }
  compare(directory, listing, found);
  for (const std::string& name : listing.others) {
    found.foreign.push_back({directory.points() + "/" + name, describe_other(directory, name)});
  }
  return found;
}

}  // namespace tokenyard::sweep
