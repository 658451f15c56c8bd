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

using Queues = std::vector<int>;

// All queue lengths up to `most` in ascending order. Sorting loses nothing where the servers are
// alike, so who wins a tie does not matter.
inline std::vector<Queues> sorted_queues(int servers, int most) {
  std::vector<Queues> all;
  Queues queues(static_cast<std::size_t>(servers), 0);
  for (;;) {
    all.push_back(queues);
    std::size_t i = queues.size();
    while (i > 0 && queues[i - 1] == most) --i;
    if (i == 0) return all;
    const int value = queues[i - 1] + 1;
    std::fill(queues.begin() + static_cast<std::ptrdiff_t>(i) - 1, queues.end(), value);
  }
}

struct Move {
  std::size_t from, to;
  double probability;
};

// Arrivals that join a shortest queue, services at rate 1, of the uniformized chain.
inline std::vector<Move> shortest_queue_moves(const std::vector<Queues>& all, double load) {
  std::map<Queues, std::size_t> number;
  for (const Queues& queues : all) number.emplace(queues, number.size());
  const int most = all.back().front();
  const double events = load + static_cast<double>(all.front().size());
  std::vector<Move> moves;
  for (std::size_t from = 0; from < all.size(); ++from) {
    const auto add = [&](std::size_t i, int queue, double rate) {
      Queues to = all[from];
      to[i] = queue;
      std::sort(to.begin(), to.end());
      moves.push_back({from, number.at(to), rate / events});
    };
    add(0, std::min(most, all[from][0] + 1), load);
    for (std::size_t i = 0; i < all[from].size(); ++i) add(i, std::max(0, all[from][i] - 1), 1);
  }
  return moves;
}

// Mean time in a system of one queue a server, each arrival joining a shortest one; `load` in
// Erlangs over all, queues cut at `most`.
inline double shortest_queue_sojourn(int servers, double load, int most) {
  const std::vector<Queues> all = sorted_queues(servers, most);
  const std::vector<Move> moves = shortest_queue_moves(all, load);
  const std::vector<double> p = stationary(all.size(), [&](const std::vector<double>& before) {
    std::vector<double> after(before.size(), 0);
    for (const Move& move : moves) after[move.to] += before[move.from] * move.probability;
    return after;
  });
  double customers = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (const int queue : all[i]) customers += p[i] * queue;
  }
  return customers / load;
}

// Customers that a batch server leaves behind, as its services of a second end.
inline std::vector<double> left_behind(std::size_t batch, double rate) {
  constexpr std::size_t most = 400;
  std::vector<double> arrivals(most, 0);  // in a service: Poisson
  arrivals[0] = std::exp(-rate);
  for (std::size_t i = 1; i < most; ++i)
    arrivals[i] = arrivals[i - 1] * rate / static_cast<double>(i);
  return stationary(most, [&](const std::vector<double>& before) {
    std::vector<double> after(most, 0);
    for (std::size_t x = 0; x < most; ++x) {
      // After 0 the server waits for one, takes it at once and nobody else with it.
      const std::size_t left = x > batch ? x - batch : 0;
      for (std::size_t a = 0; left + a < most; ++a) after[left + a] += before[x] * arrivals[a];
    }
    return after;
  });
}

// Mean time in M/D^[1,batch]/1: a server that takes up to `batch` of those who wait, for a second,
// and does not wait for more; `rate` arrivals a second.
inline double batch_service_sojourn(std::size_t batch, double rate) {
  const std::vector<double> p = left_behind(batch, rate);
  // Customers in the system, over the time from one service's end to the next one's.
  double area = 0, time = 0;
  for (std::size_t x = 0; x < p.size(); ++x) {
    area += p[x] * (std::max(1.0, static_cast<double>(x)) + rate / 2);
    time += p[x] * (x == 0 ? 1 + 1 / rate : 1);
  }
  return area / time / rate;
}

}  // namespace theory
