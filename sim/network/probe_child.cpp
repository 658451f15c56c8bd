// SPDX-License-Identifier: Apache-2.0
#include "network/probe_child.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <new>
#include <string_view>

namespace tokenyard::network {
namespace {

constexpr int exit_called_code = 114;

// Runs first of all exit handlers, and lets none of the parent's run.
void leave_at_once() { ::_exit(exit_called_code); }

void write_text(std::string_view text) {
  while (!text.empty()) {
    const ssize_t size = ::write(STDERR_FILENO, text.data(), text.size());
    if (size <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(size));
  }
}

template <class Resource>
void limit(Resource resource, rlim_t soft, rlim_t hard) {
  rlimit wanted{};
  if (::getrlimit(resource, &wanted) != 0) return;
  wanted.rlim_cur = wanted.rlim_max < soft ? wanted.rlim_max : soft;
  wanted.rlim_max = wanted.rlim_max < hard ? wanted.rlim_max : hard;
  ::setrlimit(resource, &wanted);
}

// The address space that this process has, in bytes.
[[maybe_unused]] std::uint64_t address_space() {
  std::uint64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

void set_limits(const ProbeLimits& limits) {
  const auto seconds = static_cast<rlim_t>(limits.cpu.count());
  limit(RLIMIT_CPU, seconds, seconds + 1);
  limit(RLIMIT_CORE, 0, 0);
#if !defined(TOKENYARD_ADDRESS_SANITIZER)  // its shadow is larger than any limit
  const rlim_t memory = address_space() + limits.memory;
  limit(RLIMIT_AS, memory, memory);
#endif
}

// Signals act as in a fresh process, whatever the parent does with them.
void reset_signals() {
  for (const int signal :
       {SIGINT, SIGTERM, SIGHUP, SIGXCPU, SIGPIPE, SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL}) {
    std::signal(signal, SIG_DFL);
  }
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

}  // namespace

void run_as_child(const std::function<void()>& work, const ProbeLimits& limits,
                  const ProbeParent& parent) noexcept {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent.process) ::_exit(exit_called_code);
  reset_signals();
  ::dup2(parent.output, STDOUT_FILENO);
  ::dup2(parent.output, STDERR_FILENO);
  std::atexit(leave_at_once);
  try {
    set_limits(limits);
    work();
    ::_exit(0);
  } catch (const std::bad_alloc&) {
    write_text("out of memory");
  } catch (const std::exception& error) {
    write_text(error.what());
  } catch (...) {
    write_text("an exception without a text");
  }
  ::_exit(refused_code);
}

}  // namespace tokenyard::network
