// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <pugixml.hpp>
#include <string>
#include <utility>
#include <vector>

#include "network/layout.hpp"
#include "network/xml_file.hpp"

namespace tokenyard::network {

// Reads the regions of a file and their limits, in its order: the props of zones.
class SiteReader {
 public:
  explicit SiteReader(XmlFile& xml) : xml_(&xml) {}

  // A <prop> whose attributes have been checked one by one.
  void read(pugi::xml_node prop);
  std::vector<Site> finish() { return std::move(sites_); }

 private:
  void read_limit(pugi::xml_node prop, const std::string& name);
  void read_power(pugi::xml_node prop, Site& site);
  void read_rack_slots(pugi::xml_node prop, Site& site);
  Site& site_of(const std::string& region);

  XmlFile* xml_;
  std::vector<Site> sites_;
};

}  // namespace tokenyard::network
