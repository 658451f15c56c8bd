// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "complaint.hpp"
#include "config/section.hpp"

namespace tokenyard::config {

TEST_CASE("elements of a list are named by their name, else by number") {
  CHECK(complaint_of_reading("pools: [{name: chat, n: x}, {n: y}, 7, ~]\n",
                             [](Section& root) {
                               std::vector<Section> pools = root.children("pools", 5);
                               REQUIRE(pools.size() == 4);
                               CHECK(pools[0].path() == "pools[chat]");
                               for (Section& pool : pools) pool.required<std::int64_t>("n");
                             }) ==
        "t:1:8: pools: 4 elements where at least 5 must be; add more\n"
        "t:1:25: pools[chat].n: 'x' is not a number; write it like 1000, 0.5 or 2e-3\n"
        "t:1:33: pools[1].n: 'y' is not a number; write it like 1000, 0.5 or 2e-3\n"
        "t:1:37: pools[2]: 7 where a map is wanted; write 'key: value' lines\n"
        "t:1:40: pools[3]: nothing where a map is wanted; write 'key: value' lines");
  CHECK(complaint_of_reading("pools: {a: 1}\n", [](Section& root) { root.children("pools"); }) ==
        "t:1:8: pools: a map where a list is wanted; write it like [a, b]");
}

TEST_CASE("entries of a map come sorted, whatever their order in the file") {
  CHECK(complaint_of_reading(
            "x: {b: {n: 1}, a: , c: 5}\n",
            [](Section& root) {
              auto entries = root.entries("x");
              REQUIRE(entries.size() == 3);
              CHECK(entries[0].first == "a");
              CHECK(entries[1].first == "b");
              CHECK(entries[1].second.required<std::int64_t>("n") == 1);
              entries[0].second.required<std::int64_t>("n");
              CHECK(root.child("x").names() == std::vector<std::string>{"a", "b", "c"});
            }) ==
        "t:1:16: x.a.n: missing (it has no default); add it\n"
        "t:1:24: x.c: 5 where a map is wanted; write 'key: value' lines");
}

TEST_CASE("lists of numbers and texts, and tables of a width") {
  CHECK(complaint_of_reading("n: [1, 2.5]\ns: [a, b]\nt: [[1, 2], [3, 4]]\n", [](Section& root) {
          CHECK(root.numbers("n") == std::vector<double>{1, 2.5});
          CHECK(root.strings("s") == std::vector<std::string>{"a", "b"});
          CHECK(root.table("t", 2) == std::vector<std::vector<double>>{{1, 2}, {3, 4}});
          CHECK(root.numbers("absent").empty());
        }).empty());
  CHECK(complaint_of_reading("n: [1, x, -1]\ns: [a, 5]\nt: [[1, 2, 3], 4, [5, y]]\nu: 1\n",
                             [](Section& root) {
                               root.numbers("n", not_negative);
                               root.strings("s");
                               CHECK(root.table("t", 2).size() == 3);
                               root.numbers("u");
                             }) ==
        "t:1:8: n[1]: 'x' is not a number; write it like 1000, 0.5 or 2e-3\n"
        "t:1:11: n[2]: -1 is below 0\n"
        "t:2:8: s[1]: 5 where a text is wanted; put it in quotes\n"
        "t:3:5: t[0]: 3 numbers where 2 must be; write 2\n"
        "t:3:16: t[1]: 4 where a list is wanted; write it like [a, b]\n"
        "t:3:23: t[2][1]: 'y' is not a number; write it like 1000, 0.5 or 2e-3\n"
        "t:4:4: u: 1 where a list is wanted; write it like [a, b]");
}

}  // namespace tokenyard::config
