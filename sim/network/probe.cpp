// SPDX-License-Identifier: Apache-2.0
#include "network/probe.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <system_error>

#include "network/probe_child.hpp"

namespace tokenyard::network {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t most_output = 64 << 10;

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

// A child process that is always waited for.
class Child {
 public:
  Child(const std::function<void()>& work, const ProbeLimits& limits);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // Reads what the child writes until it has ended. False if the deadline came first.
  bool read_until(Clock::time_point deadline, std::string& output);
  void kill() const { ::kill(process_, SIGKILL); }
  int wait();  // its status, as of waitpid

 private:
  pid_t process_ = -1;
  int output_ = -1;
};

Child::Child(const std::function<void()>& work, const ProbeLimits& limits) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail("making a pipe");
  const pid_t parent = ::getpid();
  process_ = ::fork();
  if (process_ == 0) run_as_child(work, limits, {parent, ends[1]});
  const int error = errno;
  ::close(ends[1]);
  output_ = ends[0];
  if (process_ < 0) {
    ::close(output_);
    errno = error;
    fail("forking");
  }
}

Child::~Child() {
  if (process_ > 0) {
    kill();
    wait();
  }
  ::close(output_);
}

bool Child::read_until(Clock::time_point deadline, std::string& output) {
  std::array<char, 4096> part{};
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) return false;
    pollfd waited{output_, POLLIN, 0};
    constexpr std::int64_t longest = 1'000'000;
    const int ready = ::poll(&waited, 1, static_cast<int>(std::min(left.count(), longest)));
    if (ready < 0 && errno != EINTR) fail("waiting for a child process");
    if (ready <= 0) continue;
    const ssize_t size = ::read(output_, part.data(), part.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return true;  // the child's end is closed: it has ended
    const std::size_t room = most_output - output.size();
    output.append(part.data(), std::min(room, static_cast<std::size_t>(size)));
  }
}

int Child::wait() {
  int status = 0;
  while (::waitpid(process_, &status, 0) < 0) {
    if (errno != EINTR) fail("waiting for a child process");
  }
  process_ = -1;
  return status;
}

std::string seconds(std::chrono::milliseconds time) {
  std::string text = std::to_string(time.count() / 1000);
  if (time.count() % 1000 != 0) text += "." + std::to_string(1000 + time.count() % 1000).substr(1);
  return text + " s";
}

// What became of a child that failed; empty if its output says it.
std::string end_of(int status, const ProbeLimits& limits, bool has_output) {
  if (WIFEXITED(status)) {
    const int code = WEXITSTATUS(status);
    return code == refused_code ? "" : "it exits before its end";
  }
  const int signal = WTERMSIG(status);
  if (signal == SIGABRT) return has_output ? "" : "it aborts";
  if (signal == SIGXCPU) return "it needs more than " + seconds(limits.cpu) + " of CPU time";
  if (signal == SIGKILL) return "it was killed, as when memory is short";
  return std::string("it crashes (") + ::strsignal(signal) + ")";
}

}  // namespace

std::optional<ProbeFailure> probe(const std::function<void()>& work, const ProbeLimits& limits) {
  Child child(work, limits);
  ProbeFailure failure;
  if (!child.read_until(Clock::now() + limits.wall, failure.output)) {
    failure.end = "it does not end in " + seconds(limits.wall);
    return failure;  // the child is killed
  }
  child.kill();  // no effect unless it closed its output and lives on
  const int status = child.wait();
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return std::nullopt;
  failure.end = end_of(status, limits, !failure.output.empty());
  return failure;
}

}  // namespace tokenyard::network
