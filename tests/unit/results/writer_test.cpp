// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <numeric>

#include "config/errors.hpp"
#include "core/contracts.hpp"
#include "results/file.hpp"
#include "results/reader.hpp"
#include "scratch.hpp"

using namespace tokenyard;
using namespace tokenyard::results;
using config::ConfigError;

namespace {

std::string refusal(const std::string& path, Existing existing) {
  return message_of<ConfigError>([&] { const Writer writer(path, existing); });
}

void write_everything(const std::string& path, Compression compression = Compression::gzip) {
  Writer writer(path, Existing::replace, compression);
  writer.attribute("/", "seed", std::int64_t{7});
  writer.attribute("/pools", "count", 1.5);
  writer.text("/scenario", "name: h\u00e9\n");
  const std::vector<double> time = {0, 10, 20};
  writer.dimension("/pools/chat", "time_s", time, {"s", "time"});
  writer.column("/pools/chat/power_w", std::vector<float>{1, 2, 3}, {"W", "power"});
  writer.column("/pools/chat/state", std::vector<std::uint8_t>{0, 1, 255},
                {"", "state", {"on", "switched off"}, 255});
  writer.dimension("/long", "row", 40'000);
  std::vector<std::uint32_t> squares(40'000);
  std::iota(squares.begin(), squares.end(), 0U);
  for (std::uint32_t& square : squares) square *= square;
  writer.column("/long/square", squares);
  writer.commit();
}

}  // namespace

TEST_CASE("what was written is read back") {
  const Scratch scratch;
  const auto compression = GENERATE(Compression::gzip, Compression::none);
  const std::string path = scratch.file("a.h5");
  write_everything(path, compression);
  const Reader reader(path);
  CHECK(reader.datasets() == std::vector<std::string>{"/long/row", "/long/square",
                                                      "/pools/chat/power_w", "/pools/chat/state",
                                                      "/pools/chat/time_s", "/scenario"});
  CHECK(reader.groups() == std::vector<std::string>{"/long", "/pools", "/pools/chat"});
  CHECK(reader.text("/scenario") == "name: h\u00e9\n");
  CHECK(reader.numbers("/pools/chat/power_w") == std::vector<double>{1, 2, 3});
  CHECK(reader.numbers("/pools/chat/time_s") == std::vector<double>{0, 10, 20});
  CHECK(reader.numbers("/long/square").at(39'999) == 39'999.0 * 39'999.0);
  CHECK(reader.numbers("/long/row").at(39'999) == 39'999);
  CHECK(reader.dataset("/pools/chat/power_w").unit == "W");
  CHECK(reader.dataset("/pools/chat/power_w").type == Type::f4);
  CHECK(reader.dataset("/long/square").rows == 40'000);
  CHECK_FALSE(reader.dataset("/scenario").type.has_value());
  CHECK(reader.attribute("/", "seed") == Attribute(std::int64_t{7}));
  CHECK(reader.attribute("/pools", "count") == Attribute(1.5));
  CHECK(reader.attribute("/", "format_version") == Attribute(format_version));
  CHECK(reader.attribute("/pools/chat/state", "flag_meanings") == Attribute("on switched_off"));
  CHECK(reader.attribute("/pools/chat/state", "_FillValue") == Attribute(std::int64_t{255}));
  CHECK_FALSE(reader.attribute("/", "absent").has_value());
}

TEST_CASE("streamed portions are read back as one column, while writing and after") {
  const Scratch scratch;
  const std::string path = scratch.file("a.h5");
  const auto compression = GENERATE(Compression::gzip, Compression::none);
  const std::size_t last = GENERATE(0U, 1U, 1000U);
  Writer writer(path, Existing::refuse, compression);
  const Writer::Stream id = writer.stream_dimension("/t", "id", Type::u8);
  const Writer::Stream value = writer.stream("/t/value_s", Type::f8, {"s", "value"});
  std::vector<double> all;
  for (const std::size_t rows : {rows_per_chunk, rows_per_chunk, last}) {
    std::vector<double> values(rows);
    std::iota(values.begin(), values.end(), static_cast<double>(all.size()));
    const std::vector<std::uint64_t> ids(values.begin(), values.end());
    writer.append(id, ids);
    writer.append(value, values);
    all.insert(all.end(), values.begin(), values.end());
  }
  std::vector<double> some(3);
  writer.read("/t/value_s", rows_per_chunk - 1, some);
  CHECK(some == std::vector<double>{131'071, 131'072, 131'073});
  writer.commit();
  const Reader reader(path);
  CHECK(reader.numbers("/t/value_s") == all);
  CHECK(reader.numbers("/t/id") == all);
}

TEST_CASE("equal contents are equal bytes") {
  const Scratch scratch;
  const auto compression = GENERATE(Compression::gzip, Compression::none);
  write_everything(scratch.file("a.h5"), compression);
  write_everything(scratch.file("b.h5"), compression);
  CHECK(bytes_of(scratch.file("a.h5")) == bytes_of(scratch.file("b.h5")));
}

TEST_CASE("a file appears under its name at commit, and not before") {
  const Scratch scratch;
  const std::string path = scratch.file("a.h5");
  {
    Writer writer(path, Existing::refuse);
    CHECK_FALSE(std::filesystem::exists(path));
    CHECK(std::filesystem::exists(path + ".part-" + std::to_string(::getpid())));
    writer.commit();
    CHECK(std::filesystem::exists(path));
    CHECK(scratch.files() == 1);
    CHECK_THROWS_AS(writer.text("/late", ""), ContractViolation);
  }
  CHECK(std::filesystem::exists(path));
}

TEST_CASE("a writer that does not commit leaves no trace, and what was there") {
  const Scratch scratch;
  write_bytes(scratch.file("a.h5"), "old");
  {
    Writer writer(scratch.file("a.h5"), Existing::replace);
    writer.text("/scenario", "new");
  }
  CHECK(bytes_of(scratch.file("a.h5")) == "old");
  CHECK(scratch.files() == 1);
}

TEST_CASE("an existing file is refused at once, or replaced") {
  const Scratch scratch;
  const std::string path = scratch.file("a.h5");
  write_bytes(path, "old");
  CHECK(refusal(path, Existing::refuse) ==
        path + ": file exists; add --force to replace it, or choose another name");
  CHECK(bytes_of(path) == "old");
  write_everything(path);
  CHECK(Reader(path).text("/scenario") == "name: h\u00e9\n");
}

TEST_CASE("a file that appeared meanwhile is not overwritten unasked") {
  const Scratch scratch;
  const std::string path = scratch.file("a.h5");
  Writer writer(path, Existing::refuse);
  write_bytes(path, "another's");
  CHECK_THROWS_AS(writer.commit(), ConfigError);
  CHECK(bytes_of(path) == "another's");
}

TEST_CASE("a place that cannot be written is refused with its reason") {
  const Scratch scratch;
  std::filesystem::create_directory(scratch.file("folder"));
  write_bytes(scratch.file("plain"), "");
  std::filesystem::create_symlink("nowhere", scratch.file("dangling"));
  REQUIRE(::mkfifo(scratch.file("pipe").c_str(), 0600) == 0);
  const auto refused = [&](const std::string& path, const std::string& reason) {
    CHECK_THAT(refusal(path, Existing::replace), Catch::Contains(reason));
  };
  refused(scratch.file("none/a.h5"), "none does not exist; create it, or choose another");
  refused(scratch.file("plain/a.h5"), "plain is not a folder");
  refused(scratch.file("folder"), "is a folder; give the name of a file");
  refused(scratch.file("dangling"), "leads nowhere");
  refused(scratch.file("pipe"), "is not a plain file");
  refused(scratch.file(std::string(250, 'x')), "cannot create a file in");
  refused("", "not a file name");
  CHECK(scratch.files() == 4);
}

TEST_CASE("a folder without permission is refused") {
  if (::geteuid() == 0) return;  // root may write anywhere
  const Scratch scratch;
  std::filesystem::permissions(
      scratch.folder(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
  CHECK_THAT(refusal(scratch.file("a.h5"), Existing::refuse), Catch::Contains("Permission denied"));
}

TEST_CASE("a symbolic link keeps leading to the file that was replaced") {
  const Scratch scratch;
  write_bytes(scratch.file("real.h5"), "old");
  std::filesystem::create_symlink("real.h5", scratch.file("link.h5"));
  write_everything(scratch.file("link.h5"));
  CHECK(std::filesystem::is_symlink(scratch.file("link.h5")));
  CHECK(Reader(scratch.file("real.h5")).text("/scenario") == "name: h\u00e9\n");
}

TEST_CASE("two writers of one name do not disturb each other, and the last to commit wins") {
  const Scratch scratch;
  const std::string path = scratch.file("a.h5");
  Writer first(path, Existing::replace);
  Writer second(path, Existing::replace);
  first.text("/by", "first");
  second.text("/by", "second");
  second.commit();
  CHECK(Reader(path).text("/by") == "second");
  first.commit();
  CHECK(Reader(path).text("/by") == "first");
  CHECK(scratch.files() == 1);
}

TEST_CASE("columns must fit their dimension, and names are given once: our mistakes") {
  const Scratch scratch;
  Writer writer(scratch.file("a.h5"), Existing::refuse);
  const std::vector<double> two = {1, 2};
  CHECK_THROWS_AS(writer.column("/g/early", two), ContractViolation);
  writer.dimension("/g", "row", 2);
  writer.column("/g/x", two);
  CHECK_THROWS_AS(writer.column("/g/x", two), ContractViolation);
  CHECK_THROWS_AS(writer.dimension("/g", "other", 2), ContractViolation);
  CHECK_THROWS_AS(writer.column("g/y", two), ContractViolation);
  CHECK_THROWS_AS(writer.column("/g//y", two), ContractViolation);
  CHECK_THROWS_AS(writer.text("/g/x/below", ""), ContractViolation);
  CHECK_THROWS_AS(writer.text("/g", ""), ContractViolation);
  CHECK_THROWS_AS(writer.text("/t", std::string("a\0b", 3)), ContractViolation);
  writer.column("/g/short", std::vector<double>{1});
  CHECK_THROWS_AS(writer.commit(), ContractViolation);
}

TEST_CASE("any name makes one component of a path") {
  CHECK(path_component("chat") == "chat");
  CHECK(path_component("eu west/chat") == "eu west%2Fchat");
  CHECK(path_component("50%") == "50%25");
  CHECK(path_component("..") == "%2E%2E");
  CHECK(path_component(" a\n") == "%20a%0A");
  CHECK(path_component("h\u00e9") == "h\u00e9");
  CHECK(path_component("") == "%");
}

TEST_CASE("lists longer than a header can hold, and many columns, are written") {
  const Scratch scratch;
  const std::string path = scratch.file("a.h5");
  constexpr std::size_t columns = 1000;
  std::vector<std::string> meanings;
  for (int i = 0; i < 9000; ++i) meanings.push_back("tenant-number-" + std::to_string(i));
  {
    Writer writer(path, Existing::refuse);
    writer.dimension("/g", "row", 1);
    for (std::size_t i = 0; i < columns; ++i)
      writer.column("/g/c" + std::to_string(i), std::vector<std::uint16_t>{3});
    writer.column("/g/tenant", std::vector<std::uint16_t>{3}, {"", "tenant", meanings});
    for (int i = 0; i < 30; ++i) writer.attribute("/", "a" + std::to_string(i), "text");
    writer.commit();
  }
  const Reader reader(path);
  CHECK(reader.datasets().size() == columns + 2);
  CHECK(std::get<std::string>(*reader.attribute("/g/tenant", "flag_meanings")).size() > 150'000);
  CHECK(reader.attribute("/", "a29") == Attribute("text"));
}
