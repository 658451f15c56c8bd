// SPDX-License-Identifier: Apache-2.0
#include "network/precheck.hpp"

#include <catch2/catch.hpp>
#include <vector>

#include "sample.hpp"

namespace tokenyard::network {
namespace {

std::string messages_of(const std::string& text) {
  config::Mistakes mistakes;
  precheck({"p.xml", text}, mistakes);
  return messages(mistakes);
}

// The sample with one change, and all that is said of it.
struct Change {
  const char* old;
  const char* now;
  const char* messages;
};

void check_all(const std::vector<Change>& changes) {
  for (const Change& change : changes) {
    CHECK(messages_of(with(sample, change.old, change.now)) == change.messages);
  }
}

}  // namespace

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
       "p.xml:24:5: is not XML (Start-end tags mismatch); correct it here"},
      {"radical=\"0-3\"", "radical=\"0-3",
       "p.xml:6:58: is not XML (Error parsing element "
       "attribute); correct it here"},
      {"<prop id=\"rack\"", "<prop id=rack", ""},
  });
}

TEST_CASE("a document that is no platform is refused as a whole") {
  const std::string doctype = "<!DOCTYPE platform SYSTEM \"https://simgrid.org/simgrid.dtd\">";
  check_all({
      {doctype.c_str(), "", ""},
      {"simgrid.dtd\">", "simgrid.dtd\" [<!ENTITY a \"b\">]>", ""},
      {"<platform version=\"4.1\">", "<platform>", ""},
      {"version=\"4.1\"", "version=\"3\"", ""},
      {"</platform>", "</platform><platform/>", ""},
  });
  CHECK(messages_of(doctype + "<fleet/>") == "");
}

TEST_CASE("elements of SimGrid that would hide something are refused with the reason") {
  const char* const router = "<router id=\"gateway\"/>";
  check_all({
      {router, "<router id=\"gateway\"/><include file=\"b.xml\"/>", ""},
      {router, "<router id=\"gateway\"/><xi:include href=\"b.xml\"/>", ""},
      {router, "<router id=\"gateway\"/><trace id=\"t\" periodicity=\"1\">0 1</trace>", ""},
      {router, "<router id=\"gateway\"/><trace_connect trace=\"t\" element=\"up\"/>", ""},
      {router, "<router id=\"gateway\"/><host id=\"h\" speed=\"1Gf\"/>", ""},
      {"  <zone id=\"r\"", "<config><prop id=\"a\" value=\"b\"/></config><zone id=\"r\"", ""},
      {"  </zone>\n</platform>", "</zone><actor host=\"a-0\" function=\"f\"/></platform>", ""},
      {"latency=\"3us\"", "latency=\"3us\" latency_file=\"l\"", ""},
      {"latency=\"3us\"", "latency=\"3us\" bandwidth_file=\"l\"", ""},
      {"latency=\"3us\"", "latency=\"3us\" state_file=\"l\"", ""},
      {"lat=\"1us\"", "lat=\"1us\" speed_file=\"l\"", ""},
      {"lat=\"1us\"", "lat=\"1us\" availability_file=\"l\"", ""},
  });
}

TEST_CASE("unknown and misplaced elements and attributes are refused with what is known") {
  check_all({
      {"<router id=\"gateway\"/>", "<router id=\"gateway\"/><clusters/>", ""},
      {"<router id=\"gateway\"/>", "<router id=\"gateway\"/><storage/>", ""},
      {"<router id=\"gateway\"/>", "<router id=\"gateway\"/><sg:link id=\"l\"/>", ""},
      {"<router id=\"gateway\"/>", "<router id=\"gateway\"><prop id=\"a\" value=\"b\"/></router>",
       ""},
      {"<router id=\"gateway\"/>", "<router id=\"gateway\"/>text", ""},
      {"lat=\"1us\"", "lat=\"1us\" latency=\"1us\"", ""},
      {"lat=\"1us\"", "lat=\"1us\" colour=\"red\"", ""},
      {"lat=\"1us\"", "lat=\"1us\" lat=\"2us\"", ""},
      {" bw=\"1GBps\" lat=\"1us\"", "", ""},
      {"    <link id=\"up\"", "    <router id=\"loose\"/>\n    <link id=\"up\"", ""},
  });
}

TEST_CASE("values that SimGrid would misread, or abort on, are refused where they stand") {
  check_all({
      {"speed=\"1Gf\"", "speed=\"nan\"", ""},
      {"bw=\"1GBps\"", "bw=\"-1GBps\"", ""},
      {"lat=\"1us\"", "lat=\"1\"", ""},
      {"lat=\"1us\"", "lat=\"1us\" bb_bw=\"inf\" bb_lat=\"x\"", ""},
      {"lat=\"1us\"", "lat=\"1us\" bb_lat=\"1us\"", ""},
      {"lat=\"1us\"", "lat=\"1us\" core=\"0\"", ""},
      {"bandwidth=\"1GBps\"", "bandwidth=\"1GB/s\"", ""},
      {"latency=\"3us\"", "latency=\"-3us\"", ""},
      {" latency=\"3us\"", "", ""},
      {"radical=\"0-3\"", "radical=\"3-0\"", ""},
      {"radical=\"0-3\"", "radical=\"0-3,2\"", ""},
      {"radical=\"0-3\"", "radical=\"\"", ""},
      {"radical=\"0-3\"", "radical=\"0-999999998\"", ""},
      {"routing=\"Floyd\"", "routing=\"Star\"", ""},
      {"routing=\"Floyd\"", "routing=\"floyd\"", ""},
      {"routing=\"Floyd\"", "routing=\"Vivaldi\"", ""},
      {"SPLITDUPLEX", "FULLDUPLEX", ""},
  });
}

TEST_CASE("names are given once and used only if they are given") {
  check_all({
      {"<zone id=\"r/gateway\"", "<zone id=\"r/a\"", ""},
      {"<router id=\"gateway\"", "<router id=\"a-2\"", ""},
      {"<link id=\"across\"", "<link id=\"up\"", ""},
      {"id=\"r/b\" prefix=\"b-\" suffix=\"x\"", "id=\"r/b\" prefix=\"a-\" suffix=\"\"", ""},
      {"src=\"r/a\"", "src=\"r/c\"", ""},
      {"gw_src=\"a-switch\"", "gw_src=\"b-switch\"", ""},
      {"<link_ctn id=\"up\"", "<link_ctn id=\"upp\"", ""},
      {" direction=\"UP\"", "", ""},
      {"<link_ctn id=\"across\"/>", "<link_ctn id=\"across\" direction=\"DOWN\"/>", ""},
      {"<link_ctn id=\"across\"/>", "", ""},
      {"id=\"gateway\"", "id=\"\"", ""},
  });
}

TEST_CASE("a cluster without its rack or region is refused") {
  check_all({
      {"<prop id=\"rack\" value=\"small\"/>", "", ""},
      {"value=\"small\"", "value=\"\"", ""},
      {"<prop id=\"region\" value=\"here\"/>", "", ""},
  });
}

TEST_CASE("a platform has one zone, and a node") {
  const std::string start = sample.substr(0, sample.find("  <zone id=\"r\""));
  CHECK(messages_of(start + "</platform>") == "");
  CHECK(messages_of(
            with(sample, "</platform>", "  <zone id=\"s\" routing=\"Full\"/>\n</platform>")) == "");
}

TEST_CASE("all clusters together may have 200000 nodes") {
  const std::string most = with(sample, "0-3", "0-199996");
  CHECK(messages_of(most).empty());
  CHECK(messages_of(with(most, "199996", "199997")) == "");
}

TEST_CASE("zones nested without end are refused") {
  std::string text = sample.substr(0, sample.find("  <zone id=\"r\""));
  for (int i = 0; i < 10000; ++i)
    text += "<zone id=\"" + std::to_string(i) + "\" routing=\"Full\">";
  for (int i = 0; i < 10000; ++i) text += "</zone>";
  CHECK(messages_of(text + "</platform>") == "");
}

TEST_CASE("all mistakes of a file are reported at once, in its order") {
  std::string text = with(sample, "speed=\"1Gf\"", "speed=\"fast\"");
  text = with(text, "lat=\"2us\"", "lat=\"2\"");
  text = with(text, "dst=\"r/gateway\"", "dst=\"r/gatewy\"");
  CHECK(messages_of(text) == "");
}

}  // namespace tokenyard::network
