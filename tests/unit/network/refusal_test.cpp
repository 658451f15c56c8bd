// SPDX-License-Identifier: Apache-2.0
#include "network/refusal.hpp"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <vector>

#include "network/platform.hpp"
#include "sample.hpp"

namespace tokenyard::network {
namespace {

// What a check says of a file with this text.
std::string messages_of(const std::string& text) {
  const Folder folder;
  config::Mistakes mistakes;
  Platform::check(folder.write("p.xml", text), mistakes);
  return folder.shortened(messages(mistakes));
}

const std::string first_route =
    R"xml(    <zoneRoute src="r/a" dst="r/gateway" gw_src="a-switch" gw_dst="gateway">
      <link_ctn id="up" direction="UP"/>
    </zoneRoute>
)xml";

}  // namespace

TEST_CASE("a good platform passes, and many can be checked in one process") {
  const Folder folder;
  config::Mistakes mistakes;
  Platform::check(folder.write("p.xml", sample), mistakes);
  Platform::check(folder.write("q.xml", with(sample, "4.1", "9")), mistakes);
  Platform::check(TOKENYARD_SOURCE_DIR "/platforms/aws.xml", mistakes);
  CHECK(folder.shortened(messages(mistakes)) ==
        "q.xml:3:11: platform.version: '9' is not one of: 4.1, 4; choose one of these");
}

TEST_CASE("what makes SimGrid abort, exit, throw or crash becomes one line") {
  struct Case {
    std::string text;
    const char* messages;
  };
  const std::string topology = "lat=\"1us\" topology=";
  const std::vector<Case> cases = {
      {with(sample, first_route, first_route + first_route),
       "p.xml: SimGrid refuses it (The route between r/a@a-switch and r/gateway@gateway already "
       "exists (Rq: routes are symmetrical by default)); correct the file"},
      {with(sample, "gw_src=\"a-switch\"", "gw_src=\"gateway\""),
       "p.xml: SimGrid refuses it (Cannot define a NetzoneRoute from 'gateway' to itself); correct "
       "the file"},
      {with(sample, "dst=\"r/gateway\"", "dst=\"a-2\""),
       "p.xml: SimGrid refuses it (Internal error: r/a@r and a-2@r/a are not in the same netzone "
       "as expected. Please report that bug); correct the file"},
      {with(sample, first_route, ""),
       "p.xml: SimGrid refuses it (looking for the routes between clusters: No route from 'r/a' to "
       "'r/b'); correct the file"},
      {with(with(sample, first_route, ""), "Floyd", "Dijkstra"),
       "p.xml: SimGrid refuses it (looking for the routes between clusters; it crashes "
       "(Segmentation fault)); correct the file"},
      {with(with(sample, "Floyd", "Full"), first_route, ""),
       "p.xml: SimGrid refuses it (looking for the routes between clusters: Bad gateways for route "
       "from 'a-0' to 'b-7x'); correct the file"},
      {with(sample, "lat=\"1us\"", topology + "\"TORUS\" topo_parameters=\"x\""),
       "p.xml: SimGrid refuses it (stoi); correct the file"},
      {with(sample, "lat=\"1us\"", topology + "\"TORUS\" topo_parameters=\"3,3\""),
       "p.xml: SimGrid refuses it (Zone(r/a): error when creating host number 4 in the zone. "
       "Insufficient number of radicals available (total = 4). Check the 'radical' parameter in "
       "XML); correct the file"},
      {with(sample, "lat=\"1us\"", topology + "\"FAT_TREE\" topo_parameters=\"2;4,4;1,2\""),
       "p.xml:8: SimGrid refuses it (Fat trees are defined by the levels number and 3 vectors, see "
       "the documentation for more information); correct the file"},
      {with(sample, "lat=\"1us\"", topology + "\"DRAGONFLY\" topo_parameters=\"x\""),
       "p.xml: SimGrid refuses it (Dragonfly are defined by the number of groups, chassis per "
       "groups, blades per chassis, nodes per blade); correct the file"},
      {with(with(sample, "    <prop id=\"region\" value=\"here\"/>\n", ""),
            "  </zone>\n</platform>",
            "    <prop id=\"region\" value=\"here\"/>\n  </zone>\n</platform>"),
       "p.xml:22: SimGrid refuses it (Starting tag <prop> is not allowed here); correct the file"},
      {with(with(sample, first_route, ""), "    <link id=\"up\"",
            first_route + "    <link id=\"up\""),
       "p.xml: SimGrid refuses it (Link not found: up); correct the file"},
      {with(sample, "value=\"here\"", "value=\"&here;\""),
       "p.xml:5: SimGrid refuses it (Spurious `&' in character data); correct the file"},
      {with(sample, "simgrid.org/simgrid.dtd", "\xC3\xA9"),
       "p.xml:2: SimGrid refuses it (Bad declaration <!DOCTYPE platform SYSTEM \"https://é\">. If "
       "you are using an XML v3 file (check the version attribute in <platform>), please update it "
       "with tools/simgrid_update_xml.pl); correct the file"},
      {with(sample, "<?xml version='1.0'?>", "<?xml version='7.0'?>"), ""},
  };
  for (const Case& one : cases) CHECK(messages_of(one.text) == one.messages);
}

TEST_CASE("a platform that SimGrid refuses is the user's mistake, not a crash of ours") {
  const Folder folder;
  const std::string twice = with(sample, first_route, first_route + first_route);
  CHECK_THROWS_AS(Platform::load(folder.write("p.xml", twice)), config::ConfigError);
  CHECK_THROWS_AS(Platform::load(folder.write("q.xml", "")), config::ConfigError);
  CHECK_THROWS_AS(Platform::load(folder.path("absent.xml")), config::ConfigError);
}

TEST_CASE("what is no readable text is refused before it is parsed") {
  const Folder folder;
  const auto said = [&](const std::string& path) {
    config::Mistakes mistakes;
    Platform::check(path, mistakes);
    return folder.shortened(messages(mistakes));
  };
  CHECK(said(folder.path("absent.xml")) ==
        "absent.xml: cannot be read (No such file or directory); check its name");
  std::filesystem::create_directory(folder.path("folder"));
  CHECK(said(folder.path("folder")) == "folder: is a directory; name a file in it");
  REQUIRE(::mkfifo(folder.path("pipe").c_str(), 0600) == 0);
  CHECK(said(folder.path("pipe")) == "pipe: is not a regular file; name one");
  CHECK(said("/dev/null") == "/dev/null: is not a regular file; name one");

  CHECK(said(folder.write("bom.xml", "\xEF\xBB\xBF" + sample)) ==
        "bom.xml:1:1: starts with a byte order mark (SimGrid cannot read it); save it without");
  CHECK(said(folder.write("latin.xml", with(sample, "here", "h\xE9re"))) ==
        "latin.xml:5:31: the byte 0xE9 is not UTF-8 text; save the file as UTF-8");
  CHECK(said(folder.write("nul.xml", with(sample, "here", std::string_view("h\0re", 4)))) ==
        "nul.xml:5:31: the byte 0x00 is a control character; remove it");

  const std::string large = folder.write("large.xml", sample);
  std::filesystem::resize_file(large, (std::uintmax_t{64} << 20) + 1);
  CHECK(said(large) == "large.xml: is larger than 64 MiB; a <cluster> holds many nodes");
}

TEST_CASE("a file named like a library is read as a platform") {
  const Folder folder;
  config::Mistakes mistakes;
  Platform::check(folder.write("platform.so", sample), mistakes);
  CHECK(messages(mistakes).empty());
}

TEST_CASE("SimGrid's words lose the decoration of its log") {
  const auto text = [](const std::string& output, const std::string& end = "") {
    return describe(refusal("p.xml", {output, end}));
  };
  CHECK(text("Parse error at /proc/self/fd/3:13: zoneRoute src='r/b' does name a node. Existing "
             "netpoints:\n'a-0','a-1'") ==
        "p.xml:13: SimGrid refuses it (zoneRoute src='r/b' names nothing that stands above); "
        "correct the file");
  CHECK(text("Parse error at /proc/self/fd/3:6: Invalid XML (XML input line 6, state 59): Bad "
             "attribute `colour' in `cluster' element start tag.") ==
        "p.xml:6: SimGrid refuses it (Bad attribute `colour' in `cluster' element start tag); "
        "correct the file");
  CHECK(text("Uncaught exception simgrid::AssertionError by maestro/0: It is bad.\nBacktrace:\n  "
             "->  0# main\n") == "p.xml: SimGrid refuses it (It is bad); correct the file");
  CHECK(text("", "it aborts") == "p.xml: SimGrid refuses it (it aborts); correct the file");
  CHECK(text("It is bad.", "it crashes (Segmentation fault)") ==
        "p.xml: SimGrid refuses it (It is bad; it crashes (Segmentation fault)); correct the file");
  CHECK(text("") == "p.xml: SimGrid refuses it (it says nothing); correct the file");
  CHECK(text("Parse error at nowhere").starts_with("p.xml: SimGrid refuses it (Parse error"));
  CHECK(text(std::string(1000, 'x')).size() < 400);
}

}  // namespace tokenyard::network
