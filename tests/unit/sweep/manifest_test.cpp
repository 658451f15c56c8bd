// SPDX-License-Identifier: Apache-2.0
#include "sweep/manifest.hpp"

#include <catch2/catch.hpp>

#include "config/errors.hpp"
#include "sweep_directory.hpp"

using namespace tokenyard;
using test::SweepDirectory;

namespace {

// The second of three points is refused: no replica is none.
constexpr const char* one_refused =
    "axes: {'fleet.pools[chat].replicas': [2, 0, 4]}\nreplications: 2\n";

}  // namespace

TEST_CASE("a manifest brings back all runs and refusals") {
  const SweepDirectory made(one_refused);
  const sweep::Sweep& before = made.sweep();
  REQUIRE(before.refusals.size() == 1);
  const sweep::Sweep after = sweep::read_sweep(made.directory());
  CHECK(after.results == before.results);
  REQUIRE(after.runs.size() == 6);
  for (std::size_t i = 0; i < after.runs.size(); ++i) {
    const sweep::Run &read = after.runs[i], &written = before.runs[i];
    CHECK(read.identity == written.identity);
    CHECK(read.identity.empty() == (i / 2 == 1));
    CHECK(read.point == written.point);
    CHECK(read.replication == written.replication);
    CHECK(read.platform == written.platform);
    CHECK(read.requests == written.requests);
  }
  REQUIRE(after.refusals.size() == 1);
  CHECK(after.refusals[0].run == before.refusals[0].run);
  CHECK(after.refusals[0].text == before.refusals[0].text);
  CHECK(after.refusals[0].text.find("replicas") != std::string::npos);
}

TEST_CASE("a manifest is not taken for that of a study that has changed") {
  const SweepDirectory made(one_refused);
  CHECK_NOTHROW(sweep::read_sweep(made.directory()));
  std::ofstream(made.file("s.yaml"), std::ios::app) << "keep: [ttft_p99_s]\n";
  CHECK_THROWS_AS(sweep::read_sweep(made.directory()), config::ConfigError);
}

TEST_CASE("a damaged manifest is refused, wherever the damage is") {
  const SweepDirectory made(one_refused);
  const std::string path = made.directory().manifest();
  const std::string bytes = bytes_of(path);
  REQUIRE_NOTHROW(sweep::read_sweep(made.directory()));
  for (std::size_t at = 0; at < bytes.size(); at += 1 + bytes.size() / 200) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x41);
    write_bytes(path, damaged);
    CHECK_THROWS_AS(sweep::read_sweep(made.directory()), config::ConfigError);
  }
}

TEST_CASE("a manifest whose runs are not those of its study is refused, though it is sealed") {
  const SweepDirectory made(one_refused);
  const auto is_refused = [&made](const std::function<void(sweep::Sweep&)>& change) {
    sweep::Sweep other = made.sweep();
    change(other);
    sweep::write_manifest(made.directory(), other);
    CHECK_THROWS_AS(sweep::read_sweep(made.directory()), config::ConfigError);
  };
  is_refused([](sweep::Sweep& s) { s.runs.pop_back(); });
  is_refused([](sweep::Sweep& s) { s.runs[3].point = 2; });
  is_refused([](sweep::Sweep& s) { s.runs[3].replication = 0; });
  is_refused([](sweep::Sweep& s) { s.runs[0].platform = 4'000'000'000; });
  is_refused([](sweep::Sweep& s) { s.runs[0].requests = -1; });
  is_refused([](sweep::Sweep& s) { s.runs[0].identity.replace(0, 6, "../../"); });
  is_refused([](sweep::Sweep& s) { s.refusals[0].run = 6; });
}
