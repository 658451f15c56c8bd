// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "fleet/recorder.hpp"
#include "fleet/stop_rule.hpp"
#include "sweep/certainty.hpp"

namespace tokenyard::commands {

// Ends a run when it is certain whether its SLO classes attain what they ask for.
class EarlyVerdict final : public fleet::StopRule {
 public:
  explicit EarlyVerdict(const fleet::Scenario& scenario);

  bool has_enough(Instant now, const fleet::Recorder& recorder,
                  const std::vector<fleet::PoolCounts>& pools) override;

  // How often the run is to be looked at, which as it stands is looked at so often (0: never).
  Duration looks_every(Duration usual) const;

  const std::optional<bool>& verdict() const { return verdict_; }

 private:
  Instant warm_up_, until_;
  std::vector<std::size_t> class_of_tenant_;
  std::vector<sweep::Judged> judged_;  // of each class, at the last look
  sweep::Certainty certainty_;
  std::optional<bool> verdict_;
};

}  // namespace tokenyard::commands
