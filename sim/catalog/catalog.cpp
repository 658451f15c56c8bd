// SPDX-License-Identifier: Apache-2.0
#include "catalog/catalog.hpp"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <span>

#include "config/recent.hpp"
#include "config/text.hpp"
#include "core/sha256.hpp"

namespace tokenyard::catalog {
namespace {

using config::Section;

Accelerator read_accelerator(Section& entry, const Sources& sources) {
  Accelerator a;
  entry.required<std::string>("vendor");
  Section memory = entry.child("memory");
  a.memory = memory.required<Bytes>("capacity", {1, 1e14});
  a.memory_bandwidth = memory.required<BytesPerSecond>("bandwidth", config::positive);
  memory.skip("kind");
  memory.finish();
  Section compute = entry.child("compute");
  for (std::size_t p = 0; p < precision_names.size(); ++p) {
    a.compute[p] = compute.maybe<FlopsPerSecond>(precision_names[p], config::positive);
  }
  compute.finish();
  Section scale_up = entry.child("scale_up");
  a.scale_up_chips = scale_up.required<std::int64_t>("chips", {1});
  a.scale_up_bandwidth = scale_up.required<BytesPerSecond>("bandwidth", config::positive);
  scale_up.skip("topology");
  scale_up.finish();
  entry.skip("scale_out");
  Section power = entry.child("power");
  a.busy = power.required<Watts>("busy", config::positive);
  a.idle = power.required<Watts>("idle", config::not_negative);
  if (a.idle > a.busy) power.mistake("idle", "is above busy; swap the two");
  power.finish();
  a.source = read_source(entry, sources);
  entry.finish();
  return a;
}

Rack::ScaleUp read_scale_up(Section section, const Rack& rack) {
  Rack::ScaleUp scale_up;
  scale_up.chips = section.required<std::int64_t>("chips", {1});
  scale_up.bandwidth = section.required<BytesPerSecond>("bandwidth", config::positive);
  if (const std::int64_t all = rack.chips_per_node * rack.nodes; scale_up.chips > all) {
    section.mistake("chips", "are more than the " + std::to_string(all) +
                                 " chips of the rack; lower it, or raise 'nodes'");
  }
  section.finish();
  return scale_up;
}

Rack read_rack(Section& entry, const Sources& sources) {
  Rack rack;
  rack.accelerator = entry.required<std::string>("accelerator");
  rack.chips_per_node = entry.required<std::int64_t>("chips_per_node", {1});
  rack.nodes = entry.required<std::int64_t>("nodes", {1});
  rack.node_power = entry.required<Watts>("node_power", config::positive);
  rack.rack_power = entry.required<Watts>("rack_power", config::positive);
  rack.slots = entry.optional<std::int64_t>("slots", 1, {1, 100});
  if (entry.has("scale_up")) rack.scale_up = read_scale_up(entry.child("scale_up"), rack);
  rack.source = read_source(entry, sources);
  entry.finish();
  return rack;
}

Price read_price(Section& entry, const Sources& sources) {
  static constexpr std::array<std::string_view, 2> pers = {"node", "accelerator"};
  // What an owner pays is computed.
  static constexpr std::span list_bases(price_bases.data(), price_bases.size() - 1);
  Price price;
  price.rack = entry.required<std::string>("rack");
  price.provider = entry.required<std::string>("provider");
  price.region = entry.required<std::string>("region");
  price.basis = price_bases[entry.choice("basis", list_bases)];
  price.price = entry.required<DollarsPerHour>("price", config::positive);
  price.per = static_cast<Price::Per>(entry.choice("per", pers));
  price.item = entry.required<std::string>("item");
  price.date = entry.optional<std::string>("date", "no date");
  if (entry.optional<bool>("from_memory", false)) price.source.from_memory = {"price"};
  price.source.text = entry.required<std::string>("source");
  if (const auto at = sources.find(price.source.text); at != sources.end()) {
    price.source.text = at->second;
  }
  entry.finish();
  return price;
}

Region read_region(Section& entry, const Sources& sources) {
  Region region;
  entry.skip("location");
  region.latitude = entry.required<double>("latitude", {-90, 90});
  region.longitude = entry.required<double>("longitude", {-180, 180});
  region.pue = entry.required<double>("pue", {1, 10});
  region.carbon_g_per_kwh =
      entry.required_quantity("carbon", config::Dimension::carbon_intensity, config::not_negative);
  region.electricity_usd_per_kwh =
      entry.required_quantity("electricity", config::Dimension::energy_price, config::not_negative);
  region.source = read_source(entry, sources);
  entry.finish();
  return region;
}

Validation read_validation(Section& entry) {
  Validation v;
  v.model = entry.required<std::string>("model");
  v.accelerator = entry.required<std::string>("accelerator");
  v.precision = precision_names[entry.choice("precision", precision_names)];
  v.points = entry.required<std::int64_t>("points", {1});
  v.tpot_error = entry.required<config::Fraction>("tpot_error", config::not_negative).value;
  v.ttft_error = entry.required<config::Fraction>("ttft_error", config::not_negative).value;
  entry.finish();
  return v;
}

// Reads one file of the folder: its sources, then what `read` makes of the rest.
void read_file(const std::string& folder, const std::string& name, Catalog& catalog,
               config::Mistakes& mistakes,
               const std::function<void(Section&, const Sources&)>& read) {
  const std::string path = folder + "/" + name;
  try {
    const config::Document document = config::load_yaml(path);
    catalog.sha256[name] = document.sha256;
    config::Reading reading;
    Section root(document, reading);
    Sources sources;
    if (root.has("sources")) {
      for (const config::Value::Member& member : document.root.find("sources")->members) {
        sources[member.key] = member.value.text;
      }
    }
    root.skip("sources");
    read(root, sources);
    root.finish();
    for (const config::Mistake& mistake : reading.mistakes.all()) mistakes.add(mistake);
  } catch (const config::ConfigError& error) {
    for (const config::Mistake& mistake : error.mistakes()) mistakes.add(mistake);
  }
}

// Which accelerators are wafer-scale, and how fast a pipeline of them is.
void read_wafers(Section& root, const Sources& sources, Catalog& catalog) {
  for (auto& [name, entry] : root.entries("wafers")) {
    const auto accelerator = catalog.accelerators.find(name);
    WaferSpeeds speeds = read_wafer_speeds(entry, sources);
    if (accelerator != catalog.accelerators.end()) {
      accelerator->second.wafer = std::move(speeds);
    } else if (!catalog.accelerators.empty()) {
      entry.mistake("", "is not in accelerators.yaml; add it there, or correct the name");
    }
  }
}

// What owners pay, and what bytes between regions cost; a catalogue may lack either.
void read_costs(const std::string& folder, Catalog& catalog, config::Mistakes& mistakes) {
  const auto read_if_there = [&](const std::string& name, const auto& read) {
    if (!std::filesystem::exists(folder + "/" + name)) return;
    read_file(folder, name, catalog, mistakes, read);
  };
  read_if_there("owner_cost.yaml", [&](Section& root, const Sources& sources) {
    catalog.owner_cost = read_owner_cost(root, sources);
    for (auto& [name, entry] : root.entries("owned_racks")) {
      catalog.owner_cost.racks[name] = read_owned_rack(entry, sources);
      if (!catalog.racks.empty() && !catalog.racks.contains(name)) {
        entry.mistake("", "'" + name + "' is not in racks.yaml; add it there");
      }
    }
  });
  read_if_there("egress.yaml", [&](Section& root, const Sources& sources) {
    catalog.egress = read_egress(root, sources);
  });
}

// Files that a catalogue may lack. They are shown, or used by faults that name them: no result
// depends on them otherwise.
void read_extras(const std::string& folder, Catalog& catalog, config::Mistakes& mistakes) {
  const auto read_if_there = [&](const std::string& name, const auto& read) {
    if (!std::filesystem::exists(folder + "/" + name)) return;
    read_file(folder, name, catalog, mistakes, read);
    if (name == "reliability.yaml") catalog.reliability_sha256 = catalog.sha256[name];
    catalog.sha256.erase(name);
  };
  read_if_there("validation.yaml", [&](Section& root, const Sources&) {
    for (Section& entry : root.children("validation")) {
      catalog.validations.push_back(read_validation(entry));
    }
  });
  read_if_there("reliability.yaml", [&](Section& root, const Sources& sources) {
    for (auto& [name, entry] : root.entries("reliability")) {
      catalog.reliability[name] = read_reliability(entry, sources);
    }
  });
  read_if_there("cold_start.yaml", [&](Section& root, const Sources& sources) {
    for (auto& [name, entry] : root.entries("cold_starts")) {
      catalog.cold_starts[name] = read_cold_start(entry, sources);
    }
  });
}

Catalog read_catalog(const std::string& folder, config::Mistakes& mistakes) {
  Catalog catalog;
  read_file(folder, "accelerators.yaml", catalog, mistakes,
            [&](Section& root, const Sources& sources) {
              for (auto& [name, entry] : root.entries("accelerators")) {
                catalog.accelerators[name] = read_accelerator(entry, sources);
              }
            });
  if (std::filesystem::exists(folder + "/wafer_speeds.yaml")) {
    read_file(folder, "wafer_speeds.yaml", catalog, mistakes,
              [&](Section& root, const Sources& sources) { read_wafers(root, sources, catalog); });
  }
  read_file(folder, "racks.yaml", catalog, mistakes, [&](Section& root, const Sources& sources) {
    for (auto& [name, entry] : root.entries("racks")) {
      const Rack rack = read_rack(entry, sources);
      if (!catalog.accelerators.empty() && !catalog.accelerators.contains(rack.accelerator)) {
        entry.mistake("accelerator", "'" + rack.accelerator + "' is not in accelerators.yaml");
      }
      catalog.racks[name] = rack;
    }
  });
  read_file(folder, "prices.yaml", catalog, mistakes, [&](Section& root, const Sources& sources) {
    for (Section& entry : root.children("prices")) {
      catalog.prices.push_back(read_price(entry, sources));
    }
  });
  read_file(folder, "regions.yaml", catalog, mistakes, [&](Section& root, const Sources& sources) {
    for (auto& [name, entry] : root.entries("regions")) {
      catalog.regions[name] = read_region(entry, sources);
    }
  });
  read_costs(folder, catalog, mistakes);
  read_extras(folder, catalog, mistakes);
  return catalog;
}

// The texts of all its files.
std::string contents_of(const std::string& folder) {
  std::map<std::string, std::string> sums;
  std::error_code error;
  for (std::filesystem::directory_iterator at(folder, error), end; !error && at != end;
       at.increment(error)) {
    if (at->path().extension() != ".yaml") continue;
    try {
      sums[at->path().string()] = sha256_hex(config::read_text(at->path().string()));
    } catch (const config::ConfigError&) {
      // Whoever needs the file says what is wrong with it.
    }
  }
  std::string all = folder;
  for (const auto& [path, sum] : sums) all += "\n" + path + " " + sum;
  return all;
}

}  // namespace

const Price* Catalog::price(const std::string& rack, const std::string& region,
                            const std::string& basis) const {
  const std::string provider = region.substr(0, region.find('/'));
  const std::string site = region.substr(std::min(region.size(), provider.size() + 1));
  const Price* anywhere = nullptr;
  for (const Price& p : prices) {
    if (p.rack != rack || p.provider != provider || p.basis != basis) continue;
    if (p.region == site) return &p;
    if (p.region == "any") anywhere = &p;
  }
  return anywhere;
}

Catalog load_catalog(const std::string& folder, config::Mistakes& mistakes) {
  constexpr std::size_t most_folders = 4;
  static config::Recent<Catalog> recent(most_folders);
  const std::string key = contents_of(folder);
  if (const auto known = recent.find(key)) return *known;
  config::Mistakes own;
  Catalog catalog = read_catalog(folder, own);
  if (own.empty()) recent.keep(key, catalog);
  for (const config::Mistake& mistake : own.all()) mistakes.add(mistake);
  return catalog;
}

bool is_catalog_file(const config::Value& root) {
  static constexpr std::array<std::string_view, 10> parts = {
      "accelerators", "wafers",        "racks",      "prices",      "owned_racks",
      "regions",      "egress_prices", "validation", "reliability", "cold_starts"};
  return std::any_of(parts.begin(), parts.end(),
                     [&root](std::string_view part) { return root.find(part) != nullptr; });
}

}  // namespace tokenyard::catalog
