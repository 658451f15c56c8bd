// SPDX-License-Identifier: Apache-2.0
#include "network/node_counts.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <pugixml.hpp>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "core/contracts.hpp"
#include "network/measure.hpp"
#include "network/radical.hpp"
#include "network/xml_file.hpp"

namespace tokenyard::network {
namespace {

std::string bytes_per_second(double value) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.17gBps", value);
  return text.data();
}

// Collects new values of attributes, and then writes them into the text.
class Rewriter {
 public:
  explicit Rewriter(PlatformFile& source) : source_(&source), xml_(source, mistakes_) {
    SIM_EXPECT(mistakes_.empty());
  }

  void set(const NodeCount& count) {
    const pugi::xml_node cluster = xml_.root().find_node([&](pugi::xml_node node) {
      return std::string_view(node.name()) == "cluster" &&
             node.attribute("id").value() == count.cluster;
    });
    const Radical radical = parse_radical(cluster.attribute("radical").value());
    SIM_EXPECT(radical.problem.empty() && count.nodes > 0);
    if (radical.nodes == count.nodes) return;
    const std::uint64_t first = radical.ranges.front().first;
    change(cluster, "radical",
           std::to_string(first) + "-" + std::to_string(first + count.nodes - 1));

    const double bw = quantity(cluster.attribute("bw").value(), Measure::bandwidth);
    const double before = static_cast<double>(radical.nodes) * bw;
    const double after = static_cast<double>(count.nodes) * bw;
    widen(cluster, "bb_bw", before, after);
    for (const pugi::xml_node route : cluster.parent().children("zoneRoute")) {
      if (route.attribute("src").value() != count.cluster &&
          route.attribute("dst").value() != count.cluster) {
        continue;
      }
      for (const pugi::xml_node part : route.children("link_ctn")) {
        const char* name = part.attribute("id").value();
        if (!links_.insert(name).second) continue;  // a route there and one back
        widen(cluster.parent().find_child_by_attribute("link", "id", name), "bandwidth", before,
              after);
      }
    }
  }

  // From the back, so that what is left keeps its offset.
  void write() {
    std::sort(changes_.begin(), changes_.end(),
              [](const Change& a, const Change& b) { return a.at.offset > b.at.offset; });
    for (const Change& change : changes_) {
      source_->text.replace(change.at.offset, change.at.length, change.text);
    }
  }

 private:
  struct Change {
    XmlFile::Span at;
    std::string text;
  };

  void change(pugi::xml_node element, const char* attribute, std::string text) {
    changes_.push_back({xml_.value_of(element, element.attribute(attribute)), std::move(text)});
  }

  void widen(pugi::xml_node element, const char* attribute, double before, double after) {
    if (!element.attribute(attribute)) return;
    const double value = quantity(element.attribute(attribute).value(), Measure::bandwidth);
    if (std::abs(value / before - 1) > 1e-9) return;
    change(element, attribute, bytes_per_second(after));
  }

  PlatformFile* source_;
  config::Mistakes mistakes_;
  XmlFile xml_;
  std::set<std::string> links_;
  std::vector<Change> changes_;
};

}  // namespace

void set_nodes(PlatformFile& source, std::span<const NodeCount> counts) {
  Rewriter rewriter(source);
  for (const NodeCount& count : counts) rewriter.set(count);
  rewriter.write();
}

}  // namespace tokenyard::network
