// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "complaint.hpp"
#include "config/paths.hpp"

namespace tokenyard::config {
namespace {

constexpr const char* text =
    "fleet:\n"
    "  pools:\n"
    "    - {name: chat, replicas: 2}\n"
    "    - {name: spill}\n"
    "seed: 7\n"
    "none: []\n"
    "empty:\n";

std::string complaint_of_setting(std::string_view path, std::string_view value) {
  return complaint([&] {
    Document document = parse_yaml("t", text);
    assign(document, path, value);
  });
}

}  // namespace

TEST_CASE("a value can be set by the name or the number of a list's element") {
  Document document = parse_yaml("t", text);
  assign(document, "fleet.pools[chat].replicas", "9");
  assign(document, "fleet.pools[1].slo.ttft", "40 ms");
  const Value& pools = *document.root.find("fleet")->find("pools");
  CHECK(pools.items[0].find("replicas")->text == "9");
  CHECK(pools.items[1].find("slo")->find("ttft")->text == "40 ms");
}

TEST_CASE("a number needs no bracket") {
  Document document = parse_yaml("t", text);
  assign(document, "fleet.pools.1.replicas", "9");
  CHECK(document.root.find("fleet")->find("pools")->items[1].find("replicas")->text == "9");
  CHECK(complaint_of_setting("fleet.pools.2.replicas", "9") ==
        "--set fleet.pools.2.replicas: in 'fleet.pools', '2' is not one of: chat, spill; choose "
        "one of these");
}

TEST_CASE("mistakes in a setting that stands in a file have their places there") {
  Document document = parse_yaml("t", text);
  const Document other =
      parse_yaml("o", "fleet.pools.0.replicas: many\n'fleet.pools[chta].x': 1\nfleet.y.z: 5\n");
  assign(document, other.root.members[0], other.file);
  CHECK(complaint([&] { assign(document, other.root.members[1], other.file); }) ==
        "o:2:1: fleet.pools[chta].x: in 'fleet.pools', 'chta' is not one of: chat, spill; did you "
        "mean 'chat'?");
  assign(document, other.root.members[2], other.file);
  Reading reading;
  Section fleet = Section(document, reading).child("fleet");
  for (Section& pool : fleet.children("pools")) pool.optional<std::int64_t>("replicas", 1);
  fleet.child("y").required<Duration>("w");
  fleet.finish();
  CHECK(complaint([&] { reading.mistakes.throw_if_any(); }) ==
        "o:1:25: fleet.pools[chat].replicas: 'many' is not a number; write it like 1000, 0.5 or "
        "2e-3\n"
        "o:3:1: fleet.y.w: missing (it has no default); add it");
}

TEST_CASE("missing maps are made, and empty values become maps") {
  Document document = parse_yaml("t", text);
  assign(document, "a.b.c", "{x: 1}");
  assign(document, "empty.x", "true");
  assign(document, "[dotted.key]", "1");
  CHECK(document.root.find("a")->find("b")->find("c")->find("x")->text == "1");
  CHECK(document.root.find("empty")->find("x")->kind == Value::Kind::boolean);
  CHECK(document.root.find("dotted.key")->text == "1");
}

TEST_CASE("an empty text sets null") {
  Document document = parse_yaml("t", text);
  assign(document, "seed", "");
  CHECK(document.root.find("seed")->kind == Value::Kind::null);
}

TEST_CASE("a path that leads nowhere says where it ends") {
  CHECK(complaint_of_setting("fleet.pools[chta].replicas", "9") ==
        "--set fleet.pools[chta].replicas: in 'fleet.pools', 'chta' is not one of: chat, spill; "
        "did you mean 'chat'?");
  CHECK(complaint_of_setting("fleet.pools[2]", "9") ==
        "--set fleet.pools[2]: in 'fleet.pools', '2' is not one of: chat, spill; choose one of "
        "these");
  CHECK(complaint_of_setting("fleet.pools.chat", "9") ==
        "--set fleet.pools.chat: 'fleet.pools' is a list; name one of its elements, like "
        "fleet.pools[0]");
  CHECK(complaint_of_setting("seed.x", "9") ==
        "--set seed.x: 'seed' has no keys, it is a single value");
  CHECK(complaint_of_setting("none[0]", "9") ==
        "--set none[0]: 'none' is an empty list; set it as a whole");
  CHECK(complaint_of_setting("new[0]", "9") ==
        "--set new[0]: 'new' is absent, so it has no element '0'; set it as a whole");
}

TEST_CASE("a path that is none is refused") {
  CHECK(complaint_of_setting("", "9") == "--set : an empty path; write it like fleet.pools[chat]");
  CHECK(complaint_of_setting("a..b", "9") ==
        "--set a..b: an empty step; write it like fleet.pools[chat]");
  CHECK(complaint_of_setting("a[b", "9") == "--set a[b: '[' without ']'; close it");
  CHECK(complaint_of_setting("a[b]c", "9") ==
        "--set a[b]c: ']' is followed by neither '.' nor '['");
  std::string deep = "a";
  for (int i = 0; i < 100; ++i) deep += ".a";
  CHECK(complaint_of_setting(deep, "9").ends_with("more than 100 steps; shorten the path"));
}

TEST_CASE("a value that is no YAML is a mistake in the setting") {
  CHECK(complaint_of_setting("seed", "[1") ==
        "--set seed:1:1: a list or map as a key, or a bracket that is not closed; write a name, or "
        "close it");
  CHECK(complaint_of_setting("seed", "\xff") ==
        "--set seed:1:1: the byte 0xFF is not UTF-8 text; save the file as UTF-8");
}

TEST_CASE("later mistakes in what was set name the setting") {
  Document document = parse_yaml("t", text);
  assign(document, "fleet.pools[chat].replicas", "many");
  assign(document, "sed", "8");
  assign(document, "fleet.x", "{y: 5}");
  Reading reading;
  Section root(document, reading);
  root.required<std::int64_t>("seed");
  Section fleet = root.child("fleet");
  for (Section& pool : fleet.children("pools")) pool.optional<std::int64_t>("replicas", 1);
  fleet.child("x").required<Duration>("y");
  root.skip("none");
  root.skip("empty");
  root.finish();
  CHECK(
      complaint([&] { reading.mistakes.throw_if_any(); }) ==
      "--set fleet.pools[chat].replicas:1:1: fleet.pools[chat].replicas: 'many' is not a number; "
      "write it like 1000, 0.5 or 2e-3\n"
      "--set fleet.x:1:5: fleet.x.y: '5' has no unit; write it like '2 h' (ns, us, ms, s, min, h, "
      "d)\n"
      "--set sed:1:1: sed: not a known key; did you mean 'seed'?");
}

TEST_CASE("elements are labelled by their name unless that could be mistaken") {
  const Value list = parse_yaml("t",
                                "[{name: a}, {name: b}, {name: b}, {name: 3}, x, {name: ''},"
                                " {name: true}]")
                         .root;
  CHECK(element_labels(list) == std::vector<std::string>{"a", "1", "2", "3", "4", "5", "true"});
}

TEST_CASE("a key with dots or brackets goes into a bracket") {
  CHECK(member_path("", "seed") == "seed");
  CHECK(member_path("fleet", "pools") == "fleet.pools");
  CHECK(member_path("models", "llama-3.1") == "models[llama-3.1]");
  CHECK(member_path("racks", "aws/us-east-1/cs3") == "racks.aws/us-east-1/cs3");
}

}  // namespace tokenyard::config
