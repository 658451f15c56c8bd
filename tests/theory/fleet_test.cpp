// SPDX-License-Identifier: Apache-2.0
// Fleets against queueing theory: routers over many servers, and batch service.
#include "markov.hpp"
#include "station.hpp"

using namespace theory;

TEST_CASE("join the shortest of two queues") {
  const double rate = 2 * 0.8;
  agree({.seed = 1, .replicas = 2, .rate = rate, .router = "least-loaded"},
        shortest_queue_sojourn(2, rate, 60));
}

TEST_CASE("join the shortest of three queues") {
  const double rate = 3 * 0.8;
  agree({.seed = 2, .replicas = 3, .rate = rate, .router = "least-loaded"},
        shortest_queue_sojourn(3, rate, 28));
}

// Two draws of the same replica would send a quarter of the requests to each without a comparison.
TEST_CASE("the shorter of two queues out of two is the shortest") {
  const double rate = 2 * 0.8;
  agree({.seed = 3, .replicas = 2, .rate = rate, .router = "power-of-two", .requests = 5e5},
        shortest_queue_sojourn(2, rate, 60));
}

TEST_CASE("one shortest queue of one is M/M/1, and the chain says so too") {
  const double load = 0.7;
  CHECK(shortest_queue_sojourn(1, load, 200) == Approx(1 / (1 - load)).epsilon(1e-6));
  agree({.seed = 4, .rate = load, .router = "least-loaded"}, 1 / (1 - load));
}

// Each queue alone is M/M/1.
TEST_CASE("random routing divides a Poisson stream") {
  const double load = 0.8;
  const auto all =
      runs({.seed = 5, .replicas = 50, .rate = 50 * load, .router = "random", .requests = 5e5});
  agree(
      all, [](const Measured& each) { return each.sojourn(); }, 1 / (1 - load), 0.001);
  for (const std::size_t customers : {1U, 2U, 3U, 4U, 5U}) {
    agree(
        all, [customers](const Measured& each) { return each.tail(customers); },
        std::pow(load, customers), 0.001);
  }
}

// Every second arrival: Erlang-2 gaps, so E2/M/1. Its sigma is the root of
// sigma = (2 load / (2 load + 1 - sigma))^2 below 1.
TEST_CASE("round-robin over two makes the gaps of each Erlang-2") {
  const double load = 0.8;
  double sigma = 0.5;
  for (int i = 0; i < 1000; ++i) sigma = std::pow(2 * load / (2 * load + 1 - sigma), 2);
  agree({.seed = 6, .replicas = 2, .rate = 2 * load, .router = "round-robin"}, 1 / (1 - sigma));
}

// The limit of many queues (Vvedenskaya, Dobrushin and Karpelevich 1996; Mitzenmacher 1996):
// the share of queues with at least i customers is load^(2^i - 1), so the mean time is the sum
// of load^(2^i - 2). The error of n queues goes with 1/n; with 500 it is below 0.5 %.
TEST_CASE("the shorter of two queues, drawn from five hundred") {
  const double load = 0.8;
  const auto all = runs({.seed = 7, .replicas = 500, .rate = 500 * load, .router = "power-of-two"});
  double expected = 0;
  for (int i = 1; i < 30; ++i) expected += std::pow(load, std::pow(2.0, i) - 2);
  agree(
      all, [](const Measured& each) { return each.sojourn(); }, expected, 0.005);
  for (const std::size_t customers : {1U, 2U, 3U}) {
    agree(
        all, [customers](const Measured& each) { return each.tail(customers); },
        std::pow(load, std::pow(2.0, customers) - 1), 0.005);
  }
}

// Prompts of one output token: both policies serve whoever waits when a batch ends.
TEST_CASE("a server that takes up to four at a time") {
  std::uint64_t seed = 8;
  for (const std::string_view batcher : {"static", "v1"}) {
    for (const double rate : {1.0, 2.8, 3.6}) {
      agree({.seed = seed++,
             .rate = rate,
             .requests = 3e5,
             .batcher = batcher,
             .most_in_batch = 4,
             .constant_iteration = true},
            batch_service_sojourn(4, rate), 1e-6);
    }
  }
}
