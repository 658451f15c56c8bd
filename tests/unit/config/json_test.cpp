// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "complaint.hpp"

namespace tokenyard::config {

TEST_CASE("a JSON file becomes a tree with the places of keys and values") {
  const Document document = parse_json(
      "t", "{\"a\":1,\"b\":[1.50e3,-0,\"]}:,\",true,null,{}],\n \"c\":{\"ü\":\"e\",\"d\":2}}");
  const Value& root = document.root;
  CHECK(root.at == Position{1, 1});
  CHECK(root.members[0].key_at == Position{1, 2});
  CHECK(root.members[0].value.at == Position{1, 6});
  const Value& list = root.members[1].value;
  CHECK(list.at == Position{1, 12});
  CHECK(list.items[0].text == "1.50e3");
  CHECK(list.items[0].at == Position{1, 13});
  CHECK(list.items[2].text == "]}:,");
  CHECK(list.items[3].kind == Value::Kind::boolean);
  CHECK(list.items[4].kind == Value::Kind::null);
  CHECK(list.items[5].kind == Value::Kind::map);
  const Value& c = root.members[2].value;
  CHECK(c.at == Position{2, 6});
  CHECK(c.members[1].key_at == Position{2, 15});
  CHECK(c.members[1].value.at == Position{2, 19});
}

TEST_CASE("JSON's escapes, byte order mark and long numbers are read exactly") {
  const Value root =
      parse_json("t", "\xEF\xBB\xBF[\"\\ud83d\\ude00\", 123456789012345678901]").root;
  CHECK(root.items[0].text == "\xF0\x9F\x98\x80");
  CHECK(root.items[1].text == "123456789012345678901");
  CHECK(root.items[1].at == Position{1, 18});
}

TEST_CASE("JSON is strict") {
  CHECK(complaint_of_json("{\"a\":1,}") ==
        "t:1:8: not valid JSON (syntax error while parsing object key - unexpected '}'; expected "
        "string literal)");
  CHECK(complaint_of_json("{\"a\": [1\n") ==
        "t:2:1: a[1]: not valid JSON (syntax error while parsing array - unexpected end of input; "
        "expected ']')");
  for (const char* text : {"", "{a: 1}", "{'a': 1}", "[01]", "[1] 2", "[NaN]", "[.5]", "// x\n1",
                           "[\"\n\"]", "[\"\\ud800\"]", "[1,,2]", "nul"}) {
    CHECK(complaint_of_json(text).starts_with("t:"));
    CHECK(complaint_of_json(text).find("not valid JSON (") != std::string::npos);
  }
  CHECK(complaint_of_json("{\"a\":1e999}") ==
        "t:1:10: a: not valid JSON (number overflow parsing '1e999')");
}

TEST_CASE("JSON has the same limits and duplicates as YAML") {
  CHECK(complaint_of_json("{\"a\":1,\n\"a\":2}") ==
        "t:2:1: a: given twice (first on line 1); keep one of them");
  CHECK(complaint_of_json("[\"\\u0000\"]") ==
        "t:1:2: [0]: a control character in a text; remove it");
  CHECK(complaint_of_json(std::string(1'000'000, '['))
            .ends_with("nested deeper than 100 levels; flatten it"));
  std::string many = "[0";
  for (int i = 0; i < 1'000'000; ++i) many += ",0";
  CHECK(complaint_of_json(many + "]")
            .ends_with("more than 1,000,000 keys and values (aliases expanded); split the file"));
  CHECK(complaint_of_json("[\"\xff\"]") ==
        "t:1:3: the byte 0xFF is not UTF-8 text; save the file as UTF-8");
}

}  // namespace tokenyard::config
