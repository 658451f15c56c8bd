// SPDX-License-Identifier: Apache-2.0
#include "network/precheck.hpp"

#include <catch2/catch.hpp>
#include <vector>

#include "changes.hpp"

namespace tokenyard::network {
TEST_CASE("a platform without mistakes gives its clusters and nodes in file order") {
  config::Mistakes mistakes;
  const Layout layout = precheck({"p.xml", sample}, mistakes);
  CHECK(messages(mistakes).empty());
  REQUIRE(layout.clusters.size() == 2);
  CHECK(layout.clusters[1].name == "r/b");
  CHECK(layout.clusters[1].region == "here");
  CHECK(layout.clusters[1].rack == "large");
  CHECK(layout.clusters[1].first_node == 4);
  CHECK(layout.clusters[1].nodes == 3);
  CHECK(layout.nodes ==
        std::vector<std::string>{"a-0", "a-1", "a-2", "a-3", "b-7x", "b-2x", "b-3x"});
}

TEST_CASE("text that is no XML is reported where it breaks") {
  CHECK(messages_of("") == "p.xml:1:1: is not XML (No document element found); correct it here");
  check_all({
      {"</zone>\n</platform>", "</platform>",
       "p.xml:23:5: is not XML (Start-end tags mismatch); correct it here"},
      {"radical=\"0-3\"", "radical=\"0-3",
       "p.xml:6:69: is not XML (Error parsing element "
       "attribute); correct it here"},
      {"<prop id=\"rack\"", "<prop id=rack",
       "p.xml:7:16: is not XML (Error parsing element attribute); correct it here"},
  });
}

TEST_CASE("a document that is no platform is refused as a whole") {
  const std::string doctype = "<!DOCTYPE platform SYSTEM \"https://simgrid.org/simgrid.dtd\">";
  check_all({
      {doctype.c_str(), "",
       "p.xml:1:1: DOCTYPE: missing (SimGrid reads no platform without); put <!DOCTYPE platform "
       "SYSTEM \"https://simgrid.org/simgrid.dtd\"> before <platform>"},
      {"simgrid.dtd\">", "simgrid.dtd\" [<!ENTITY a \"b\">]>",
       "p.xml:2:11: DOCTYPE: declarations inside it are refused (entities can hide a second file "
       "or grow without end); write <!DOCTYPE platform SYSTEM "
       "\"https://simgrid.org/simgrid.dtd\">"},
      {"<platform version=\"4.1\">", "<platform>",
       "p.xml:3:2: platform.version: missing (SimGrid has no default); add it"},
      {"version=\"4.1\"", "version=\"3\"",
       "p.xml:3:11: platform.version: '3' is not one of: 4.1, 4; choose one of these"},
      {"</platform>", "</platform><platform/>",
       "p.xml:24:13: platform: stands after </platform>; move it inside"},
  });
  CHECK(messages_of(doctype + "<fleet/>") ==
        "p.xml:1:62: fleet: is not a platform of SimGrid; the root must be <platform "
        "version=\"4.1\">");
}

TEST_CASE("elements of SimGrid that would hide something are refused with the reason") {
  const char* const router = "<router id=\"gateway\"/>";
  check_all({
      {router, "<router id=\"gateway\"/><include file=\"b.xml\"/>",
       "p.xml:13:30: include: a second file is refused (the checksum of a platform covers one); "
       "paste its content here"},
      {router, "<router id=\"gateway\"/><xi:include href=\"b.xml\"/>",
       "p.xml:13:30: xi:include: a second file is refused (the checksum of a platform covers one); "
       "paste its content here"},
      {router, "<router id=\"gateway\"/><trace id=\"t\" periodicity=\"1\">0 1</trace>",
       "p.xml:13:30: trace: profiles are refused (faults and changes belong to the scenario, whose "
       "results record them); remove it"},
      {router, "<router id=\"gateway\"/><trace_connect trace=\"t\" element=\"up\"/>",
       "p.xml:13:30: trace_connect: profiles are refused (faults and changes belong to the "
       "scenario, whose results record them); remove it"},
      {router, "<router id=\"gateway\"/><host id=\"h\" speed=\"1Gf\"/>",
       "p.xml:13:30: host: nodes outside a <cluster> are refused (its prop 'rack' says what they "
       "are); write a <cluster>"},
      {"  <zone id=\"r\"", "<config><prop id=\"a\" value=\"b\"/></config><zone id=\"r\"",
       "p.xml:4:2: config: SimGrid's settings are refused here (the simulator fixes them); remove "
       "it"},
      {"  </zone>\n</platform>", "</zone><actor host=\"a-0\" function=\"f\"/></platform>",
       "p.xml:23:9: actor: actors are refused (the simulator runs none); remove it"},
      {"latency=\"3us\"", "latency=\"3us\" latency_file=\"l\"",
       "p.xml:15:51: link.latency_file: profiles are refused (faults and changes belong to the "
       "scenario, whose results record them); remove it"},
      {"latency=\"3us\"", "latency=\"3us\" bandwidth_file=\"l\"",
       "p.xml:15:51: link.bandwidth_file: profiles are refused (faults and changes belong to the "
       "scenario, whose results record them); remove it"},
      {"latency=\"3us\"", "latency=\"3us\" state_file=\"l\"",
       "p.xml:15:51: link.state_file: profiles are refused (faults and changes belong to the "
       "scenario, whose results record them); remove it"},
      {"lat=\"1us\"", "lat=\"1us\" speed_file=\"l\"",
       "p.xml:6:113: cluster.speed_file: profiles are refused (faults and changes belong to the "
       "scenario, whose results record them); remove it"},
      {"lat=\"1us\"", "lat=\"1us\" availability_file=\"l\"",
       "p.xml:6:113: cluster.availability_file: profiles are refused (faults and changes belong to "
       "the scenario, whose results record them); remove it"},
  });
}

TEST_CASE("unknown and misplaced elements and attributes are refused with what is known") {
  check_all({
      {"<router id=\"gateway\"/>", "<router id=\"gateway\"/><clusters/>",
       "p.xml:13:30: clusters: not a known element; did you mean <cluster>?"},
      {"<router id=\"gateway\"/>", "<router id=\"gateway\"/><storage/>",
       "p.xml:13:30: storage: not a known element; known: platform, zone, cluster, prop, router, "
       "link, route, zoneRoute, link_ctn"},
      {"<router id=\"gateway\"/>", "<router id=\"gateway\"/><sg:link id=\"l\"/>",
       "p.xml:13:30: sg:link: names with a namespace are refused (SimGrid reads none); remove it"},
      {"<router id=\"gateway\"/>", "<router id=\"gateway\"><prop id=\"a\" value=\"b\"/></router>",
       "p.xml:13:29: prop: does not belong into <router>, which holds nothing; move it"},
      {"<router id=\"gateway\"/>", "<router id=\"gateway\"/>text",
       "p.xml:12:6: zone: holds text, which SimGrid does not read; remove it"},
      {"lat=\"1us\"", "lat=\"1us\" latency=\"1us\"",
       "p.xml:6:113: cluster.latency: not a known key; known here: id, prefix, suffix, radical, "
       "speed, bw, lat, core, router_id, sharing_policy, bb_bw, bb_lat, bb_sharing_policy, "
       "limiter_link, loopback_bw, loopback_lat, topology, topo_parameters"},
      {"lat=\"1us\"", "lat=\"1us\" colour=\"red\"",
       "p.xml:6:113: cluster.colour: not a known key; known here: id, prefix, suffix, radical, "
       "speed, bw, lat, core, router_id, sharing_policy, bb_bw, bb_lat, bb_sharing_policy, "
       "limiter_link, loopback_bw, loopback_lat, topology, topo_parameters"},
      {"lat=\"1us\"", "lat=\"1us\" lat=\"2us\"",
       "p.xml:6:113: cluster.lat: stands twice; remove one"},
      {" bw=\"1GBps\" lat=\"1us\"", "",
       "p.xml:6:6: cluster.bw: missing (SimGrid has no default); add it\n"
       "p.xml:6:6: cluster.lat: missing (SimGrid has no default); add it"},
      {"    <link id=\"up\"", "    <router id=\"loose\"/>\n    <link id=\"up\"",
       "p.xml:15:6: router: stands beside zones (SimGrid 3.32 misroutes); give it a leaf <zone> of "
       "its own, as the gateways in platforms/aws.xml"},
  });
}

TEST_CASE("a cluster without its rack or region is refused") {
  check_all({
      {"<prop id=\"rack\" value=\"small\"/>", "",
       "p.xml:6:6: cluster.rack: missing (what its nodes are); put <prop id=\"rack\" "
       "value=\"...\"/> into the cluster, an entry of catalog/racks.yaml"},
      {"value=\"small\"", "value=\"\"",
       "p.xml:6:6: cluster.rack: missing (what its nodes are); put <prop id=\"rack\" "
       "value=\"...\"/> into the cluster, an entry of catalog/racks.yaml"},
      {"<prop id=\"region\" value=\"here\"/>", "",
       "p.xml:4:4: zone.region: missing (where its clusters stand); put <prop id=\"region\" "
       "value=\"...\"/> first into the zone, an entry of catalog/regions.yaml"},
  });
}

TEST_CASE("a platform has one zone, and a node") {
  const std::string start = sample.substr(0, sample.find("  <zone id=\"r\""));
  CHECK(messages_of(start + "</platform>") ==
        "p.xml:3:2: platform: has 0 zones (SimGrid keeps one); put all into one <zone>");
  CHECK(messages_of(
            with(sample, "</platform>", "  <zone id=\"s\" routing=\"Full\"/>\n</platform>")) ==
        "p.xml:3:2: platform: has 2 zones (SimGrid keeps one); put all into one <zone>");
}

TEST_CASE("all clusters together may have 200000 nodes") {
  const std::string most = with(sample, "0-3", "0-199996");
  CHECK(messages_of(most).empty());
  CHECK(
      messages_of(with(most, "199996", "199997")) ==
      "p.xml:9:46: cluster.radical: brings the file to 200001 nodes, more than 200000; take fewer");
}

TEST_CASE("zones nested without end are refused") {
  std::string text = sample.substr(0, sample.find("  <zone id=\"r\""));
  for (int i = 0; i < 10000; ++i)
    text += "<zone id=\"" + std::to_string(i) + "\" routing=\"Full\">";
  for (int i = 0; i < 10000; ++i) text += "</zone>";
  CHECK(messages_of(text + "</platform>") ==
        "p.xml:3:2: platform: has no <cluster>, so no node; add one\n"
        "p.xml:4:1819: zone: is nested deeper than 64 elements; flatten the zones");
}

TEST_CASE("all mistakes of a file are reported at once, in its order") {
  std::string text = with(sample, "speed=\"1Gf\"", "speed=\"fast\"");
  text = with(text, "lat=\"2us\"", "lat=\"2\"");
  text = with(text, "dst=\"r/gateway\"", "dst=\"r/gatewy\"");
  CHECK(messages_of(text) ==
        "p.xml:6:80: cluster.speed: 'fast' does not start with a number; write a number with its "
        "unit, such as 1Gf\n"
        "p.xml:9:85: cluster.lat: '2' has no unit; write a number with its unit, such as 5us\n"
        "p.xml:17:26: zoneRoute.dst: no zone, cluster, router or node of the file is named "
        "'r/gatewy'; check the spelling");
}

}  // namespace tokenyard::network
