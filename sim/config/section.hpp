// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/units.hpp"
#include "config/value.hpp"
#include "core/quantity.hpp"

namespace tokenyard::config {

struct Fraction {
  double value = 0;
};

// Bounds on a number in its SI unit, both included.
struct Limits {
  double least = -std::numeric_limits<double>::infinity();
  double most = std::numeric_limits<double>::infinity();
};
inline constexpr Limits any_value{};
inline constexpr Limits positive{std::numeric_limits<double>::denorm_min()};
inline constexpr Limits not_negative{0};

// What reading a scenario resolved to: every key with its typed value in SI units, every list of
// maps with the names of its elements (their order matters), every map of names with its names.
struct Resolved {
  enum class Origin : std::uint8_t { given, by_default, derived };
  struct Entry {
    std::string json;  // the canonical value as a JSON scalar or list of scalars
    std::string unit;  // SI unit, may be empty
    Origin origin = Origin::given;
  };
  std::map<std::string, Entry> entries;  // by dotted path

  // The entries but the derived ones as one JSON object with sorted keys, leaving out the paths
  // that `ignored` names (with everything below them): the text whose SHA-256 is the identity.
  std::string canonical_json(std::span<const std::string_view> ignored) const;
};

// What the sections of one reading share: the mistakes found and the values resolved.
struct Reading {
  Mistakes mistakes;
  Resolved resolved;
};

// Reads one map of a document into typed values. A mistake is noted and a harmless value (within
// the limits) returned, so that one reading finds all of them; whoever reads calls throw_if_any
// at the end. Every value read is recorded in `resolved`; finish() notes keys that nobody read.
// The document and the reading must outlive it.
class Section {
 public:
  // The root map of a document.
  Section(const Document& document, Reading& reading);

  bool has(std::string_view key) const;  // null counts as absent
  bool has_map(std::string_view key) const;
  bool has_list(std::string_view key) const;
  const std::string& path() const { return path_; }
  const std::string& file() const { return *file_; }
  Position position(std::string_view key) const;  // of the value; of the section if absent
  std::vector<std::string> names() const;         // its keys, sorted, for maps of names to values

  // T: bool, std::int64_t, std::uint64_t (bare integers), double (a bare number), std::string,
  // Fraction (bare or in %), Tokens (bare or with its unit), and Duration, Bytes, BytesPerSecond,
  // Flops, FlopsPerSecond, Watts, DollarsPerHour, where a bare number is a mistake.
  template <class T>
  T required(std::string_view key, Limits limits = any_value);
  template <class T>
  T optional(std::string_view key, T fallback, Limits limits = any_value);
  template <class T>
  std::optional<T> maybe(std::string_view key, Limits limits = any_value);

  // A quantity whose dimension has no C++ type of its own, in its SI unit.
  double required_quantity(std::string_view key, Dimension dimension, Limits limits = any_value);
  double optional_quantity(std::string_view key, Dimension dimension, double fallback,
                           Limits limits = any_value);

  // One of `names`; the index is returned. What was meant is suggested.
  std::size_t choice(std::string_view key, std::span<const std::string_view> names);
  std::size_t choice(std::string_view key, std::span<const std::string_view> names,
                     std::size_t fallback);

  // The map below `key`; an absent one reads as empty (its required keys are then missing).
  Section child(std::string_view key);
  // The maps of the list below `key`, at least `least`; named by their `name`, else by number.
  std::vector<Section> children(std::string_view key, std::size_t least = 0);
  // The members of the map below `key`, each a map: their keys are names chosen by the user. They
  // come sorted, as the order of a map's keys must not matter.
  std::vector<std::pair<std::string, Section>> entries(std::string_view key);
  // The numbers of the list below `key`.
  std::vector<double> numbers(std::string_view key, Limits limits = any_value);
  // The lists of numbers of the list below `key` (a small table), each of `width` numbers.
  std::vector<std::vector<double>> table(std::string_view key, std::size_t width);
  enum class Numbers : std::uint8_t { are_mistakes, as_written };
  std::vector<std::string> strings(std::string_view key, Numbers numbers = Numbers::are_mistakes);

  // Notes a mistake at a key of this section ("" for the section itself).
  void mistake(std::string_view key, std::string text);
  // Records a value that was computed, not given, for --explain (it is not part of the identity).
  void derived(std::string_view key, double value, std::string_view unit);
  // Marks a key as read without looking inside.
  void skip(std::string_view key);

  // Notes each key that nobody read, with the known key it resembles.
  void finish();

 private:
  // A value below this section: what a mistake about it says.
  struct Spot {
    const Value& value;
    std::string path;
    const std::string* file;
  };

  Section(const Value* value, std::string path, const std::string* file, Reading* reading);
  Section stand_in(std::string path, Position at) const;  // empty, for what is absent or wrong
  Section map_at(const Spot& spot) const;                 // notes it if it is none

  template <class T>
  std::optional<T> read(std::string_view key, Limits limits);
  std::optional<double> read_quantity(std::string_view key, Dimension dimension, Limits limits);
  std::optional<std::size_t> read_choice(std::string_view key,
                                         std::span<const std::string_view> names);
  std::vector<double> numbers_of(const Spot& list, Limits limits);

  const Value* find(std::string_view key) const;  // null counts as absent
  const Value* take(std::string_view key);        // notes that the key is known
  const Value* take_list(std::string_view key);
  Spot spot(const Value& value, std::string_view key) const;
  std::string path_of(std::string_view key) const;
  void note(const Spot& spot, std::string text) const;
  void missing(std::string_view key);
  void record(std::string_view key, std::string json, std::string_view unit,
              Resolved::Origin origin);

  const Value* value_;  // never null; an absent map points at a shared empty one
  std::string path_;
  const std::string* file_;
  Reading* reading_;
  Position at_;
  bool quiet_ = false;  // stands for what already is a mistake: what it misses is none
  std::vector<const Value::Member*> sorted_;  // by key
  std::vector<std::string> known_;            // keys asked for so far
};

// The templates are instantiated in section_values.cpp, for the types named above.

}  // namespace tokenyard::config
