// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <pugixml.hpp>
#include <string>
#include <unordered_set>
#include <vector>

#include "network/xml_file.hpp"

namespace tokenyard::network {

// The names that a platform file gives and uses. SimGrid keeps zones, clusters, nodes and routers
// ("netpoints") in one set, and links in another.
class Names {
 public:
  enum class Set : std::uint8_t { netpoints, links };

  // False if the name is taken.
  bool give(Set set, const std::string& name) { return given(set).insert(name).second; }

  // Remembers that the value of `attribute` must be given somewhere in the file.
  void use(Set set, pugi::xml_node element, pugi::xml_attribute attribute) {
    used_.push_back({set, element, attribute});
  }

  // Notes each use of a name that nothing has.
  void check_uses(XmlFile& xml) const;

 private:
  struct Use {
    Set set;
    pugi::xml_node element;
    pugi::xml_attribute attribute;
  };

  std::unordered_set<std::string>& given(Set set) {
    return set == Set::links ? links_ : netpoints_;
  }

  std::unordered_set<std::string> netpoints_;
  std::unordered_set<std::string> links_;
  std::vector<Use> used_;
};

}  // namespace tokenyard::network
