// SPDX-License-Identifier: Apache-2.0
#include "config/errors.hpp"

#include <catch2/catch.hpp>

#include "complaint.hpp"
#include "core/contracts.hpp"

namespace tokenyard::config {

TEST_CASE("a mistake is described as file:line:column: path: text") {
  CHECK(describe({"configs/tiny.yaml",
                  {3, 12},
                  "fleet.router.wieght",
                  "not a known key; did you mean 'weight'?"}) ==
        "configs/tiny.yaml:3:12: fleet.router.wieght: not a known key; did you mean 'weight'?");
}

TEST_CASE("a description leaves out what is absent") {
  CHECK(describe({"a.yaml", {}, "", "is empty"}) == "a.yaml: is empty");
  CHECK(describe({"a.yaml", {3, 0}, "", "bad"}) == "a.yaml:3: bad");
  CHECK(describe({"a.yaml", {}, "seed", "bad"}) == "a.yaml: seed: bad");
  CHECK(describe({"", {}, "", "bad"}) == "bad");
}

TEST_CASE("a description shows what a terminal would act on as bytes") {
  CHECK(describe({"a", {}, "", "x\ny\x1b[31m\x7f"}) == "a: x\\x0Ay\\x1B[31m\\x7F");
  CHECK(describe({"a",
                  {},
                  "",
                  "\xC2\x9B"
                  "1m"}) == "a: \\xC2\\x9B1m");
  CHECK(describe({"a",
                  {},
                  "",
                  "\xE2\x80\xAE"
                  "b"}) == "a: \\xE2\\x80\\xAEb");
  CHECK(describe({"a", {}, "", "Zürich"}) == "a: Zürich");
}

TEST_CASE("a description shortens a path of more than 300 bytes") {
  const std::string path = std::string(200, 'a') + std::string(200, 'b');
  CHECK(describe({"f", {}, path, "bad"}) ==
        "f: " + std::string(150, 'a') + "..." + std::string(147, 'b') + ": bad");
}

TEST_CASE("words beyond 60 bytes lose their middle at a character's boundary") {
  const std::string x60(60, 'x');
  const std::string x45(45, 'x');
  const std::string x12(12, 'x');
  CHECK(in_quotes(x60) == "'" + x60 + "'");
  CHECK(in_quotes(x60 + "x") == "'" + x45 + "..." + x12 + "'");
  std::string umlauts;
  for (int i = 0; i < 40; ++i) umlauts += "ü";
  CHECK(brief(umlauts).size() == 44 + 3 + 12);
}

TEST_CASE("an error lists its mistakes a line each and is never empty") {
  const ConfigError error({{"a", {1, 2}, "x", "bad"}, {"a", {2, 1}, "y", "worse"}});
  CHECK(std::string(error.what()) == "a:1:2: x: bad\na:2:1: y: worse");
  CHECK(error.mistakes().size() == 2);
  CHECK_THROWS_AS(throw ConfigError(std::vector<Mistake>{}), ContractViolation);
}

TEST_CASE("mistakes come in file order, files in the order of their first mistake") {
  Mistakes mistakes;
  mistakes.add({"b", {5, 1}, "p", "b5"});
  mistakes.add({"a", {9, 1}, "p", "a9"});
  mistakes.add({"b", {2, 7}, "p", "b2.7"});
  mistakes.add({"b", {2, 3}, "p", "b2.3"});
  mistakes.add({"a", {1, 1}, "p", "a1"});
  std::string order;
  for (const Mistake& mistake : mistakes.all()) order += mistake.text + " ";
  CHECK(order == "b2.3 b2.7 b5 a1 a9 ");
}

TEST_CASE("a second mistake about the same path at the same place is dropped") {
  Mistakes mistakes;
  mistakes.add({"a", {5, 1}, "p", "first"});
  mistakes.add({"a", {5, 1}, "p", "second"});
  CHECK(mistakes.size() == 1);
  CHECK(mistakes.all().front().text == "first");
}

TEST_CASE("mistakes of different paths, places or files are all kept") {
  Mistakes mistakes;
  mistakes.add({"a", {5, 1}, "p.x", "missing"});
  mistakes.add({"a", {5, 1}, "p.y", "missing"});
  mistakes.add({"a", {5, 2}, "p.x", "missing"});
  mistakes.add({"b", {5, 1}, "p.x", "missing"});
  CHECK(mistakes.size() == 4);
}

TEST_CASE("mistakes without a place are told apart by their text") {
  Mistakes mistakes;
  mistakes.add({"a", {}, "", "one"});
  mistakes.add({"a", {}, "", "two"});
  mistakes.add({"a", {}, "", "two"});
  CHECK(mistakes.size() == 2);
}

TEST_CASE("no mistakes throw nothing") { CHECK_NOTHROW(Mistakes().throw_if_any()); }

TEST_CASE("after a thousand mistakes the others are only mentioned") {
  Mistakes mistakes;
  for (unsigned i = 1; i <= 1500; ++i) mistakes.add({"a", {i, 1}, "p", "bad"});
  CHECK(mistakes.full());
  CHECK(mistakes.size() == Mistakes::limit);
  const std::string text = complaint([&] { mistakes.throw_if_any(); });
  CHECK(text.ends_with("\na: more mistakes than are shown; correct these first"));
}

TEST_CASE("the nearest name is within one edit for short words and a third of long ones") {
  const std::vector<std::string> known{"weight", "round-robin", "least-loaded", "ttft"};
  CHECK(nearest("wieght", known) == "weight");
  CHECK(nearest("weigth", known) == "weight");
  CHECK(nearest("least_loaded", known) == "least-loaded");
  CHECK(nearest("Least-Loaded", known) == "least-loaded");
  CHECK(nearest("rond-robn", known) == "round-robin");
  CHECK(nearest("ttf", known) == "ttft");
  CHECK(nearest("random", known).empty());
  CHECK(nearest("", known).empty());
  CHECK(nearest("weight", {}).empty());
  CHECK(nearest(std::string(1 << 20, 'w'), known).empty());
}

TEST_CASE("capitals and dashes are half an edit, and of equals the first is taken") {
  CHECK(nearest("gb", {"kB", "GB"}) == "GB");
  CHECK(nearest("H", {"d", "h"}) == "h");
  CHECK(nearest("x", {"d", "h"}).empty());
  CHECK(nearest("cat", {"bat", "car"}) == "bat");
}

TEST_CASE("an unknown key names the one that was meant, else all that are known") {
  CHECK(unknown_key("wieght", {"weight", "seed"}) == "not a known key; did you mean 'weight'?");
  CHECK(unknown_key("colour", {"weight", "seed"}) == "not a known key; known here: weight, seed");
  CHECK(unknown_key("colour", {}) == "not a known key; remove it");
}

TEST_CASE("an unknown name lists the known ones, 24 at most") {
  CHECK(unknown_name("rr", {"round-robin", "random"}) ==
        "'rr' is not one of: round-robin, random; choose one of these");
  CHECK(unknown_name("randon", {"round-robin", "random"}) ==
        "'randon' is not one of: round-robin, random; did you mean 'random'?");
  const std::string text = unknown_name("?", std::vector<std::string>(25, "n"));
  CHECK(text.find(", n, ...;") != std::string::npos);
}

}  // namespace tokenyard::config
