// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "network/precheck.hpp"
#include "sample.hpp"

namespace tokenyard::network {

inline std::string messages_of(const std::string& text) {
  config::Mistakes mistakes;
  precheck({"p.xml", text}, mistakes);
  return messages(mistakes);
}

// The sample with one change, and all that is said of it.
struct Change {
  const char* old;
  const char* now;
  const char* messages;
};

inline void check_all(const std::vector<Change>& changes) {
  for (const Change& change : changes) {
    CHECK(messages_of(with(sample, change.old, change.now)) == change.messages);
  }
}

}  // namespace tokenyard::network
