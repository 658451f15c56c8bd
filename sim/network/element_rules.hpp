// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace tokenyard::network {

// What the value of an attribute must be.
enum class Kind : std::uint8_t {
  text,
  new_netpoint,  // names a zone, cluster or router: SimGrid keeps these and hosts in one set
  new_link,
  netpoint,  // refers to one of the file
  link,
  speed,
  bandwidth,
  latency,
  count,    // a whole number from 1
  radical,  // "0-127"
  choice,
};

enum class Presence : std::uint8_t { optional, required };

struct AttributeRule {
  std::string_view name;
  Kind kind;
  Presence presence = Presence::required;
  std::span<const std::string_view> choices = {};
};

struct ElementRule {
  std::string_view name;
  std::span<const AttributeRule> attributes;
  std::span<const std::string_view> children;
};

// The part of SimGrid's platform format that a platform of ours may use: regions as zones, nodes
// in clusters, links and routes.
std::span<const ElementRule> element_rules();

// The rule of an element, or nullptr.
const ElementRule* rule_of(std::string_view element);

// Why an element or an attribute that SimGrid knows is not for us: "problem; what to do". Empty
// for all others.
std::string_view refused_element(std::string_view element);
std::string_view refused_attribute(std::string_view attribute);

}  // namespace tokenyard::network
