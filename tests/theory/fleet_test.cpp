// SPDX-License-Identifier: Apache-2.0
// Fleets against queueing theory: routers over many servers, and batch service.
#include <string_view>

#include "markov.hpp"
#include "station.hpp"

using namespace theory;

namespace {

std::size_t router(std::string_view name) {
  const auto all = fleet::routers();
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].name == name) return i;
  }
  FAIL("no such router");
  return 0;
}

}  // namespace

TEST_CASE("join the shortest of two queues") {
  const double load = 0.8;
  agree({2, 2 * load, router("least-loaded"), 1, false, 1e6}, shortest_queue_sojourn(2, load, 60));
}

TEST_CASE("join the shortest of three queues") {
  const double load = 0.8;
  agree({3, 3 * load, router("least-loaded"), 1, false, 1e6}, shortest_queue_sojourn(3, load, 28));
}

TEST_CASE("one shortest queue of one is M/M/1, and the chain says so too") {
  const double load = 0.7;
  CHECK(shortest_queue_sojourn(1, load, 200) == Approx(1 / (1 - load)).epsilon(1e-6));
  agree({1, load, router("least-loaded"), 1, false, 1e6}, 1 / (1 - load));
}

// Each queue alone is M/M/1.
TEST_CASE("random routing divides a Poisson stream") {
  const double load = 0.8;
  agree({50, 50 * load, router("random"), 1, false, 1e6}, 1 / (1 - load));
}

// Every second arrival: Erlang-2 gaps, so E2/M/1. Its sigma is the root of
// sigma = (2 load / (2 load + 1 - sigma))^2 below 1.
TEST_CASE("round-robin over two makes the gaps of each Erlang-2") {
  const double load = 0.8;
  double sigma = 0.5;
  for (int i = 0; i < 1000; ++i) sigma = std::pow(2 * load / (2 * load + 1 - sigma), 2);
  agree({2, 2 * load, router("round-robin"), 1, false, 1e6}, 1 / (1 - sigma));
}

// The limit of many queues (Vvedenskaya, Dobrushin and Karpelevich 1996; Mitzenmacher 1996):
// the share of queues with at least i customers is load^(2^i - 1), so the mean time is the sum
// of load^(2^i - 2). With 1,000 queues the limit is off by a few tenths of a percent.
TEST_CASE("the shorter of two queues, drawn from a thousand") {
  const double load = 0.9;
  double expected = 0;
  for (int i = 1; i < 30; ++i) expected += std::pow(load, std::pow(2.0, i) - 2);
  agree({1000, 1000 * load, router("power-of-two"), 1, false, 2e6}, expected, 0.005);
}

TEST_CASE("a server that takes up to four at a time") {
  for (const double rate : {1.0, 2.8, 3.6}) {
    agree({1, rate, 0, 4, true, 5e5}, batch_service_sojourn(4, rate), 1e-6);
  }
}
