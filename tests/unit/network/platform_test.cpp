// SPDX-License-Identifier: Apache-2.0
#include "network/platform.hpp"

#include <catch2/catch.hpp>
#include <csignal>
#include <exception>

#include "core/contracts.hpp"
#include "core/sha256.hpp"
#include "sample.hpp"

namespace tokenyard::network {
namespace {

const std::string aws = TOKENYARD_SOURCE_DIR "/platforms/aws.xml";

std::string text_of(const Cluster& cluster) {
  return cluster.name + " " + cluster.region + " " + cluster.rack + " " +
         std::to_string(cluster.first_node) + "+" + std::to_string(cluster.nodes) + "\n";
}

std::string clusters_of(const Platform& platform) {
  std::string text;
  for (const Cluster& cluster : platform.clusters()) text += text_of(cluster);
  return text;
}

// In whole nanoseconds.
std::string latency(const Platform& platform, std::uint32_t from, std::uint32_t to) {
  const double seconds = platform.latency(NodeIndex{from}, NodeIndex{to}).value();
  return std::to_string(static_cast<long>(seconds * 1e9 + 0.5));
}

}  // namespace

TEST_CASE("the clusters of a platform keep the order of the file") {
  CHECK(in_a_child([] {
          const Platform platform = Platform::load(aws);
          std::string text = std::to_string(platform.clusters().size()) + " clusters, " +
                             std::to_string(platform.nodes().size()) + " nodes\n";
          for (const std::size_t i : {0U, 1U, 2U, 3U, 15U, 46U}) {
            text += text_of(platform.clusters()[i]);
          }
          return text;
        }) ==
        "47 clusters, 2668 nodes\n"
        "aws/us-east-1/h100 aws/us-east-1 hgx-h100 0+128\n"
        "aws/us-east-1/h200 aws/us-east-1 hgx-h200 128+64\n"
        "aws/us-east-1/trn2 aws/us-east-1 trn2 192+64\n"
        "aws/us-east-1/b200 aws/us-east-1 hgx-b200 256+64\n"
        "aws/us-west-2/h100 aws/us-west-2 hgx-h100 1160+64\n"
        "aws/ap-northeast-1/gb200 aws/ap-northeast-1 gb200-nvl72 2632+36\n");
}

TEST_CASE("nodes are numbered cluster by cluster, in the order of the radical") {
  const Folder folder;
  const std::string file = folder.write("sample.xml", sample);
  CHECK(in_a_child([&] {
          const Platform platform = Platform::load(file);
          std::string text = clusters_of(platform);
          for (const std::string& node : platform.nodes()) text += node + " ";
          for (std::uint32_t i : {0U, 3U, 4U, 6U}) text += platform.cluster_of(NodeIndex{i}).name;
          return text;
        }) ==
        "r/a here small 0+4\n"
        "r/b here large 4+3\n"
        "a-0 a-1 a-2 a-3 b-7x b-2x b-3x r/ar/ar/br/b");
}

TEST_CASE("a cluster is found by its name") {
  CHECK(in_a_child([] {
          const Platform platform = Platform::load(aws);
          const bool no_other = platform.cluster("aws/us-east-1") == nullptr;
          return text_of(*platform.cluster("aws/us-east-1/trn2")) + (no_other ? "no other" : "");
        }) == "aws/us-east-1/trn2 aws/us-east-1 trn2 192+64\nno other");
}

TEST_CASE("the latency between two nodes is the sum of the links of their route") {
  const Folder folder;
  const std::string file = folder.write("sample.xml", sample);
  CHECK(in_a_child([&] {
          const Platform platform = Platform::load(file);
          return latency(platform, 0, 1) + " " +  // 1 us up, 1 us down
                 latency(platform, 4, 5) + " " +  // 2 us up, 2 us down
                 latency(platform, 0, 4) + " " +  // 1 us, 3 us, 0.5 ms, 2 us
                 latency(platform, 4, 0) + " " +  // and back
                 latency(platform, 2, 2);         // a node reaches itself at once
        }) == "2000 4000 506000 506000 0");
}

TEST_CASE("nodes of a torus are not all alike") {
  const Folder folder;
  const std::string torus =
      with(with(sample, "lat=\"1us\"", "lat=\"1us\" topology=\"TORUS\" topo_parameters=\"4\""),
           R"(gw_src="a-switch")", R"(gw_src="a-0")");
  const std::string file = folder.write("torus.xml", torus);
  CHECK(in_a_child([&] {
          const Platform platform = Platform::load(file);
          const std::string near = latency(platform, 0, 1);
          return near + " " + latency(platform, 0, 2) + " " + latency(platform, 0, 1);
        }) == "1000 2000 1000");
}

TEST_CASE("two regions are half of their measured round trip apart") {
  CHECK(in_a_child([] {
          const Platform platform = Platform::load(aws);
          return latency(platform, 0, 1160) + " " + latency(platform, 1223, 200);
        }) == "32085000 32085000");
}

TEST_CASE("a platform knows its file and the checksum of the bytes that SimGrid read") {
  const Folder folder;
  const std::string file = folder.write("sample.xml", sample);
  CHECK(in_a_child([&] {
          const Platform platform = Platform::load(file);
          return platform.file() + " " + platform.sha256();
        }) == file + " " + sha256_hex(sample));
}

TEST_CASE("a second platform in one process is our own mistake") {
  const Folder folder;
  const std::string file = folder.write("sample.xml", sample);
  CHECK(in_a_child([&]() -> std::string {
          const Platform first = Platform::load(file);
          try {
            Platform::load(file);
          } catch (const ContractViolation&) {
            return "refused, first has " + std::to_string(first.nodes().size()) + " nodes";
          }
          return "loaded";
        }) == "refused, first has 7 nodes");
}

TEST_CASE("a platform stays valid when it is moved") {
  CHECK(in_a_child([] {
          Platform first = Platform::load(aws);
          const Platform second = std::move(first);
          return latency(second, 0, 1);
        }) == "10000");
}

TEST_CASE("loading a platform leaves signals and termination as they were") {
  CHECK(in_a_child([]() -> std::string {
          const std::terminate_handler before = std::get_terminate();
          const Platform platform = Platform::load(aws);
          for (const int signal : {SIGINT, SIGSEGV, SIGBUS}) {
            struct sigaction now {};
            ::sigaction(signal, nullptr, &now);
            if (signal == SIGINT && now.sa_handler != SIG_DFL) return "SIGINT is taken";
          }
          return std::get_terminate() == before ? "as before" : "terminate is taken";
        }) == "as before");
}

}  // namespace tokenyard::network
