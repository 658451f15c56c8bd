// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <limits>

namespace tokenyard {

// A number that knows its unit: quantities of different units neither add nor compare.
template <class Unit, class Rep>
class Quantity {
 public:
  using rep = Rep;

  constexpr Quantity() = default;
  constexpr explicit Quantity(Rep value) : value_(value) {}

  constexpr Rep value() const { return value_; }

  constexpr auto operator<=>(const Quantity&) const = default;

  constexpr Quantity& operator+=(Quantity other) {
    value_ += other.value_;
    return *this;
  }
  constexpr Quantity& operator-=(Quantity other) {
    value_ -= other.value_;
    return *this;
  }
  friend constexpr Quantity operator+(Quantity a, Quantity b) { return a += b; }
  friend constexpr Quantity operator-(Quantity a, Quantity b) { return a -= b; }
  friend constexpr Quantity operator*(Quantity a, Rep factor) {
    return Quantity(a.value_ * factor);
  }
  friend constexpr Quantity operator*(Rep factor, Quantity a) { return a * factor; }
  friend constexpr Quantity operator/(Quantity a, Rep divisor) {
    return Quantity(a.value_ / divisor);
  }
  friend constexpr double operator/(Quantity a, Quantity b) {
    return static_cast<double>(a.value_) / static_cast<double>(b.value_);
  }

 private:
  Rep value_{};
};

using Tokens = Quantity<struct TokenUnit, std::int64_t>;
using Blocks = Quantity<struct BlockUnit, std::int64_t>;
using Bytes = Quantity<struct ByteUnit, std::int64_t>;
using BytesPerSecond = Quantity<struct BandwidthUnit, double>;
using Flops = Quantity<struct FlopUnit, double>;
using FlopsPerSecond = Quantity<struct FlopRateUnit, double>;
using Watts = Quantity<struct WattUnit, double>;
using Joules = Quantity<struct JouleUnit, double>;
using Dollars = Quantity<struct DollarUnit, double>;
using DollarsPerHour = Quantity<struct DollarRateUnit, double>;
using Duration = Quantity<struct DurationUnit, double>;  // seconds, binary64, as SimGrid's clock

// A date of the simulation, in seconds from its start. Two instants do not add.
class Instant {
 public:
  constexpr Instant() = default;
  constexpr explicit Instant(double seconds) : seconds_(seconds) {}

  static constexpr Instant never() { return Instant(std::numeric_limits<double>::infinity()); }

  constexpr double value() const { return seconds_; }
  constexpr auto operator<=>(const Instant&) const = default;

  friend constexpr Instant operator+(Instant date, Duration d) {
    return Instant(date.seconds_ + d.value());
  }
  friend constexpr Duration operator-(Instant a, Instant b) {
    return Duration(a.seconds_ - b.seconds_);
  }

 private:
  double seconds_ = 0;
};

// The only conversions between units; the list is short on purpose.
constexpr Duration operator/(Bytes bytes, BytesPerSecond rate) {
  return Duration(static_cast<double>(bytes.value()) / rate.value());
}
constexpr Duration operator/(Flops flops, FlopsPerSecond rate) {
  return Duration(flops.value() / rate.value());
}
constexpr Joules operator*(Watts power, Duration time) {
  return Joules(power.value() * time.value());
}
constexpr Dollars operator*(DollarsPerHour price, Duration time) {
  return Dollars(price.value() * (time.value() / 3600.0));
}

}  // namespace tokenyard
