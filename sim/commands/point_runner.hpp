// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "network/platform.hpp"
#include "sweep/manifest.hpp"
#include "sweep/runner.hpp"

namespace tokenyard::commands {

// Simulates the runs of a sweep into their files. What it returns are the values of
// Study::measured: see `values_of`.
class PointRunner final : public sweep::Runner {
 public:
  PointRunner(sweep::Sweep sweep, sweep::Directory directory)
      : sweep_(std::move(sweep)), directory_(std::move(directory)) {}

  void prepare(std::size_t run) override;
  std::string run(std::size_t run) override;

 private:
  std::string simulated(const sweep::Run& run) const;

  sweep::Sweep sweep_;
  sweep::Directory directory_;
  std::optional<network::Platform> platform_;
};

// The values in a reply.
std::vector<double> values_of(const std::string& reply);

}  // namespace tokenyard::commands
