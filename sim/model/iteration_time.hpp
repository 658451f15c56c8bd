// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/quantity.hpp"

namespace tokenyard::model {

// How long one iteration takes:
//
//   dt = batch(prefill tokens, decodes) + per_context * C + per_pair * Q
//
// with C the sum over decoding requests of the tokens each attends to (its new one included) and
// Q the sum over prefill chunks of their query-key pairs. The two attention terms are linear, so
// that the iterations of an unchanged batch follow a closed form.
class IterationTime {
 public:
  virtual ~IterationTime() = default;

  // The part that depends only on how many tokens pass: weights, matrix products, collectives.
  virtual Duration batch(Tokens prefill, std::int64_t decodes) const = 0;

  virtual Duration per_context() const = 0;
  virtual Duration per_pair() const = 0;
};

}  // namespace tokenyard::model
