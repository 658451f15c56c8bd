// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "results/file.hpp"
#include "sweep/request_layout.hpp"

namespace tokenyard::sweep {

// The request table of one run.
struct RequestPart {
  std::string file;
  std::size_t run = 0;  // in Sweep::runs
  std::uint64_t rows = 0;
};

// Copies the columns of all parts, one after another, into a group whose dimension is there; codes
// become those of `columns`.
void copy_requests(results::Writer& writer, const std::vector<RequestPart>& parts,
                   const std::vector<RequestColumn>& columns);

}  // namespace tokenyard::sweep
