// SPDX-License-Identifier: Apache-2.0
#include "catalog/egress.hpp"

#include <catch2/catch.hpp>

#include "catalog/catalog.hpp"

namespace tokenyard::catalog {
namespace {

EgressPrice price_of(double usd, std::vector<std::string> to) {
  EgressPrice price;
  price.from = {"a/one", "a/two"};
  price.to = std::move(to);
  price.usd_per_gb = usd;
  return price;
}

}  // namespace

TEST_CASE("the first price that names a pair of regions holds") {
  Egress egress;
  egress.prices.push_back(price_of(1, {"a/two"}));
  egress.prices.push_back(price_of(2, {}));
  egress.prices.back().to_own_provider = true;
  egress.prices.push_back(price_of(3, {}));
  egress.prices.back().to_others = true;
  CHECK(egress.usd_per_gb("a/one", "a/two") == 1);
  CHECK(egress.usd_per_gb("a/two", "a/one") == 2);
  CHECK(egress.usd_per_gb("a/one", "b/one") == 3);
}

TEST_CASE("bytes inside a region are free, and what nobody prices has no price") {
  const Egress egress;
  CHECK(egress.usd_per_gb("a/one", "a/one") == 0);
  CHECK_FALSE(egress.usd_per_gb("a/one", "a/two"));
}

TEST_CASE("the shipped prices of egress are the published ones") {
  config::Mistakes mistakes;
  const Catalog catalog = load_catalog(TOKENYARD_SOURCE_DIR "/platforms/catalog", mistakes);
  mistakes.throw_if_any();
  const Egress& egress = catalog.egress;
  CHECK(egress.usd_per_gb("aws/us-east-1", "aws/us-east-2") == 0.01);
  CHECK(egress.usd_per_gb("aws/us-east-1", "aws/us-west-2") == 0.02);
  CHECK(egress.usd_per_gb("aws/sa-east-1", "aws/us-west-2") == 0.138);
  CHECK(egress.usd_per_gb("aws/eu-west-1", "azure/northeurope") == 0.09);
  CHECK(egress.usd_per_gb("azure/eastus", "azure/westus3") == 0.02);
  CHECK(egress.usd_per_gb("azure/eastus", "azure/uksouth") == 0.05);
  CHECK(egress.usd_per_gb("azure/australiaeast", "azure/japaneast") == 0.08);
  CHECK(egress.usd_per_gb("azure/japaneast", "aws/us-east-1") == 0.12);
  CHECK_FALSE(egress.usd_per_gb("aws/sa-east-1", "azure/eastus"));
  for (const auto& [name, region] : catalog.regions) {
    for (const auto& [other, there] : catalog.regions) {
      INFO(name << " to " << other);
      if (provider_of(name) == provider_of(other)) CHECK(egress.usd_per_gb(name, other));
    }
  }
}

}  // namespace tokenyard::catalog
