// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "complaint.hpp"

namespace tokenyard::config {
namespace {

const Value& at(const Value& map, std::string_view key) {
  const Value* value = map.find(key);
  REQUIRE(value != nullptr);
  return *value;
}

std::string repeated(std::string_view text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

}  // namespace

TEST_CASE("a YAML file becomes a tree with the places of keys and values") {
  const Document document = parse_yaml("t", "fleet:\n  pools: [a, 2]\nZü: {ä: 1, b: x}\n");
  const Value& pools = at(at(document.root, "fleet"), "pools");
  CHECK(pools.kind == Value::Kind::list);
  CHECK(pools.at == Position{2, 10});
  CHECK(pools.items[1].at == Position{2, 14});
  CHECK(at(document.root, "fleet").members[0].key_at == Position{2, 3});
  CHECK(at(at(document.root, "Zü"), "b").at == Position{3, 15});
  CHECK(document.root.find("nothing") == nullptr);
}

TEST_CASE("a document carries the SHA-256 of its bytes") {
  CHECK(parse_yaml("t", "abc").sha256 ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("only JSON's numbers are numbers and only true and false are booleans") {
  const Value root = parse_yaml("t", R"([1, -0.5, 1e3, true, false, ~, null, 0x10, 010, 1_000, .5,
    .inf, .nan, NaN, +5, yes, no, on, off, True, 2026-04-27, "5", '5', "true", 70 %])")
                         .root;
  using Kind = Value::Kind;
  std::size_t i = 0;
  for (; i < 3; ++i) CHECK(root.items[i].kind == Kind::number);
  for (; i < 5; ++i) CHECK(root.items[i].kind == Kind::boolean);
  for (; i < 7; ++i) CHECK(root.items[i].kind == Kind::null);
  for (; i < root.items.size(); ++i) CHECK(root.items[i].kind == Kind::string);
  CHECK(i == 25);
}

TEST_CASE("a value that is left out is null at its key") {
  const Value root = parse_yaml("t", "a:\n  b:\nc: 1\n").root;
  CHECK(at(at(root, "a"), "b").kind == Value::Kind::null);
  CHECK(at(at(root, "a"), "b").at == Position{2, 3});
}

TEST_CASE("an alias is a copy at its own place") {
  const Value root = parse_yaml("t", "a: &x {k: 1}\nb: *x\n").root;
  CHECK(at(at(root, "b"), "k").text == "1");
  CHECK(at(root, "b").at == Position{2, 4});
}

TEST_CASE("a byte order mark and line ends of other systems are accepted") {
  const Value root = parse_yaml("t",
                                "\xEF\xBB\xBF"
                                "a: 1\r\nb: 2\r\n")
                         .root;
  CHECK(at(root, "a").at == Position{1, 4});
  CHECK(at(root, "b").at == Position{2, 4});
  CHECK(at(root, "b").text == "2");
}

TEST_CASE("a merge key is a key like others") {
  CHECK(parse_yaml("t", "<<: {a: 1}\n").root.members[0].key == "<<");
}

TEST_CASE("a file without a value is empty") {
  const std::string text = "t: is empty; write 'key: value' lines";
  CHECK(complaint_of_yaml("") == text);
  CHECK(complaint_of_yaml("# a comment\n") == text);
  CHECK(complaint_of_yaml("~") == text);
  CHECK(complaint_of_yaml("---\n") == text);
}

TEST_CASE("a file is one document") {
  CHECK(complaint_of_yaml("a: 1\n---\nb: 2\n") == "t:2:1: a second document; keep one in a file");
  CHECK(complaint_of_yaml("{a: 1} {b: 2}\n") ==
        "t:1:8: text after the end of the document; check the brackets and the indentation before "
        "it");
  CHECK(complaint_of_yaml("---\na: 1\n...\n").empty());
}

TEST_CASE("a duplicate key is a mistake at each place after the first") {
  CHECK(complaint_of_yaml("a: 1\nb: {c: 1, c: 2}\na: 3\na: 4\n") ==
        "t:2:11: b.c: given twice (first on line 2); keep one of them\n"
        "t:3:1: a: given twice (first on line 1); keep one of them\n"
        "t:4:1: a: given twice (first on line 1); keep one of them");
  CHECK(complaint_of_yaml("- name: chat\n  x: 1\n  x: 2\n") ==
        "t:3:3: [chat].x: given twice (first on line 2); keep one of them");
}

TEST_CASE("a key is a name") {
  const std::string text =
      "a list or map as a key, or a bracket that is not closed; write a name, or close it";
  CHECK(complaint_of_yaml("? [a]\n: 1\n") == "t:1:3: " + text);
  CHECK(complaint_of_yaml("a: {{ x }}\n") == "t:1:5: a: " + text);
  CHECK(complaint_of_yaml("a: &l [1]\n*l : 2\n") == "t:2:1: " + text);
  CHECK(complaint_of_yaml("null: 1\n") == "t:1:1: a key without a name; write one, or quote it");
}

TEST_CASE("tags are refused, all of them at once") {
  CHECK(complaint_of_yaml("a: !!binary aGk=\nb: !mine {c: 1}\nc: !!python/object:os.system [x]\n"
                          "d: !mine ~\ne: !!str 5\n") ==
        "t:1:4: a: the tag '!!binary' is not supported; remove it\n"
        "t:2:4: b: the tag '!mine' is not supported; remove it\n"
        "t:3:4: c: the tag '!!python/object:os.system' is not supported; remove it\n"
        "t:4:4: d: the tag '!mine' is not supported; remove it\n"
        "t:5:4: e: the tag '!!str' is not supported; remove it");
}

TEST_CASE("aliases neither hold themselves nor explode") {
  CHECK(complaint_of_yaml("a: &x [*x]\n") ==
        "t:1:8: a[0]: an alias inside of what it stands for; cut it");
  CHECK(complaint_of_yaml("a: *x\n") ==
        "t:1:4: a: an alias of an anchor that is not defined; define it above");
  std::string laughs = "a0: &a0 lol\n";
  std::string last = "0";
  for (int i = 1; i < 12; ++i) {
    const std::string number = std::to_string(i);
    const std::string alias = "*a" + last;
    laughs += "a" + number + ": &a" + number + " [" + alias + repeated(", " + alias, 9) + "]\n";
    last = number;
  }
  CHECK(complaint_of_yaml(laughs) ==
        "t:7:40: a6[6]: more than 1,000,000 keys and values (aliases expanded); split the file");
  CHECK(complaint_of_yaml("a: &a \"" + std::string(1'000'000, 'x') + "\"\nb: [" +
                          repeated("*a, ", 1000) + "]\n")
            .ends_with("more than 1,000,000 keys and values (aliases expanded); split the file"));
}

TEST_CASE("nesting ends at 100 levels, by aliases too") {
  CHECK(complaint_of_yaml("a:\n - " + repeated("- ", 98) + "x\n").empty());
  CHECK(complaint_of_yaml("- " + repeated("- ", 100) + "x\n")
            .ends_with("nested deeper than 100 levels; flatten it"));
  CHECK(complaint_of_yaml("a: &a " + repeated("[", 60) + repeated("]", 60) +
                          "\nb: " + repeated("[", 60) + "*a" + repeated("]", 60) + "\n")
            .ends_with("nested deeper than 100 levels; flatten it"));
  CHECK(
      complaint_of_yaml(repeated("[", 100'000)) ==
      "t:1:1: a list or map as a key, or a bracket that is not closed; write a name, or close it");
}

TEST_CASE("what is not UTF-8 text is refused at its first byte") {
  CHECK(complaint_of_yaml("a: \xff\n") ==
        "t:1:4: the byte 0xFF is not UTF-8 text; save the file as UTF-8");
  CHECK(complaint_of_yaml("a: 1\nb: \xC0\x80\n") ==
        "t:2:4: the byte 0xC0 is not UTF-8 text; save the file as UTF-8");
  CHECK(complaint_of_yaml("\xED\xA0\x80") ==
        "t:1:1: the byte 0xED is not UTF-8 text; save the file as UTF-8");
  CHECK(complaint_of_yaml("\xF4\x90\x80\x80") ==
        "t:1:1: the byte 0xF4 is not UTF-8 text; save the file as UTF-8");
  CHECK(complaint_of_yaml("\xE2\x82") ==
        "t:1:1: the byte 0xE2 is not UTF-8 text; save the file as UTF-8");
  CHECK(complaint_of_yaml("\xFF\xFE"
                          "a") == "t:1:1: the byte 0xFF is not UTF-8 text; save the file as UTF-8");
  CHECK(complaint_of_yaml("\x7F"
                          "ELF") == "t:1:1: the byte 0x7F is a control character; remove it");
  CHECK(complaint_of_yaml(std::string_view("a: 1\0", 5)) ==
        "t:1:5: the byte 0x00 is a control character; remove it");
  CHECK(complaint_of_yaml("a: \x04") == "t:1:4: the byte 0x04 is a control character; remove it");
}

TEST_CASE("escapes cannot smuggle control characters in") {
  CHECK(complaint_of_yaml(R"(a: "x\0y")") == "t:1:4: a: a control character in a text; remove it");
  CHECK(complaint_of_yaml(R"("\e[2J": 1)") == "t:1:1: a control character in a text; remove it");
  CHECK(complaint_of_yaml(R"(a: "x\ty\n")").empty());
}

TEST_CASE("syntax errors are told in our words, with their place") {
  CHECK(complaint_of_yaml("a:\n\tb: 1\n") == "t:2:1: a tab in the indentation; use blanks");
  CHECK(complaint_of_yaml("a: [1, 2\nb: 3\n") ==
        "t:2:2: a[2]: a list is not closed; add ']', or a comma before this");
  CHECK(complaint_of_yaml("a: {x: 1\nb: 3\n") ==
        "t:2:2: a: a map is not closed; add '}', or a comma before this");
  CHECK(complaint_of_yaml("a: [1]]\n") == "t:1:7: a bracket closes what is not open; remove it");
  CHECK(complaint_of_yaml("a: b: c\n") ==
        "t:1:5: a colon is not expected here; indent a map below its key, or put a text with a "
        "colon in quotes");
  CHECK(complaint_of_yaml("a: 1\n- b\n") ==
        "t:2:1: not a key of the map above; check the "
        "indentation");
  CHECK(complaint_of_yaml("a: - b\n") ==
        "t:1:4: a: a list is not expected here; start it on a line of its own");
  CHECK(complaint_of_yaml("a: @b\n") ==
        "t:1:4: a: a text cannot start with this character; put it in quotes");
  CHECK(complaint_of_yaml("a: \"\\q\"\n") ==
        "t:1:7: a: not valid YAML (unknown escape character: q); check indentation, colons and "
        "quotes");
}

TEST_CASE("a quote that is not closed does not swallow the rest of the file") {
  CHECK(complaint_of_yaml("a: \"x\nb: 1\n") == "t:1:4: a: a quote that is not closed; close it");
  CHECK(complaint_of_yaml("a: 'it''s\nb: 1\n") == "t:1:4: a: a quote that is not closed; close it");
  CHECK(complaint_of_yaml("a: &x \"x\\\"\n") == "t:1:4: a: a quote that is not closed; close it");
  CHECK(complaint_of_yaml("a: 'it''s'\nb: ''\nc: ''''\nd: \"\\\\\"\ne: \"\\\"\"\n").empty());
}

TEST_CASE("mistakes found before a syntax error are told with it") {
  CHECK(complaint_of_yaml("a: !x 1\nb: [1\n") ==
        "t:1:4: a: the tag '!x' is not supported; remove it\n"
        "t:3:1: b[1]: a list is not closed; add ']', or a comma before this");
}

TEST_CASE("what would take gigabytes is refused before it is read") {
  CHECK(complaint_of_yaml("a: " + std::string(2 << 20, 'x')) ==
        "t:1:1: a line longer than 1 MiB; break it");
  CHECK(complaint_of_yaml(repeated("[\n", 3'000'000)) ==
        "t: more than 1,000,000 keys and values (aliases expanded); split the file");
  CHECK(complaint_of_yaml(std::string((16 << 20) + 1, '\n')) ==
        "t: is larger than 16 MiB; split it");
}

}  // namespace tokenyard::config
