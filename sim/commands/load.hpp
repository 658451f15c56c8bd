// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "config/value.hpp"
#include "fleet/scenario.hpp"
#include "fleet/variants.hpp"

namespace tokenyard::commands {

// Reads a scenario file with its `--set PATH=VALUE` assignments applied.
config::Document load_document(const std::string& path, const std::vector<std::string>& sets);

// A scenario file and its variants. What `--set` says of `variants` is applied; its other
// assignments are kept, for they come last.
struct VariantFile {
  config::Document document;
  std::vector<fleet::Variant> variants;  // none if the scenario has none
  std::vector<std::string> sets;

  // The whole scenario of a variant; its paths that lead nowhere are noted.
  config::Document scenario_of(const fleet::Variant& variant, config::Mistakes& mistakes) const;
};

// Mistakes in the list of variants are noted.
VariantFile load_variants(const std::string& path, const std::vector<std::string>& sets,
                          config::Reading& reading);

// The variant of that name, as --variant gives it. Throws ConfigError if there is none.
const fleet::Variant& variant_of(const VariantFile& file, const std::string& name);

// Every key with its value, its unit and where it comes from, a line each.
std::string explain(const config::Resolved& resolved);

}  // namespace tokenyard::commands
