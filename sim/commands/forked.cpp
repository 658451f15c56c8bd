// SPDX-License-Identifier: Apache-2.0
#include "commands/forked.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <utility>
#include <vector>

#include "commands/failure.hpp"
#include "commands/interrupt.hpp"
#include "results/target.hpp"

namespace tokenyard::commands {
namespace {

using Work = std::function<std::string(std::size_t)>;

void write_all(int to, const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t size = ::write(to, text.data() + at, text.size() - at);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) std::_Exit(1);
    at += static_cast<std::size_t>(size);
  }
}

// Between fork and a child's own way with it, Ctrl-C must wait: the parent's way is only to note
// it.
void hold_interrupt(int how) {
  sigset_t interrupt;
  ::sigemptyset(&interrupt);
  ::sigaddset(&interrupt, SIGINT);
  ::sigprocmask(how, &interrupt, nullptr);
}

// The child's side: the text goes through the pipe, the code is the exit code.
[[noreturn]] void be_child(const Work& work, std::size_t number, int to, pid_t parent) {
  std::signal(SIGINT, SIG_DFL);
  hold_interrupt(SIG_UNBLOCK);
  ::prctl(PR_SET_PDEATHSIG, SIGINT);
  if (::getppid() != parent) std::_Exit(1);
  int code = 0;
  std::string text;
  try {
    text = work(number);
  } catch (const std::exception&) {
    Failure failure = failure_at_hand();
    code = failure.code;
    text = std::move(failure.text);
  }
  write_all(to, text);
  std::_Exit(code);
}

struct Child {
  std::size_t number = 0;
  pid_t pid = -1;
  int from = -1;
  std::string text;
};

int wait_for(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

// The children that are at work. Those left at the end are ended.
class Children {
 public:
  Children() = default;
  ~Children() {
    for (const Child& child : children_) {
      ::close(child.from);
      ::kill(child.pid, SIGINT);
    }
    for (const Child& child : children_) wait_for(child.pid);
  }
  Children(const Children&) = delete;
  Children& operator=(const Children&) = delete;

  std::size_t size() const { return children_.size(); }

  void start(std::size_t number, const Work& work) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) fail("cannot make a pipe");
    std::fflush(nullptr);
    const pid_t parent = ::getpid();
    hold_interrupt(SIG_BLOCK);
    const pid_t pid = ::fork();
    if (pid == 0) be_child(work, number, ends[1], parent);
    hold_interrupt(SIG_UNBLOCK);
    ::close(ends[1]);
    if (pid < 0) {
      ::close(ends[0]);
      fail("cannot start a process");
    }
    children_.push_back({number, pid, ends[0], ""});
  }

  // Takes what the children say, and those of them that have ended; waits a moment at most.
  std::vector<std::pair<std::size_t, Outcome>> listen() {
    constexpr int moment_ms = 200;
    std::vector<pollfd> ends;
    for (const Child& child : children_) ends.push_back({child.from, POLLIN, 0});
    std::vector<std::pair<std::size_t, Outcome>> ended;
    if (::poll(ends.data(), ends.size(), moment_ms) <= 0) return ended;
    for (std::size_t i = ends.size(); i-- > 0;) {
      if (ends[i].revents == 0 || take(children_[i])) continue;
      ended.emplace_back(children_[i].number, finish(children_[i]));
      children_.erase(children_.begin() + static_cast<std::ptrdiff_t>(i));
    }
    return ended;
  }

 private:
  [[noreturn]] static void fail(const char* text) {
    throw results::IoError(std::string(text) + "; close other programs");
  }

  // Whether there may be more.
  static bool take(Child& child) {
    std::array<char, 65536> buffer;
    const ssize_t size = ::read(child.from, buffer.data(), buffer.size());
    if (size > 0) child.text.append(buffer.data(), static_cast<std::size_t>(size));
    return size > 0 || (size < 0 && errno == EINTR);
  }

  static Outcome finish(Child& child) {
    ::close(child.from);
    const int status = wait_for(child.pid);
    if (WIFEXITED(status)) return {WEXITSTATUS(status), std::move(child.text)};
    return {1, "ended without a result (signal " + std::to_string(WTERMSIG(status)) +
                   "); if it was short of memory, run fewer at a time"};
  }

  std::vector<Child> children_;
};

}  // namespace

void forked(std::size_t count, const Work& work,
            const std::function<void(std::size_t, Outcome)>& ended) {
  const std::size_t at_once = std::max(1U, std::thread::hardware_concurrency());
  const StopOnInterrupt stop;
  Children children;
  for (std::size_t next = 0; next < count || children.size() > 0;) {
    while (next < count && children.size() < at_once) children.start(next++, work);
    auto outcomes = children.listen();
    if (stop.came()) throw results::IoError("interrupted; what had not ended wrote nothing");
    for (auto& [number, outcome] : outcomes) ended(number, std::move(outcome));
  }
}

}  // namespace tokenyard::commands
