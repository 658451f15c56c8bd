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
  std::set<std::string> there = directory.done();
  std::erase_if(there, [&tally](const std::string& identity) { return !tally.knows(identity); });
  std::size_t count = 0;
  for (const std::string& identity : there) {
    // Where nothing is made of the values, the name of the file is enough.
    const bool by_name = sweep.study.measured.empty();
    const auto values =
        by_name ? std::vector<double>{} : values_in_file(sweep, directory, identity);
    if (values) tally.done(identity, *values);
    if (looked && !by_name) looked(++count, there.size());
  }
}

void count_failed(const Directory& directory, Tally& tally) {
  for (const std::string& identity : directory.failed()) {
    if (tally.knows(identity)) tally.failed(identity);
  }
}

}  // namespace tokenyard::sweep
