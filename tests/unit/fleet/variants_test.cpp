// SPDX-License-Identifier: Apache-2.0
#include "fleet/variants.hpp"

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "fleet/scenario.hpp"

using namespace tokenyard;
using config::Document;

namespace {

constexpr const char* base =
    "seed: 7\n"
    "fleet:\n"
    "  pools:\n"
    "    - {name: chat, replicas: 2}\n";

// What is said of the list of variants, then of the paths of each.
std::string complaint(const std::string& variants) {
  const Document document = config::parse_yaml("s.yaml", base + variants);
  config::Reading reading;
  for (const fleet::Variant& variant : fleet::read_variants(document, reading)) {
    fleet::varied(document, variant, reading.mistakes);
  }
  std::string text;
  for (const config::Mistake& mistake : reading.mistakes.all()) {
    text += config::describe(mistake) + "\n";
  }
  return text;
}

Document first_variant(const std::string& set) {
  const Document document =
      config::parse_yaml("s.yaml", base + ("variants: [{name: a, set: " + set + "}]\n"));
  config::Reading reading;
  const auto variants = fleet::read_variants(document, reading);
  Document changed = fleet::varied(document, variants.at(0), reading.mistakes);
  reading.mistakes.throw_if_any();
  return changed;
}

const config::Value& pool_of(const Document& document) {
  return document.root.find("fleet")->find("pools")->items.at(0);
}

}  // namespace

TEST_CASE("a scenario without variants has none") {
  config::Reading reading;
  CHECK(fleet::read_variants(config::parse_yaml("s.yaml", base), reading).empty());
  CHECK(reading.mistakes.empty());
}

TEST_CASE("a variant changes the scenario at the paths it sets, and nothing else") {
  const Document changed = first_variant("{fleet.pools.0.replicas: 8, new.key: x}");
  CHECK(pool_of(changed).find("replicas")->text == "8");
  CHECK(pool_of(changed).find("name")->text == "chat");
  CHECK(changed.root.find("seed")->text == "7");
  CHECK(changed.root.find("new")->find("key")->text == "x");
}

TEST_CASE("the order of a variant's keys does not matter: wide paths come first") {
  const Document document =
      first_variant("{'fleet.pools[0].replicas': 8, fleet.pools: [{name: b, replicas: 1}]}");
  CHECK(pool_of(document).find("name")->text == "b");
  CHECK(pool_of(document).find("replicas")->text == "8");
}

TEST_CASE("what is wrong with a list of variants has its place") {
  CHECK(complaint("variants: []\n") ==
        "s.yaml:5:11: variants: 0 elements where at least 1 must be; add more\n");
  CHECK(complaint("variants:\n  - name: a\n  - name: a\n") ==
        "s.yaml:7:11: variants[1].name: 'a' is the name of another variant; choose another "
        "name\n");
  CHECK(complaint("variants:\n  - {name: ''}\n") ==
        "s.yaml:6:12: variants[0].name: is empty; a variant's column and file are named by it\n");
  CHECK(complaint("variants:\n  - {set: {seed: 1}}\n") ==
        "s.yaml:6:5: variants[0].name: missing (it has no default); add it\n");
  CHECK(complaint("variants:\n  - {name: a, set: {}}\n") ==
        "s.yaml:6:20: variants[a].set: sets nothing; add a key, or leave 'set' out\n");
  CHECK(complaint("variants:\n  - {name: a, set: []}\n") ==
        "s.yaml:6:20: variants[a].set: a list where a map is wanted; write 'key: value' lines\n");
  CHECK(complaint("variants:\n  - {name: a, sett: {seed: 1}}\n") ==
        "s.yaml:6:15: variants[a].sett: not a known key; did you mean 'set'?\n");
  CHECK(complaint("variants:\n  - {name: a, set: {variants.0.name: b}}\n") ==
        "s.yaml:6:21: variants[a].set[variants.0.name]: a variant cannot change the variants; "
        "remove it\n");
}

TEST_CASE("a path that leads nowhere has the place of its key") {
  CHECK(complaint("variants:\n  - {name: a, set: {seed.x: 1, fleet.pools.1.replicas: 3}}\n") ==
        "s.yaml:6:21: seed.x: 'seed' has no keys, it is a single value\n"
        "s.yaml:6:32: fleet.pools.1.replicas: in 'fleet.pools', '1' is not one of: chat; choose "
        "one of these\n");
}

TEST_CASE("the identity of a variant is that of the scenario with its values written in") {
  const std::string file = TOKENYARD_SOURCE_DIR "/configs/azure-conv.yaml";
  std::ifstream stream(file);
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  const auto identity = [](const Document& document) {
    config::Reading reading;
    fleet::read_variants(document, reading);  // what was read of them is no part of it
    const std::string found = fleet::read_scenario(document, reading).identity;
    reading.mistakes.throw_if_any();
    return found;
  };
  const Document with = config::parse_yaml(
      file, text + "\nvariants:\n  - name: a\n  - {name: b, set: {fleet.pools.0.replicas: 3}}\n");
  Document written = config::parse_yaml(file, text);
  const std::string plain = identity(written);
  config::assign(written, "fleet.pools[chat].replicas", "3");

  config::Reading reading;
  const auto variants = fleet::read_variants(with, reading);
  CHECK(identity(with) == plain);
  CHECK(identity(fleet::varied(with, variants.at(0), reading.mistakes)) == plain);
  CHECK(identity(fleet::varied(with, variants.at(1), reading.mistakes)) == identity(written));
  CHECK(identity(written) != plain);
  CHECK(reading.mistakes.empty());
}
