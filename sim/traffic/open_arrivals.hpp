// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "traffic/arrivals.hpp"
#include "traffic/dates.hpp"
#include "traffic/lengths.hpp"
#include "traffic/prefixes.hpp"

namespace tokenyard::traffic {

// What a stream is made by. All it points to must outlive it.
struct StreamInput {
  Request pattern;  // tenant, model, ... of every request
  const Lengths* lengths;
  const PrefixPlan* prefixes = nullptr;  // may be null
  Seeding seeding;
};

// Requests that come whether or not others have had their answer.
class OpenArrivals final : public Arrivals {
 public:
  OpenArrivals(const StreamInput& input, DatesPlan dates);

  Instant date() const override { return next_; }
  void take(Request& request) override;
  std::span<const Piece> pieces() const override { return pieces_; }

 private:
  Request pattern_;
  const Lengths* lengths_;
  Dates dates_;
  RandomStream prompts_;
  RandomStream outputs_;
  std::optional<Prefixes> prefixes_;
  std::vector<Piece> pieces_;
  Instant next_;
};

}  // namespace tokenyard::traffic
