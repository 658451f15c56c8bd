// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/quantity.hpp"

namespace tokenyard::serving {

// What the iterations under way do: an accelerator draws more while it reads prompts.
enum class Doing : std::uint8_t { nothing, writing, reading };

// How long a replica had iterations under way, and for how long one of them read prompts; with what
// it wrote meanwhile.
class BusyTime {
 public:
  Doing doing() const { return doing_; }

  // Only where it changes, so that leaps and single iterations add the same numbers.
  void turn(Doing doing, Tokens emitted, Instant now) {
    if (doing_ == Doing::reading) {
      reading_ = reading(now);
      emitted_reading_ = emitted_reading(emitted);
    }
    if (doing == Doing::nothing) busy_ = busy(now);
    if (doing_ == Doing::nothing) busy_since_ = now;
    doing_ = doing;
    turned_ = now;
    emitted_then_ = emitted;
  }

  Duration busy(Instant now) const {
    return doing_ == Doing::nothing ? busy_ : busy_ + (now - busy_since_);
  }
  Duration reading(Instant now) const {
    return doing_ == Doing::reading ? reading_ + (now - turned_) : reading_;
  }
  Tokens emitted_reading(Tokens emitted) const {
    return doing_ == Doing::reading ? emitted_reading_ + (emitted - emitted_then_)
                                    : emitted_reading_;
  }

 private:
  Doing doing_ = Doing::nothing;
  Duration busy_;
  Instant busy_since_;
  Duration reading_;
  Tokens emitted_reading_;
  Instant turned_;
  Tokens emitted_then_;
};

}  // namespace tokenyard::serving
