// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

// AddressSanitizer reserves terabytes of addresses, so a limit on memory cannot be set beside it.
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TOKENYARD_ADDRESS_SANITIZER
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define TOKENYARD_ADDRESS_SANITIZER
#endif

namespace tokenyard::network {

struct ProbeLimits {
  std::chrono::seconds cpu{60};
  std::chrono::milliseconds wall = std::chrono::minutes(3);
  std::uint64_t memory = std::uint64_t{8} << 30;  // bytes, beyond what this process holds
};

struct ProbeFailure {
  std::string output;  // what it wrote to stdout and stderr, the first 64 KiB
  std::string end;     // "it crashes (Segmentation fault)"; empty if the output says why
};

// Runs `work` in a forked child, for libraries that abort, exit or hang on bad input. Nothing is
// returned if it ended; an exception's text counts as output. The child has the limits, dies with
// this process, and leaves it as it was: no buffer of ours is flushed, no exit handler run.
std::optional<ProbeFailure> probe(const std::function<void()>& work,
                                  const ProbeLimits& limits = {});

}  // namespace tokenyard::network
