// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <vector>

namespace tokenyard::network {

// The textbook answer, as plain as can be: between two events every flow has its max-min rate,
// found by filling all links at once until one is full.
class Fluid {
 public:
  struct Flow {
    double start;
    double bytes;
    std::vector<std::size_t> links;
  };

  explicit Fluid(std::vector<double> bandwidths) : bandwidths_(std::move(bandwidths)) {}

  // When each flow ends.
  std::vector<double> ends(const std::vector<Flow>& flows) const {
    constexpr double never = std::numeric_limits<double>::infinity();
    std::vector<double> end(flows.size(), never);
    std::vector<double> left;
    for (const Flow& flow : flows) left.push_back(flow.bytes);
    for (double now = 0; now < never;) {
      std::vector<std::size_t> alive;
      double next = never;
      for (std::size_t i = 0; i < flows.size(); ++i) {
        if (end[i] == never && flows[i].start <= now) alive.push_back(i);
        if (flows[i].start > now) next = std::min(next, flows[i].start);
      }
      const std::vector<double> rate = rates(flows, alive);
      for (const std::size_t i : alive) next = std::min(next, now + left[i] / rate[i]);
      for (const std::size_t i : alive) {
        const double at = now + left[i] / rate[i];
        if (at <= next + 1e-13 * next) end[i] = at;
        left[i] -= rate[i] * (next - now);
      }
      now = next;
    }
    return end;
  }

 private:
  std::vector<double> rates(const std::vector<Flow>& flows, std::vector<std::size_t> open) const {
    std::vector<double> rate(flows.size());
    std::vector<double> free = bandwidths_;
    while (!open.empty()) {
      std::vector<double> users(free.size());
      for (const std::size_t i : open) {
        for (const std::size_t link : flows[i].links) ++users[link];
      }
      std::size_t tightest = 0;
      double share = std::numeric_limits<double>::infinity();
      for (std::size_t link = 0; link < free.size(); ++link) {
        if (users[link] == 0 || free[link] / users[link] >= share) continue;
        tightest = link;
        share = free[link] / users[link];
      }
      const auto settles = [&](std::size_t i) {
        const auto& links = flows[i].links;
        if (std::find(links.begin(), links.end(), tightest) == links.end()) return false;
        rate[i] = share;
        for (const std::size_t link : links) free[link] = std::max(0.0, free[link] - share);
        return true;
      };
      open.erase(std::remove_if(open.begin(), open.end(), settles), open.end());
    }
    return rate;
  }

  std::vector<double> bandwidths_;
};

}  // namespace tokenyard::network
