// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include "traffic/tenant.hpp"

namespace tokenyard::fleet {

// A bucket that holds what may be used in a minute and fills at that rate.
class Bucket {
 public:
  explicit Bucket(double per_minute) : size_(per_minute), level_(per_minute) {}

  void fill(Instant now) {
    constexpr double minute_s = 60;
    level_ = std::min(size_, level_ + size_ / minute_s * (now - filled_).value());
    filled_ = now;
  }
  bool has(double amount) const { return amount <= level_; }
  void take(double amount) { level_ -= amount; }
  void give_back(double amount) { level_ = std::min(size_, level_ + amount); }
  double level() const { return level_; }
  double size() const { return size_; }

 private:
  double size_;
  double level_;
  Instant filled_;
};

// What a tenant has left of its quota. Prompt and max_tokens are reserved when a request is
// admitted; what it did not write is given back at its end.
class QuotaMeter {
 public:
  explicit QuotaMeter(const traffic::Quota& quota)
      : requests_(quota.requests), tokens_(quota.tokens), limited_(quota.limited()) {}

  // Whether the request could be admitted at all: a full bucket may be too small for it.
  bool could(const traffic::Request& request) const {
    return !limited_ || (requests_.size() >= 1 && needed(request) <= tokens_.size());
  }

  // Reserves all that the request needs, or nothing.
  bool reserve(const traffic::Request& request, Instant now) {
    if (!limited_) return true;
    requests_.fill(now);
    tokens_.fill(now);
    const double tokens = needed(request);
    if (!requests_.has(1) || !tokens_.has(tokens)) return false;
    requests_.take(1);
    tokens_.take(tokens);
    return true;
  }

  // A request that was admitted has ended with so many tokens written.
  void settle(const traffic::Request& request, Tokens written, Instant now) {
    if (!limited_) return;
    tokens_.fill(now);
    tokens_.give_back(static_cast<double>((request.max_tokens - written).value()));
  }

 private:
  static double needed(const traffic::Request& request) {
    return static_cast<double>((request.prompt + request.max_tokens).value());
  }

  Bucket requests_;
  Bucket tokens_;
  bool limited_;
};

}  // namespace tokenyard::fleet
