// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <pugixml.hpp>
#include <string>

#include "network/element_rules.hpp"
#include "network/names.hpp"
#include "network/xml_file.hpp"

namespace tokenyard::network {

// Holds single elements against the rules: where they stand, their attributes and values.
class ElementCheck {
 public:
  ElementCheck(XmlFile& xml, Names& names) : xml_(&xml), names_(&names) {}

  // False if the element is none of ours: what is inside it is then nobody's.
  bool check(pugi::xml_node element);
  void refuse_text(pugi::xml_node text);

 private:
  void check_attributes(pugi::xml_node element, const ElementRule& rule);
  void check_value(pugi::xml_node element, pugi::xml_attribute attribute,
                   const AttributeRule& rule);
  std::string problem_of(pugi::xml_node element, const std::string& value,
                         const AttributeRule& rule);

  XmlFile* xml_;
  Names* names_;
};

}  // namespace tokenyard::network
