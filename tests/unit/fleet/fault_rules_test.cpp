// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "config/yaml.hpp"
#include "fleet/fault_rules.hpp"
#include "fleet/scenario.hpp"

using namespace tokenyard;
using namespace tokenyard::fleet;

namespace {

const std::string source = TOKENYARD_SOURCE_DIR;

// Four replicas of half a node, then two of three pipeline stages of half a node each, in another
// region.
const std::string start = R"(name: faults
seed: 3
platform: {file: )" + source +
                          R"(/platforms/aws.xml}
models: [llama-3.1-70b, llama-3.1-8b]
workload:
  tenants:
    - {name: t, model: llama-3.1-70b, traffic: {description: )" +
                          source +
                          R"(/workloads/azure-conv-2023.yaml}}
    - {name: u, model: llama-3.1-8b, traffic: {description: )" +
                          source +
                          R"(/workloads/azure-conv-2023.yaml}}
fleet:
  pools:
    - {name: a, at: aws/us-east-1/h100, model: llama-3.1-70b, replicas: 4, parallel: {tensor: 4},
       price: {basis: owner}}
    - {name: b, at: aws/us-west-2/h100, model: llama-3.1-8b, replicas: 2,
       parallel: {tensor: 4, pipeline: 3}, iteration_time: {stage_bandwidth: 40 GB/s}, price: {basis: owner}}
)";

struct Read {
  explicit Read(const std::string& more)
      : document(config::parse_yaml(source + "/configs/s.yaml", start + more)),
        scenario(read_scenario(document, reading)) {}

  // The texts after their paths, of which each must have one.
  std::string said() const {
    std::string text;
    for (const config::Mistake& mistake : reading.mistakes.all()) {
      text += (text.empty() ? "" : "\n") + mistake.path + ": " + mistake.text;
    }
    return text;
  }
  FaultInput input() const {
    REQUIRE(said().empty());
    return fault_input(scenario);
  }

  config::Document document;
  config::Reading reading;
  Scenario scenario;
};

std::string refused(const std::string& more) { return Read(more).said(); }

// "name: replicas / pools / link share"
std::string text_of(const FaultInput& input) {
  std::string text;
  for (const Component& component : input.components) {
    text += component.name + ":";
    for (const std::uint32_t replica : component.replicas) text += " " + std::to_string(replica);
    if (!component.pools.empty()) text += " /";
    for (const std::uint16_t pool : component.pools) text += " " + std::to_string(pool);
    text += "\n";
  }
  return text;
}

std::string own(const std::string& what, const std::string& more = "") {
  return "{what: " + what + ", between_failures: 100 h, repair: 1 h" + more + "}";
}

bool says(const Read& read, const std::string& part) {
  const auto& all = read.scenario.assumptions;
  return std::any_of(all.begin(), all.end(), [&part](const std::string& assumption) {
    return assumption.find(part) != std::string::npos;
  });
}

}  // namespace

TEST_CASE("components are what replicas stand on") {
  SECTION("accelerators, those that a pipeline leaves free left out") {
    const FaultInput input = Read("faults: [" + own("accelerator") + "]").input();
    CHECK(input.components.size() == 4 * 4 + 2 * 12);
    CHECK(input.components[0].name == "accelerator aws/us-east-1/h100/0/0");
    CHECK(input.components[5].name == "accelerator aws/us-east-1/h100/0/5");
    CHECK(input.components[5].replicas == std::vector<std::uint32_t>{1});
    // The first two stages of a pipeline share a node, the third has half of the next.
    CHECK(input.components[16 + 11].name == "accelerator aws/us-west-2/h100/1/3");
    CHECK(input.components[16 + 12].name == "accelerator aws/us-west-2/h100/2/0");
    CHECK(input.components[16 + 12].replicas == std::vector<std::uint32_t>{5});
  }
  SECTION("nodes, and their links") {
    CHECK(text_of(Read("faults: [" + own("node") + "]").input()) ==
          "node aws/us-east-1/h100/0: 0 1\nnode aws/us-east-1/h100/1: 2 3\n"
          "node aws/us-west-2/h100/0: 4\nnode aws/us-west-2/h100/1: 4\n"
          "node aws/us-west-2/h100/2: 5\nnode aws/us-west-2/h100/3: 5\n");
    CHECK(text_of(Read("faults: [" + own("link", ", regions: [aws/us-east-1]") + "]").input()) ==
          "link of node aws/us-east-1/h100/0: 0 1\nlink of node aws/us-east-1/h100/1: 2 3\n");
  }
  SECTION("racks of four nodes") {
    CHECK(text_of(Read("faults: [" + own("rack") + "]").input()) ==
          "rack aws/us-east-1/h100/0: 0 1 2 3\nrack aws/us-west-2/h100/0: 4 5\n");
  }
  SECTION("regions and the control plane") {
    CHECK(text_of(Read("faults: [" + own("region") + "," + own("control-plane") + "]").input()) ==
          "region aws/us-east-1: 0 1 2 3\nregion aws/us-west-2: 4 5\ncontrol-plane aws: / 0 1\n");
  }
  SECTION("where an entry says") {
    CHECK(Read("faults: [" + own("node", ", racks: [hgx-h200]") + "]").input().lives.empty());
    CHECK(Read("faults: [" + own("node", ", racks: [hgx-h100]") + "]").input().lives.size() == 6);
    CHECK(Read("faults: [" + own("node", ", providers: [azure]") + "]").input().lives.empty());
  }
  SECTION("once, whatever befalls them") {
    const FaultInput input =
        Read("faults: [" + own("node") + "," + own("node", ", name: other, scale: 2") + "]" +
             "\nscripted_faults: [{at: 1 h, what: node aws/us-east-1/h100/1, for: 1 h}]")
            .input();
    CHECK(input.components.size() == 6);
    CHECK(input.lives.size() == 12);
    CHECK(input.kinds[1].life.between_failures == Duration(50 * 3600));
    REQUIRE(input.scripted.size() == 1);
    CHECK(input.scripted[0].component == 1);
    CHECK(input.scripted[0].end == Instant(7200));
    CHECK(input.seed == 3);
  }
}

TEST_CASE("a script names all that can fail") {
  const FaultInput input = Read(R"(scripted_faults:
  - {at: 1 h, what: region aws/us-west-2}
  - {at: 1 h, what: cluster aws/us-east-1/h100}
  - {at: 1 h, what: rack aws/us-east-1/h100/0}
  - {at: 1 h, what: node aws/us-east-1/h100/7}
  - {at: 1 h, what: pool b}
  - {at: 1 h, what: replica b/1}
  - {at: 1 h, what: link use1-h100-uplink, to: 20 %, for: 1 h}
  - {at: 3 h, what: link use1-h100-uplink, to: 10 %}
  - {at: 1 h, what: control-plane aws}
  - {at: 1 h, what: control-plane aws/us-west-2}
)")
                               .input();
  CHECK(text_of(input) ==
        "region aws/us-west-2: 4 5\ncluster aws/us-east-1/h100: 0 1 2 3\n"
        "rack aws/us-east-1/h100/0: 0 1 2 3\nnode aws/us-east-1/h100/7:\npool b: 4 5\n"
        "replica b/1: 5\nlink use1-h100-uplink:\nlink use1-h100-uplink:\ncontrol-plane aws: / 0 1\n"
        "control-plane aws/us-west-2: / 1\n");
  CHECK(input.components[6].link == "use1-h100-uplink");
  CHECK(input.components[6].share == 0.2);
  CHECK(input.components[7].share == 0.1);
  CHECK(input.scripted[7].end == Instant::never());
}

TEST_CASE("entries take what the catalogue says, unless they say it") {
  const FaultInput input = Read(R"(faults:
  - {what: node, reliability: 8-gpu-node}
  - {what: node, name: other, reliability: 8-gpu-node, repair: 30 min, repair_time: fixed,
     distribution: weibull, shape: 0.8, scale: 0.5}
)")
                               .input();
  CHECK(input.kinds[0].name == "8-gpu-node");
  CHECK(input.kinds[0].life.between_failures == Duration(6300.0 * 3600));
  CHECK(input.kinds[0].life.repair == Duration(4.0 * 3600));
  CHECK(!input.kinds[0].life.shape);
  CHECK(input.kinds[1].life.between_failures == Duration(12600.0 * 3600));
  CHECK(input.kinds[1].life.repair == Duration(1800));
  CHECK(input.kinds[1].life.shape == 0.8);
  CHECK(input.kinds[1].life.fixed_repair);
}

TEST_CASE("a rate of 0 makes no component, no life, no assumption, and changes no identity") {
  const std::string profile = source + "/platforms/faults/llama3-rates.yaml";
  const Read none("faults: [{profile: " + profile + ", scale: 0}]");
  CHECK(none.input().components.empty());
  CHECK(FaultClock(none.input()).next() == Instant::never());
  CHECK(none.scenario.assumptions == Read("").scenario.assumptions);
  CHECK(none.scenario.identity == Read("").scenario.identity);
}

TEST_CASE("the shipped profile counts no GPU twice") {
  const Read read("faults: [../platforms/faults/llama3-rates.yaml]");
  double of_a_node = 0;  // per hour, of the first, without what it shares with others
  const FaultInput input = read.input();
  for (const FaultInput::Process& process : input.lives) {
    const Component& component = input.components[process.component];
    if (component.name.find("us-east-1/h100/0") == std::string::npos) continue;
    if (component.scope == FaultScope::rack) continue;
    of_a_node += 3600 / input.kinds[process.kind].life.between_failures.value();
  }
  CHECK(of_a_node == Approx(8 / 50700.0));
  CHECK(says(read,
             "gpu-any-cause: of 40 accelerators, each fails in the mean 50700 h after the "
             "start or a repair (exponential), and is away for 2 h (exponential); the "
             "catalogue's gpu-any-cause, from memory: repair"));
  CHECK(!says(read, "cs3"));
}

TEST_CASE("profiles and the catalogue's reliability are part of the identity if they are used") {
  const auto folder = std::filesystem::temp_directory_path() / "tokenyard_fault_rules_test";
  std::filesystem::create_directories(folder);
  const auto write = [&folder](const std::string& name, const std::string& text) {
    std::ofstream(folder / name) << text;
    return "faults: [" + (folder / name).string() + "]";
  };
  const auto identity = [](const std::string& more) { return Read(more).scenario.identity; };
  const std::string text = "faults: [" + own("node") + "]\n";
  const std::string one = identity(write("one.yaml", text));
  CHECK(one == identity(write("two.yaml", text)));
  CHECK(one != identity(write("two.yaml", text + "# other\n")));
  CHECK(one != identity(""));

  const auto inputs = [](const std::string& more) {
    return Read(more).scenario.canonical.find("reliability.yaml") != std::string::npos;
  };
  CHECK(!inputs(""));
  CHECK(!inputs("faults: [" + own("node") + "]"));
  CHECK(inputs("faults: [{what: node, reliability: 8-gpu-node}]"));
  std::filesystem::remove_all(folder);
}

TEST_CASE("entries that cannot be are refused") {
  const auto entry = [](const std::string& text) { return refused("faults: [" + text + "]"); };
  CHECK(entry("{what: node, reliability: gpu-any-cause}") ==
        "faults[0].reliability: 'gpu-any-cause' is of one accelerator; say what: accelerator, or "
        "name another");
  CHECK(entry("{what: node, reliability: 8-gpu-nodes}").find("did you mean '8-gpu-node'?") !=
        std::string::npos);
  CHECK(entry("{what: node, repair: 1 h}") ==
        "faults[0].between_failures: missing (it has no default); add it");
  CHECK(entry(own("nodes")).find("did you mean 'node'?") != std::string::npos);
  CHECK(entry(own("node", ", shape: 0.8")) ==
        "faults[0].shape: is of a Weibull distribution; say distribution: weibull, or remove it");
  CHECK(entry(own("node", ", distribution: weibull")) ==
        "faults[0].shape: missing (it has no default); add it");
  CHECK(entry(own("node", ", distribution: weibull, shape: 0.01")).find("shape: 0.01 is below") !=
        std::string::npos);
  CHECK(entry(own("node", ", racks: [hgx-h10]")).find("did you mean 'hgx-h100'?") !=
        std::string::npos);
  CHECK(entry(own("node", ", regions: [aws/us-east-9]")).find("did you mean 'aws/us-east-") !=
        std::string::npos);
  CHECK(entry(own("node", ", providers: [aw]")).find("did you mean 'aws'?") != std::string::npos);
  CHECK(entry(own("region", ", racks: [hgx-h100]")).find("no part of what fails") !=
        std::string::npos);
  CHECK(entry(own("control-plane", ", regions: [aws/us-east-1]")).find("say 'providers'") !=
        std::string::npos);
  CHECK(entry(own("node", ", scale: -1")) == "faults[0].scale: -1 is below 0");
  CHECK(entry(own("node", ", scale: 1000000")) ==
        "faults[0].scale: makes 0.36 s between failures, less than 1 s; lower it");
  CHECK(entry("{what: node, between_failures: 0 h, repair: 1 h}").find("between_failures") !=
        std::string::npos);
  CHECK(entry(own("node") + "," + own("node")).find("'node' as another entry is") !=
        std::string::npos);
  CHECK(entry("absent.yaml").find("absent.yaml' is no file; name a profile") != std::string::npos);
  CHECK(entry(source + "/platforms/catalog/regions.yaml").find("faults: missing") !=
        std::string::npos);
}

TEST_CASE("scripted faults that cannot be are refused") {
  const auto fault = [](const std::string& text) {
    return refused("scripted_faults: [{at: 1 h, what: " + text + "}]");
  };
  const std::string what = "scripted_faults[0].what: ";
  CHECK(fault("regoin aws/us-east-1").find("did you mean 'region'?") != std::string::npos);
  CHECK(fault("region aws/us-east-9") ==
        what + "'aws/us-east-9' is no region; did you mean 'aws/us-east-1'?");
  CHECK(
      fault("node aws/us-east-1/h10/3") ==
      what +
          "'aws/us-east-1/h10' is no cluster of the platform; did you mean 'aws/us-east-1/h100'?");
  CHECK(fault("node aws/us-east-1/h100/128") ==
        what + "'aws/us-east-1/h100' has nodes 0 to 127, and no 128; choose one of them");
  CHECK(fault("node aws/us-east-1/h100").find("write it like 'node aws/us-east-1/h100/3'") !=
        std::string::npos);
  CHECK(fault("rack aws/us-east-1/h100/32") ==
        what + "'aws/us-east-1/h100' has racks 0 to 31, and no 32; choose one of them");
  CHECK(fault("replica a/4") == what + "'a' has replicas 0 to 3, and no 4; choose one of them");
  CHECK(fault("replica a") == what + "names no replica; write it like 'replica POOL/3'");
  CHECK(fault("pool c") == what + "'c' is no pool; known: a, b");
  CHECK(fault("control-plane azure") ==
        what +
            "'azure' is no provider or region of the platform; known: aws, aws/us-east-1, "
            "aws/us-east-2, aws/us-west-2, aws/ca-central-1, aws/sa-east-1 and 8 more");
  CHECK(fault("link use1-h100-uplnk, to: 20 %") ==
        what + "'use1-h100-uplnk' is no link; did you mean 'use1-h100-uplink'?");
  CHECK(fault("link use1-h100-uplink") ==
        "scripted_faults[0].to: missing (it has no default); "
        "add it");
  for (const char* share : {"0 %", "100 %", "-20 %", "120 %"}) {
    CHECK(fault(std::string("link use1-h100-uplink, to: ") + share)
              .find("between 0 % and 100 %: links degrade, they do not vanish") !=
          std::string::npos);
  }
  CHECK(fault("pool a, to: 20 %").find("is for links") != std::string::npos);
  CHECK(fault("pool a, for: 0 s").find("scripted_faults[0].for: ") == 0);
  CHECK(fault("\"\"").find(what) == 0);
}

TEST_CASE("one component cannot be out twice at a time") {
  const auto two = [](const std::string& first, const std::string& second) {
    return refused("scripted_faults:\n  - {" + first + "}\n  - {" + second + "}\n");
  };
  CHECK(two("at: 1 h, what: pool a, for: 1 h", "at: 90 min, what: pool a, for: 1 min") ==
        "scripted_faults[1].at: pool a is out then already, from 3600 s to 7200 s; make it one "
        "outage, or move it");
  CHECK(two("at: 1 h, what: pool a", "at: 0 s, what: pool a").find("from 3600 s on") !=
        std::string::npos);
  CHECK(two("at: 1 h, what: link use1-h100-uplink, to: 20 %",
            "at: 2 h, what: link use1-h100-uplink, to: 10 %")
            .find("is out then already") != std::string::npos);
  CHECK(two("at: 1 h, what: pool a, for: 1 h", "at: 2 h, what: pool a").empty());
  CHECK(two("at: 1 h, what: pool a, for: 1 h", "at: 0 h, what: pool a, for: 1 h").empty());
  CHECK(two("at: 1 h, what: pool a", "at: 1 h, what: replica a/0").empty());
}

TEST_CASE("maintenance is read, with its replicas") {
  const Read read(R"(energy: {start: 20 h}
maintenance:
  - {pools: [b, a], starts: 2 h, every: 168 h, takes: 20 min, at_once: 2,
     window: {from: 22:30, until: 04:00}, patience: 10 min}
)");
  REQUIRE(read.said().empty());
  const MaintenancePlan& plan = read.scenario.maintenance.at(0);
  CHECK(plan.replicas == std::vector<std::uint32_t>{4, 5, 0, 1, 2, 3});
  CHECK(plan.starts == Instant(7200));
  CHECK(plan.every == Duration(168.0 * 3600));
  CHECK(plan.takes == Duration(1200));
  CHECK(plan.at_once == 2);
  CHECK(plan.patience == Duration(600));
  CHECK(plan.clock == Duration(20.0 * 3600));
  CHECK(plan.window->from == Duration(22.5 * 3600));
  CHECK(plan.window->length == Duration(5.5 * 3600));
  CHECK(MaintenanceCrew(plan).next() == Instant(2.5 * 3600));
}

TEST_CASE("maintenance that cannot be is refused") {
  const auto plan = [](const std::string& text) {
    return refused("maintenance: [{starts: 0 s, takes: 20 min, " + text + "}]");
  };
  CHECK(plan("pools: [a]").empty());
  CHECK(plan("pools: [ab]").find("did you mean 'a'?") != std::string::npos);
  CHECK(plan("pools: [a, a]") == "maintenance[0].pools: 'a' is there twice; remove one");
  CHECK(!plan("pools: []").empty());
  CHECK(plan("pools: [a], every: 10 min") ==
        "maintenance[0].every: is less than one replica takes; raise it");
  CHECK(!plan("pools: [a], at_once: 0").empty());
  CHECK(plan("pools: [a], window: {from: 02:00, until: 05:00}").find("without 'patience'") !=
        std::string::npos);
  CHECK(plan("pools: [a], patience: 1 h, window: {from: 02:00, until: 03:15}") ==
        "maintenance[0].window: is open for 75 min, and 'patience' and 'takes' make 80 min; widen "
        "it, or shorten them");
  for (const char* time : {"2:00", "25:00", "24:01", "02:60", "02-00", "+2:00", "ab:cd"}) {
    CHECK(
        plan(std::string("pools: [a], patience: 1 s, window: {from: '") + time + "', until: 05:00}")
            .find("is no time of the day; write it like '02:30'") != std::string::npos);
  }
  CHECK(plan("pools: [a], patience: 1 s, window: {from: 02:00, until: 02:00}")
            .find("is when it opens") != std::string::npos);
  CHECK(refused("maintenance: [{pools: [a], starts: 0 s, takes: 1 h}, {pools: [b, a], starts: 9 h, "
                "takes: 1 h}]")
            .find("'a' is in the maintenance before") != std::string::npos);
}
