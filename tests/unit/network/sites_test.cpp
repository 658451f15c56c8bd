// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "changes.hpp"

namespace tokenyard::network {
namespace {

const std::string region = "<prop id=\"region\" value=\"here\"/>";

// The sample with more props in its region's zone, which start at column 37 of line 5.
std::string with_props(const std::string& props) { return with(sample, region, region + props); }

Layout layout_of(const std::string& text) {
  config::Mistakes mistakes;
  Layout layout = precheck({"p.xml", text}, mistakes);
  CHECK(messages(mistakes).empty());
  return layout;
}

}  // namespace

TEST_CASE("a region's limits are its site's") {
  const Layout layout = layout_of(
      with_props("<prop id=\"power\" value=\"40 MW\"/><prop id=\"rack_slots\" value=\"500\"/>"));
  REQUIRE(layout.sites.size() == 1);
  CHECK(layout.sites[0].region == "here");
  CHECK(layout.sites[0].power == Watts(40e6));
  CHECK(layout.sites[0].rack_slots == 500U);
}

TEST_CASE("a region without limits is a site without limits") {
  const Layout layout = layout_of(sample);
  REQUIRE(layout.sites.size() == 1);
  CHECK(layout.sites[0].region == "here");
  CHECK_FALSE(layout.sites[0].power);
  CHECK_FALSE(layout.sites[0].rack_slots);
}

TEST_CASE("sites keep the order of the file, and two zones of a region are one site") {
  const std::string zones =
      "<zone id=\"s\" routing=\"Full\"><prop id=\"region\" value=\"there\"/></zone>"
      "<zone id=\"t\" routing=\"Full\"><prop id=\"region\" value=\"here\"/>"
      "<prop id=\"power\" value=\"750 kW\"/></zone>";
  const Layout layout =
      layout_of(with(sample, "<zone id=\"r/gateway\"", zones + "<zone id=\"r/gateway\""));
  REQUIRE(layout.sites.size() == 2);
  CHECK(layout.sites[0].region == "here");
  CHECK(layout.sites[0].power == Watts(750e3));
  CHECK(layout.sites[1].region == "there");
}

TEST_CASE("a limit that is no quantity of its kind is refused") {
  CHECK(messages_of(with_props("<prop id=\"power\" value=\"40\"/>")) ==
        "p.xml:5:54: prop.value: '40' has no unit; write it like '700 W' (mW, W, kW, MW, GW)");
  CHECK(messages_of(with_props("<prop id=\"power\" value=\"40 GB\"/>")) ==
        "p.xml:5:54: prop.value: 'GB' is not a unit of power (mW, W, kW, MW, GW); did you mean "
        "'GW'?");
  CHECK(messages_of(with_props("<prop id=\"power\" value=\"\"/>")) ==
        "p.xml:5:54: prop.value: '' is not a number with a unit; write it like '700 W' (mW, W, kW, "
        "MW, GW)");
  CHECK(messages_of(with_props("<prop id=\"power\" value=\"0 MW\"/>")) ==
        "p.xml:5:54: prop.value: '0 MW' is not above zero; remove the prop if the power has no "
        "limit");
  for (const char* count : {"0", "-5", "12.5", "500 racks", "1000000000"}) {
    CHECK(messages_of(with_props("<prop id=\"rack_slots\" value=\"" + std::string(count) +
                                 "\"/>")) == "p.xml:5:59: prop.value: '" + std::string(count) +
                                                 "' is not a whole number from 1; write one");
  }
}

TEST_CASE("a limit outside a region's zone is refused") {
  check_all({
      {"value=\"small\"/>", "value=\"small\"/><prop id=\"power\" value=\"1 MW\"/>",
       "p.xml:7:44: prop.id: 'power' limits a region, and what holds it is none; move it into a "
       "<zone> with the prop 'region', beside that"},
      {"<router id=\"gateway\"/>", "<prop id=\"rack_slots\" value=\"5\"/><router id=\"gateway\"/>",
       "p.xml:13:13: prop.id: 'rack_slots' limits a region, and what holds it is none; move it "
       "into a <zone> with the prop 'region', beside that"},
  });
}

TEST_CASE("a limit that stands twice is refused") {
  CHECK(messages_of(
            with_props("<prop id=\"power\" value=\"1 MW\"/><prop id=\"power\" value=\"2 MW\"/>")) ==
        "p.xml:5:74: prop.id: 'power' of 'here' stands twice; remove one");
}

}  // namespace tokenyard::network
