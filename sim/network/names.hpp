// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <pugixml.hpp>
#include <set>
#include <string>
#include <vector>

#include "network/xml_file.hpp"

namespace tokenyard::network {

// The names that a platform file gives and uses. SimGrid keeps zones, clusters, nodes and routers
// ("netpoints") in one set, and links in another.
class Names {
 public:
  enum class Set : std::uint8_t { netpoints, links };

  // False if the name is taken.
  bool give_netpoint(const std::string& name) { return netpoints_.insert(name).second; }
  bool give_link(const std::string& name, pugi::xml_node link) {
    return links_.emplace(name, link).second;
  }

  // Remembers that the value of `attribute` must be given somewhere in the file.
  void use(Set set, pugi::xml_node element, pugi::xml_attribute attribute) {
    used_.push_back({set, element, attribute});
  }

  // Notes each use of a name that nothing has, and of a link in the wrong way.
  void check_uses(XmlFile& xml) const;

 private:
  struct Use {
    Set set;
    pugi::xml_node element;
    pugi::xml_attribute attribute;
  };

  std::string problem_of(const Use& use) const;

  std::set<std::string> netpoints_;
  std::map<std::string, pugi::xml_node> links_;
  std::vector<Use> used_;
};

}  // namespace tokenyard::network
