// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>

#include "sweep/channel.hpp"
#include "sweep/runner.hpp"

namespace tokenyard::sweep {

// What `work` returned, or what it threw.
Reply reply_of(const std::function<std::string()>& work);

// A process that does one run, as its zygote sees it.
class Child final {
 public:
  explicit Child(Channel reply) : reply_(std::move(reply)) {}

  // True in the child, which then calls work(). Where no process can be had, the reply says so.
  bool fork();
  [[noreturn]] void work(Runner& runner, std::size_t run, const RunLimits& limits);
  // In a sibling of it: closes what is its own.
  void forget();

  bool is_running() const { return process_ > 0; }
  // Becomes readable when it ends.
  int ended() const { return handle_.number(); }
  // If so: says how, in case it could not.
  bool has_ended();

 private:
  std::string last_words() const;

  Channel reply_;
  Descriptor handle_;  // of the process
  Descriptor output_;  // what it wrote to stdout and stderr
  pid_t process_ = -1;
};

}  // namespace tokenyard::sweep
