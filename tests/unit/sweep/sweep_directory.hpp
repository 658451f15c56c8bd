// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
#include <string>

#include "../results/scratch.hpp"
#include "results/reader.hpp"
#include "sweep/merge.hpp"
#include "sweep/runs.hpp"

namespace tokenyard::test {

// What a made-up run found.
using Found = std::function<sweep::Metrics(const sweep::Run&)>;

// A sweep in a folder of its own, as `sweep run` leaves it, but with made-up numbers.
class SweepDirectory {
 public:
  static constexpr const char* base =
      "name: s\nscenario: " TOKENYARD_SOURCE_DIR
      "/configs/azure-conv.yaml\nset:\n  duration: 5 min\n"
      "  workload.tenants[chat].traffic: {description: " TOKENYARD_SOURCE_DIR
      "/workloads/azure-conv-2023.yaml}\n";

  // `text`: of the study, after its base.
  explicit SweepDirectory(const std::string& text, const std::string& name = "sweep")
      : directory_(scratch_.file(name)) {
    std::ofstream(scratch_.file("s.yaml")) << base << text;
    config::Reading reading;
    sweep_.study = sweep::read_study(config::load_yaml(scratch_.file("s.yaml")), reading);
    reading.mistakes.throw_if_any();
    sweep_.points = sweep::points_of(sweep_.study);
    for (const sweep::Point* point : sweep_.points.kept()) {
      add(sweep_, sweep::list_runs(sweep_.study, sweep_.points, *point));
    }
    directory_.create();
    write_manifest(directory_, sweep_);
  }

  const sweep::Directory& directory() const { return directory_; }
  const sweep::Sweep& sweep() const { return sweep_; }
  const sweep::Run& run(std::size_t number) const { return sweep_.runs.at(number); }
  std::string point_file(std::size_t run) const {
    return directory_.point(sweep_.runs.at(run).identity);
  }
  std::string file(const std::string& name) const { return scratch_.file(name); }

  // The file of a run, with what `more` adds.
  void write_run(std::size_t number, const sweep::Metrics& metrics,
                 const std::function<void(results::Writer&)>& more = {}) const {
    write_as(point_file(number), run(number).identity, metrics, more);
  }
  void write_as(const std::string& path, const std::string& identity, const sweep::Metrics& metrics,
                const std::function<void(results::Writer&)>& more = {}) const {
    results::Writer writer(path, results::Existing::replace);
    writer.attribute("/", "version", version);
    writer.attribute("/", "commit", std::string("abc1234"));
    writer.attribute("/", "host", host);
    sweep::write_metrics(writer, identity, metrics);
    if (more) more(writer);
    writer.commit();
  }
  void write_all(const Found& found) const {
    for (std::size_t i = 0; i < sweep_.runs.size(); ++i) write_run(i, found(run(i)));
  }

  std::string out() const { return scratch_.file("merged.h5"); }
  sweep::MergeOptions options() const {
    sweep::MergeOptions options;
    options.out = out();
    options.existing = results::Existing::replace;
    options.progress = [](std::size_t, std::size_t) {};
    return options;
  }
  sweep::Merged merge(bool partial = false,
                      sweep::Requests requests = sweep::Requests::refer) const {
    sweep::MergeOptions merging = options();
    merging.partial = partial;
    merging.requests = requests;
    return sweep::merge(directory_, merging);
  }

  std::string version = "0.1.0";
  std::string host = "here";

 private:
  Scratch scratch_;
  sweep::Directory directory_;
  sweep::Sweep sweep_;
};

// Texts of one kind, a line each, without folders.
inline std::string said(const std::vector<sweep::Named>& files) {
  std::string text;
  for (const sweep::Named& file : files) {
    text += std::filesystem::path(file.file).filename().string() + " " + file.text + "\n";
  }
  return text;
}

}  // namespace tokenyard::test
