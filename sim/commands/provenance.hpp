// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace tokenyard::commands {

// What makes a result file, where and when.
struct Provenance {
  std::string version, commit;  // of this program
  std::string host;
  std::string date;  // like 2026-11-27T06:17:55Z
};
Provenance provenance_now();

}  // namespace tokenyard::commands
