// SPDX-License-Identifier: Apache-2.0
#include "sweep/study.hpp"

#include <catch2/catch.hpp>
#include <fstream>

#include "complaint.hpp"
#include "config/schema.hpp"

using namespace tokenyard;
using test::complaint;
using test::study_of;

namespace {

const std::string axes = "axes:\n  fleet.pools[chat].replicas: [1, 2]\n";  // lines 3 and 4

std::vector<std::string> labels(const sweep::Axis& axis) {
  std::vector<std::string> found;
  for (const sweep::Level& level : axis.levels) found.push_back(level.label);
  return found;
}

std::vector<std::string> labels_of(const std::string& axis) {
  return labels(study_of("axes:\n  " + axis + "\n").axes.at(0));
}

// What is said of the fourth line, an axis.
std::string of_axis(const std::string& axis, const std::string& rest = "") {
  const std::string said = complaint("axes:\n  " + axis + "\n" + rest);
  return said.substr(0, said.find('\n'));
}

}  // namespace

TEST_CASE("a list is an axis, and so are ranges at equal differences and ratios") {
  using Labels = std::vector<std::string>;
  CHECK(labels_of("fleet.pools[chat].replicas: [1, 4, 2]") == Labels{"1", "4", "2"});
  CHECK(labels_of("seed: {from: 1, to: 3, steps: 5}") == Labels{"1", "1.5", "2", "2.5", "3"});
  CHECK(labels_of("seed: {from: 5, to: 80, steps: 5, spacing: log}") ==
        Labels{"5", "10", "20", "40", "80"});
  CHECK(labels_of("seed: {from: 0.1, to: 0.4, steps: 4}") == Labels{"0.1", "0.2", "0.3", "0.4"});
  CHECK(labels_of("warm_up: {from: 10 s, to: 20 s, steps: 3}") == Labels{"10 s", "15 s", "20 s"});
  CHECK(labels_of("seed: {from: 1, to: 4, steps: 9, whole: true}") == Labels{"1", "2", "3", "4"});
  CHECK(labels_of("seed: {from: 1, to: 100, steps: 4, spacing: log, whole: true}") ==
        Labels{"1", "5", "22", "100"});
}

TEST_CASE("files of a pattern are an axis, as the scenario names them") {
  const sweep::Study study =
      study_of("axes:\n  'models[0]': {files: [../../workloads/models/llama-3.1-*.yaml]}\n");
  CHECK(labels(study.axes[0]) ==
        std::vector<std::string>{"llama-3.1-405b.yaml", "llama-3.1-70b.yaml", "llama-3.1-8b.yaml"});
  CHECK(study.axes[0].levels[1].settings[0].value.text == "../workloads/models/llama-3.1-70b.yaml");
}

TEST_CASE("an axis of variants sets several keys, and conditions know its name and keys") {
  const sweep::Study study = study_of(
      "axes:\n"
      "  mix:\n"
      "    variants:\n"
      "      - {name: few, set: {fleet.pools.0.replicas: 2, seed: 1}}\n"
      "      - {name: many, set: {fleet.pools.0.replicas: 8}}\n"
      "skip: [mix == 'few' and fleet.pools.0.replicas > 3]\n");
  CHECK(labels(study.axes[0]) == std::vector<std::string>{"few", "many"});
  REQUIRE(study.terms.size() == 2);
  CHECK(study.terms[0].key.empty());
  CHECK(study.terms[1].key == "fleet.pools.0.replicas");
  CHECK(complaint("axes:\n  mix:\n    variants: [{name: a, set: {seed: 1}}, {name: b}]\n"
                  "skip: [seed == 1]\n")
            .starts_with("s.yaml:6:8: skip: 'seed' is not one of: mix"));
}

TEST_CASE("the variants that the scenario lists are an axis") {
  const auto of = [](const std::string& which) {
    const config::Document document = config::parse_yaml(
        TOKENYARD_SOURCE_DIR "/configs/s.yaml",
        "name: s\nscenario: bedrock-cerebras.yaml\naxes:\n  mix: {scenario_variants: " + which +
            "}\n");
    config::Reading reading;
    const sweep::Study study = sweep::read_study(document, reading);
    if (!reading.mistakes.empty()) return std::vector{config::describe(reading.mistakes.all()[0])};
    return labels(study.axes[0]);
  };
  CHECK(of("all") ==
        std::vector<std::string>{"8 CS-3", "8 CS-3 + Trn2", "12 CS-3", "2 GB300 NVL72"});
  CHECK(of("[12 CS-3, 8 CS-3]") == std::vector<std::string>{"12 CS-3", "8 CS-3"});
  CHECK(of("[13 CS-3]")[0].find("did you mean '12 CS-3'?") != std::string::npos);
  CHECK(of("some")[0].find("write all, or list their names") != std::string::npos);
}

TEST_CASE("what is wrong with an axis has its place") {
  CHECK(of_axis("seed: []") == "s.yaml:4:9: axes.seed: an axis without values; write at least one");
  CHECK(of_axis("seed: 5") ==
        "s.yaml:4:9: axes.seed: 5 where an axis is wanted; write a list of values, or {from, to, "
        "steps}");
  CHECK(of_axis("seed: [1, 2, 1]") == "s.yaml:4:16: axes.seed: '1' is there twice; remove one");
  CHECK(of_axis("seed: [1, null]") ==
        "s.yaml:4:13: axes.seed: nothing where a value is wanted; write one");
  CHECK(of_axis("seed: {}").starts_with("s.yaml:4:9: axes.seed: is no axis; write a list"));
  CHECK(of_axis("seed: {from: 1, files: x}") ==
        "s.yaml:4:9: axes.seed: has both 'from' and 'files'; keep one of the two");
  CHECK(of_axis("seed: {from: 1, steps: 3}") ==
        "s.yaml:4:9: axes.seed.to: missing (it has no default); add it");
  CHECK(of_axis("seed: {from: 1, to: 2}") ==
        "s.yaml:4:9: axes.seed.steps: missing (it has no default); add it");
  CHECK(of_axis("seed: {from: 1, to: 2, steps: 1}") ==
        "s.yaml:4:33: axes.seed.steps: 1 is below 2");
  CHECK(complaint("axes:\n  seed: {from: 1, to: 2, stepps: 3}\n").find("did you mean 'steps'?") !=
        std::string::npos);
  CHECK(of_axis("seed: {from: 1 s, to: 2 min, steps: 3}") ==
        "s.yaml:4:25: axes.seed.to: is in 'min' and 'from' in 's'; write both in one unit");
  CHECK(of_axis("seed: {from: 2, to: 2, steps: 3}") ==
        "s.yaml:4:23: axes.seed.to: is not above 'from'; exchange them, or list the one value");
  CHECK(of_axis("seed: {from: 0, to: 2, steps: 3, spacing: log}") ==
        "s.yaml:4:16: axes.seed.from: is not above 0, where log spacing has no ratios; begin above "
        "0");
  CHECK(of_axis("seed: {from: few, to: 2, steps: 3}").starts_with("s.yaml:4:16: axes.seed.from: "));
  CHECK(of_axis("seed: {from: 1, to: 2, steps: 3, spacing: logs}").find("did you mean 'log'?") !=
        std::string::npos);
  CHECK(of_axis("seed: {from: 1.5, to: 2, steps: 3, whole: true}") ==
        "s.yaml:4:45: axes.seed.whole: needs whole ends; write 'from' and 'to' so");
  CHECK(of_axis("seed: {files: none/*.csv}") ==
        "s.yaml:4:17: axes.seed: no file is 'none/*.csv' beside the study; correct the path");
  CHECK(of_axis("name: [a]") ==
        "s.yaml:4:3: axes.name: changes no result of a run; remove this axis");
  CHECK(of_axis("'fleet..pools': [1]").starts_with("s.yaml:4:3: axes"));
  CHECK(of_axis("mix: {variants: []}").find("at least 1") != std::string::npos);
  CHECK(of_axis("mix: {scenario_variants: all}") ==
        "s.yaml:4:28: axes.mix: the scenario lists no variants; write some here as `variants`");
  CHECK(complaint("axes: {}\n") == "s.yaml:3:7: axes: there are none; name at least one key\n");
}

TEST_CASE("two axes do not set one key, however it is spelt") {
  CHECK(complaint("axes:\n  fleet.pools[chat].replicas: [1]\n  fleet.pools.0.replicas: [2]\n") ==
        "s.yaml:5:3: axes[fleet.pools.0.replicas]: sets 'fleet.pools.0.replicas', which the axis "
        "'fleet.pools[chat].replicas' sets; leave it to one of them\n");
  CHECK(complaint("axes:\n  seed: [1]\n  mix: {variants: [{name: a, set: {seed: 2}}]}\n") ==
        "s.yaml:5:3: axes.mix: sets 'seed', which the axis 'seed' sets; leave it to one of them\n");
  CHECK(complaint("set: {seed: 1}\naxes:\n  seed: [1]\n") ==
        "s.yaml:3:7: set.seed: is an axis too; leave it to one of them\n");
  CHECK(complaint("replications: 2\naxes:\n  replication: [1]\n") ==
        "s.yaml:5:16: axes.replication: is what `replications` sets; keep one of the two\n");
}

TEST_CASE("what is wrong with conditions has its place, inside of the text") {
  CHECK(complaint(axes + "skip:\n"
                         "  - fleet.pools[chat].replicas >=\n"
                         "  - 'seed > 1'\n"
                         "  - \"ttft_p99_s > 1\"\n"
                         "  - fleet.pools[chat].replicas * 2\n") ==
        "s.yaml:6:34: skip: ends where a value is wanted; complete it\n"
        "s.yaml:7:6: skip: 'seed' is not one of: fleet.pools[chat].replicas; choose one of these\n"
        "s.yaml:8:6: skip: 'ttft_p99_s' is known only after a run; write it in `feasible`\n"
        "s.yaml:9:5: skip: compares nothing; write it like 'x > 1'\n");
  CHECK(complaint(axes + "feasible: [ttft_p99 <= 2]\n").find("did you mean 'ttft_p99_s'?") !=
        std::string::npos);
  CHECK(complaint(axes + "feasible: [utilisation <= 2 GB]\n") ==
        "s.yaml:5:27: feasible: a number in B cannot be compared with a bare number; write both in "
        "units of a kind\n");
  CHECK(complaint(axes + "feasible: [kv_used_max < 1]\n") ==
        "s.yaml:5:12: feasible: 'kv_used_max' goes by pool; name one in brackets, like "
        "kv_used_max[NAME]\n");
  CHECK(complaint(axes + "objective: minimize cost_usd\n") ==
        "s.yaml:5:12: objective: 'minimize cost_usd' is no objective; write it like 'minimise "
        "cost_usd' or 'maximise goodput_per_s'\n");
  CHECK(complaint(axes + "objective: minimise cots_usd\n").find("did you mean 'cost_usd'?") !=
        std::string::npos);
  CHECK(complaint(axes + "objective: minimise cost_usd > 1\n") ==
        "s.yaml:5:20: objective: is no number; name a metric\n");
}

TEST_CASE("what is wrong with metrics to keep has its place") {
  CHECK(complaint(axes + "keep: [ttft_p99_s, ttft_p9_s, ttft_p99_s, 'cost_usd[chat]', 'x[']\n") ==
        "s.yaml:5:20: keep: 'ttft_p9_s' is no metric; did you mean 'ttft_p90_s'?\n"
        "s.yaml:5:31: keep: 'ttft_p99_s' is there twice; remove one\n"
        "s.yaml:5:44: keep: 'cost_usd[chat]' is of the whole run and has no parts; remove the "
        "brackets\n"
        "s.yaml:5:62: keep: 'x[' is no metric; write a part of one like ttft_p99_s[chat]\n");
}

TEST_CASE("all mistakes of a study are told at once") {
  const std::string said = complaint(
      "axes:\n  seed: []\n  warm_up: {from: 1, to: 0, steps: 2}\ndesign: gird\nkeep: [x]\n"
      "replications: 0\nobjectiv: minimise cost_usd\n");
  CHECK(std::count(said.begin(), said.end(), '\n') == 6);
  CHECK(said.find("s.yaml:6:9: design: 'gird' is no design; did you mean 'grid'?") !=
        std::string::npos);
}

TEST_CASE("what is measured is kept, and all of the whole run where nothing is said") {
  const sweep::Study study =
      study_of(axes +
               "keep: [cost_usd]\nfeasible: [\"ttft_p99_s[chat] <= 2\", ok_share == 1]\n"
               "objective: minimise cost_usd / fleet.pools[chat].replicas\n");
  std::vector<std::string> kept;
  for (const auto& name : study.keep) kept.push_back(name.text());
  CHECK(kept == std::vector<std::string>{"cost_usd", "ttft_p99_s[chat]", "ok_share"});
  REQUIRE(study.measured.size() == 3);
  const std::vector<sweep::Operand> terms = {{2, {}}};
  const std::vector<double> good = {1.5, 1, 10}, slow = {2.5, 1, 10}, lost = {1.5, 0.5, 10};
  CHECK(sweep::is_feasible(study, terms, good));
  CHECK_FALSE(sweep::is_feasible(study, terms, slow));
  CHECK_FALSE(sweep::is_feasible(study, terms, lost));
  CHECK(sweep::objective(study, terms, good) == 5);
  const std::size_t of_runs = study_of(axes).keep.size();
  CHECK(of_runs > 30);
}

TEST_CASE("sampled designs need no steps") {
  const sweep::Study study = study_of("design: sobol 8\naxes:\n  seed: {from: 1, to: 2}\n");
  CHECK(study.axes[0].levels.empty());
  CHECK(study.design.points == 8);
}

TEST_CASE("the schema accepts what the reader does, and knows its names") {
  config::Mistakes mistakes;
  const config::Document document =
      config::load_yaml(TOKENYARD_SOURCE_DIR "/configs/studies/bedrock-mix.yaml");
  config::check_schema(document, "study", sweep::policy_lists(), mistakes);
  CHECK(mistakes.empty());
  const auto wrong = [](const std::string& text) {
    config::Mistakes own;
    config::check_schema(test::study_document(axes + text), "study", sweep::policy_lists(), own);
    return !own.empty();
  };
  CHECK_FALSE(wrong("keep: [ttft_p99_s, \"ttft_p99_s[chat]\"]\n"));
  CHECK(wrong("keep: [ttft]\n"));
  CHECK(wrong("design: sobel 8\n"));
  CHECK(wrong("objective: cost_usd\n"));
  CHECK(wrong("replications: 0\n"));
}
