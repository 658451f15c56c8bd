// SPDX-License-Identifier: Apache-2.0
#include "sweep/child.hpp"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <new>

#include "config/errors.hpp"
#include "network/probe.hpp"  // whether addresses can be limited
#include "results/target.hpp"
#include "sweep/zygote.hpp"

namespace tokenyard::sweep {
namespace {

constexpr const char* memory_advice =
    "; run fewer at a time with --jobs, or keep no requests: results: {requests: none}";

void die_with_parent(pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) std::_Exit(1);
}

// The address space that this process has, in bytes.
[[maybe_unused]] std::uint64_t address_space() {
  std::uint64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

// The kernel ends a run that takes too long, whatever it does.
void set_limits(const RunLimits& limits) {
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  const itimerval deadline{{0, 0}, {limits.time.count(), 0}};
  ::setitimer(ITIMER_REAL, &deadline, nullptr);
#if !defined(TOKENYARD_ADDRESS_SANITIZER)  // its shadow is larger than any limit
  if (limits.memory_bytes == 0) return;
  const rlim_t bytes = address_space() + limits.memory_bytes;
  const rlimit memory{bytes, bytes};
  ::setrlimit(RLIMIT_AS, &memory);
#endif
}

// By number: the header of glibc 2.36 cannot be linked from C++.
Descriptor handle_of(pid_t process) {
  return Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, process, 0)));
}

// Behind this gap in the heap nothing is shared with the zygote, whose huge pages would be copied
// in small pieces, a fault each.
void begin_on_fresh_pages() {
  constexpr std::size_t gap = 4 << 20;
  void* volatile left_alone = std::malloc(gap);
  static_cast<void>(left_alone);
}

Reply reply_of_signal(int signal, const std::string& words) {
  if (signal == SIGALRM) {
    return {Ending::timed_out,
            "took longer than --point-timeout allows; raise it, or simulate less"};
  }
  std::string text =
      std::string("ended by signal ") + std::to_string(signal) + " (" + ::strsignal(signal) + ")";
  const bool killed = signal == SIGKILL || signal == SIGTERM || signal == SIGHUP;
  if (killed) return {Ending::killed, text + memory_advice};
  if (!words.empty()) text += ": " + words;
  return {Ending::crashed, text + "; please report it with the study and its files"};
}

}  // namespace

Reply reply_of(const std::function<std::string()>& work) {
  try {
    return {Ending::done, work()};
  } catch (const config::ConfigError& error) {
    return {Ending::refused, error.what()};
  } catch (const RunError& error) {
    return {Ending::failed, error.what()};
  } catch (const results::IoError& error) {
    return {Ending::disk, error.what()};
  } catch (const std::bad_alloc&) {
    return {Ending::failed, std::string("out of memory") + memory_advice};
  } catch (const std::exception& error) {
    return {Ending::failed, std::string("internal error: ") + error.what() +
                                "; please report it with the study and its files"};
  }
}

bool Child::fork() {
  output_ = Descriptor(::memfd_create("output", MFD_CLOEXEC));
  std::fflush(nullptr);
  const pid_t parent = ::getpid();
  process_ = ::fork();
  if (process_ == 0) {
    die_with_parent(parent);
    return true;
  }
  if (process_ > 0) handle_ = handle_of(process_);
  if (process_ < 0) {
    reply_.send(packed({Ending::failed, std::string("no process could be started (") +
                                            std::strerror(errno) + "); close other programs"}));
  }
  return false;
}

void Child::work(Runner& runner, std::size_t run, const RunLimits& limits) {
  ::dup2(output_.number(), STDOUT_FILENO);
  ::dup2(output_.number(), STDERR_FILENO);
  set_limits(limits);
  begin_on_fresh_pages();
  reply_.send(packed(reply_of([&] { return runner.run(run); })));
  std::_Exit(0);
}

void Child::forget() {
  reply_.close();
  handle_ = Descriptor();
  output_ = Descriptor();
}

bool Child::has_ended() {
  int status = 0;
  if (::waitpid(process_, &status, WNOHANG) != process_) return false;
  if (WIFSIGNALED(status)) {
    reply_.send(packed(reply_of_signal(WTERMSIG(status), last_words())));
  } else if (WEXITSTATUS(status) != 0) {
    reply_.send(packed({Ending::crashed, "ended with code " + std::to_string(WEXITSTATUS(status)) +
                                             ": " + last_words()}));
  }
  return true;
}

// The end of what it wrote, in one line.
std::string Child::last_words() const {
  constexpr off_t most = 500;
  const off_t size = ::lseek(output_.number(), 0, SEEK_END);
  std::string text(static_cast<std::size_t>(std::clamp<off_t>(size, 0, most)), '\0');
  const ssize_t read = ::pread(output_.number(), text.data(), text.size(),
                               std::max<off_t>(0, size - static_cast<off_t>(text.size())));
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(0, read)));
  while (!text.empty() && text.back() == '\n') text.pop_back();
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

}  // namespace tokenyard::sweep
