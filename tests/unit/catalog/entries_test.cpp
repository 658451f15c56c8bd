// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <string>

#include "catalog/catalog.hpp"

namespace tokenyard::catalog {
namespace {

// What is said of the entry `e` of a file, by one of its readers.
template <class Read>
std::string complaints(const std::string& entry, const Read& read) {
  const config::Document document = config::parse_yaml("c.yaml", "e: " + entry + "\n");
  config::Reading reading;
  config::Section root(document, reading);
  config::Section section = root.child("e");
  read(section);
  try {
    reading.mistakes.throw_if_any();
  } catch (const config::ConfigError& error) {
    return error.what();
  }
  return "";
}

std::string of_reliability(const std::string& entry) {
  return complaints(entry, [](config::Section& section) { read_reliability(section, {}); });
}

std::string of_cold_start(const std::string& entry) {
  return complaints(entry, [](config::Section& section) { read_cold_start(section, {}); });
}

}  // namespace

TEST_CASE("mistakes in an entry of reliability are noted with their place") {
  CHECK(of_reliability("{scope: node, between_failures: 6300 h, repair: 4 h, source: s}").empty());
  CHECK(of_reliability("{scope: nodes, between_failures: 6300, repair: -4 h, source: s}") ==
        "c.yaml:1:12: e.scope: 'nodes' is not one of: accelerator, node, rack, link, region, "
        "provider; did you mean 'node'?\n"
        "c.yaml:1:37: e.between_failures: '6300' has no unit; write it like '2 h' (ns, us, ms, s, "
        "min, h, d)\n"
        "c.yaml:1:51: e.repair: '-4 h' is below 0");
}

TEST_CASE("mistakes in an entry of cold starts are noted with their place") {
  CHECK(of_cold_start("{what: w, median: 2 s, p95: 2 s, source: s}").empty());
  CHECK(of_cold_start("{what: w, median: 2 s, p95: 1 s, source: s}") ==
        "c.yaml:1:32: e.p95: is below the median, which it cannot be; swap the two");
}

}  // namespace tokenyard::catalog
