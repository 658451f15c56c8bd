// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

namespace theory {

// The stationary distribution of a chain in discrete time, by iteration. step(p) is one step.
template <class Step>
std::vector<double> stationary(std::size_t states, Step&& step) {
  std::vector<double> p(states, 1.0 / static_cast<double>(states));
  for (int round = 0; round < 200'000; ++round) {
    std::vector<double> next = step(p);
    double change = 0;
    for (std::size_t i = 0; i < states; ++i) change += std::abs(next[i] - p[i]);
    p = std::move(next);
    if (change < 1e-12) break;
  }
  return p;
}

// Mean time in M/M/c with one queue a server, each arrival joining a shortest one: the chain of the
// sorted queue lengths up to `most`, uniformized. Sorting loses nothing, since the servers are
// alike, so who wins a tie does not matter.
inline double shortest_queue_sojourn(int servers, double load, int most) {
  using Queues = std::vector<int>;
  std::map<Queues, std::size_t> number;
  std::vector<Queues> all;
  Queues queues(static_cast<std::size_t>(servers), 0);
  for (;;) {  // all ascending vectors
    number[queues] = all.size();
    all.push_back(queues);
    std::size_t i = queues.size();
    while (i > 0 && queues[i - 1] == most) --i;
    if (i == 0) break;
    const int value = queues[i - 1] + 1;
    std::fill(queues.begin() + static_cast<std::ptrdiff_t>(i) - 1, queues.end(), value);
  }
  const double arrival = load / (load + 1);  // of all events, services at rate `servers` in all
  const double service = (1 - arrival) / servers;
  struct Move {
    std::size_t from, to;
    double probability;
  };
  std::vector<Move> moves;
  for (std::size_t from = 0; from < all.size(); ++from) {
    Queues to = all[from];
    if (to.front() < most) ++to.front();
    std::sort(to.begin(), to.end());
    moves.push_back({from, number.at(to), arrival});
    for (std::size_t i = 0; i < to.size(); ++i) {
      to = all[from];
      if (to[i] > 0) --to[i];
      std::sort(to.begin(), to.end());
      moves.push_back({from, number.at(to), service});
    }
  }
  const std::vector<double> p = stationary(all.size(), [&](const std::vector<double>& before) {
    std::vector<double> after(before.size(), 0);
    for (const Move& move : moves) after[move.to] += before[move.from] * move.probability;
    return after;
  });
  double customers = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (const int queue : all[i]) customers += p[i] * queue;
  }
  return customers / (load * servers);
}

// Mean time in M/D/1 in batches: a server that takes up to `batch` of those who wait, for a second,
// and does not wait for more; `rate` arrivals a second.
inline double batch_service_sojourn(int batch, double rate) {
  constexpr std::size_t most = 400;
  std::vector<double> arrivals(most, 0);  // in a service: Poisson
  arrivals[0] = std::exp(-rate);
  for (std::size_t i = 1; i < most; ++i)
    arrivals[i] = arrivals[i - 1] * rate / static_cast<double>(i);
  // Customers left as a service ends. After 0 the server waits for one and takes it.
  const std::vector<double> p = stationary(most, [&](const std::vector<double>& before) {
    std::vector<double> after(most, 0);
    for (std::size_t x = 0; x < most; ++x) {
      const std::size_t left =
          x > static_cast<std::size_t>(batch) ? x - static_cast<std::size_t>(batch) : 0;
      for (std::size_t a = 0; left + a < most; ++a) after[left + a] += before[x] * arrivals[a];
    }
    return after;
  });
  // Customers in the system, over the time from one service's end to the next one's.
  double area = 0, time = 0;
  for (std::size_t x = 0; x < most; ++x) {
    area += p[x] * (std::max(1.0, static_cast<double>(x)) + rate / 2);
    time += p[x] * (x == 0 ? 1 + 1 / rate : 1);
  }
  return area / time / rate;
}

}  // namespace theory
