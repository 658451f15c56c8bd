// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "complaint.hpp"
#include "config/section.hpp"
#include "core/contracts.hpp"

namespace tokenyard::config {

TEST_CASE("what was read resolves to canonical values that are its identity") {
  const Document document =
      parse_yaml("t",
                 "name: \"a\\\"b\"\nb: 40 ms\na: {x: 1.50, y: true}\n"
                 "pools: [{name: q, n: 2}, {name: p, n: 3}]\nn: [1, 2.50]\nm: {v: {}, u: {}}\n");
  Reading reading;
  Section root(document, reading);
  root.required<std::string>("name");
  root.required<Duration>("b");
  Section a = root.child("a");
  a.required<double>("x");
  a.required<bool>("y");
  a.optional<Bytes>("z", Bytes(5));
  for (Section& pool : root.children("pools")) pool.required<Tokens>("n");
  root.numbers("n");
  root.entries("m");
  root.derived("peak", 0.5, "1");
  const std::vector<std::string_view> nothing;
  CHECK(reading.resolved.canonical_json(nothing) ==
        R"({"a.x":1.5,"a.y":true,"a.z":5,"b":0.04,"m":["u","v"],"n":[1,2.5],"name":"a\"b",)"
        R"("pools":["q","p"],"pools[p].n":3,"pools[q].n":2})");
  const std::vector<std::string_view> some{"a", "pools", "nam"};
  CHECK(reading.resolved.canonical_json(some) ==
        R"({"b":0.04,"m":["u","v"],"n":[1,2.5],"name":"a\"b"})");
  CHECK(reading.resolved.entries.at("b").unit == "s");
  CHECK(reading.resolved.entries.at("a.z").origin == Resolved::Origin::by_default);
  CHECK(reading.resolved.entries.at("peak").json == "0.5");
  CHECK(Resolved{}.canonical_json(nothing) == "{}");
}

TEST_CASE("a default that is written out changes nothing in the identity") {
  const auto identity = [](std::string_view text) {
    const Document document = parse_yaml("t", text);
    Reading reading;
    Section(document, reading).optional<Duration>("x", Duration(0.04));
    return reading.resolved.canonical_json({});
  };
  CHECK(identity("{}") == identity("x: 40 ms"));
  CHECK(identity("{}") == identity("x: 0.04 s"));
  CHECK(identity("{}") != identity("x: 41 ms"));
}

TEST_CASE("a derived value never replaces one that was read") {
  const Document document = parse_yaml("t", "x: 1\n");
  Reading reading;
  Section root(document, reading);
  root.required<std::int64_t>("x");
  CHECK_THROWS_AS(root.derived("x", 1, ""), ContractViolation);
}

}  // namespace tokenyard::config
