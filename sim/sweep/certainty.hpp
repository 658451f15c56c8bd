// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace tokenyard::sweep {

// Requests of an SLO class that were judged so far, and of these those that met all limits.
struct Judged {
  std::int64_t all = 0;
  std::int64_t met = 0;
};

// Tells, while a run goes on, how it will end: whether each SLO class attains the share that it
// asks for, of the requests judged from the warm-up to the end. By counting: a class has missed
// more than may be missed of all the requests that can still come, or met as many as are needed of
// them.
class Certainty final {
 public:
  struct Class {
    double wanted = 0.99;
    double most = 0;             // requests of it that may be judged in all; may be infinite
    bool most_is_known = false;  // exactly; else it is an estimate on the safe side
  };
  explicit Certainty(std::vector<Class> classes) : classes_(std::move(classes)) {}

  // Of what was judged since the warm-up, of each class: whether all classes will attain what they
  // ask for, if that is certain.
  std::optional<bool> look(std::span<const Judged> judged) const;

 private:
  std::vector<Class> classes_;
};

}  // namespace tokenyard::sweep
