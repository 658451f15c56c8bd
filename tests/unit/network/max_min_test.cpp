// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <cmath>
#include <random>
#include <string>

#include "fluid.hpp"
#include "sample.hpp"
#include "script.hpp"

// Dates of delivery against answers that do not come from SimGrid.

namespace tokenyard::network {
namespace {

using Random = std::mt19937_64;

std::int64_t between(Random& random, std::int64_t least, std::int64_t most) {
  return least + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(most - least + 1));
}

double relative(double value, double expected) { return std::abs(value / expected - 1); }

// The largest relative difference between the dates of the script and of the fluid.
double difference(Script& script, const Fluid& fluid, const std::vector<Fluid::Flow>& flows) {
  script.quiet = true;
  script.played();
  const std::vector<double> ends = fluid.ends(flows);
  double largest = 0;
  for (std::size_t i = 0; i < flows.size(); ++i) {
    largest = std::max(largest, relative(script.dates.at(i), ends[i]));
  }
  return largest;
}

std::string verdict(double largest, double limit) {
  return largest < limit ? "agree" : "off by " + exact(largest);
}

// Two clusters of five behind one uplink each: a node has a link up and one down.
const std::string two_racks = R"xml(<?xml version='1.0'?>
<!DOCTYPE platform SYSTEM "https://simgrid.org/simgrid.dtd">
<platform version="4.1">
  <zone id="r" routing="Floyd">
    <prop id="region" value="here"/>
    <cluster id="r/a" prefix="a-" suffix="" radical="0-4" router_id="a-switch" speed="1Gf" bw="1.1GBps" lat="3us">
      <prop id="rack" value="small"/>
    </cluster>
    <cluster id="r/b" prefix="b-" suffix="" radical="0-4" router_id="b-switch" speed="1Gf" bw="0.7GBps" lat="1us">
      <prop id="rack" value="small"/>
    </cluster>
    <link id="across" bandwidth="1.3GBps" latency="0.5ms" sharing_policy="SPLITDUPLEX"/>
    <zoneRoute src="r/a" dst="r/b" gw_src="a-switch" gw_dst="b-switch">
      <link_ctn id="across" direction="UP"/>
    </zoneRoute>
  </zone>
</platform>
)xml";

// Links of two_racks: 0-9 up, 10-19 down, 20 from a to b, 21 back.
std::vector<std::size_t> route(std::size_t from, std::size_t to) {
  std::vector<std::size_t> links = {from, 10 + to};
  if (from < 5 && to >= 5) links.push_back(20);
  if (from >= 5 && to < 5) links.push_back(21);
  return links;
}

Fluid two_racks_fluid() {
  std::vector<double> bandwidths;
  for (int link = 0; link < 20; ++link) bandwidths.push_back(link % 10 < 5 ? 1.1e9 : 0.7e9);
  bandwidths.insert(bandwidths.end(), {1.3e9, 1.3e9});
  return Fluid(bandwidths);
}

}  // namespace

TEST_CASE("equal flows on one link end after n times their bytes over its bandwidth") {
  for (const std::uint32_t n : {1U, 2U, 3U, 10U, 100U, 1000U}) {
    CHECK(in_a_child([&] {
            const Platform platform = Platform::link(Duration(1e-6), BytesPerSecond(1e11));
            Script script(platform);
            script.quiet = true;
            for (std::uint32_t id = 0; id < n; ++id) script.send(0.3, id, 123'456'789);
            script.played();
            double largest = 0;
            for (const double date : script.dates) {
              largest = std::max(largest, relative(date, 0.3 + 123456789.0 * n / 1e11));
            }
            return verdict(largest, 1e-12);
          }) == "agree");
  }
}

TEST_CASE("flows on one link share it as processor sharing says") {
  for (const unsigned seed : {1U, 2U, 3U, 4U, 5U, 6U}) {
    CHECK(in_a_child([&] {
            const Platform platform = Platform::link(Duration(1e-6), BytesPerSecond(1e9));
            Script script(platform);
            Random random(seed);
            std::vector<Fluid::Flow> flows;
            for (std::uint32_t id = 0; id < 200; ++id) {
              const double start = 1e-3 * static_cast<double>(between(random, 0, 1'500'000)) / 1e3;
              const std::int64_t bytes = between(random, 1, 10'000'000);
              script.send(start, id, bytes);
              flows.push_back({start, static_cast<double>(bytes), {0}});
            }
            return verdict(difference(script, Fluid({1e9}), flows), 1e-12);
          }) == "agree");
  }
}

TEST_CASE("flows over several links share them max-min") {
  for (const unsigned seed : {1U, 2U, 3U, 4U, 5U, 6U}) {
    CHECK(in_a_child([&] {
            const Folder folder;
            const Platform platform = Platform::load(folder.write("p.xml", two_racks));
            Script script(platform);
            Random random(seed);
            std::vector<Fluid::Flow> flows;
            while (flows.size() < 200) {
              const auto from = static_cast<std::uint32_t>(between(random, 0, 9));
              const auto to = static_cast<std::uint32_t>(between(random, 0, 9));
              if (from == to) continue;
              const double start = 1e-3 * static_cast<double>(between(random, 0, 400'000)) / 1e3;
              const std::int64_t bytes = between(random, 1, 10'000'000);
              script.send(start, static_cast<std::uint32_t>(flows.size()), bytes, {NodeIndex{from}},
                          {NodeIndex{to}});
              flows.push_back({start, static_cast<double>(bytes), route(from, to)});
            }
            return verdict(difference(script, two_racks_fluid(), flows), 1e-12);
          }) == "agree");
  }
}

TEST_CASE("transfers of any length, at any date, end when they must") {
  CHECK(in_a_child([] {
          const Platform platform = Platform::link(Duration(0), BytesPerSecond(1e9));
          Script script(platform);
          script.quiet = true;
          Random random(1);
          double largest = 0;
          double start = 1e-9;
          double expected = 0;
          const std::function<void()> send = [&] {
            const double power = std::exp2(static_cast<double>(between(random, -20, 2)));
            const auto bytes = static_cast<std::int64_t>(std::max(1.0, start * power * 1e9));
            expected = start + static_cast<double>(bytes) / 1e9;
            script.send(start, 0, bytes);
          };
          script.after_delivery = [&](std::uint32_t, Instant date) {
            largest = std::max(largest, relative(date.value(), expected));
            start = date.value() * (1 + 1e-12 * static_cast<double>(between(random, 1, 1000)));
            if (start < 3e7) send();  // a year
          };
          send();
          script.played();
          return verdict(largest, 1e-14) + (start >= 3e7 ? "" : ", lost");
        }) == "agree");
}

TEST_CASE("an event just before the end of a transfer does not end it early") {
  for (const char* early : {"1e-9", "4e-10", "1e-12", "1e-14"}) {
    CHECK(on_a_link(0x1p30, [&](Script& script) {
            script.send(0, 0, std::int64_t{1} << 30);
            script.at(1 - std::stod(early), Phase::observe, "");
          }) == "1:delivery(0)");
  }
}

// From these dates to these SimGrid's clock + (date - clock) is a bit beyond the date.
TEST_CASE("the clock meets the date of a transfer and of an event to the last bit") {
  struct Dates {
    double wake;
    double end;
  };
  for (const Dates far :
       {Dates{1.7251479886428327, 6.572394699591849}, Dates{0.8392833332675179, 1.9603578203954048},
        Dates{0.33026007886637687, 1.830017919726482},
        Dates{0.0014254611557988905, 2.110258659121834}}) {
    for (const double scale : {1.0, 0x1p-10, 0x1p-20}) {
      const Dates dates{far.wake * scale, far.end * scale};
      REQUIRE(dates.wake + (dates.end - dates.wake) > dates.end);
      const auto until = [](double date) { return static_cast<std::int64_t>(date * 0x1p60); };
      CHECK(on_a_link(0x1p60 / scale, [&](Script& script) {
              script.send(0, 0, until(far.end));
              script.at(dates.wake, Phase::observe, "");
            }) == exact(dates.end) + ":delivery(0)");
      CHECK(on_a_link(0x1p60 / scale, [&](Script& script) {
              script.send(0, 0, until(far.wake));
              script.send(dates.end, 0, until(far.end));
            }) == exact(dates.wake) + ":delivery(0) " + exact(dates.end * 2) + ":delivery(0)");
    }
  }
}

}  // namespace tokenyard::network
