// SPDX-License-Identifier: Apache-2.0
#include "catalog/source.hpp"

namespace tokenyard::catalog {

Source read_source(config::Section& entry, const Sources& sources) {
  Source source;
  source.text = entry.required<std::string>("source");
  if (const auto at = sources.find(source.text); at != sources.end()) source.text = at->second;
  if (entry.has("from_memory")) source.from_memory = entry.strings("from_memory");
  entry.skip("notes");
  return source;
}

}  // namespace tokenyard::catalog
