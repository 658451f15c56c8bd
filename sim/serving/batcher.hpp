// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "serving/limits.hpp"
#include "serving/schedule.hpp"
#include "traffic/request.hpp"

namespace tokenyard::serving {

// Picks the next batch of a replica. It has no state: the schedule it acts on has it all.
class Batcher {
 public:
  virtual ~Batcher() = default;

  virtual Reservation reservation() const { return Reservation::growing; }

  // Whether a request could ever be served within these limits, beyond fitting the KV cache.
  virtual bool can_serve(const traffic::Request&, const Limits&) const { return true; }

  // Fills the batch between schedule.begin() and schedule.end(); leaves it empty to wait.
  virtual void form(Schedule& schedule) const = 0;
};

struct BatcherEntry {
  std::string_view name;
  std::string_view summary;
  std::unique_ptr<Batcher> (*make)();
};

// The one list of batchers: it feeds the factory, the schema, `tokenyard list` and the error text.
std::span<const BatcherEntry> batchers();

}  // namespace tokenyard::serving
