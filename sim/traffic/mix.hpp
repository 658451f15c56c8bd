// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "traffic/arrivals.hpp"

namespace tokenyard::traffic {

// Several streams as one. Each request's `client` is the number of its stream. Those of one date
// come in the order of the streams.
class Mix final : public Arrivals {
 public:
  // At least one stream.
  explicit Mix(std::vector<std::unique_ptr<Arrivals>> streams);

  Instant date() const override { return dates_[first()]; }
  void take(Request& request) override;
  std::span<const Piece> pieces() const override { return streams_[last_]->pieces(); }
  bool follows() const override;
  void ended(const Request& request, Instant now, Answer answer) override;

 private:
  std::size_t first() const { return winners_[1]; }
  void refresh(std::size_t stream);

  std::vector<std::unique_ptr<Arrivals>> streams_;
  std::vector<Instant> dates_;        // a power of two of them, never where there is no stream
  std::vector<std::size_t> winners_;  // of a tournament; the first of all at 1
  std::size_t last_ = 0;              // taken from
};

}  // namespace tokenyard::traffic
