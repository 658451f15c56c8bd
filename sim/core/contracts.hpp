// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>

namespace tokenyard {

// Our own mistake, never the user's: main prints it as an internal error and exits with 1.
class ContractViolation : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

[[noreturn]] void contract_violation(const char* kind, const char* text, const char* file,
                                     int line);

}  // namespace tokenyard

// Always on: each check is O(1), and a wrong number that looks right costs more than the branch.
#define TOKENYARD_CONTRACT(kind, condition) \
  ((condition) ? static_cast<void>(0)       \
               : ::tokenyard::contract_violation(kind, #condition, __FILE__, __LINE__))
#define SIM_EXPECT(condition) TOKENYARD_CONTRACT("expectation", condition)
#define SIM_ASSERT(condition) TOKENYARD_CONTRACT("assertion", condition)
#define SIM_ENSURE(condition) TOKENYARD_CONTRACT("guarantee", condition)
