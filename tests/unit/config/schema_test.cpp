// SPDX-License-Identifier: Apache-2.0
#include "config/schema.hpp"

#include <catch2/catch.hpp>

#include "complaint.hpp"
#include "core/contracts.hpp"

namespace tokenyard::config {
namespace {

constexpr std::string_view schema = R"({
  "$schema": "http://json-schema.org/draft-07/schema#",
  "$id": "https://example.org/test.schema.json",
  "type": "object",
  "required": ["name", "pools"],
  "additionalProperties": false,
  "properties": {
    "name": {"type": "string"},
    "seed": {"type": "integer", "minimum": 0},
    "scale": {"type": "number", "exclusiveMinimum": 0, "maximum": 10},
    "duration": {"$ref": "#/definitions/quantity"},
    "day": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$", "examples": ["2026-04"]},
    "loud": {"type": "boolean"},
    "models": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 3},
    "racks": {"type": "object", "additionalProperties": {"type": "integer"}},
    "pools": {"type": "array", "items": {"$ref": "#/definitions/pool"}},
    "keep": {"oneOf": [{"enum": ["all", "none"]},
                       {"type": "array", "items": {"enum": ["ttft", "tpot"]}}]}
  },
  "definitions": {
    "quantity": {"type": ["string", "number"]},
    "pool": {
      "type": "object",
      "required": ["name"],
      "additionalProperties": false,
      "properties": {
        "name": {"type": "string"},
        "router": {"type": "string", "x-list": "routers", "enum": ["stale"]},
        "replicas": {"$ref": "#/definitions/replicas"}
      }
    },
    "replicas": {
      "description": "a number or bounds",
      "oneOf": [
        {"type": "integer", "minimum": 1},
        {"type": "object", "required": ["min"], "additionalProperties": false,
         "properties": {"min": {"type": "integer"}, "max": {"type": "integer"}}}
      ]
    }
  }
})";

const Lists lists{{"routers", {"least-loaded", "round-robin"}}};

std::string complaint_of(const Document& document, std::string_view text = schema) {
  Mistakes mistakes;
  check_schema_text(document, text, lists, mistakes);
  return complaint([&] { mistakes.throw_if_any(); });
}

// What the schema says of a document with what it requires and `text`.
std::string complaint_of(std::string_view text) {
  return complaint_of(parse_yaml("t", "name: a\npools: []\n" + std::string(text)));
}

}  // namespace

TEST_CASE("a valid document has no mistakes") {
  CHECK(complaint_of("seed: 7\nscale: 1.5\nduration: 2 h\nday: 2026-04\nloud: true\n"
                     "models: [a, b]\nracks: {x/y: 3}\nkeep: [ttft]\n")
            .empty());
  CHECK(complaint_of(parse_yaml("t",
                                "name: a\npools:\n- {name: p, router: least-loaded, replicas: 3}"
                                "\n- {name: q, replicas: {min: 1}}\n"))
            .empty());
}

TEST_CASE("all unknown keys are told, with the ones that were meant") {
  CHECK(complaint_of("sede: 1\ncolour: 2\nDay:\n") ==
        "t:3:1: sede: not a known key; did you mean 'seed'?\n"
        "t:4:1: colour: not a known key; known here: day, duration, keep, loud, models, name, "
        "pools, racks, scale, seed\n"
        "t:5:1: Day: not a known key; did you mean 'day'?");
}

TEST_CASE("missing keys are told at the map that misses them; null is missing") {
  CHECK(complaint_of(parse_yaml("t", "seed: 1\nname: ~\n")) ==
        "t:1:1: name: missing (it has no default); add it\n"
        "t:1:1: pools: missing (it has no default); add it");
  CHECK(complaint_of(parse_yaml("t", "name: a\npools: [{router: least-loaded}]\n")) ==
        "t:2:9: pools[0].name: missing (it has no default); add it");
}

TEST_CASE("a wrong type says what was found and what is wanted") {
  CHECK(complaint_of("seed: [1]") ==
        "t:3:7: seed: a list where a whole number is wanted; write digits only, like 12");
  CHECK(complaint_of("seed: 3.0") ==
        "t:3:7: seed: 3.0 is not a whole number; write digits only, like 12");
  CHECK(complaint_of("scale: .nan") == "t:3:8: scale: '.nan' is not a finite number");
  CHECK(complaint_of("duration: {a: 1}") ==
        "t:3:11: duration: a map where a number or a text is wanted; write one of these");
  CHECK(complaint_of("loud: yes") ==
        "t:3:7: loud: 'yes' where true or false is wanted; write one of them");
  CHECK(complaint_of("models: llama") ==
        "t:3:9: models: 'llama' where a list is wanted; write it like [a, b]");
  CHECK(complaint_of("racks: {a: x}") ==
        "t:3:12: racks.a: 'x' is not a number; write it like 1000, 0.5 or 2e-3");
  CHECK(complaint_of(parse_yaml("t", "[1]")) ==
        "t:1:1: a list where a map is wanted; write 'key: value' lines");
  CHECK(complaint_of("models: [a, ~]") ==
        "t:3:13: models[1]: nothing where a text is wanted; write one, in quotes if need be");
}

TEST_CASE("an enumeration is what the policy list says, not what the file says") {
  CHECK(complaint_of(parse_yaml("t",
                                "name: a\npools:\n- name: p\n  router: least_loaded\n"
                                "- {name: q, router: stale}\n- {name: r, router: [x]}\n")) ==
        "t:4:11: pools[p].router: 'least_loaded' is not one of: least-loaded, round-robin; did you "
        "mean 'least-loaded'?\n"
        "t:5:21: pools[q].router: 'stale' is not one of: least-loaded, round-robin; choose one of "
        "these\n"
        "t:6:21: pools[r].router: a list where a text is wanted; write one, in quotes if need be");
}

TEST_CASE("bounds, sizes and forms of texts are told") {
  CHECK(complaint_of("seed: -3") == "t:3:7: seed: -3 is below 0");
  CHECK(complaint_of("scale: 11") == "t:3:8: scale: 11 is above 10");
  CHECK(complaint_of("scale: 0") == "t:3:8: scale: 0 is not above 0");
  CHECK(complaint_of("models: []") ==
        "t:3:9: models: 0 elements where at least 1 must be; add more");
  CHECK(complaint_of("models: [a, b, c, d]") ==
        "t:3:9: models: 4 elements where at most 3 may be; remove some");
  CHECK(complaint_of("day: May") ==
        "t:3:6: day: 'May' has not the right form; write it like '2026-04'");
}

TEST_CASE("of several forms the one that was meant is explained") {
  const auto replicas = [](const std::string& text) {
    return complaint_of(parse_yaml("t", "name: a\npools: [{name: p, replicas: " + text + "}]\n"));
  };
  CHECK(replicas("2.5") ==
        "t:2:29: pools[p].replicas: 2.5 is not a whole number; write digits only, like 12");
  CHECK(replicas("0") == "t:2:29: pools[p].replicas: 0 is below 1");
  CHECK(replicas("{max: 3}") ==
        "t:2:29: pools[p].replicas.min: missing (it has no default); add it");
  CHECK(replicas("{min: 1, mx: 3}") ==
        "t:2:38: pools[p].replicas.mx: not a known key; did you mean 'max'?");
  CHECK(replicas("[1]") ==
        "t:2:29: pools[p].replicas: a list where a whole number or a map is wanted; write one of "
        "these");
  CHECK(complaint_of("keep: al") ==
        "t:3:7: keep: 'al' is not one of: all, none; did you mean 'all'?");
  CHECK(complaint_of("keep: [ttf]") ==
        "t:3:8: keep[0]: 'ttf' is not one of: ttft, tpot; did you mean 'ttft'?");
}

TEST_CASE("the schema and the sections tell a mistake once") {
  const Document document = parse_yaml("t", "name: a\nsede: 1\nseed: x\nmodels: 5\n");
  Reading reading;
  check_schema_text(document, schema, lists, reading.mistakes);
  Section root(document, reading);
  root.required<std::string>("name");
  root.optional<std::uint64_t>("seed", 1);
  root.strings("models");
  for (Section& pool : root.children("pools", 1)) pool.finish();
  root.finish();
  CHECK(complaint([&] { reading.mistakes.throw_if_any(); }) ==
        "t:1:1: pools: missing (it has no default); add it\n"
        "t:2:1: sede: not a known key; did you mean 'seed'?\n"
        "t:3:7: seed: 'x' is not a number; write it like 1000, 0.5 or 2e-3\n"
        "t:4:9: models: 5 where a list is wanted; write it like [a, b]");
}

TEST_CASE("mistakes the sections told first stay, and the schema adds none to them") {
  const Document document = parse_yaml("t", "name: a\npools: []\nday: May\n");
  Reading reading;
  Section(document, reading).required<std::int64_t>("day");
  check_schema_text(document, schema, lists, reading.mistakes);
  CHECK(reading.mistakes.size() == 1);
}

TEST_CASE("mistakes in what was set name the setting") {
  Document document = parse_yaml("t", "name: a\npools: [{name: p}]\n");
  assign(document, "pools[p].replicas", "0");
  assign(document, "sed", "1");
  CHECK(complaint_of(document) ==
        "--set pools[p].replicas:1:1: pools[p].replicas: 0 is below 1\n"
        "--set sed:1:1: sed: not a known key; did you mean 'seed'?");
}

TEST_CASE("numbers beyond 64 bits and very long texts do not trouble the validator") {
  CHECK(complaint_of("seed: 18446744073709551615").empty());
  CHECK(complaint_of("seed: 99999999999999999999999").empty());  // the section's to refuse
  CHECK(complaint_of("seed: -99999999999999999999999") ==
        "t:3:7: seed: -99999999999999999999999 is below 0");
  CHECK(complaint_of("scale: 1e999") == "t:3:8: scale: 1e999 is above 10");
  CHECK(complaint_of("day: " + std::string(1'000'000, 'x'))
            .ends_with("has not the right form; write it like '2026-04'"));
}

TEST_CASE("what has no words of ours is never silent") {
  const Document document = parse_yaml("t", "a: 1\n");
  CHECK(complaint_of(document, R"({"propertyNames": {"pattern": "^b"}})") ==
        "t:1:1: does not fit the schema (no reason given)");
  CHECK(complaint_of(document, R"({"properties": {"a": {"not": {"type": "integer"}}}})") ==
        "t:1:4: a: does not fit the schema (Target should not validate against schema specified in "
        "'not' constraint.)");
  CHECK(complaint_of(document, R"({"properties": {"a": {"const": "x"}}})") ==
        "t:1:4: a: 1 where only 'x' may be");
}

TEST_CASE("a schema is written with its lists, in the order of the file") {
  CHECK(
      text_with_lists(R"({"z": 1, "a": {"x-list": "routers", "enum": ["old"], "b": []}})", lists) ==
      "{\n  \"z\": 1,\n  \"a\": {\n    \"x-list\": \"routers\",\n    \"enum\": [\n"
      "      \"least-loaded\",\n      \"round-robin\"\n    ],\n    \"b\": []\n  }\n}\n");
  CHECK_THROWS_AS(text_with_lists(R"({"x-list": "nowhere"})", lists), ContractViolation);
}

TEST_CASE("the embedded schemas are found by name") {
  CHECK_FALSE(schema_text("scenario").empty());
  CHECK_THROWS_AS(schema_text("nowhere"), ContractViolation);
}

}  // namespace tokenyard::config
