// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <atomic>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "sweep/channel.hpp"
#include "sweep/runner.hpp"
#include "sweep/zygote.hpp"

namespace tokenyard::sweep {

// The descriptor on which a fork server finds its orders.
inline constexpr int orders_descriptor = 3;

// The fork server itself: keeps a zygote for each of the platforms asked for last, and hands them
// their orders. Returns when the other end of `orders` is closed; all it started dies with it.
void serve(Channel orders, Runner& runner, const RunLimits& limits);

// The fork server as the collector of a sweep sees it: a process of its own, because a process with
// threads must not fork. Started when it is first needed, and again whenever it was killed.
class ForkServer final {
 public:
  // The command line of a program that calls serve() on the channel at `orders_descriptor`.
  explicit ForkServer(std::vector<std::string> command) : command_(std::move(command)) {}
  // Ends it, and all that it started.
  ~ForkServer();
  ForkServer(const ForkServer&) = delete;
  ForkServer& operator=(const ForkServer&) = delete;

  // Has a run done, and waits for it. None: the fork server or the zygote died before it was, or
  // `give_up` became true. For several threads at once. Throws IoError if none can be started, or
  // one ended by itself: what it has to say of that stands on stderr.
  std::optional<Reply> ask(const Order& order, const std::atomic<bool>& give_up);

 private:
  bool send(const Order& order, const Channel& reply);
  void start();
  // Returns the code with which it ended by itself; 0 if it was killed, here or by another.
  int end();

  std::vector<std::string> command_;
  std::mutex mutex_;
  Channel orders_;
  pid_t process_ = -1;
};

}  // namespace tokenyard::sweep
