// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <queue>
#include <vector>

#include "traffic/arrivals.hpp"

namespace tokenyard::traffic {

// How long an answer takes where no fleet says so.
struct NominalAnswer {
  Duration first_token{0.5};
  Duration per_token{0.02};

  Duration of(const Request& request) const {
    return first_token + per_token * static_cast<double>(request.output.value() - 1);
  }
};

// A stream whose requests are all answered, after a nominal time: what a session or a closed loop
// is without a fleet.
class Unattended final : public Arrivals {
 public:
  Unattended(std::unique_ptr<Arrivals> stream, NominalAnswer answer);

  Instant date() const override { return stream_->date(); }
  void take(Request& request) override;
  std::span<const Piece> pieces() const override { return stream_->pieces(); }

 private:
  struct End {
    Instant date;
    std::uint64_t number;  // of the request in this stream
    Request request;
    bool operator>(const End& other) const {
      return date != other.date ? date > other.date : number > other.number;
    }
  };

  std::unique_ptr<Arrivals> stream_;
  NominalAnswer answer_;
  std::uint64_t taken_ = 0;
  std::priority_queue<End, std::vector<End>, std::greater<>> ends_;
};

}  // namespace tokenyard::traffic
