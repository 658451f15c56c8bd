// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace tokenyard::sweep {

// Owns a file descriptor.
class Descriptor final {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() { close(); }
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }

  int number() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }
  void close();

 private:
  int number_ = -1;
};

// A message is whole or not there at all; the longest is shortened to `most_bytes`.
struct Message {
  static constexpr std::size_t most_bytes = 64 << 10;

  std::string text;
  Descriptor descriptor;  // that came with it, or none
};

// One end of a pair of sockets between two processes of a sweep. Messages keep their order and
// borders. All ends close in programs that are started.
class Channel final {
 public:
  enum class Received : std::uint8_t { message, nothing_yet, closed };

  Channel() = default;
  explicit Channel(Descriptor end) : end_(std::move(end)) {}

  // Two ends that are connected. Throws IoError.
  static std::pair<Channel, Channel> pair();

  int number() const { return end_.number(); }
  explicit operator bool() const { return static_cast<bool>(end_); }
  void close() { end_ = Descriptor(); }

  // False if nobody will read it.
  bool send(const std::string& text, int descriptor = -1);
  // Waits so long at most.
  Received receive(Message& message, std::chrono::milliseconds wait);

 private:
  Descriptor end_;
};

}  // namespace tokenyard::sweep
