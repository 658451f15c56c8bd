// SPDX-License-Identifier: Apache-2.0
#include "catalog/marks.hpp"

namespace tokenyard::catalog {

void Marks::add(const std::string& file, const std::string& entry, const Source& source) {
  for (const std::string& key : source.from_memory) {
    marks_.insert({file, entry, key, source.text});
  }
}

void Marks::add_accelerator(const std::string& accelerator) {
  const auto found = catalog_->accelerators.find(accelerator);
  if (found == catalog_->accelerators.end()) return;
  add("accelerators.yaml", accelerator, found->second.source);
  if (!found->second.wafer) return;
  add("wafer_speeds.yaml", accelerator, found->second.wafer->source);
  for (const PublishedSpeed& speed : found->second.wafer->speeds) {
    add("wafer_speeds.yaml", accelerator + ", " + speed.model, speed.source);
  }
}

void Marks::add_rack(const std::string& rack) {
  const auto found = catalog_->racks.find(rack);
  if (found == catalog_->racks.end()) return;
  add("racks.yaml", rack, found->second.source);
  add_accelerator(found->second.accelerator);
}

void Marks::add_region(const std::string& region) {
  const auto found = catalog_->regions.find(region);
  if (found == catalog_->regions.end()) return;
  add("regions.yaml", region, found->second.source);
}

void Marks::add_reliability(const std::string& entry) {
  const auto found = catalog_->reliability.find(entry);
  if (found == catalog_->reliability.end()) return;
  add("reliability.yaml", entry, found->second.source);
}

void Marks::add_owned(const std::string& rack) {
  const auto found = catalog_->owner_cost.racks.find(rack);
  if (found == catalog_->owner_cost.racks.end()) return;
  add("owner_cost.yaml", rack, found->second.source);
  add("owner_cost.yaml", "terms", catalog_->owner_cost.terms.source);
}

void Marks::add(const Price& price) {
  if (price.basis == owner_basis) return add_owned(price.rack);
  const std::string entry =
      price.rack + " at " + price.provider + "/" + price.region + ", " + price.basis;
  add("prices.yaml", entry, price.source);
}

void Marks::add(const ModelShape& model) {
  add("models/" + model.name + ".yaml", model.name, {model.source, model.from_memory});
}

void Marks::add_all() {
  for (const auto& [name, accelerator] : catalog_->accelerators) add_accelerator(name);
  for (const auto& [name, rack] : catalog_->racks) add_rack(name);
  for (const auto& [name, region] : catalog_->regions) add_region(name);
  for (const Price& price : catalog_->prices) add(price);
  for (const auto& [name, rack] : catalog_->owner_cost.racks) add_owned(name);
  for (const EgressPrice& price : catalog_->egress.prices) {
    add("egress.yaml", price.from.empty() ? "" : price.from.front(), price.source);
  }
  for (const auto& [name, one] : catalog_->reliability) add_reliability(name);
  for (const auto& [name, one] : catalog_->cold_starts) add("cold_start.yaml", name, one.source);
}

}  // namespace tokenyard::catalog
