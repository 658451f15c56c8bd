// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "config/builder.hpp"

namespace tokenyard::config {

// What yaml-cpp accepts or survives badly, refused before it reads: tabs in the indentation, lines
// and brackets that would take gigabytes.
void check_shape(TreeBuilder& builder, std::string_view text);

// Whether a scalar at the start of `text` is quoted to the end of the file: yaml-cpp takes that
// for the closing quote, and a forgotten quote would swallow all that follows it.
bool starts_unclosed_quote(std::string_view text);

// Our words for the syntax errors that people make; the others keep the parser's.
std::string in_our_words(const std::string& problem);

}  // namespace tokenyard::config
