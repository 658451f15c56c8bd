// SPDX-License-Identifier: Apache-2.0
#include "sweep/certainty.hpp"

#include "core/contracts.hpp"

namespace tokenyard::sweep {

std::optional<bool> Certainty::look(std::span<const Judged> judged) const {
  SIM_EXPECT(judged.size() == classes_.size());
  constexpr double rounding = 1e-9;
  bool all_met = true;
  for (std::size_t i = 0; i < judged.size(); ++i) {
    const Class& c = classes_[i];
    const auto missed = static_cast<double>(judged[i].all - judged[i].met);
    const double may_miss = c.wanted < 1 ? (1 - c.wanted) * c.most : 0;
    if (missed > may_miss * (1 + rounding)) return false;
    all_met = all_met && c.most_is_known &&
              static_cast<double>(judged[i].met) >= c.wanted * c.most * (1 + rounding);
  }
  return all_met && !judged.empty() ? std::optional(true) : std::nullopt;
}

}  // namespace tokenyard::sweep
