// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <limits>
#include <string>
#include <vector>

#include "core/random.hpp"
#include "traffic/arrivals.hpp"
#include "traffic/lengths.hpp"

namespace tokenyard::traffic {

// What every generated stream needs. Streams are named after the tenant, so that adding a tenant
// leaves the arrivals of all others as they were.
struct GeneratorInput {
  Request pattern;  // tenant, model, ... of every request
  Lengths prompt;
  Lengths output;
  std::uint64_t seed = 0;
  std::string name;
};

// Draws lengths; the arrival process sets the date.
class RequestMaker {
 public:
  explicit RequestMaker(const GeneratorInput& input);
  Request make(Instant arrival);

 private:
  Request pattern_;
  Lengths prompt_;
  Lengths output_;
  RandomStream prompt_stream_;
  RandomStream output_stream_;
};

// Poisson arrivals whose rate is constant within each step and zero after the last.
class PoissonArrivals final : public Arrivals {
 public:
  struct Rate {
    Duration step;
    std::vector<double> per_s;
  };
  PoissonArrivals(const GeneratorInput& input, Rate rate);

  Instant date() const override { return next_; }
  void take(Request& request) override;

 private:
  void advance();

  RequestMaker maker_;
  RandomStream gaps_;
  Rate rate_;
  std::size_t step_ = 0;
  double date_ = 0;
  Instant next_;
};

// A fixed number of users, each with one request at a time and a pause after its end.
class ClosedLoop final : public Arrivals {
 public:
  struct Users {
    std::int64_t count = 1;
    Duration think_time;
    std::int64_t requests = std::numeric_limits<std::int64_t>::max();  // in all
  };
  ClosedLoop(const GeneratorInput& input, Users users);

  Instant date() const override;
  void take(Request& request) override;
  bool follows() const override { return true; }
  void ended(const Request&, Instant now, Answer) override;

 private:
  RequestMaker maker_;
  Users users_;
  std::deque<Instant> due_;  // in order, since all users pause equally long
};

}  // namespace tokenyard::traffic
