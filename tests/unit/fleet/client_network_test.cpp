// SPDX-License-Identifier: Apache-2.0
#include "fleet/client_network.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "core/random.hpp"

using namespace tokenyard;
using fleet::ClientNetworkPlan;
using fleet::great_circle_km;

namespace {

constexpr double pi = 3.14159265358979323846;

traffic::Place place(const char* name, double latitude, double longitude) {
  return {name, Duration(0), latitude, longitude};
}

catalog::Region region(double latitude, double longitude) {
  catalog::Region made;
  made.latitude = latitude;
  made.longitude = longitude;
  return made;
}

// By libm, and by another formula.
double haversine_km(double a, double b, double c, double d) {
  const double radians = pi / 180;
  const double north = std::sin((c - a) / 2 * radians), east = std::sin((d - b) / 2 * radians);
  const double h = north * north + std::cos(a * radians) * std::cos(c * radians) * east * east;
  return 2 * 6371.0 * std::asin(std::sqrt(std::min(1.0, h)));
}

}  // namespace

TEST_CASE("distances are great circles") {
  CHECK(great_circle_km(place("pole", 90, 17), region(0, -80)) == Approx(6371 * pi / 2));
  CHECK(great_circle_km(place("here", 12, 34), region(12, 34)) == 0);
  CHECK(great_circle_km(place("there", 0, 0), region(0, 180)) == Approx(6371 * pi));
  // New York and Paris are 5,837 km apart.
  CHECK(great_circle_km(place("us-east", 40.7128, -74.0060), region(48.8566, 2.3522)) ==
        Approx(5837).margin(3));
  RandomStream draw(1, 0, "places");
  for (int i = 0; i < 2000; ++i) {
    const double a = 180 * draw.uniform() - 90, b = 360 * draw.uniform() - 180;
    const double c = 180 * draw.uniform() - 90, d = 360 * draw.uniform() - 180;
    REQUIRE(great_circle_km(place("x", a, b), region(c, d)) ==
            Approx(haversine_km(a, b, c, d)).epsilon(1e-9));
  }
}

TEST_CASE("clients are as far as their place is, and the last mile besides") {
  const std::vector<traffic::Place> origins = {place("us-east", 40.7, -74.0), traffic::unspecified,
                                               place("japan", 35.7, 139.7)};
  const catalog::Region virginia = region(38.9, -77.4), tokyo = region(35.7, 139.7);
  const std::vector<const catalog::Region*> sites = {&virginia, &tokyo, nullptr};
  ClientNetworkPlan plan;
  plan.policy = ClientNetworkPlan::Policy::distance;
  plan.last_mile = Duration(0.01);
  const fleet::ClientNetwork network(plan, origins, sites);
  CHECK(network.any());
  const double km = great_circle_km(origins[0], virginia);
  CHECK(km == Approx(350).margin(10));
  // (9.26 ms + 14.6 us / km) / 2 one way.
  CHECK(network.one_way(0, 0).value() == Approx(0.01 + 0.00463 + 7.3e-6 * km));
  CHECK(network.one_way(2, 1).value() == Approx(0.01 + 0.00463));
  CHECK(network.one_way(0, 1).value() == Approx(0.01 + 0.00463 + 7.3e-6 * 10850).margin(1e-3));
  CHECK(network.one_way(1, 0) == Duration(0.01));  // at the door
  CHECK(network.one_way(2, 2) == Duration(0.01));  // of a site that nobody placed
}

TEST_CASE("without a network of clients nothing takes time") {
  const std::vector<traffic::Place> origins = {place("us-east", 40.7, -74.0)};
  const catalog::Region virginia = region(38.9, -77.4);
  const std::vector<const catalog::Region*> sites = {&virginia};
  const fleet::ClientNetwork none(ClientNetworkPlan{}, origins, sites);
  CHECK_FALSE(none.any());
  CHECK(none.one_way(0, 0) == Duration(0));
  CHECK(fleet::ClientNetwork().one_way(7, 3) == Duration(0));
}
