// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "traffic/request.hpp"

namespace tokenyard::traffic {

// A stream of requests in order of arrival.
class Arrivals {
 public:
  virtual ~Arrivals() = default;

  // Fills `request` but for its id (its arrival not before the last one's) and returns true, or
  // returns false at the end of the stream, for good.
  virtual bool next(Request& request) = 0;

  // A request of this stream ended at `now`. A stream that waits for it (a closed loop) may have
  // a next request again: true asks the caller to call next() anew.
  virtual bool ended(Instant) { return false; }
};

}  // namespace tokenyard::traffic
