// SPDX-License-Identifier: Apache-2.0
// What `sweep merge` and `sweep verify` say of files that are missing, damaged or foreign.
#include "sweep/survey.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <random>

#include "config/errors.hpp"
#include "results/seal.hpp"
#include "sweep_directory.hpp"

using namespace tokenyard;
using results::Attribute;
using results::Reader;
using sweep::Metrics;
using sweep::Run;
using sweep::RunState;
using test::said;
using test::SweepDirectory;

namespace {

constexpr const char* four = "axes: {seed: [1, 2, 3, 4]}\nkeep: [ttft_p99_s]\n";

Metrics found(const Run& run) { return {{"ttft_p99_s", run.point}}; }

sweep::Verified verified(const SweepDirectory& made) {
  return sweep::verify(made.directory(), [](std::size_t, std::size_t) {});
}

void flip(const std::string& path, std::size_t at) {
  std::string bytes = bytes_of(path);
  bytes.at(at) = static_cast<char>(bytes[at] ^ 4);
  write_bytes(path, bytes);
}

std::string name_of(const std::string& path) {
  return std::filesystem::path(path).filename().string();
}

}  // namespace

TEST_CASE("where runs are missing there is a merged file only if asked for") {
  const SweepDirectory made(four);
  for (const std::size_t i : {0U, 2U}) made.write_run(i, found(made.run(i)));
  const sweep::Merged refused = made.merge();
  CHECK(refused.digest.empty());
  CHECK_FALSE(std::filesystem::exists(made.out()));
  CHECK(said(refused.missing) == made.run(1).identity + " of point 2, replication 0\n" +
                                     made.run(3).identity + " of point 4, replication 0\n");
  const sweep::Merged partial = made.merge(true);
  CHECK(partial.digest.size() == 64);
  const Reader file(made.out());
  CHECK(file.numbers("/runs/status") == std::vector<double>{0, 2, 0, 2});
  CHECK(std::isnan(file.numbers("/runs/ttft_p99_s").at(1)));
  CHECK(file.numbers("/runs/feasible") == std::vector<double>{1, 255, 1, 255});
  CHECK(file.numbers("/points/feasible") == std::vector<double>{1, 255, 1, 255});
  CHECK(file.numbers("/points/replications") == std::vector<double>{1, 0, 1, 0});
  CHECK(std::isnan(file.numbers("/cube/ttft_p99_s").at(3)));
  CHECK(file.attribute("/", "runs_missing") == Attribute(std::int64_t{2}));
}

TEST_CASE("a point without all its replications has no rank") {
  const SweepDirectory made(
      "axes: {seed: [1, 2]}\nreplications: 2\nobjective: minimise cost_usd\n");
  for (const std::size_t i : {0U, 2U, 3U})
    made.write_run(i, {{"cost_usd", made.run(i).point * 2 + made.run(i).replication + 1}});
  made.merge(true);
  const Reader file(made.out());
  CHECK(file.numbers("/points/objective") == std::vector<double>{1, 3.5});
  CHECK(file.numbers("/points/rank") == std::vector<double>{0, 1});
}

TEST_CASE("runs that failed are told with their reason, unless they were done since") {
  const SweepDirectory made(four);
  for (const std::size_t i : {0U, 1U}) made.write_run(i, found(made.run(i)));
  for (const std::size_t i : {1U, 2U}) {
    sweep::write_failure(made.directory(),
                         {made.run(i).identity, i + 1, 0, "crashed", "signal 11"});
  }
  CHECK(made.merge().digest.empty());
  const sweep::Merged merged = made.merge(true);
  CHECK(merged.missing.size() == 1);
  const Reader file(made.out());
  CHECK(file.numbers("/runs/status") == std::vector<double>{0, 0, 1, 2});
  CHECK(file.numbers("/failures/point") == std::vector<double>{3});
  CHECK(file.text("/failures/lines") ==
        "{\"kind\":\"crashed\",\"point\":3,\"replication\":0,\"text\":\"signal 11\"}\n");
}

TEST_CASE("points whose scenario is refused count as failed") {
  const SweepDirectory made("axes:\n  fleet.pools[chat].replicas: [2, 100000]\n");
  made.write_run(0, found(made.run(0)));
  REQUIRE(made.run(1).identity.empty());
  const sweep::Merged merged = made.merge(true);
  REQUIRE(merged.survey.failures.size() == 1);
  CHECK(merged.survey.failures[0].kind == "refused");
  CHECK(merged.survey.failures[0].point == 2);
  CHECK_THAT(merged.survey.failures[0].text, Catch::Contains("do not fit"));
}

TEST_CASE("damaged point files are named, and nothing is merged, not even in part") {
  const SweepDirectory made(four);
  made.write_all(found);
  flip(made.point_file(1), 5000);
  const std::string whole = bytes_of(made.point_file(2));
  write_bytes(made.point_file(2), whole.substr(0, whole.size() / 2));
  std::filesystem::copy_file(made.point_file(0), made.point_file(3),
                             std::filesystem::copy_options::overwrite_existing);
  const std::string wanted = name_of(made.point_file(1)) +
                             " its bytes are not those that were written: it is damaged\n" +
                             name_of(made.point_file(2)) +
                             " does not end in its checksum: it was cut short, or changed\n" +
                             name_of(made.point_file(3)) + " holds another run, ";
  for (const bool partial : {false, true}) {
    const sweep::Merged merged = made.merge(partial);
    CHECK(merged.digest.empty());
    CHECK_THAT(said(merged.survey.damaged), Catch::StartsWith(wanted));
    CHECK_FALSE(std::filesystem::exists(made.out()));
  }
  CHECK(verified(made).damaged.size() == 3);
}

TEST_CASE("a file that is no result file, or no point, is named") {
  const SweepDirectory made(four);
  write_bytes(made.point_file(0), "");
  results::Writer other(made.point_file(1), results::Existing::refuse);
  other.text("/scenario", "");
  other.commit();
  const sweep::Verified found_so = verified(made);
  CHECK(found_so.checked == 2);
  CHECK_THAT(said(found_so.damaged), Catch::Contains("does not end in its checksum"));
  CHECK_THAT(said(found_so.damaged), Catch::Contains("point_identity: is missing"));
}

TEST_CASE("point files of another version of the program are named, and nothing is merged") {
  SweepDirectory made(four);
  made.write_all(found);
  made.version = "0.0.9";
  made.write_run(1, found(made.run(1)));
  const sweep::Merged merged = made.merge(true);
  CHECK(merged.digest.empty());
  CHECK(merged.survey.version == "0.1.0");
  CHECK(said(merged.survey.of_other_version) ==
        name_of(made.point_file(1)) + " is of version 0.0.9 (abc1234)\n");
  made.write_all(found);  // all by it
  CHECK(made.merge().survey.version == "0.0.9");
}

TEST_CASE("foreign files and copies are named, and left out") {
  const SweepDirectory made(four);
  made.write_all(found);
  const std::string digest = made.merge().digest;
  const std::string foreign(64, 'f');
  made.write_as(made.directory().point(foreign), foreign, {{"ttft_p99_s", 1e9}});
  const std::string copy = made.directory().points() + "/again.h5";
  std::filesystem::copy_file(made.point_file(0), copy);
  write_bytes(made.directory().points() + "/x.part-77", "somebody is writing");
  write_bytes(made.directory().points() + "/notes.txt", "by hand");
  const sweep::Merged merged = made.merge();
  CHECK(merged.digest == digest);
  const std::string wanted = foreign + ".h5 is of no run of this study\n" +
                             "again.h5 is called by no identity, but holds the run ";
  CHECK_THAT(said(merged.survey.left_out), Catch::StartsWith(wanted));
  CHECK_THAT(said(merged.survey.left_out), Catch::EndsWith("notes.txt is no point of a sweep\n"));
  CHECK(said(verified(made).foreign) == said(merged.survey.left_out));
  const auto told = Reader(made.out()).attribute("/", "left_out");
  CHECK(told == Attribute(foreign + ".h5\nagain.h5\nnotes.txt\n"));
}

TEST_CASE("verify finds a flipped byte wherever it is, and says what is missing") {
  const SweepDirectory made("axes: {seed: [1, 2]}\n");
  made.write_run(0, {{"ttft_p99_s", 1}, {"ttft_p50_s", 2}});
  CHECK(verified(made).damaged.empty());
  CHECK(verified(made).missing == 1);
  CHECK(verified(made).runs == 2);
  const std::string path = made.point_file(0);
  const std::string whole = bytes_of(path);
  std::mt19937_64 random(1);
  for (std::size_t at = 0; at < whole.size(); at += 1 + random() % 60) {
    flip(path, at);
    REQUIRE(said(verified(made).damaged).starts_with(name_of(path)));
    write_bytes(path, whole);
  }
  CHECK(verified(made).damaged.empty());
  flip(made.directory().manifest(), 3000);
  CHECK_THAT(said(verified(made).damaged), Catch::StartsWith("manifest.h5 "));
}

TEST_CASE("files are verified even if the study has changed since") {
  const SweepDirectory made(four);
  made.write_run(0, {{"ttft_p99_s", 1}});
  std::ofstream(made.file("s.yaml"), std::ios::app) << "replications: 2\n";
  const sweep::Verified found_so = verified(made);
  CHECK(found_so.checked == 1);
  CHECK_THAT(found_so.unknown, Catch::Contains("has changed since"));
  CHECK_THROWS_AS(made.merge(), config::ConfigError);
}
