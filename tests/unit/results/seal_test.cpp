// SPDX-License-Identifier: Apache-2.0
#include "results/seal.hpp"

#include <hdf5.h>

#include <catch2/catch.hpp>

#include "config/errors.hpp"
#include "core/sha256.hpp"
#include "results/digest.hpp"
#include "results/file.hpp"
#include "results/reader.hpp"
#include "scratch.hpp"

using namespace tokenyard;
using namespace tokenyard::results;

namespace {

std::string write_sample(const std::string& path) {
  Writer writer(path, Existing::replace);
  for (int i = 0; i < 12; ++i) writer.attribute("/", "note_" + std::to_string(i), "some text");
  writer.text("/scenario", "name: sample\n");
  writer.dimension("/grid", "x", 3);
  writer.dimension("/grid", "y", 4);
  writer.column("/grid/z", std::vector<double>(12, 1.5), {"s", "height"});
  writer.dimension("/requests", "request", 20'000);
  writer.column("/requests/tenant", std::vector<std::uint16_t>(20'000, 3));
  writer.commit();
  return bytes_of(path);
}

}  // namespace

TEST_CASE("a seal is the SHA-256 of all bytes before it, behind the end that HDF5 knows of") {
  const Scratch scratch;
  const std::string path = scratch.file("a.h5");
  const std::string bytes = write_sample(path);
  const std::string content = bytes.substr(0, bytes.size() - seal_bytes);
  CHECK(bytes == content + "tokenyard-sha256 " + sha256_hex(content) + "\n");
  CHECK(seal_of(path) == Seal::intact);
  CHECK(verify(path));
  CHECK(Reader(path).text("/scenario") == "name: sample\n");
}

TEST_CASE("a flipped byte anywhere breaks the seal") {
  const Scratch scratch;
  const std::string path = scratch.file("a.h5");
  std::string bytes = write_sample(path);
  REQUIRE(bytes.size() > 10'000);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const char whole = bytes[i];
    bytes[i] = static_cast<char>(whole ^ (1 << (i % 8)));
    write_bytes(path, bytes);
    REQUIRE(seal_of(path) != Seal::intact);
    bytes[i] = whole;
  }
  write_bytes(path, bytes);
  CHECK(seal_of(path) == Seal::intact);
}

TEST_CASE("a file that was cut or lengthened has no seal") {
  const Scratch scratch;
  const std::string path = scratch.file("a.h5");
  const std::string bytes = write_sample(path);
  for (const std::size_t cut : {std::size_t{1}, seal_bytes, seal_bytes + 1, bytes.size()}) {
    write_bytes(path, bytes.substr(0, bytes.size() - cut));
    CHECK(seal_of(path) == Seal::missing);
  }
  write_bytes(path, bytes + "x");
  CHECK(seal_of(path) == Seal::missing);
  CHECK_THROWS_AS(seal_of(scratch.file("none.h5")), config::ConfigError);
}

TEST_CASE("a program that changes a file loses its seal") {
  const Scratch scratch;
  const std::string path = scratch.file("a.h5");
  write_sample(path);
  const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
  REQUIRE(file >= 0);
  write_attribute(file, "added", "by another program");
  H5Fclose(file);
  CHECK(seal_of(path) == Seal::missing);
  CHECK(verify(path));  // the values are what they were
}
