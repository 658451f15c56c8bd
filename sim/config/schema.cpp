// SPDX-License-Identifier: Apache-2.0
// GCC 12 with sanitizers takes the states of std::regex, which valijson uses, for uninitialised.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include "config/schema.hpp"

#include <memory>
#include <utility>

// Without it valijson prints and aborts instead of throwing.
#define VALIJSON_USE_EXCEPTIONS 1
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wextra"
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>
#pragma GCC diagnostic pop

#include "config/recent.hpp"
#include "config/schema_nodes.hpp"
#include "config/violations.hpp"
#include "core/contracts.hpp"

namespace tokenyard::config {
namespace {

struct Embedded {
  std::string_view name;
  std::string_view text;
};

constexpr Embedded schemas[] = {
#include "config/embedded_schemas.inc"
};

template <class Json>
void fill_lists(Json& node, const Lists& lists) {
  if (node.is_object() && node.contains("x-list") && node["x-list"].is_string()) {
    const auto list = lists.find(node["x-list"].template get<std::string>());
    SIM_EXPECT(list != lists.end());
    node["enum"] = list->second;
  }
  if (!node.is_structured()) return;
  for (Json& below : node) fill_lists(below, lists);
}

// "[pools]" -> "pools"
std::string without_brackets(const std::string& step) {
  SIM_EXPECT(step.size() >= 2);
  return step.substr(1, step.size() - 2);
}

void compile(const nlohmann::json& schema, valijson::Schema& compiled) {
  valijson::SchemaParser(valijson::SchemaParser::kDraft7)
      .populateSchema(valijson::adapters::NlohmannJsonAdapter(schema), compiled);
}

struct Compiled {
  nlohmann::json json;
  std::unique_ptr<valijson::Schema> schema = std::make_unique<valijson::Schema>();
};

Compiled compiled(std::string_view text, const Lists& lists) {
  Compiled made{nlohmann::json::parse(text)};
  fill_lists(made.json, lists);
  // Names of the schema itself, by which valijson would look elsewhere for "#/definitions".
  made.json.erase("$id");
  made.json.erase("$schema");
  compile(made.json, *made.schema);
  return made;
}

std::string key_of(std::string_view schema, const Lists& lists) {
  std::string key(schema);
  for (const auto& [name, values] : lists) {
    key += "\n" + name;
    for (const std::string& value : values) key += " " + value;
  }
  return key;
}

}  // namespace

std::vector<Violation> validate(const nlohmann::json& schema, const nlohmann::json& target) {
  valijson::Schema parsed;
  compile(schema, parsed);
  valijson::ValidationResults results;
  const valijson::adapters::NlohmannJsonAdapter adapter(target);
  const bool valid = valijson::Validator().validate(parsed, adapter, &results);
  std::vector<Violation> violations;
  for (const auto& error : results) {
    Violation& violation = violations.emplace_back(Violation{{}, error.description});
    for (std::size_t i = 1; i < error.context.size(); ++i) {  // the first says <root>
      violation.at.push_back(without_brackets(error.context[i]));
    }
  }
  if (valid) violations.clear();
  // Some keywords (propertyNames, false) fail without a word.
  if (!valid && violations.empty()) violations.push_back({{}, "no reason given"});
  return violations;
}

std::string_view schema_text(std::string_view name) {
  for (const Embedded& schema : schemas) {
    if (schema.name == name) return schema.text;
  }
  constexpr bool known = false;
  SIM_EXPECT(known);
  return {};
}

std::string text_with_lists(std::string_view schema, const Lists& lists) {
  auto json = nlohmann::ordered_json::parse(schema);
  fill_lists(json, lists);
  return json.dump(2) + "\n";
}

std::string schema_with_lists(std::string_view name, const Lists& lists) {
  return text_with_lists(schema_text(name), lists);
}

void check_schema_text(const Document& document, std::string_view schema, const Lists& lists,
                       Mistakes& mistakes) {
  constexpr std::size_t most_schemas = 8;
  static Recent<Compiled> recent(most_schemas);
  const auto known = recent.get(key_of(schema, lists), [&] { return compiled(schema, lists); });
  const nlohmann::json target = to_json(document.root);
  const valijson::adapters::NlohmannJsonAdapter adapter(target);
  if (valijson::Validator().validate(*known->schema, adapter, nullptr)) return;
  note_violations(document, known->json, mistakes);
}

void check_schema(const Document& document, std::string_view name, const Lists& lists,
                  Mistakes& mistakes) {
  check_schema_text(document, schema_text(name), lists, mistakes);
}

}  // namespace tokenyard::config
