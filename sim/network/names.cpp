// SPDX-License-Identifier: Apache-2.0
#include "network/names.hpp"

#include <string_view>

#include "config/errors.hpp"

namespace tokenyard::network {
namespace {

// SimGrid keeps a link of two directions as two, which a route must choose from.
std::string problem_of_direction(pugi::xml_node link, pugi::xml_node part) {
  const std::string_view sharing = link.attribute("sharing_policy").value();
  const std::string_view direction = part.attribute("direction").value();
  const bool has_two = sharing == "SPLITDUPLEX";
  const bool chooses = direction == "UP" || direction == "DOWN";
  if (has_two && !chooses) {
    return "is a link of two directions (SPLITDUPLEX); add direction=\"UP\" or \"DOWN\"";
  }
  if (chooses && !has_two) {
    return "is a link of one direction; remove 'direction', or give the link "
           "sharing_policy=\"SPLITDUPLEX\"";
  }
  return "";
}

}  // namespace

std::string Names::problem_of(const Use& use) const {
  const std::string name = use.attribute.value();
  if (use.set == Set::netpoints) {
    if (netpoints_.contains(name)) return "";
    return "no zone, cluster, router or node of the file is named " + config::in_quotes(name) +
           "; check the spelling";
  }
  const auto link = links_.find(name);
  if (link != links_.end()) return problem_of_direction(link->second, use.element);
  return "no link of the file is named " + config::in_quotes(name) + "; check the spelling";
}

void Names::check_uses(XmlFile& xml) const {
  for (const Use& use : used_) {
    const std::string problem = problem_of(use);
    if (!problem.empty()) xml.mistake(use.element, use.attribute, problem);
  }
}

}  // namespace tokenyard::network
