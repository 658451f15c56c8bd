// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "config/section.hpp"
#include "config/value.hpp"

namespace tokenyard::fleet {

// A scenario with some of its keys changed.
struct Variant {
  std::string name;
  std::string file;                             // where its settings are written
  std::vector<config::Value::Member> settings;  // path and value; wide paths first
};

// The variants that a scenario lists, in file order; what is wrong with the list is noted.
std::vector<Variant> read_variants(const config::Document& document, config::Reading& reading);

// The same of a list below the key `variants` of any section, which is written so.
std::vector<Variant> read_variants(config::Section& section, const config::Value& list,
                                   config::Reading& reading);

// The order of a map's keys must not matter: a path that holds another comes before it.
void sort_by_width(std::vector<config::Value::Member>& settings);

// The scenario as the variant has it; paths that lead nowhere are noted.
config::Document varied(const config::Document& scenario, const Variant& variant,
                        config::Mistakes& mistakes);

// The mistake, with the variant that has it.
config::Mistake in_variant(const std::string& name, config::Mistake mistake);

}  // namespace tokenyard::fleet
