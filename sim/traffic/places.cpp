// SPDX-License-Identifier: Apache-2.0
#include "traffic/places.hpp"

namespace tokenyard::traffic {

std::map<std::string, Place> load_places(const std::string& path, config::Mistakes& mistakes) {
  std::map<std::string, Place> places;
  const config::Document document = config::load_yaml(path);
  config::Reading reading;
  config::Section root(document, reading);
  for (auto& [name, section] : root.entries("places")) {
    Place place;
    place.name = name;
    place.time_zone = section.required<Duration>("time_zone", {-12 * 3600, 14 * 3600});
    place.latitude = section.required<double>("latitude", {-90, 90});
    place.longitude = section.required<double>("longitude", {-180, 180});
    section.finish();
    places.emplace(name, place);
  }
  root.skip("zones");
  root.finish();
  for (const config::Mistake& mistake : reading.mistakes.all()) mistakes.add(mistake);
  return places;
}

Zones load_zones(const std::string& path, config::Mistakes& mistakes) {
  Zones zones;
  const config::Document document = config::load_yaml(path);
  config::Reading reading;
  config::Section section = config::Section(document, reading).child("zones");
  for (const std::string& name : section.names()) {
    if (name.find('/') != std::string::npos) {
      section.mistake(name, "has a / in it, as regions have; call it otherwise");
    }
    zones[name] = section.strings(name);
  }
  section.finish();
  for (const config::Mistake& mistake : reading.mistakes.all()) mistakes.add(mistake);
  return zones;
}

}  // namespace tokenyard::traffic
