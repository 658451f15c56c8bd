// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <pugixml.hpp>

#include "network/layout.hpp"
#include "network/names.hpp"
#include "network/radical.hpp"
#include "network/xml_file.hpp"

namespace tokenyard::network {

// Reads the clusters of a file, in its order, into a layout.
class ClusterReader {
 public:
  ClusterReader(XmlFile& xml, Names& names) : xml_(&xml), names_(&names) {}

  // A <cluster> whose attributes have been checked one by one.
  void read(pugi::xml_node element);
  Layout finish();

 private:
  void check_pairs(pugi::xml_node element);
  void add_nodes(pugi::xml_node element);
  std::string prop(pugi::xml_node element, const char* id) const;

  XmlFile* xml_;
  Names* names_;
  Layout layout_;
  std::uint64_t nodes_ = 0;  // also those beyond the limit, which are not in the layout
};

}  // namespace tokenyard::network
