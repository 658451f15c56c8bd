// SPDX-License-Identifier: Apache-2.0
#include "network/names.hpp"

#include "config/errors.hpp"

namespace tokenyard::network {

void Names::check_uses(XmlFile& xml) const {
  for (const Use& use : used_) {
    const bool is_link = use.set == Set::links;
    if ((is_link ? links_ : netpoints_).contains(use.attribute.value())) continue;
    xml.mistake(use.element, use.attribute,
                (is_link ? "no link of the file is named "
                         : "no zone, cluster, router or node of the file is named ") +
                    config::in_quotes(use.attribute.value()) + "; check the spelling");
  }
}

}  // namespace tokenyard::network
