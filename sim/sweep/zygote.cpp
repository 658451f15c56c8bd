// SPDX-License-Identifier: Apache-2.0
#include "sweep/zygote.hpp"

#include <malloc.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <vector>

#include "core/contracts.hpp"
#include "network/probe.hpp"
#include "sweep/child.hpp"

namespace tokenyard::sweep {
namespace {

using std::chrono::milliseconds;

std::size_t number(const char*& at, const char* end) {
  std::size_t value = 0;
  const auto [after, error] = std::from_chars(at, end, value);
  SIM_EXPECT(error == std::errc());
  at = after;
  return value;
}

// A child that takes free memory from between what it shares with its zygote copies a page for
// each piece. So the zygote uses up all such pieces, and its children get pages of their own.
[[maybe_unused]] void settle_heap() {
  constexpr int much = 64 << 20;
  constexpr std::size_t most = 64 << 10, least = 16;
  ::mallopt(M_MMAP_THRESHOLD, much / 2);
  ::mallopt(M_TOP_PAD, much);
  ::malloc_trim(0);
  const void* const end = ::sbrk(0);
  for (std::size_t size = most; size >= least; size -= size > 1024 ? size / 8 : 16) {
    for (;;) {
      void* const piece = std::malloc(size);
      if (piece != nullptr && piece < end) continue;  // it stays taken
      std::free(piece);
      break;
    }
  }
}

class Zygote {
 public:
  Zygote(Channel orders, Runner& runner, const RunLimits& limits)
      : orders_(std::move(orders)), runner_(runner), limits_(limits) {}

  void live() {
    while (orders_ || !children_.empty()) {
      if (orders_) take_order();
      reap();
    }
  }

 private:
  // Waits for an order or the end of a child.
  void wait() {
    std::vector<pollfd> ends;
    if (orders_) ends.push_back({orders_.number(), POLLIN, 0});
    for (const Child& child : children_) ends.push_back({child.ended(), POLLIN, 0});
    constexpr int moment_ms = 1000;  // for the case that there was no handle of a child
    ::poll(ends.data(), ends.size(), moment_ms);
  }

  void take_order() {
    wait();
    Message message;
    const Channel::Received received = orders_.receive(message, milliseconds(0));
    if (received == Channel::Received::closed) orders_.close();
    if (received != Channel::Received::message) return;
    start(Order::parse(message.text), Channel(std::move(message.descriptor)));
  }

  void start(const Order& order, Channel reply) {
    if (!prepared_) prepare(order.run);
    if (prepared_->ending != Ending::done) {
      reply.send(packed(*prepared_));
      return;
    }
    Child child(std::move(reply));
    if (child.fork()) {
      orders_.close();
      for (Child& other : children_) other.forget();
      child.work(runner_, order.run, limits_);
    }
    if (child.is_running()) children_.push_back(std::move(child));
  }

  // What is wrong with a platform is wrong with all of its runs.
  void prepare(std::size_t run) {
    prepared_ = reply_of([&] {
      runner_.prepare(run);
      return std::string();
    });
#if !defined(TOKENYARD_ADDRESS_SANITIZER)  // whose heap is another
    settle_heap();
#endif
  }

  void reap() {
    if (!orders_ && !children_.empty()) wait();
    children_.erase(std::remove_if(children_.begin(), children_.end(),
                                   [](Child& child) { return child.has_ended(); }),
                    children_.end());
  }

  Channel orders_;
  Runner& runner_;
  RunLimits limits_;
  std::optional<Reply> prepared_;
  std::vector<Child> children_;
};

}  // namespace

std::string Order::text() const { return std::to_string(run) + " " + std::to_string(platform); }

Order Order::parse(const std::string& text) {
  const char* at = text.data();
  const char* end = at + text.size();
  Order order;
  order.run = number(at, end);
  SIM_EXPECT(at != end && *at == ' ');
  order.platform = static_cast<std::uint32_t>(number(++at, end));
  return order;
}

std::string packed(const Reply& reply) {
  return static_cast<char>('0' + static_cast<int>(reply.ending)) + reply.text;
}

Reply unpacked_reply(const std::string& text) {
  SIM_EXPECT(!text.empty());
  const auto ending = static_cast<std::size_t>(text[0] - '0');
  SIM_EXPECT(ending < ending_names.size());
  return {static_cast<Ending>(ending), text.substr(1)};
}

void be_zygote(Channel orders, Runner& runner, const RunLimits& limits) {
  Zygote(std::move(orders), runner, limits).live();
  std::_Exit(0);
}

}  // namespace tokenyard::sweep
