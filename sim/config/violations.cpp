// SPDX-License-Identifier: Apache-2.0
#include "config/violations.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <set>
#include <utility>

#include "config/kinds.hpp"
#include "config/paths.hpp"
#include "config/schema_nodes.hpp"
#include "config/violation_text.hpp"
#include "core/contracts.hpp"

namespace tokenyard::config {
namespace {

using Json = nlohmann::json;

// A value of the document with the schema nodes that hold for it.
struct Spot {
  const Value* value;
  std::string path;
  const std::string* file;
  SchemaNodes nodes;
};

bool fits_no_form(const Violation& violation) {  // of a oneOf or anyOf
  return violation.text.starts_with("Failed to validate against any ");
}

// What only says that something below is wrong, which has its own violation.
bool follows(const Violation& violation) {
  return violation.text.starts_with("Failed to validate ") && !fits_no_form(violation) &&
         !violation.text.starts_with("Failed to validate against exactly one");
}

using Steps = std::vector<std::string>;

// Without what follows from others: a value that fits none of its forms stands for all that is
// said about it and below it.
std::vector<Violation> causes(const std::vector<Violation>& all) {
  std::set<Steps> formless;
  for (const Violation& violation : all) {
    if (fits_no_form(violation)) formless.insert(violation.at);
  }
  std::vector<Violation> kept;
  for (const Violation& violation : all) {
    const std::size_t lengths = violation.at.size() + (fits_no_form(violation) ? 0 : 1);
    bool below = false;
    for (std::size_t length = 0; length < lengths && !below; ++length) {
      const auto end = violation.at.begin() + static_cast<std::ptrdiff_t>(length);
      below = formless.contains(Steps(violation.at.begin(), end));
    }
    if (!below && !follows(violation)) kept.push_back(violation);
  }
  return kept;
}

// Translates the violations of one value against one schema, which is complete in itself: it
// holds the definitions its references name.
class Translation {
 public:
  Translation(const Json& schema, Mistakes& mistakes) : schema_(schema), mistakes_(mistakes) {}

  void note(const Value& value, const std::string& path, const std::string* file) {
    const Spot start{&value, path, source_of(value, file), nodes_of(schema_, schema_)};
    const std::vector<Violation> violations = validate(schema_, to_json(value));
    for (const Violation& violation : causes(violations)) {
      if (mistakes_.full()) return;
      explain(violation, walk(start, violation.at));
    }
    if (violations.empty() || !mistakes_.empty()) return;
    add(start, "does not fit the schema (" + violations.front().text + ")");
  }

 private:
  static const std::string* source_of(const Value& value, const std::string* parents) {
    return value.source ? value.source.get() : parents;
  }

  void add(const Spot& spot, std::string text) {
    mistakes_.add({*spot.file, spot.value->at, spot.path, std::move(text)});
  }

  Spot walk(Spot spot, const Steps& steps) const {
    for (const std::string& step : steps) {
      spot = spot.value->kind == Value::Kind::list ? element(spot, std::stoul(step))
                                                   : member(spot, step);
    }
    return spot;
  }

  Spot element(const Spot& list, std::size_t index) const {
    const Value& value = list.value->items.at(index);
    return {&value, element_path(list.path, element_labels(*list.value).at(index)),
            source_of(value, list.file), nodes_of_items(list.nodes, schema_)};
  }

  Spot member(const Spot& map, const std::string& key) const {
    const Value* value = map.value->find(key);
    SIM_ASSERT(value != nullptr);
    return {value, member_path(map.path, key), source_of(*value, map.file),
            nodes_of_member(map.nodes, key, schema_)};
  }

  void explain(const Violation& violation, const Spot& spot) {
    const std::string& text = violation.text;
    if (fits_no_form(violation)) return explain_forms(spot);
    if (text.starts_with("Object contains a property")) return explain_unknown(spot);
    if (text.starts_with("Missing required property")) return explain_missing(spot);
    add(spot, violation_text(*spot.value, spot.nodes, text));
  }

  void explain_unknown(const Spot& spot) {
    const std::optional<std::vector<std::string>> known = closed_properties(spot.nodes);
    if (!known) return;
    for (const Value::Member& member : spot.value->members) {
      if (mistakes_.full()) return;
      if (std::find(known->begin(), known->end(), member.key) != known->end()) continue;
      mistakes_.add({*source_of(member.value, spot.file), member.key_at,
                     member_path(spot.path, member.key), unknown_key(member.key, *known)});
    }
  }

  void explain_missing(const Spot& spot) {
    for (const std::string& key : required_properties(spot.nodes)) {
      const Value* member = spot.value->find(key);
      if (member != nullptr && member->kind != Value::Kind::null) continue;
      mistakes_.add({*spot.file, spot.value->at, member_path(spot.path, key), missing_key()});
    }
  }

  // Of the forms that the value may have been meant to have, the one with the fewest mistakes.
  void explain_forms(const Spot& spot) {
    const std::vector<Json> forms = forms_of(spot.nodes, schema_);
    std::optional<Mistakes> best;
    for (const Json& form : forms) {
      if (!admits(form, *spot.value)) continue;
      Mistakes found;
      Translation(form, found).note(*spot.value, spot.path, spot.file);
      if (!found.empty() && (!best || found.size() < best->size())) best = std::move(found);
    }
    if (best) {
      for (const Mistake& mistake : best->all()) mistakes_.add(mistake);
    } else if (!forms.empty()) {
      add(spot, wrong_type(*spot.value, types_of_forms(forms)));
    }
  }

  const Json& schema_;
  Mistakes& mistakes_;
};

}  // namespace

void note_violations(const Document& document, const Json& schema, Mistakes& mistakes) {
  Mistakes found;
  Translation(schema, found).note(document.root, "", &document.file);
  for (const Mistake& mistake : found.all()) mistakes.add(mistake);
}

}  // namespace tokenyard::config
