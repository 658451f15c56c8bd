// SPDX-License-Identifier: Apache-2.0
#include "commands/provenance.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/utsname.h>

#include <ctime>

namespace tokenyard::commands {

Provenance provenance_now() {
  utsname host{};
  ::uname(&host);
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  return {TOKENYARD_VERSION, TOKENYARD_COMMIT, host.nodename,
          fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", utc)};
}

}  // namespace tokenyard::commands
