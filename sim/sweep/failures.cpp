// SPDX-License-Identifier: Apache-2.0
#include "sweep/failures.hpp"

#include <unistd.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "results/target.hpp"

namespace tokenyard::sweep {

using nlohmann::json;

void write_failure(const Directory& directory, const Failure& failure) {
  const json object = {{"identity", failure.identity},
                       {"point", failure.point},
                       {"replication", failure.replication},
                       {"kind", failure.kind},
                       {"text", failure.text}};
  // What a crashed process wrote need not be UTF-8.
  results::write_text(directory.failure(failure.identity),
                      object.dump(2, ' ', false, json::error_handler_t::replace) + "\n");
}

void remove_failure(const Directory& directory, const std::string& identity) {
  ::unlink(directory.failure(identity).c_str());
}

std::optional<Failure> read_failure(const Directory& directory, const std::string& identity) {
  constexpr std::size_t most_bytes = 1 << 20;
  std::ifstream file(directory.failure(identity), std::ios::binary);
  std::string text;
  for (char byte = 0; text.size() < most_bytes && file.get(byte);) text += byte;
  const json object = json::parse(text, nullptr, false);
  if (!object.is_object()) return {};
  try {
    return Failure{object.at("identity").get<std::string>(), object.at("point").get<std::size_t>(),
                   object.at("replication").get<std::size_t>(),
                   object.at("kind").get<std::string>(), object.at("text").get<std::string>()};
  } catch (const json::exception&) {
    return {};
  }
}

}  // namespace tokenyard::sweep
