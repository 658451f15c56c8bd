// SPDX-License-Identifier: Apache-2.0
#include "commands/variant_table.hpp"

#include <catch2/catch.hpp>
#include <limits>

using namespace tokenyard::commands;
using Catch::Matchers::Contains;

namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();

Cell cell(const std::string& row, double value, Cell::Shown shown = Cell::Shown::always) {
  return {row, std::to_string(static_cast<int>(value)), value, shown};
}

// The line of a table that begins with a row's name, without it; "" if there is none.
std::string line_of(const std::string& table, const std::string& row) {
  const std::size_t at = table.find("\n" + row + " ");
  if (at == std::string::npos) return "";
  const std::size_t begin = table.find_first_not_of(' ', at + 1 + row.size());
  return table.substr(begin, table.find('\n', begin) - begin);
}

}  // namespace

TEST_CASE("two variants have their change beside them, and it is relative to the first") {
  const std::string table =
      variant_table({{"a", "", {cell("up", 4), cell("same", 3), cell("from", 0)}},
                     {"b", "", {cell("up", 6), cell("same", 3), cell("from", 2)}}});
  CHECK_THAT(line_of("\n" + table, "up"), Contains("+50.0 %"));
  CHECK(line_of(table, "same").ends_with(" ="));
  CHECK(line_of(table, "from").ends_with(" 2"));
  CHECK_THAT(table, Contains("change"));
}

TEST_CASE("one variant or three have no change") {
  const Column column{"a", "", {cell("up", 4)}};
  CHECK_THAT(variant_table({column}), !Contains("change"));
  CHECK_THAT(variant_table({column, column, column}), !Contains("change"));
}

TEST_CASE("a row of what may be absent is shown if any variant has it") {
  const auto table = [](double first, double second) {
    return variant_table({{"a", "", {cell("cached", first, Cell::Shown::if_any)}},
                          {"b", "", {cell("cached", second, Cell::Shown::if_any)}}});
  };
  CHECK(line_of(table(0, 0), "cached").empty());
  CHECK(line_of(table(none, none), "cached").empty());
  CHECK_FALSE(line_of(table(0, 5), "cached").empty());
  CHECK_FALSE(line_of(table(5, 0), "cached").empty());
}

TEST_CASE("costs on unlike bases are said not to compare") {
  const auto on = [](const std::string& basis) {
    return Column{"a", "", {{"on the basis", basis, none, Cell::Shown::always}}};
  };
  CHECK_THAT(variant_table({on("owner"), on("owner"), {}}), !Contains("do not compare"));
  CHECK_THAT(variant_table({on("owner"), {}, on("spot")}), Contains("do not compare"));
}

TEST_CASE("rows that one variant has alone stand where it has them") {
  const std::string table = variant_table(
      {{"a", "", {cell("one", 1), cell("chat", 2), cell("end", 3)}},
       {"b", "", {cell("one", 1), cell("read", 4), cell("write", 5), cell("end", 3)}}});
  const auto at = [&table](const std::string& row) { return table.find("\n" + row + " "); };
  CHECK(at("one") < at("read"));
  CHECK(at("read") < at("write"));
  CHECK(at("write") < at("end"));
  CHECK(line_of(table, "chat").ends_with(" -"));
}

TEST_CASE("a variant that failed is a column without figures") {
  const std::string table = variant_table({{"a", "", {cell("up", 4)}}, {"b", "", {}}});
  CHECK(line_of(table, "up").ends_with(" -"));
}

TEST_CASE("long names of variants are broken, between the bytes of no character") {
  const Column column{
      "without the cache of prefixes, aber \xC3\xBC"
      "berall w\xC3\xA4rmer",
      "",
      {cell("up", 4)}};
  const std::string table = variant_table({column, column, column});
  std::size_t begin = 0;
  while (begin < table.size()) {
    const std::size_t end = table.find('\n', begin);
    CHECK(end - begin <= 80 + 4);  // two bytes a character
    begin = end + 1;
  }
  CHECK_THAT(table, Contains("\xC3\xBC"
                             "berall"));
}

TEST_CASE("a column comes through a pipe as it was") {
  const Column column{
      "", "abc", {cell("up", 4), {"text", "a b", none, Cell::Shown::if_any}, cell("third", 1)}};
  const Column back = unpacked(packed(column));
  CHECK(back.digest == "abc");
  REQUIRE(back.cells.size() == 3);
  CHECK(back.cells[1].row == "text");
  CHECK(back.cells[1].text == "a b");
  CHECK(std::isnan(back.cells[1].value));
  CHECK(back.cells[1].shown == Cell::Shown::if_any);
  CHECK(back.cells[2].value == 1);
}
