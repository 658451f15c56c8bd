// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "catalog/cold_start.hpp"
#include "catalog/egress.hpp"
#include "catalog/owner_cost.hpp"
#include "catalog/precision.hpp"
#include "catalog/reliability.hpp"
#include "catalog/source.hpp"
#include "catalog/wafer_speeds.hpp"
#include "config/section.hpp"
#include "core/quantity.hpp"

namespace tokenyard::catalog {

struct Accelerator {
  Bytes memory;
  BytesPerSecond memory_bandwidth;
  std::array<std::optional<FlopsPerSecond>, precision_names.size()> compute;  // dense, by Precision
  std::int64_t scale_up_chips = 1;    // that share its scale-up domain
  BytesPerSecond scale_up_bandwidth;  // of a chip, one way
  Watts busy;
  Watts idle;
  std::optional<WaferSpeeds> wafer{};  // of a wafer-scale one
  Source source;
};

struct Rack {
  std::string accelerator;
  std::int64_t chips_per_node = 1;
  std::int64_t nodes = 1;
  Watts node_power;        // the maximum of a node, accelerators included
  Watts rack_power;        // the maximum of a rack: its nodes and what they share
  std::int64_t slots = 1;  // physical racks that it takes

  // A scale-up domain that is wider than the accelerator's own, over nodes of the rack.
  struct ScaleUp {
    std::int64_t chips = 1;
    BytesPerSecond bandwidth;  // of a chip, one way
  };
  std::optional<ScaleUp> scale_up;
  Source source;
};

struct Price {
  std::string rack;
  std::string provider;
  std::string region;  // "any" where the source names none
  std::string basis;
  DollarsPerHour price;
  enum class Per : std::uint8_t { node, accelerator } per = Per::node;
  std::string item;
  std::string date;
  Source source;
};

struct Region {
  double latitude = 0;   // degrees north
  double longitude = 0;  // degrees east
  double pue = 1;
  double carbon_g_per_kwh = 0;         // of the grid
  double electricity_usd_per_kwh = 0;  // what a large consumer pays
  Source source;
};

// How far iteration times by roofline are from measured ones: of a model on an accelerator.
struct Validation {
  std::string model;
  std::string accelerator;
  std::string precision;
  std::int64_t points = 0;
  double tpot_error = 0;  // median of |predicted / measured - 1|
  double ttft_error = 0;
};

// The last is computed, by the formula of owner_cost.hpp; the others are looked up.
inline constexpr std::array<std::string_view, 6> price_bases = {
    "on-demand", "reserved-1y", "reserved-3y", "capacity-block", "spot", owner_basis};

// The facts that platform files name: read from one folder of YAML files.
struct Catalog {
  std::map<std::string, Accelerator> accelerators;
  std::map<std::string, Rack> racks;
  std::vector<Price> prices;
  std::map<std::string, Region> regions;  // by "provider/region"
  std::vector<Validation> validations;
  std::map<std::string, Reliability> reliability;  // by component
  std::map<std::string, ColdStart> cold_starts;
  OwnerCost owner_cost;
  Egress egress;
  std::map<std::string, std::string> sha256;  // of each file that a result depends on
  std::string reliability_sha256;             // on which one does if its faults do

  // The price of a rack kind in "provider/region" on a basis: the region's own, else "any".
  const Price* price(const std::string& rack, const std::string& region,
                     const std::string& basis) const;
};

// Reads accelerators.yaml, racks.yaml, prices.yaml and regions.yaml of `folder`, and, if they are
// there, wafer_speeds.yaml, owner_cost.yaml, egress.yaml, validation.yaml, reliability.yaml and
// cold_start.yaml. Notes all mistakes, also names that lead nowhere.
Catalog load_catalog(const std::string& folder, config::Mistakes& mistakes);

// Whether a document is one of these files.
bool is_catalog_file(const config::Value& root);

}  // namespace tokenyard::catalog
