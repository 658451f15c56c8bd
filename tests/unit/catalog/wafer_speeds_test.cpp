// SPDX-License-Identifier: Apache-2.0
#include "catalog/wafer_speeds.hpp"

#include <catch2/catch.hpp>
#include <filesystem>

#include "catalog/catalog.hpp"
#include "catalog/model_shape.hpp"

using namespace tokenyard;
using catalog::SpeedBasis;

namespace {

catalog::PublishedSpeed speed(const char* model, double tokens_per_s, SpeedBasis basis,
                              std::int64_t layers, std::int64_t wafers) {
  return {model, tokens_per_s, basis, layers, wafers, {}};
}

constexpr Duration hop(1e-5);

catalog::Catalog shipped() {
  config::Mistakes mistakes;
  catalog::Catalog read =
      catalog::load_catalog(std::string(TOKENYARD_SOURCE_DIR) + "/platforms/catalog", mistakes);
  CHECK(mistakes.empty());
  return read;
}

}  // namespace

TEST_CASE("what hops leave of a published token is its layers'") {
  // 1 ms a token less 4 hops of 10 us, over 96 layers.
  CHECK(catalog::layer_time(speed("a", 1000, SpeedBasis::listed, 96, 4), hop).value() ==
        Approx(1e-5));
  // A lone wafer has no hop.
  CHECK(catalog::layer_time(speed("a", 1000, SpeedBasis::listed, 100, 1), hop).value() ==
        Approx(1e-5));
}

TEST_CASE("of several speeds of a model the best known counts, the first among equals") {
  catalog::WaferSpeeds wafer;
  wafer.speeds = {speed("a", 900, SpeedBasis::fit, 10, 1),
                  speed("a", 500, SpeedBasis::listed, 10, 1),
                  speed("a", 600, SpeedBasis::listed, 10, 1)};
  REQUIRE(wafer.find("a") != nullptr);
  CHECK(wafer.find("a")->tokens_per_s == 500);
  wafer.speeds.push_back(speed("a", 400, SpeedBasis::measured, 10, 1));
  CHECK(wafer.find("a")->tokens_per_s == 400);
  CHECK(wafer.find("b") == nullptr);
}

TEST_CASE("other layers take the median of what is measured or listed, a model once") {
  catalog::WaferSpeeds wafer;
  CHECK(!wafer.layer_times(hop));
  wafer.speeds = {speed("drafts", 1e5, SpeedBasis::speculative, 1, 1),
                  speed("claim", 1e5, SpeedBasis::claim, 1, 1),
                  speed("fit", 1e5, SpeedBasis::fit, 1, 1)};
  CHECK(!wafer.layer_times(hop));
  wafer.speeds.push_back(speed("a", 1000, SpeedBasis::listed, 100, 1));  // 10 us
  wafer.speeds.push_back(speed("b", 1000, SpeedBasis::listed, 50, 1));   // 20 us
  wafer.speeds.push_back(speed("b", 1000, SpeedBasis::listed, 5, 1));    // the first counts
  CHECK(wafer.layer_times(hop)->median.value() == Approx(15e-6));
  wafer.speeds.push_back(speed("c", 1000, SpeedBasis::measured, 25, 1));  // 40 us
  const auto times = wafer.layer_times(hop);
  CHECK(times->median.value() == Approx(20e-6));
  CHECK(times->least.value() == Approx(10e-6));
  CHECK(times->most.value() == Approx(40e-6));
  CHECK(times->models == 3);
}

TEST_CASE("shipped speeds have the layers of the shipped models, and mark what is a guess") {
  const catalog::Catalog all = shipped();
  const catalog::Accelerator& cs3 = all.accelerators.at("cs3-wse3");
  REQUIRE(cs3.wafer);
  CHECK(!all.accelerators.at("h100-sxm").wafer);
  CHECK(cs3.wafer->source.from_memory == std::vector<std::string>{"hop", "reserve"});
  std::size_t compared = 0;
  for (const catalog::PublishedSpeed& s : cs3.wafer->speeds) {
    CHECK(!s.source.text.empty());
    const std::string path =
        std::string(TOKENYARD_SOURCE_DIR) + "/workloads/models/" + s.model + ".yaml";
    if (!std::filesystem::exists(path)) continue;
    config::Mistakes mistakes;
    const catalog::ModelShape shape = catalog::load_model(path, mistakes);
    INFO(s.model);
    CHECK(shape.layers == s.layers);
    ++compared;
    if (s.basis >= SpeedBasis::claim) continue;
    // 16-bit weights fit the wafers, and not one fewer.
    const auto each = static_cast<double>((cs3.memory - cs3.wafer->reserve).value());
    const auto weights = static_cast<double>(shape.weights[0]->value());
    CHECK(weights <= each * static_cast<double>(s.wafers));
    CHECK(weights > each * static_cast<double>(s.wafers - 1));
  }
  CHECK(compared >= 8);
}
