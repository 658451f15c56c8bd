// SPDX-License-Identifier: Apache-2.0
#include "catalog/egress.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace tokenyard::catalog {
namespace {

using Groups = std::map<std::string, std::vector<std::string>>;

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Groups read_groups(config::Section groups) {
  Groups read;
  for (const std::string& name : groups.names()) read[name] = groups.strings(name);
  groups.finish();
  return read;
}

// Regions, and groups of them by name.
std::vector<std::string> read_regions(config::Section& entry, const std::string& key,
                                      const Groups& groups) {
  std::vector<std::string> regions;
  for (const std::string& name : entry.strings(key)) {
    if (const auto group = groups.find(name); group != groups.end()) {
      regions.insert(regions.end(), group->second.begin(), group->second.end());
    } else if (name.find('/') != std::string::npos) {
      regions.push_back(name);
    } else {
      entry.mistake(key, "'" + name + "' is neither a group nor a provider/region; name one");
    }
  }
  return regions;
}

EgressPrice read_price(config::Section& entry, const Groups& groups, const Sources& sources) {
  EgressPrice price;
  price.from = read_regions(entry, "from", groups);
  if (entry.has_list("to")) {
    price.to = read_regions(entry, "to", groups);
  } else {
    static constexpr std::array<std::string_view, 2> wide = {"own-provider", "others"};
    const bool others = entry.choice("to", wide) == 1;
    price.to_others = others;
    price.to_own_provider = !others;
  }
  price.usd_per_gb =
      entry.required_quantity("price", config::Dimension::data_price, config::not_negative);
  entry.skip("item");
  entry.skip("date");
  price.source = read_source(entry, sources);
  entry.finish();
  return price;
}

}  // namespace

std::string provider_of(const std::string& region) { return region.substr(0, region.find('/')); }

std::optional<double> Egress::usd_per_gb(const std::string& from, const std::string& to) const {
  if (from == to) return 0;
  const bool own = provider_of(from) == provider_of(to);
  for (const EgressPrice& price : prices) {
    if (!contains(price.from, from)) continue;
    const bool named = contains(price.to, to);
    if (named || (own ? price.to_own_provider : price.to_others)) return price.usd_per_gb;
  }
  return std::nullopt;
}

Egress read_egress(config::Section& root, const Sources& sources) {
  Egress egress;
  const Groups groups = root.has("groups") ? read_groups(root.child("groups")) : Groups{};
  for (config::Section& entry : root.children("egress_prices")) {
    egress.prices.push_back(read_price(entry, groups, sources));
  }
  return egress;
}

}  // namespace tokenyard::catalog
