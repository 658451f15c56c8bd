// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "core/ids.hpp"
#include "core/quantity.hpp"

namespace tokenyard::serving {

// Drafts of the next tokens, verified all at once: a request writes one token an iteration and as
// many more as were accepted.
struct Speculation {
  std::vector<double> acceptance;  // of the draft's tokens in turn, given that the one before was
  Duration step;                   // to draft one token of each request, whatever the batch
  Duration sequence;               // to draft one token of one request
  std::uint64_t seed = 0;

  std::int64_t length() const { return static_cast<std::int64_t>(acceptance.size()); }

  // Drafted tokens accepted after `written` tokens of a request. The same in every plan: drawn from
  // the request, not from its replica.
  std::int64_t accepted(RequestId id, Tokens written) const;

  // To draft for `decodes` requests.
  Duration drafting(std::int64_t decodes) const {
    return (step + sequence * static_cast<double>(decodes)) * static_cast<double>(length());
  }
};

}  // namespace tokenyard::serving
