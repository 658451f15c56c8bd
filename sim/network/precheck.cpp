// SPDX-License-Identifier: Apache-2.0
#include "network/precheck.hpp"

#include <iterator>
#include <pugixml.hpp>
#include <string>
#include <string_view>

#include "config/recent.hpp"
#include "core/sha256.hpp"
#include "network/cluster_reader.hpp"
#include "network/element_check.hpp"
#include "network/names.hpp"
#include "network/site_reader.hpp"
#include "network/xml_file.hpp"

namespace tokenyard::network {
namespace {

// Deeper nesting is no fleet, and SimGrid's parser and ours recurse.
constexpr int most_depth = 64;

bool is(pugi::xml_node node, std::string_view name) { return name == node.name(); }

// Walks the tree once, in file order.
class Walk {
 public:
  explicit Walk(XmlFile& xml)
      : xml_(&xml), elements_(xml, names_), clusters_(xml, names_), sites_(xml) {}

  Layout check() {
    visit(xml_->root(), 1);
    const auto zones = xml_->root().children("zone");
    const auto count = std::distance(zones.begin(), zones.end());
    if (count != 1) {
      xml_->mistake(xml_->root(), "has " + std::to_string(count) +
                                      " zones (SimGrid keeps one); put all into one <zone>");
    }
    names_.check_uses(*xml_);
    Layout layout = clusters_.finish();
    layout.sites = sites_.finish();
    return layout;
  }

 private:
  void visit(pugi::xml_node element, int depth) {
    if (!elements_.check(element)) return;
    if (is(element, "zone")) check_zone(element);
    if (is(element, "cluster")) clusters_.read(element);
    if (is(element, "prop")) sites_.read(element);
    for (const pugi::xml_node child : element.children()) {
      if (child.type() != pugi::node_element) {
        elements_.refuse_text(child);
      } else if (depth == most_depth) {
        xml_->mistake(child, "is nested deeper than 64 elements; flatten the zones");
      } else {
        visit(child, depth + 1);
      }
    }
  }

  void check_zone(pugi::xml_node zone) {
    const bool has_zones = zone.child("zone") || zone.child("cluster");
    if (!has_zones) return;
    for (const pugi::xml_node router : zone.children("router")) {
      xml_->mistake(router,
                    "stands beside zones (SimGrid 3.32 misroutes); give it a leaf <zone> of its "
                    "own, as the gateways in platforms/aws.xml");
    }
  }

  XmlFile* xml_;
  Names names_;
  ElementCheck elements_;
  ClusterReader clusters_;
  SiteReader sites_;
};

}  // namespace

Layout precheck(const PlatformFile& source, config::Mistakes& mistakes) {
  constexpr std::size_t most_files = 4;
  static config::Recent<Layout> recent(most_files);
  const std::string key = source.file + " " + sha256_hex(source.text);
  if (const auto known = recent.find(key)) return *known;
  config::Mistakes own;
  XmlFile xml(source, own);
  Layout layout = xml.root() ? Walk(xml).check() : Layout{};
  if (own.empty()) recent.keep(key, layout);
  for (const config::Mistake& mistake : own.all()) mistakes.add(mistake);
  return layout;
}

}  // namespace tokenyard::network
