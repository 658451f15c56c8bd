// SPDX-License-Identifier: Apache-2.0
#include "results/reader.hpp"

#include <hdf5.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <random>

#include "config/errors.hpp"
#include "results/digest.hpp"
#include "results/file.hpp"
#include "results/seal.hpp"
#include "scratch.hpp"

using namespace tokenyard;
using namespace tokenyard::results;
using config::ConfigError;

namespace {

void write_sample(const std::string& path) {
  Writer writer(path, Existing::replace);
  writer.attribute("/", "seed", std::int64_t{7});
  writer.text("/scenario", "name: sample\n");
  writer.dimension("/pools/chat", "time_s", std::vector<double>{0, 10, 20}, {"s", "time"});
  writer.column("/pools/chat/power_w", std::vector<double>{1, 2, 3}, {"W", "power"});
  writer.dimension("/grid", "x", 3);
  writer.dimension("/grid", "y", 7000);
  writer.column("/grid/z", std::vector<float>(21'000, 0.5F));
  writer.dimension("/requests", "request", 20'000);
  const std::vector<std::uint16_t> tenants(20'000, 3);
  writer.column("/requests/tenant", tenants, {"", "tenant", {"a", "b", "c", "d"}});
  writer.commit();
}

// Reads all there is to read. A ConfigError of one line is the only way to fail.
bool reads_or_refuses(const std::string& path) {
  const std::string refusal = message_of<ConfigError>([&] {
    const Reader reader(path);
    reader.attribute("/", "seed");
    for (const std::string& name : reader.datasets()) {
      if (reader.dataset(name).type)
        reader.numbers(name);
      else
        reader.text(name);
      reader.attribute(name, "flag_meanings");
    }
    verify(path);
  });
  return refusal.empty() || (refusal.find(path) == 0 && refusal.find('\n') == refusal.npos);
}

// Whether an action succeeds in a process of its own, where a signal is seen, and where memory that
// HDF5 loses (424 bytes for each header whose checksum is wrong) is not.
template <class Action>
bool succeeds_apart(Action&& action) {
  const ::pid_t child = ::fork();
  if (child == 0) {
    bool success = false;
    try {
      success = action();
    } catch (...) {
      success = false;
    }
    ::_exit(success ? 0 : 1);
  }
  int status = 0;
  return ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void flip(char& byte, std::uint64_t bit) {
  byte = static_cast<char>(static_cast<unsigned char>(byte) ^ (1U << bit));
}

std::string refusal(const std::string& path) {
  return message_of<ConfigError>([&] { const Reader reader(path); });
}

// What a stranger's program may have put into a file.
void make_file(const std::string& path, void (*fill)(hid_t)) {
  const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  fill(file);
  H5Fclose(file);
}

void add_dataset(hid_t file, hid_t type, std::vector<hsize_t> shape, hid_t creation) {
  const hid_t space = H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr);
  H5Dclose(H5Dcreate2(file, "x", type, space, H5P_DEFAULT, creation, H5P_DEFAULT));
  H5Sclose(space);
}

std::string refusal_of_x(const std::string& path, void (*fill)(hid_t)) {
  make_file(path, fill);
  return message_of<ConfigError>([&] { Reader(path).numbers("/x"); });
}

}  // namespace

TEST_CASE("what is not a result file is refused in one line") {
  const Scratch scratch;
  write_bytes(scratch.file("empty"), "");
  write_bytes(scratch.file("text"), "seed: 7\n");
  REQUIRE(::mkfifo(scratch.file("pipe").c_str(), 0600) == 0);
  CHECK(refusal(scratch.file("none")) ==
        scratch.file("none") + ": cannot open (No such file or directory); check the name");
  CHECK(refusal(scratch.folder()) ==
        scratch.folder() + ": is not a plain file; give a result file");
  CHECK_THAT(refusal(scratch.file("pipe")), Catch::Contains("is not a plain file"));
  CHECK_THAT(refusal(scratch.file("empty")), Catch::Contains("is not an HDF5 file"));
  CHECK_THAT(refusal(scratch.file("text")), Catch::Contains("is not an HDF5 file"));
}

// Behind that end only the seal stands, which seal_of looks at.
TEST_CASE("a file cut before the end that HDF5 knows of is refused, never a signal") {
  const Scratch scratch;
  write_sample(scratch.file("whole.h5"));
  const std::string whole = bytes_of(scratch.file("whole.h5"));
  const std::string path = scratch.file("cut.h5");
  for (std::size_t length = 0; length < whole.size() - seal_bytes; length += 97) {
    write_bytes(path, whole.substr(0, length));
    REQUIRE(refusal(path).find(path) == 0);
  }
}

TEST_CASE("a file with flipped bits reads the same, differs, or is refused: never a signal") {
  const Scratch scratch;
  write_sample(scratch.file("whole.h5"));
  const std::string whole = bytes_of(scratch.file("whole.h5"));
  const std::string path = scratch.file("flipped.h5");
  const bool survived = succeeds_apart([&] {
    std::mt19937_64 random(1);
    for (int i = 0; i < 600; ++i) {
      std::string bytes = whole;
      for (std::uint64_t flips = 1 + random() % 3; flips > 0; --flips)
        flip(bytes[random() % bytes.size()], random() % 8);
      write_bytes(path, bytes);
      if (!reads_or_refuses(path)) return false;
    }
    return true;
  });
  CHECK(survived);
}

TEST_CASE("a flipped bit among the values does not verify") {
  const Scratch scratch;
  const std::string path = scratch.file("a.h5");
  write_sample(path);
  std::string bytes = bytes_of(path);
  const std::size_t at = bytes.find("name: sample");
  REQUIRE(at != std::string::npos);
  CHECK(verify(path));
  flip(bytes[at], 0);
  write_bytes(path, bytes);
  CHECK_FALSE(verify(path));
}

TEST_CASE("an object that is not there, or of another kind, is named in the refusal") {
  const Scratch scratch;
  const std::string path = scratch.file("a.h5");
  write_sample(path);
  const Reader reader(path);
  const auto refused = [&](auto&& action, const std::string& text) {
    CHECK_THAT(message_of<ConfigError>(action), Catch::StartsWith(path + ": " + text));
  };
  refused([&] { reader.numbers("/none"); }, "/none: cannot open it");
  refused([&] { reader.numbers("/pools"); }, "/pools: cannot open it");
  refused([&] { reader.numbers("/scenario"); }, "/scenario: is not a column of numbers");
  refused([&] { reader.text("/pools/chat/power_w"); }, "/pools/chat/power_w: is not a text");
  refused([&] { reader.attribute("/none", "x"); }, "/none: cannot open it");
  refused([&] { reader.attribute("/requests/tenant", "flag_values"); }, "/requests/tenant: has a");
}

TEST_CASE("what Tokenyard does not write is refused: types, shapes, filters, other files") {
  const Scratch scratch;
  const std::string path = scratch.file("a.h5");
  CHECK_THAT(refusal_of_x(path, [](hid_t f) { add_dataset(f, H5T_IEEE_F64BE, {2}, 0); }),
             Catch::Contains("/x: has a type"));
  CHECK_THAT(refusal_of_x(path,
                          [](hid_t f) {
                            H5Dclose(H5Dcreate2(f, "x", H5T_IEEE_F64LE, H5Screate(H5S_NULL),
                                                H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
                          }),
             Catch::Contains("/x: has a shape"));
  CHECK_THAT(refusal_of_x(path,
                          [](hid_t f) {
                            const hid_t list = H5Pcreate(H5P_DATASET_CREATE);
                            const hsize_t chunk[] = {2, 1};
                            H5Pset_chunk(list, 2, chunk);
                            add_dataset(f, H5T_IEEE_F64LE, {4, 4}, list);
                            H5Pclose(list);
                          }),
             Catch::Contains("/x: has chunks"));
  CHECK_THAT(refusal_of_x(path,
                          [](hid_t f) {
                            const hid_t list = H5Pcreate(H5P_DATASET_CREATE);
                            H5Pset_external(list, "/etc/passwd", 0, 16);
                            add_dataset(f, H5T_IEEE_F64LE, {2}, list);
                            H5Pclose(list);
                          }),
             Catch::Contains("/x: has its values in another file"));
  CHECK_THAT(refusal_of_x(path,
                          [](hid_t f) {
                            H5Lcreate_external("/other.h5", "/x", f, "x", H5P_DEFAULT, H5P_DEFAULT);
                          }),
             Catch::Contains("has a link that leads elsewhere"));
  CHECK_THAT(
      refusal_of_x(path, [](hid_t f) { H5Lcreate_hard(f, "/", f, "x", H5P_DEFAULT, H5P_DEFAULT); }),
      Catch::Contains("nested too deeply"));
}

TEST_CASE("a size that the file cannot hold is refused before memory is taken") {
  const Scratch scratch;
  const std::string path = scratch.file("a.h5");
  constexpr hsize_t huge = hsize_t{1} << 50;
  CHECK_THAT(refusal_of_x(path,
                          [](hid_t f) {
                            add_dataset(f, H5T_IEEE_F64LE, {huge, huge}, 0);
                          }),
             Catch::Contains("/x: has a shape"));
  CHECK_THAT(refusal_of_x(path,
                          [](hid_t f) {
                            add_dataset(f, H5T_IEEE_F64LE, {8, huge}, 0);
                          }),
             Catch::Contains("/x: lacks values"));
  CHECK_THAT(refusal_of_x(path, [](hid_t f) { add_dataset(f, H5T_IEEE_F64LE, {huge}, 0); }),
             Catch::Contains("/x: lacks values"));
  CHECK_THAT(refusal_of_x(path,
                          [](hid_t f) {
                            const hid_t list = H5Pcreate(H5P_DATASET_CREATE);
                            const hsize_t chunk = 1000;
                            H5Pset_chunk(list, 1, &chunk);
                            H5Pset_deflate(list, 1);
                            add_dataset(f, H5T_IEEE_F64LE, {huge}, list);
                            H5Pclose(list);
                          }),
             Catch::Contains("/x: lacks values"));
}
