// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>

namespace tokenyard::results {

// What HDF5 refused, in its words. Never leaves this folder: Writer makes it an IoError, Reader a
// ConfigError, which name the file.
class Hdf5Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Owns one HDF5 id. A hid_t is an int64_t and a herr_t an int: handle.cpp asserts it, so that
// headers need not include HDF5's.
class Handle final {
 public:
  using Close = int (*)(std::int64_t);

  Handle() = default;
  // Throws Hdf5Error, starting with `what`, if the id says that the call failed.
  Handle(std::int64_t id, Close closing, const char* what);
  ~Handle() { close(); }
  Handle(Handle&& other) noexcept
      : id_(std::exchange(other.id_, -1)), close_(std::exchange(other.close_, nullptr)) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(close_, other.close_);
    return *this;
  }

  std::int64_t id() const { return id_; }
  explicit operator bool() const { return id_ >= 0; }

  // Gives the id back; false if HDF5 could not finish what was pending on it.
  bool close() noexcept;

 private:
  std::int64_t id_ = -1;
  Close close_ = nullptr;
};

// Throws Hdf5Error, starting with `what`, if a call returned a negative status.
void check(std::int64_t status, const char* what);

// Stops HDF5 from printing its errors; each thread that uses it calls this once or more.
void silence();

}  // namespace tokenyard::results
