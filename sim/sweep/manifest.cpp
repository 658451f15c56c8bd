// SPDX-License-Identifier: Apache-2.0
#include "sweep/manifest.hpp"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/contracts.hpp"
#include "core/sha256.hpp"
#include "results/file.hpp"
#include "results/reader.hpp"
#include "results/seal.hpp"
#include "results/target.hpp"

namespace tokenyard::sweep {
namespace {

using nlohmann::json;

constexpr std::size_t line_bytes = 65;  // of an identity in the text of all: digits, line feed
const std::string refused_line(line_bytes - 1, '-');

[[noreturn]] void refuse(const std::string& file, const std::string& text) {
  throw config::ConfigError(config::Mistake{file, {}, "", text});
}

std::string text_attribute(const results::Reader& file, const char* name) {
  const auto found = file.attribute("/", name);
  const auto* text = found ? std::get_if<std::string>(&*found) : nullptr;
  if (text == nullptr) refuse(file.path(), "is no manifest of a sweep; remove it");
  return *text;
}

template <class Value>
std::vector<Value> column(const Sweep& sweep, Value Run::*member) {
  std::vector<Value> cells;
  cells.reserve(sweep.runs.size());
  for (const Run& run : sweep.runs) cells.push_back(run.*member);
  return cells;
}

std::string identities(const Sweep& sweep) {
  std::string text;
  text.reserve(sweep.runs.size() * line_bytes);
  for (const Run& run : sweep.runs) {
    text += (run.identity.empty() ? refused_line : run.identity) + "\n";
  }
  return text;
}

[[noreturn]] void refuse_damaged(const std::string& path) {
  refuse(path, "is damaged; remove it: `tokenyard sweep run` makes it again");
}

// Before HDF5 sees the file.
void check_seal(const std::string& path) {
  if (results::seal_of(path) != results::Seal::intact) refuse_damaged(path);
}

// Which runs there are follows from the study: a manifest that has others is not taken.
void read_runs(const results::Reader& file, Sweep& sweep) {
  const std::vector<double> points = file.numbers("/runs/point");
  const std::vector<double> replications = file.numbers("/runs/replication");
  const std::vector<double> platforms = file.numbers("/runs/platform");
  const std::vector<double> requests = file.numbers("/runs/requests");
  const std::string names = file.text("/runs/identities");
  for (const Point* point : sweep.points.kept()) {
    for (std::int64_t r = 0; r < sweep.study.replications; ++r) {
      Run& run = sweep.runs.emplace_back();
      run.point = static_cast<std::uint32_t>(point - sweep.points.all.data());
      run.replication = static_cast<std::uint32_t>(r);
    }
  }
  for (const auto* column : {&points, &replications, &platforms, &requests}) {
    if (column->size() != sweep.runs.size()) refuse_damaged(file.path());
  }
  if (names.size() != points.size() * line_bytes) refuse_damaged(file.path());
  for (std::size_t i = 0; i < points.size(); ++i) {
    Run& run = sweep.runs[i];
    const std::string name = names.substr(i * line_bytes, line_bytes - 1);
    const bool is_right = points[i] == run.point && replications[i] == run.replication &&
                          platforms[i] >= 0 && platforms[i] < static_cast<double>(points.size()) &&
                          requests[i] >= 0 && (name == refused_line || is_identity(name));
    if (!is_right) refuse_damaged(file.path());
    run.platform = static_cast<std::uint32_t>(platforms[i]);
    run.requests = requests[i];
    if (name != refused_line) run.identity = name;
  }
}

void read_refusals(const results::Reader& file, Sweep& sweep) {
  for (const json& one : json::parse(file.text("/refusals"))) {
    const Refusal refusal{one.at(0).get<std::size_t>(), one.at(1).get<std::string>()};
    if (refusal.run >= sweep.runs.size()) refuse_damaged(file.path());
    sweep.refusals.push_back(refusal);
  }
}

}  // namespace

std::string content_of(const Study& study, const Points& points) {
  Sha256 sha;
  sha.add(study.sha256 + study.scenario.sha256);
  for (const Point& point : points.all) sha.add(describe(study, points, point) + "\n");
  return hex(sha.finish());
}

void write_manifest(const Directory& directory, const Sweep& sweep) {
  results::Writer writer(directory.manifest(), results::Existing::replace);
  writer.attribute("/", "title", sweep.study.name);
  writer.attribute("/", "study_file", std::filesystem::absolute(sweep.study.file).string());
  writer.attribute("/", "study_content", content_of(sweep.study, sweep.points));
  writer.text("/results", sweep.results);
  writer.dimension("/runs", "run", sweep.runs.size());
  writer.column("/runs/point", column(sweep, &Run::point), {"", "number, from 0", {}, {}});
  writer.column("/runs/replication", column(sweep, &Run::replication), {"", "from 0", {}, {}});
  writer.column("/runs/platform", column(sweep, &Run::platform), {"", "which are equal", {}, {}});
  writer.column("/runs/requests", column(sweep, &Run::requests), {"", "expected", {}, {}});
  writer.text("/runs/identities", identities(sweep));
  json refusals = json::array();
  for (const Refusal& refusal : sweep.refusals) refusals.push_back({refusal.run, refusal.text});
  writer.text("/refusals", refusals.dump());
  writer.commit();
}

bool read_manifest(const Directory& directory, Sweep& sweep) {
  check_seal(directory.manifest());
  const results::Reader file(directory.manifest());
  sweep.results = file.text("/results");
  if (text_attribute(file, "study_content") != content_of(sweep.study, sweep.points)) return false;
  sweep.runs.clear();
  sweep.refusals.clear();
  try {
    read_runs(file, sweep);
    read_refusals(file, sweep);
  } catch (const json::exception&) {
    refuse_damaged(file.path());
  }
  return true;
}

Sweep read_sweep(const Directory& directory) {
  directory.check();
  check_seal(directory.manifest());
  const std::string path = text_attribute(results::Reader(directory.manifest()), "study_file");
  Sweep sweep;
  config::Reading reading;
  sweep.study = read_study(config::load_yaml(path), reading);
  reading.mistakes.throw_if_any();
  sweep.points = points_of(sweep.study);
  if (!read_manifest(directory, sweep)) {
    refuse(path, "has changed since " + directory.path() +
                     " was begun, or a file that it names; restore it, or go on with what it says "
                     "now: tokenyard sweep run STUDY --out DIR --update");
  }
  return sweep;
}

}  // namespace tokenyard::sweep
