// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "catalog/catalog.hpp"
#include "core/quantity.hpp"
#include "traffic/tenant.hpp"

namespace tokenyard::fleet {

struct Scenario;

// How long bytes travel between clients and regions.
struct ClientNetworkPlan {
  enum class Policy : std::uint8_t { none, distance };
  Policy policy = Policy::none;
  Duration last_mile{0};  // one way, between a client and its place's network
};
inline constexpr std::array<std::string_view, 2> client_network_policies = {"none", "distance"};

// The way along the surface of the earth, a sphere here, in km.
double great_circle_km(const traffic::Place& place, const catalog::Region& region);
// One way over the internet for so long a distance.
Duration one_way_over(double km);

// Times one way between the places of clients and the pools' regions.
class ClientNetwork {
 public:
  // No network time at all.
  ClientNetwork() = default;
  // `sites` are the pools' regions.
  ClientNetwork(const ClientNetworkPlan& plan, std::span<const traffic::Place> origins,
                std::span<const catalog::Region* const> sites);
  explicit ClientNetwork(const Scenario& scenario);

  // Whether any of it takes time.
  bool any() const { return !times_.empty(); }
  // From `origin`, a number of Scenario::origins, to the region of `pool`, or back.
  Duration one_way(std::uint16_t origin, std::size_t pool) const {
    return times_.empty() ? Duration(0) : times_[origin * pools_ + pool];
  }

 private:
  std::size_t pools_ = 0;
  std::vector<Duration> times_;  // by origin and pool
};

}  // namespace tokenyard::fleet
