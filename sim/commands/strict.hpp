// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <vector>

#include "catalog/marks.hpp"
#include "config/errors.hpp"

namespace tokenyard::commands {

// The values from memory or assumed that a file stands on: of a scenario and its variants what
// they lean on, of a platform what its clusters and regions name, of a file of the catalogue or a
// model its own. None of any other kind of file. The file has been checked; names that the
// catalogue lacks are noted.
std::set<catalog::Mark> marks_of(const std::string& path, const std::vector<std::string>& sets,
                                 config::Mistakes& mistakes);

// A line for each, and how many they are.
std::string shown(const std::string& path, const std::set<catalog::Mark>& marks);

}  // namespace tokenyard::commands
