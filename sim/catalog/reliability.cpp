// SPDX-License-Identifier: Apache-2.0
#include "catalog/reliability.hpp"

namespace tokenyard::catalog {

Reliability read_reliability(config::Section& entry, const Sources& sources) {
  Reliability reliability;
  reliability.scope = static_cast<Scope>(entry.choice("scope", scope_names));
  reliability.between_failures = entry.required<Duration>("between_failures", config::positive);
  reliability.repair = entry.required<Duration>("repair", config::not_negative);
  reliability.source = read_source(entry, sources);
  entry.finish();
  return reliability;
}

}  // namespace tokenyard::catalog
