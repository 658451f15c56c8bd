// SPDX-License-Identifier: Apache-2.0
#include "sweep/inventory.hpp"

#include <filesystem>

#include "config/errors.hpp"
#include "results/record.hpp"
#include "sweep/point_file.hpp"

namespace tokenyard::sweep {

std::optional<std::vector<double>> values_in_file(const Sweep& sweep, const Directory& directory,
                                                  const std::string& identity) {
  const std::string file = directory.point(identity);
  std::error_code error;
  if (!std::filesystem::exists(file, error)) return {};
  try {
    return measured_of(sweep.study, read_point(file).metrics);
  } catch (const config::ConfigError&) {
    return {};
  }
}

void count_done(const Sweep& sweep, const Directory& directory, Tally& tally,
                const std::function<void(std::size_t, std::size_t)>& looked) {
  const std::vector<double> nothing(sweep.study.measured.size(), results::no_value);
  const std::set<std::string> done = directory.done();
  std::size_t count = 0;
  for (const std::string& identity : done) {
    if (!tally.knows(identity)) continue;
    // Where nothing is made of the values, the name of the file is enough.
    tally.done(identity, nothing.empty()
                             ? nothing
                             : values_in_file(sweep, directory, identity).value_or(nothing));
    if (looked && !nothing.empty()) looked(++count, done.size());
  }
}

void count_failed(const Directory& directory, Tally& tally) {
  for (const std::string& identity : directory.failed()) {
    if (tally.knows(identity)) tally.failed(identity);
  }
}

}  // namespace tokenyard::sweep
