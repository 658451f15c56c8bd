// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/contracts.hpp"
#include "core/quantity.hpp"
#include "results/histogram.hpp"

namespace tokenyard::serving {

// The gaps between consecutive tokens of requests (inter-token latency), counted once for all
// iterations of an unchanged batch. Most decoding requests wrote their last token at the latest
// boundary; the few that joined since then are listed with the date of theirs.
class TokenGaps {
 public:
  struct Input {
    results::LogHistogram* histogram = nullptr;  // s; null: gaps are not kept. Outlives this
    Instant warm_up;                             // batches that begin before are not counted
  };

  explicit TokenGaps(const Input& input) : input_(input) {}

  // A request whose latest token came at `date` decodes from now on.
  void join(Instant date) {
    if (date == boundary_) return;
    if (joined_.empty() || joined_.back().date != date) joined_.push_back({date, 0});
    ++joined_.back().requests;
  }

  // When the decoding requests wrote their latest token that did not join since.
  Instant boundary() const { return boundary_; }

  // A decoding request, whose latest token came at `latest`, decodes no more.
  void leave(Instant latest) {
    if (latest == boundary_) return;
    const auto at = std::find_if(joined_.rbegin(), joined_.rend(),
                                 [latest](const Joined& j) { return j.date == latest; });
    SIM_ASSERT(at != joined_.rend() && at->requests > 0);
    --at->requests;
  }

  // A request that was preempted writes again.
  void resume(Instant latest, Instant now) {
    if (input_.histogram != nullptr && now >= input_.warm_up) {
      input_.histogram->add((now - latest).value());
    }
  }

  // So many tokens come together with the one just written.
  void burst(Tokens tokens, Instant now) {
    if (input_.histogram == nullptr || tokens == Tokens(0) || now < input_.warm_up) return;
    input_.histogram->add(0, static_cast<std::uint64_t>(tokens.value()));
  }

  // A batch with `decodes` requests begins; its iterations take first, first + growth, ... seconds.
  void begin(Instant anchor, double first, double growth, std::int64_t decodes) {
    batch_.decodes = decodes;
    if (decodes == 0) return;
    batch_.anchor = anchor;
    batch_.boundary = boundary_;
    batch_.first = first;
    batch_.growth = growth;
    batch_joined_.clear();
    if (!joined_.empty()) batch_joined_.swap(joined_);
  }

  // An iteration of the batch ends now.
  void reach(Instant now) {
    if (batch_.decodes > 0) boundary_ = now;
  }

  // The batch is over after so many iterations.
  void close(std::int64_t iterations) {
    if (batch_.decodes == 0 || iterations == 0 || input_.histogram == nullptr) return;
    if (batch_.anchor >= input_.warm_up) count(iterations);
    batch_.decodes = 0;
  }

 private:
  struct Joined {
    Instant date;
    std::int64_t requests;
  };
  struct Batch {
    Instant anchor;
    Instant boundary;  // when those that did not join since wrote their latest token
    double first = 0;
    double growth = 0;
    std::int64_t decodes = 0;
  };

  void count(std::int64_t iterations) {
    const auto steps = static_cast<std::uint64_t>(iterations);
    const auto weight = static_cast<std::uint64_t>(batch_.decodes);
    if (batch_joined_.empty() && batch_.boundary == batch_.anchor) {
      input_.histogram->add_ramp(batch_.first, batch_.growth, steps, weight);
      return;
    }
    count_first();
    input_.histogram->add_ramp(batch_.first + batch_.growth, batch_.growth, steps - 1, weight);
  }

  // The first iteration ends the longer gaps of those who waited.
  void count_first() {
    const auto gap = [this](Instant since) {
      return (batch_.anchor - since).value() + batch_.first;
    };
    std::int64_t others = batch_.decodes;
    for (const Joined& joined : batch_joined_) {
      others -= joined.requests;
      input_.histogram->add(gap(joined.date), static_cast<std::uint64_t>(joined.requests));
    }
    SIM_ASSERT(others >= 0);
    if (others > 0) {
      input_.histogram->add(gap(batch_.boundary), static_cast<std::uint64_t>(others));
    }
  }

  Input input_;
  Instant boundary_;  // end of the latest iteration that decoded
  Batch batch_;
  std::vector<Joined> joined_;        // since that end
  std::vector<Joined> batch_joined_;  // before the batch under way began
};

}  // namespace tokenyard::serving
