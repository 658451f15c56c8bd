// SPDX-License-Identifier: Apache-2.0
#include "network/element_check.hpp"

#include <algorithm>
#include <span>
#include <string_view>
#include <vector>

#include "config/errors.hpp"
#include "network/measure.hpp"
#include "network/radical.hpp"

namespace tokenyard::network {
namespace {

std::string bracketed(std::string_view name) { return "<" + std::string(name) + ">"; }

std::vector<std::string> names_of(std::span<const AttributeRule> attributes) {
  std::vector<std::string> names;
  for (const AttributeRule& attribute : attributes) names.emplace_back(attribute.name);
  return names;
}

std::string joined(std::span<const std::string_view> words) {
  std::string text;
  for (const std::string_view word : words) text += (text.empty() ? "" : ", ") + std::string(word);
  return text;
}

// What to say of an element that the rules do not have.
std::string unknown_element(const std::string& name) {
  if (const auto reason = refused_element(name); !reason.empty()) return std::string(reason);
  if (name.find(':') != std::string::npos) {
    return "names with a namespace are refused (SimGrid reads none); remove it";
  }
  std::vector<std::string> known;
  for (const ElementRule& rule : element_rules()) known.emplace_back(rule.name);
  const std::string meant = config::nearest(name, known);
  if (!meant.empty()) return "not a known element; did you mean " + bracketed(meant) + "?";
  std::vector<std::string_view> views(known.begin(), known.end());
  return "not a known element; known: " + joined(views);
}

std::string unknown_attribute(const std::string& name, const ElementRule& rule) {
  if (const auto reason = refused_attribute(name); !reason.empty()) return std::string(reason);
  return config::unknown_key(name, names_of(rule.attributes));
}

std::string not_a_choice(const std::string& value, const AttributeRule& rule) {
  if (rule.name == "routing" && value == "Star") {
    return "'Star' aborts SimGrid 3.32 when a file says it; write a <cluster>, which is a star";
  }
  return config::unknown_name(value, {rule.choices.begin(), rule.choices.end()});
}

std::string taken(const std::string& name, const std::string& by) {
  return config::in_quotes(name) + " is the name of another " + by + "; rename one";
}

}  // namespace

bool ElementCheck::check(pugi::xml_node element) {
  const std::string name = element.name();
  const ElementRule* rule = rule_of(name);
  if (rule == nullptr) {
    xml_->mistake(element, unknown_element(name));
    return false;
  }
  const ElementRule* above = rule_of(element.parent().name());
  if (above != nullptr &&
      std::find(above->children.begin(), above->children.end(), name) == above->children.end()) {
    xml_->mistake(element,
                  "does not belong into " + bracketed(above->name) +
                      (above->children.empty() ? ", which holds nothing; move it"
                                               : "; known there: " + joined(above->children)));
    return false;
  }
  check_attributes(element, *rule);
  const bool is_route = rule->children.size() == 1 && rule->children.front() == "link_ctn";
  if (is_route && !element.child("link_ctn")) {
    xml_->mistake(element,
                  "has no link (SimGrid takes no empty route); add <link_ctn id=\"...\"/>");
  }
  return true;
}

void ElementCheck::refuse_text(pugi::xml_node text) {
  xml_->mistake(text.parent(), "holds text, which SimGrid does not read; remove it");
}

void ElementCheck::check_attributes(pugi::xml_node element, const ElementRule& rule) {
  for (const pugi::xml_attribute attribute : element.attributes()) {
    const auto known = std::find_if(rule.attributes.begin(), rule.attributes.end(),
                                    [&](const auto& one) { return one.name == attribute.name(); });
    if (known == rule.attributes.end()) {
      xml_->mistake(element, attribute, unknown_attribute(attribute.name(), rule));
    } else if (element.attribute(attribute.name()) != attribute) {
      xml_->mistake(element, attribute, "stands twice; remove one");
    } else {
      check_value(element, attribute, *known);
    }
  }
  for (const AttributeRule& wanted : rule.attributes) {
    if (wanted.presence == Presence::optional || element.attribute(wanted.name.data())) continue;
    xml_->missing(element, wanted.name, "missing (SimGrid has no default); add it");
  }
}

void ElementCheck::check_value(pugi::xml_node element, pugi::xml_attribute attribute,
                               const AttributeRule& rule) {
  if (rule.kind == Kind::netpoint || rule.kind == Kind::link) {
    const auto set = rule.kind == Kind::link ? Names::Set::links : Names::Set::netpoints;
    names_->use(set, element, attribute);
    return;
  }
  const std::string problem = problem_of(element, attribute.value(), rule);
  if (!problem.empty()) xml_->mistake(element, attribute, problem);
}

// "problem; what to do", or empty.
std::string ElementCheck::problem_of(pugi::xml_node element, const std::string& value,
                                     const AttributeRule& rule) {
  if (value.empty() && rule.kind != Kind::text) return "is empty; give a value";
  switch (rule.kind) {
    case Kind::speed:
      return problem_of_quantity(value, Measure::speed);
    case Kind::bandwidth:
      return problem_of_quantity(value, Measure::bandwidth);
    case Kind::latency:
      return problem_of_quantity(value, Measure::latency);
    case Kind::radical:
      return parse_radical(value).problem;
    case Kind::count:
      return problem_of_count(value);
    case Kind::choice: {
      const auto& known = rule.choices;
      const bool is_known = std::find(known.begin(), known.end(), value) != known.end();
      return is_known ? "" : not_a_choice(value, rule);
    }
    case Kind::new_netpoint:
      return names_->give_netpoint(value) ? "" : taken(value, "zone, cluster, router or node");
    case Kind::new_link:
      return names_->give_link(value, element) ? "" : taken(value, "link");
    case Kind::text:
    case Kind::netpoint:
    case Kind::link:
      break;
  }
  return "";
}

}  // namespace tokenyard::network
