// SPDX-License-Identifier: Apache-2.0
#include "network/probe.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

namespace tokenyard::network {
namespace {

using namespace std::chrono_literals;

// Keeps a compiler from seeing that a loop has no end.
volatile bool forever = true;

// Keeps it from leaving memory out that nobody reads.
[[maybe_unused]] const char* volatile kept = nullptr;

void compute() {
  while (forever) {
  }
}

void wait() {
  while (forever) ::pause();
}

// What became of the work: "end|output".
std::string fate(const std::function<void()>& work, const ProbeLimits& limits = {}) {
  const auto failure = probe(work, limits);
  return failure ? failure->end + "|" + failure->output : "fine";
}

}  // namespace

TEST_CASE("work that ends is fine, whatever it prints") {
  CHECK(fate([] {}) == "fine");
  CHECK(fate([] { std::fputs("chatter\n", stderr); }) == "fine");
}

TEST_CASE("work that throws, aborts, exits or crashes leaves this process alone") {
  CHECK(fate([] { throw std::runtime_error("bad file"); }) == "|bad file");
  CHECK(fate([] { throw 1; }) == "|an exception without a text");
  CHECK(fate([] { throw std::bad_alloc(); }) == "|out of memory");
  CHECK(fate([] { std::abort(); }) == "it aborts|");
  CHECK(fate([] {
          std::fputs("why\n", stderr);
          std::abort();
        }) == "|why\n");
  CHECK(fate([] { std::exit(0); }) == "it exits before its end|");
  CHECK(fate([] { std::exit(2); }) == "it exits before its end|");
  CHECK(fate([] { ::raise(SIGSEGV); }) == "it crashes (Segmentation fault)|");
  CHECK(fate([] { ::kill(::getpid(), SIGKILL); }) == "it was killed, as when memory is short|");
}

TEST_CASE("work that only waits is stopped by the clock") {
  ProbeLimits limits;
  limits.wall = 200ms;
  const auto start = std::chrono::steady_clock::now();
  CHECK(fate([] { wait(); }, limits) == "it does not end in 0.200 s|");
  CHECK(fate(
            [] {
              std::fputs("reading\n", stderr);
              wait();
            },
            limits) == "it does not end in 0.200 s|reading\n");
  CHECK(std::chrono::steady_clock::now() - start < 20s);
}

TEST_CASE("work that computes without end is stopped by its CPU time") {
  ProbeLimits limits;
  limits.cpu = 1s;
  CHECK(fate([] { compute(); }, limits) == "it needs more than 1 s of CPU time|");
}

TEST_CASE("work that takes SIGXCPU for itself is stopped a second later") {
  ProbeLimits limits;
  limits.cpu = 1s;
  CHECK(fate(
            [] {
              std::signal(SIGXCPU, SIG_IGN);
              compute();
            },
            limits) == "it was killed, as when memory is short|");
}

#if !defined(TOKENYARD_ADDRESS_SANITIZER)
TEST_CASE("work that takes too much memory is refused it") {
  ProbeLimits limits;
  limits.memory = std::uint64_t{256} << 20;
  CHECK(fate(
            [] {
              const std::vector<char> large(std::size_t{1} << 30);
              kept = large.data();
            },
            limits) == "|out of memory");
}
#endif

TEST_CASE("of endless output the first 64 KiB are kept") {
  ProbeLimits limits;
  limits.cpu = 1s;
  const auto failure = probe(
      [] {
        while (forever) std::fputs("again and again\n", stderr);
      },
      limits);
  REQUIRE(failure);
  CHECK(failure->output.size() == std::size_t{64} << 10);
}

TEST_CASE("the child runs no exit handler and flushes no buffer of this process") {
  static auto* const runs = static_cast<std::atomic<int>*>(
      ::mmap(nullptr, sizeof(std::atomic<int>), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
             -1, 0));
  REQUIRE(runs != MAP_FAILED);
  new (runs) std::atomic<int>(0);
  std::atexit([] { ++*runs; });
  std::FILE* const file = std::tmpfile();
  REQUIRE(file != nullptr);
  std::fputs("once", file);
  CHECK(fate([] {}) == "fine");
  CHECK(fate([] { std::exit(3); }) == "it exits before its end|");
  CHECK(fate([] { throw std::runtime_error("x"); }) == "|x");
  CHECK(*runs == 0);
  std::fflush(file);
  CHECK(std::ftell(file) == 4);
  std::fseek(file, 0, SEEK_END);
  CHECK(std::ftell(file) == 4);
  std::fclose(file);
}

}  // namespace tokenyard::network
