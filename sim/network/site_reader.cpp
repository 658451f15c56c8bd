// SPDX-License-Identifier: Apache-2.0
#include "network/site_reader.hpp"

#include <algorithm>
#include <string_view>

#include "config/errors.hpp"
#include "config/units.hpp"
#include "network/measure.hpp"

namespace tokenyard::network {
namespace {

// The region of the zone that holds a prop; empty if it holds none, or is no zone.
std::string region_around(pugi::xml_node prop) {
  const pugi::xml_node zone = prop.parent();
  if (std::string_view(zone.name()) != "zone") return "";
  return zone.find_child_by_attribute("prop", "id", "region").attribute("value").value();
}

}  // namespace

void SiteReader::read(pugi::xml_node prop) {
  const std::string name = prop.attribute("id").value();
  if (name == "power" || name == "rack_slots") return read_limit(prop, name);
  if (name != "region") return;
  if (const std::string region = region_around(prop); !region.empty()) site_of(region);
}

void SiteReader::read_limit(pugi::xml_node prop, const std::string& name) {
  const std::string region = region_around(prop);
  if (region.empty()) {
    xml_->mistake(prop, prop.attribute("id"),
                  config::in_quotes(name) +
                      " limits a region, and what holds it is none; move it into a <zone> with the "
                      "prop 'region', beside that");
    return;
  }
  Site& site = site_of(region);
  if (name == "power" ? site.power.has_value() : site.rack_slots.has_value()) {
    xml_->mistake(
        prop, prop.attribute("id"),
        config::in_quotes(name) + " of " + config::in_quotes(region) + " stands twice; remove one");
  } else if (name == "power") {
    read_power(prop, site);
  } else {
    read_rack_slots(prop, site);
  }
}

void SiteReader::read_power(pugi::xml_node prop, Site& site) {
  const pugi::xml_attribute value = prop.attribute("value");
  const auto parsed = config::parse_quantity(value.value(), config::Dimension::power);
  if (!parsed.problem.empty()) return xml_->mistake(prop, value, parsed.problem);
  if (!(parsed.value > 0)) {
    return xml_->mistake(prop, value,
                         config::in_quotes(value.value()) +
                             " is not above zero; remove the prop if the power has no limit");
  }
  site.power = Watts(parsed.value);
}

void SiteReader::read_rack_slots(pugi::xml_node prop, Site& site) {
  const pugi::xml_attribute value = prop.attribute("value");
  const std::string problem = problem_of_count(value.value());
  if (!problem.empty()) return xml_->mistake(prop, value, problem);
  site.rack_slots = static_cast<std::uint32_t>(value.as_uint());
}

Site& SiteReader::site_of(const std::string& region) {
  const auto found = std::find_if(sites_.begin(), sites_.end(),
                                  [&](const Site& site) { return site.region == region; });
  if (found != sites_.end()) return *found;
  return sites_.emplace_back(Site{region});
}

}  // namespace tokenyard::network
