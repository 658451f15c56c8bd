// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/quantity.hpp"

namespace tokenyard::serving {

// One iteration as it was: a leap is told one by one.
struct IterationRecord {
  Instant start;
  Instant end;
  Tokens prefill;            // read
  std::int64_t decodes = 0;  // requests that wrote a token
  std::int64_t context = 0;  // tokens they attended to
  Blocks kv_used;            // while it ran

  // Of ranks that iterate together.
  IterationRecord& operator+=(const IterationRecord& other) {
    prefill += other.prefill;
    decodes += other.decodes;
    context += other.context;
    kv_used += other.kv_used;
    return *this;
  }
};

// Is told of the iterations of a replica.
class IterationLog {
 public:
  virtual ~IterationLog() = default;
  // Whether iterations of this stretch are wanted; spares expanding what is not.
  virtual bool wants(Instant start, Instant end) const = 0;
  virtual void ran(std::uint32_t replica, const IterationRecord& record) = 0;
};

}  // namespace tokenyard::serving
