// SPDX-License-Identifier: Apache-2.0
#include "results/digest.hpp"

#include <hdf5.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "config/errors.hpp"
#include "core/sha256.hpp"
#include "results/attributes.hpp"
#include "results/content.hpp"
#include "results/file.hpp"
#include "scratch.hpp"

using namespace tokenyard;
using namespace tokenyard::results;

namespace {

struct Sample {
  std::vector<double> values = {1, 2, 3};
  std::string group = "/pools";
  std::string unit = "s";
  std::string scenario = "a: 1";
  std::string host = "here";
  Compression compression = Compression::gzip;
};

std::string digest_of_sample(const Sample& sample) {
  const Scratch scratch;
  const std::string path = scratch.file("a.h5");
  Writer writer(path, Existing::refuse, sample.compression);
  writer.attribute("/", "host", sample.host);
  writer.text("/scenario", sample.scenario);
  writer.dimension(sample.group, "row", sample.values.size());
  writer.column(sample.group + "/latency", sample.values, {sample.unit, sample.host});
  std::string written = writer.commit();
  CHECK(digest(path) == written);
  CHECK(verify(path));
  return written;
}

std::string net(const std::string& text) { return std::to_string(text.size()) + ":" + text; }

}  // namespace

TEST_CASE("the digest is the documented one") {
  const Scratch scratch;
  Writer writer(scratch.file("a.h5"), Existing::refuse);
  writer.dimension("/g", "row", std::vector<std::uint16_t>{0x0102}, {"s", ""});
  writer.text("/t", "hello");
  CHECK(writer.commit() == sha256_hex("tokenyard-digest-1" + net("/g/row") + net("u2") + net("1") +
                                      net("s") + net(sha256_hex("\x02\x01")) + net("/t") +
                                      net("utf8") + net("") + net("") + net(sha256_hex("hello"))));
}

TEST_CASE("the digest depends on names, values, units and texts") {
  const std::string reference = digest_of_sample({});
  CHECK(digest_of_sample({}) == reference);
  CHECK(digest_of_sample({.values = {1, 2, 4}}) != reference);
  CHECK(digest_of_sample({.values = {1, 2, 3, 0}}) != reference);
  CHECK(digest_of_sample({.group = "/tools"}) != reference);
  CHECK(digest_of_sample({.unit = "h"}) != reference);
  CHECK(digest_of_sample({.scenario = "a: 2"}) != reference);
}

TEST_CASE("the digest does not depend on who wrote the file, nor how it is stored") {
  const std::vector<double> values(300'000, 0.5);
  const std::string reference = digest_of_sample({.values = values});
  CHECK(digest_of_sample({.values = values, .host = "elsewhere"}) == reference);
  CHECK(digest_of_sample({.values = values, .compression = Compression::none}) == reference);
}

TEST_CASE("every NaN is the same value to the digest, and no other value is") {
  const double quiet = std::numeric_limits<double>::quiet_NaN();
  const std::string reference = digest_of_sample({.values = {1, quiet}});
  CHECK(digest_of_sample({.values = {1, -quiet}}) == reference);
  CHECK(digest_of_sample({.values = {1, std::nan("77")}}) == reference);
  CHECK(digest_of_sample({.values = {1, 0}}) != reference);
}

TEST_CASE("hashed values do not depend on the portions in which they come") {
  std::vector<float> values(5000);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i);
  ValuesHash whole;
  whole.add(values);
  ValuesHash portions;
  const std::span<const float> all(values);
  portions.add(all.first(1));
  portions.add(all.subspan(1, 0));
  portions.add(all.subspan(1, 2998));
  portions.add(all.subspan(2999));
  CHECK(whole.finish() == portions.finish());
}

TEST_CASE("a file without a digest, or of a later format, cannot be verified") {
  const Scratch scratch;
  const std::string path = scratch.file("a.h5");
  const auto refusal = [&](std::int64_t version) {
    const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    if (version > 0) write_attribute(file, "format_version", version);
    H5Fclose(file);
    return message_of<config::ConfigError>([&] { verify(path); });
  };
  CHECK_THAT(refusal(0), Catch::StartsWith(path + ": format_version: is missing"));
  CHECK_THAT(refusal(format_version), Catch::StartsWith(path + ": digest: is missing"));
  CHECK_THAT(refusal(format_version + 1), Catch::Contains("is not known to this version"));
  CHECK_THROWS_AS(verify(scratch.file("none.h5")), config::ConfigError);
}
