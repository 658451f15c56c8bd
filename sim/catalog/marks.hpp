// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <set>
#include <string>

#include "catalog/catalog.hpp"
#include "catalog/model_shape.hpp"

namespace tokenyard::catalog {

// A value that has no public source: memory, an assumption, a placeholder.
struct Mark {
  std::string file;  // racks.yaml
  std::string entry;
  std::string key;
  std::string source;  // what the entry says of its sources

  auto operator<=>(const Mark&) const = default;
};

// Collects the marked values of entries, each once, by file, entry and key.
class Marks {
 public:
  explicit Marks(const Catalog& catalog) : catalog_(&catalog) {}

  // Also its accelerator's. A name that leads nowhere marks nothing.
  void add_rack(const std::string& rack);
  void add_region(const std::string& region);
  void add_reliability(const std::string& entry);
  void add(const Price& price);
  void add(const ModelShape& model);
  // Every entry of the catalogue.
  void add_all();

  const std::set<Mark>& all() const { return marks_; }

 private:
  void add_accelerator(const std::string& accelerator);
  void add_owned(const std::string& rack);
  void add(const std::string& file, const std::string& entry, const Source& source);

  const Catalog* catalog_;
  std::set<Mark> marks_;
};

}  // namespace tokenyard::catalog
