// SPDX-License-Identifier: Apache-2.0
#include <sys/resource.h>

#include <catch2/catch.hpp>
#include <csignal>

#include "results/digest.hpp"
#include "results/file.hpp"
#include "results/request_table.hpp"
#include "scratch.hpp"

using namespace tokenyard;
using namespace tokenyard::results;

namespace {

// Stands for a full disk: no file may grow beyond a size.
class SmallDisk {
 public:
  explicit SmallDisk(std::size_t bytes) : old_action_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &old_limit_);
    const rlimit limit{bytes, old_limit_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~SmallDisk() {
    ::setrlimit(RLIMIT_FSIZE, &old_limit_);
    std::signal(SIGXFSZ, old_action_);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

 private:
  rlimit old_limit_{};
  void (*old_action_)(int);
};

std::vector<double> noise(std::size_t rows) {
  std::vector<double> values(rows);
  std::uint64_t state = 1;
  for (double& value : values) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    value = static_cast<double>(state >> 11);
  }
  return values;
}

void write_columns(const std::string& path, Compression compression) {
  Writer writer(path, Existing::replace, compression);
  writer.text("/scenario", std::string(5000, 'x'));
  const std::vector<double> values = noise(20'000);
  writer.dimension("/a", "row", values);
  for (int i = 0; i < 3; ++i) writer.column("/a/c" + std::to_string(i), values);
  writer.dimension("/b", "row", 10);
  for (int i = 0; i < 50; ++i)
    writer.column("/b/c" + std::to_string(i), noise(10), {"s", "some numbers"});
  writer.commit();
}

void write_table(const std::string& path, Compression compression) {
  Writer writer(path, Existing::replace, compression);
  Background background;
  RequestTable table(writer, background, {});
  for (std::uint64_t i = 0; i < rows_per_chunk + 1000; ++i) {
    RequestRecord record;
    record.id = RequestId{i * 0x9e3779b97f4a7c15U};
    table.add(record);
  }
  table.finish();
  writer.commit();
}

}  // namespace

TEST_CASE("a disk that fills up at any moment is one error, never a signal, and no remains") {
  const Scratch scratch;
  const std::string path = scratch.file("a.h5");
  const auto compression = GENERATE(Compression::gzip, Compression::none);
  const auto write = GENERATE(&write_columns, &write_table);
  write(path, compression);
  const std::string before = bytes_of(path);
  for (std::size_t tenth = 0; tenth < 40; ++tenth) {
    const std::size_t room = (before.size() - 1) * tenth / 39;
    const SmallDisk small(room);
    const std::string error = message_of<IoError>([&] { write(path, compression); });
    CHECK(error == path +
                       ": cannot write (File too large); free some space, or choose another "
                       "folder");
    REQUIRE(scratch.files() == 1);
  }
  CHECK(bytes_of(path) == before);
  write(path, compression);
  CHECK(bytes_of(path) == before);
  CHECK(verify(path));
}
