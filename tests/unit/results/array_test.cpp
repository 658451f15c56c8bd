// SPDX-License-Identifier: Apache-2.0
// Arrays of several dimensions, and virtual columns.
#include <hdf5.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>
#include <set>

#include "config/errors.hpp"
#include "core/contracts.hpp"
#include "results/content.hpp"
#include "results/digest.hpp"
#include "results/file.hpp"
#include "results/reader.hpp"
#include "scratch.hpp"

using namespace tokenyard;
using namespace tokenyard::results;
using config::ConfigError;

namespace {

using Lengths = std::vector<std::uint64_t>;

std::vector<double> numbers(std::size_t count) {
  std::vector<double> values(count);
  std::iota(values.begin(), values.end(), 0.5);
  return values;
}

void write_array(const std::string& path, const Lengths& shape, Compression compression) {
  Writer writer(path, Existing::replace, compression);
  for (std::size_t i = 0; i < shape.size(); ++i) {
    writer.dimension("/cube", "d" + std::to_string(i), shape[i]);
  }
  writer.column("/cube/latency_s", numbers(values_in(shape)), {"s", "latency"});
  writer.commit();
}

// As HDF5 itself sees it.
double value_at(const std::string& path, const std::vector<hsize_t>& at) {
  const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
  const hid_t dataset = H5Dopen2(file, "/cube/latency_s", H5P_DEFAULT);
  const hid_t space = H5Dget_space(dataset);
  H5Sselect_elements(space, H5S_SELECT_SET, 1, at.data());
  const hid_t one = H5Screate(H5S_SCALAR);
  double value = 0;
  H5Dread(dataset, H5T_NATIVE_DOUBLE, one, space, H5P_DEFAULT, &value);
  H5Sclose(one);
  H5Sclose(space);
  H5Dclose(dataset);
  H5Fclose(file);
  return value;
}

void write_part(const std::string& path, const std::vector<double>& values) {
  Writer writer(path, Existing::replace);
  writer.dimension("/t", "row", values.size());
  writer.column("/t/value_s", values);
  writer.commit();
}

std::vector<double> read_whole(const std::string& path, const std::string& name, std::size_t rows) {
  std::vector<double> values(rows);
  const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
  const hid_t dataset = H5Dopen2(file, name.c_str(), H5P_DEFAULT);
  H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
  H5Dclose(dataset);
  H5Fclose(file);
  return values;
}

}  // namespace

TEST_CASE("an array of several dimensions is read back, whatever its shape") {
  const Scratch scratch;
  const std::string path = scratch.file("a.h5");
  const auto compression = GENERATE(Compression::gzip, Compression::none);
  const auto shape = GENERATE(Lengths{3, 4, 5}, Lengths{1, 1}, Lengths{0, 7}, Lengths{40'000, 1},
                              Lengths{2, 70'000}, Lengths{3, 3, 131'073}, Lengths{300, 1000, 2},
                              Lengths{1, 20'000, 1});
  write_array(path, shape, compression);
  const Reader reader(path);
  CHECK(reader.dataset("/cube/latency_s").shape == shape);
  CHECK(reader.dataset("/cube/latency_s").rows == values_in(shape));
  CHECK(reader.dataset("/cube/d1").shape == Lengths{shape[1]});
  CHECK(reader.numbers("/cube/latency_s") == numbers(values_in(shape)));
  CHECK(verify(path));
}

TEST_CASE("the last dimension of an array changes fastest") {
  const Scratch scratch;
  const std::string path = scratch.file("a.h5");
  write_array(path, {2, 3, 4}, Compression::gzip);
  CHECK(value_at(path, {0, 0, 1}) == 1.5);
  CHECK(value_at(path, {0, 1, 0}) == 4.5);
  CHECK(value_at(path, {1, 2, 3}) == 23.5);
}

TEST_CASE("the digest knows the shape of an array") {
  const Scratch scratch;
  std::vector<std::string> digests;
  for (const Lengths& shape : {Lengths{3, 4}, Lengths{4, 3}, Lengths{12}, Lengths{12, 1}}) {
    write_array(scratch.file("a.h5"), shape, Compression::gzip);
    digests.push_back(digest(scratch.file("a.h5")));
  }
  CHECK(std::set<std::string>(digests.begin(), digests.end()).size() == 4);
  CHECK(text_of(Lengths{3, 4, 5}) == "3x4x5");
  write_array(scratch.file("b.h5"), {3, 4}, Compression::none);
  CHECK(digest(scratch.file("b.h5")) == digests[0]);
}

TEST_CASE("an array needs all dimensions before it, and a value for each place") {
  const Scratch scratch;
  Writer writer(scratch.file("a.h5"), Existing::refuse);
  writer.dimension("/g", "x", 2);
  writer.dimension("/g", "y", 3);
  CHECK_THROWS_AS(writer.column("/g/a", numbers(5)), ContractViolation);
  CHECK_THROWS_AS(writer.stream("/g/s", Type::f8), ContractViolation);
  writer.column("/g/a", numbers(6));
  CHECK_THROWS_AS(writer.dimension("/g", "z", 2), ContractViolation);
}

TEST_CASE("a virtual column shows the values of other files, which move along with it") {
  const Scratch scratch;
  std::filesystem::create_directories(scratch.file("old/parts"));
  write_part(scratch.file("old/parts/1.h5"), {1, 2, 3});
  write_part(scratch.file("old/parts/2.h5"), {});
  write_part(scratch.file("old/parts/3.h5"), {4, 5});
  {
    Writer writer(scratch.file("old/all.h5"), Existing::refuse);
    writer.dimension("/t", "row", 5);
    const std::vector<VirtualPart> parts = {{"parts/1.h5", "/t/value_s", 3},
                                            {"parts/2.h5", "/t/value_s", 0},
                                            {"parts/3.h5", "/t/value_s", 2}};
    writer.virtual_column("/t/value_s", Type::f8, parts, {"s", "value"});
    writer.commit();
  }
  std::filesystem::rename(scratch.file("old"), scratch.file("new"));
  const std::string path = scratch.file("new/all.h5");
  CHECK(read_whole(path, "/t/value_s", 5) == std::vector<double>{1, 2, 3, 4, 5});

  const Reader reader(path);
  CHECK(reader.dataset("/t/value_s").is_virtual);
  CHECK(reader.dataset("/t/value_s").unit == "s");
  CHECK_FALSE(reader.dataset("/t/row").is_virtual);
  CHECK_THAT(message_of<ConfigError>([&] { reader.numbers("/t/value_s"); }),
             Catch::Contains("all.h5: /t/value_s: is virtual (its values lie in other files)"));

  // The digest is of what lies in the file itself.
  CHECK(verify(path));
  const std::string before = digest(path);
  std::filesystem::remove(scratch.file("new/parts/3.h5"));
  CHECK(digest(path) == before);
  CHECK(std::isnan(read_whole(path, "/t/value_s", 5).back()));
}
