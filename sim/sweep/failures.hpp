// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sweep/directory.hpp"

namespace tokenyard::sweep {

// Why a run has found nothing, in DIR/failures/IDENTITY.json until it does.
struct Failure {
  std::string identity;
  std::size_t point = 0;  // its number
  std::size_t replication = 0;
  std::string kind;  // an ending's name
  std::string text;
};

// Throws IoError, ConfigError.
void write_failure(const Directory& directory, const Failure& failure);
void remove_failure(const Directory& directory, const std::string& identity);

// None if the file is gone or damaged.
std::optional<Failure> read_failure(const Directory& directory, const std::string& identity);

}  // namespace tokenyard::sweep
