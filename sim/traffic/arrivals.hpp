// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "traffic/request.hpp"

namespace tokenyard::traffic {

// Whether the client had its answer, or went without.
enum class Answer : std::uint8_t { given, refused };

// A stream of requests in order of arrival.
class Arrivals {
 public:
  virtual ~Arrivals() = default;

  // When the next request arrives; never, if none is known. Does not go back, but an end may bring
  // it forward, to no earlier than that end.
  virtual Instant date() const = 0;

  // Takes the next request, which must have a date, and fills `request` but for its id.
  virtual void take(Request& request) = 0;

  // What the prompt of the request last taken is made of, up to its end; empty: like no other.
  // Valid until the next take().
  virtual std::span<const Piece> pieces() const { return {}; }

  // Whether requests follow from the ends of others (a closed loop, a session). If so, ended() is
  // called for each request that ends, and may change date().
  virtual bool follows() const { return false; }
  virtual void ended(const Request& /*request*/, Instant /*now*/, Answer) {}
};

}  // namespace tokenyard::traffic
