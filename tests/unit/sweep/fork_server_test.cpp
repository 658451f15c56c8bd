// SPDX-License-Identifier: Apache-2.0
#include "sweep/fork_server.hpp"

#include <catch2/catch.hpp>

#include "results/target.hpp"

using namespace tokenyard;

namespace {

// What comes of asking a program that is no fork server, a few times.
std::string complaint_of(const std::vector<std::string>& command) {
  sweep::ForkServer server(command);
  const std::atomic<bool> go_on{false};
  try {
    for (int i = 0; i < 3; ++i) {
      if (server.ask({0, 0}, go_on)) return "a reply";
    }
  } catch (const results::IoError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("a fork server that ends by itself with a failure ends the sweep") {
  CHECK(complaint_of({"/bin/false"}).find("ended with code 1") != std::string::npos);
}

TEST_CASE("a fork server that cannot be started ends the sweep") {
  CHECK(complaint_of({"/no/such/program"}).find("cannot be started") != std::string::npos);
}

TEST_CASE("a fork server that was killed is started again") {
  CHECK(complaint_of({"/bin/sh", "-c", "kill -9 $$"}).empty());
}
