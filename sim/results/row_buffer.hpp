// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "core/contracts.hpp"
#include "results/cells.hpp"
#include "results/dataset.hpp"

namespace tokenyard::results {

// The rows of one column that are not yet in the file; pages are touched when rows come.
template <Cell T>
class Buffer {
 public:
  T& operator[](std::size_t row) { return values_[row]; }
  const void* data() const { return values_.get(); }
  static constexpr Type type() { return type_of<T>(); }

 private:
  std::unique_ptr<T[]> values_ = std::make_unique_for_overwrite<T[]>(rows_per_chunk);
};

// The same for codes, one byte wide if their names allow.
class Codes {
 public:
  enum class May { be_missing, not_be_missing };

  Codes(Type widest, std::size_t names, May may)
      : type_(names == 0               ? widest
              : may == May::be_missing ? narrowest(names)
                                       : narrowest(names - 1)),
        end_(names == 0 ? greatest(widest) + 1 : names) {
    SIM_EXPECT(greatest(type_) <= greatest(widest));
  }

  void put(std::size_t row, std::uint64_t code) {
    SIM_EXPECT(code < end_);
    put_any(row, code);
  }
  void put_missing(std::size_t row) { put_any(row, missing()); }

  Type type() const { return type_; }
  std::uint64_t missing() const { return greatest(type_); }
  const void* data() const { return bytes_.get(); }

 private:
  void put_any(std::size_t row, std::uint64_t code) {
    bytes_[row << wide_] = static_cast<std::uint8_t>(code);
    if (wide_ != 0) bytes_[(row << 1) + 1] = static_cast<std::uint8_t>(code >> 8);
  }

  Type type_;
  std::uint64_t end_;
  unsigned wide_ = type_ == Type::u2 ? 1 : 0;
  std::unique_ptr<std::uint8_t[]> bytes_ =
      std::make_unique_for_overwrite<std::uint8_t[]>(rows_per_chunk << wide_);
};

}  // namespace tokenyard::results
