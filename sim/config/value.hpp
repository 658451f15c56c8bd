// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/errors.hpp"

namespace tokenyard::config {

// A node of a parsed YAML or JSON file, with the place it came from. Only JSON's numbers are
// numbers and only true and false are booleans: `0x10`, `010`, `.5`, `.nan`, `yes` are strings.
struct Value {
  enum class Kind : std::uint8_t { null, boolean, number, string, list, map };

  struct Member;

  Kind kind = Kind::null;
  // How many columns after `at` the text begins that stands in the file as it is: 1 behind a quote.
  // Negative where it does not: over several lines, with escapes, or in JSON.
  std::int8_t inset = -1;
  Position at;
  std::string text;             // a scalar as written, unquoted
  std::vector<Value> items;     // of a list
  std::vector<Member> members;  // of a map, in file order; keys are unique
  // Where this value and all below it came from, if not from the document's file: see assign().
  std::shared_ptr<const std::string> source;

  bool is_scalar() const { return kind != Kind::list && kind != Kind::map; }

  // The member's value, or nullptr.
  const Value* find(std::string_view key) const;
};

struct Value::Member {
  std::string key;
  Position key_at;
  Value value;
};

// Where the byte `offset` of a scalar's text stands, or the scalar if that cannot be told.
Position place_in(const Value& scalar, std::size_t offset);

// A parsed file: its tree, and the SHA-256 of its bytes.
struct Document {
  std::string file;  // as the user named it; the first part of every message
  std::string sha256;
  Value root;
};

// Reads a YAML file (one document, UTF-8). Throws ConfigError, all mistakes at once, for a missing
// or unreadable file, one above 16 MiB, bad syntax, a tag, a duplicate or non-scalar key, nesting
// beyond 100 levels, and for more than 1,000,000 keys and values, aliases expanded.
Document load_yaml(const std::string& path);
Document parse_yaml(std::string file, std::string_view text);

// The same for strict JSON (RFC 8259, with or without a byte order mark).
Document load_json(const std::string& path);
Document parse_json(std::string file, std::string_view text);

// Sets `path` (fleet.pools[chat].replicas, workload.tenants[0].slo.ttft) to `text`, parsed as a
// YAML value, creating missing maps. A bracket names a list element by its `name` or its number
// (from 0), or a key with dots in it; a number needs no bracket. Mistakes inside, also later ones,
// carry the file name "--set PATH". Throws ConfigError if the path leads nowhere.
void assign(Document& document, std::string_view path, std::string_view text);

// The same for a setting that stands in a file: its key is the path. Mistakes carry that file and
// the places in it.
void assign(Document& document, const Value::Member& setting, const std::string& file);

}  // namespace tokenyard::config
