// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "changes.hpp"

namespace tokenyard::network {

TEST_CASE("values that SimGrid would misread, or abort on, are refused where they stand") {
  check_all({
      {"speed=\"1Gf\"", "speed=\"nan\"",
       "p.xml:6:80: cluster.speed: 'nan' does not start with a number; write a number with its "
       "unit, such as 1Gf"},
      {"bw=\"1GBps\"", "bw=\"-1GBps\"",
       "p.xml:6:92: cluster.bw: '-1GBps' is not above zero; write a number with its unit, such as "
       "400GBps"},
      {"lat=\"1us\"", "lat=\"1\"",
       "p.xml:6:103: cluster.lat: '1' has no unit; write a number with its unit, such as 5us"},
      {"lat=\"1us\"", "lat=\"1us\" bb_bw=\"inf\" bb_lat=\"x\"",
       "p.xml:6:113: cluster.bb_bw: 'inf' does not start with a number; write a number with its "
       "unit, such as 400GBps\n"
       "p.xml:6:125: cluster.bb_lat: 'x' does not start with a number; write a number with its "
       "unit, such as 5us"},
      {"lat=\"1us\"", "lat=\"1us\" bb_lat=\"1us\"",
       "p.xml:6:113: cluster.bb_lat: has no bandwidth beside it; add 'bb_bw' or remove it"},
      {"lat=\"1us\"", "lat=\"1us\" topology=\"TORUS\"",
       "p.xml:6:113: cluster.topology: has no shape beside it; add 'topo_parameters' or remove it"},
      {"lat=\"1us\"", "lat=\"1us\" core=\"0\"",
       "p.xml:6:113: cluster.core: '0' is not a whole number from 1; write one"},
      {"bandwidth=\"1GBps\"", "bandwidth=\"1GB/s\"",
       "p.xml:15:19: link.bandwidth: 'GB/s' is not a unit that fits here; write a number with its "
       "unit, such as 400GBps"},
      {"latency=\"3us\"", "latency=\"-3us\"",
       "p.xml:15:37: link.latency: '-3us' is negative; write 0us or more"},
      {" latency=\"3us\"", "",
       "p.xml:15:6: link.latency: missing (SimGrid has no default); add it"},
      {"radical=\"0-3\"", "radical=\"3-0\"",
       "p.xml:6:45: cluster.radical: '3-0' runs backwards (SimGrid would take no node); write the "
       "smaller number first"},
      {"radical=\"0-3\"", "radical=\"0-3,2\"",
       "p.xml:6:45: cluster.radical: makes a second 'a-2' (the names of nodes, zones and routers "
       "are one set); change the prefix or the numbers"},
      {"radical=\"0-3\"", "radical=\"\"", "p.xml:6:45: cluster.radical: is empty; give a value"},
      {"radical=\"0-3\"", "radical=\"0-999999998\"",
       "p.xml:6:45: cluster.radical: brings the file to 999999999 nodes, more than 200000; take "
       "fewer\n"
       "p.xml:9:46: cluster.radical: brings the file to 1000000002 nodes, more than 200000; take "
       "fewer"},
      {"routing=\"Floyd\"", "routing=\"Star\"",
       "p.xml:4:16: zone.routing: 'Star' aborts SimGrid 3.32 when a file says it; write a "
       "<cluster>, which is a star"},
      {"routing=\"Floyd\"", "routing=\"floyd\"",
       "p.xml:4:16: zone.routing: 'floyd' is not one of: Full, Floyd, Dijkstra, DijkstraCache; did "
       "you mean 'Floyd'?"},
      {"routing=\"Floyd\"", "routing=\"Vivaldi\"",
       "p.xml:4:16: zone.routing: 'Vivaldi' is not one of: Full, Floyd, Dijkstra, DijkstraCache; "
       "choose one of these"},
      {"SPLITDUPLEX", "FULLDUPLEX",
       "p.xml:15:51: link.sharing_policy: 'FULLDUPLEX' is not one of: SHARED, SPLITDUPLEX, "
       "FATPIPE; choose one of these\n"
       "p.xml:18:17: link_ctn.id: is a link of one direction; remove 'direction', or give the link "
       "sharing_policy=\"SPLITDUPLEX\""},
  });
}

TEST_CASE("names are given once and used only if they are given") {
  check_all({
      {"<zone id=\"r/gateway\"", "<zone id=\"r/a\"",
       "p.xml:12:11: zone.id: 'r/a' is the name of another zone, cluster, router or node; rename "
       "one\n"
       "p.xml:17:26: zoneRoute.dst: no zone, cluster, router or node of the file is named "
       "'r/gateway'; check the spelling\n"
       "p.xml:20:26: zoneRoute.dst: no zone, cluster, router or node of the file is named "
       "'r/gateway'; check the spelling"},
      {"<router id=\"gateway\"", "<router id=\"a-2\"",
       "p.xml:13:15: router.id: 'a-2' is the name of another zone, cluster, router or node; rename "
       "one\n"
       "p.xml:17:60: zoneRoute.gw_dst: no zone, cluster, router or node of the file is named "
       "'gateway'; check the spelling\n"
       "p.xml:20:65: zoneRoute.gw_dst: no zone, cluster, router or node of the file is named "
       "'gateway'; check the spelling"},
      {"<link id=\"across\"", "<link id=\"up\"",
       "p.xml:16:11: link.id: 'up' is the name of another link; rename one\n"
       "p.xml:21:17: link_ctn.id: no link of the file is named 'across'; check the spelling"},
      {"id=\"r/b\" prefix=\"b-\" suffix=\"x\"", "id=\"r/b\" prefix=\"a-\" suffix=\"\"",
       "p.xml:9:45: cluster.radical: makes a second 'a-2' (the names of nodes, zones and routers "
       "are one set); change the prefix or the numbers\n"
       "p.xml:20:42: zoneRoute.gw_src: no zone, cluster, router or node of the file is named "
       "'b-r/b_routerx'; check the spelling"},
      {"src=\"r/a\"", "src=\"r/c\"",
       "p.xml:17:16: zoneRoute.src: no zone, cluster, router or node of the file is named 'r/c'; "
       "check the spelling"},
      {"gw_src=\"a-switch\"", "gw_src=\"b-switch\"",
       "p.xml:17:42: zoneRoute.gw_src: no zone, cluster, router or node of the file is named "
       "'b-switch'; check the spelling"},
      {"<link_ctn id=\"up\"", "<link_ctn id=\"upp\"",
       "p.xml:18:17: link_ctn.id: no link of the file is named 'upp'; check the spelling"},
      {" direction=\"UP\"", "",
       "p.xml:18:17: link_ctn.id: is a link of two directions (SPLITDUPLEX); add direction=\"UP\" "
       "or \"DOWN\""},
      {"<link_ctn id=\"across\"/>", "<link_ctn id=\"across\" direction=\"DOWN\"/>",
       "p.xml:21:17: link_ctn.id: is a link of one direction; remove 'direction', or give the link "
       "sharing_policy=\"SPLITDUPLEX\""},
      {"<link_ctn id=\"across\"/>", "",
       "p.xml:20:6: zoneRoute: has no link (SimGrid takes no empty route); add <link_ctn "
       "id=\"...\"/>"},
      {"id=\"gateway\"", "id=\"\"",
       "p.xml:13:15: router.id: is empty; give a value\n"
       "p.xml:17:60: zoneRoute.gw_dst: no zone, cluster, router or node of the file is named "
       "'gateway'; check the spelling\n"
       "p.xml:20:65: zoneRoute.gw_dst: no zone, cluster, router or node of the file is named "
       "'gateway'; check the spelling"},
  });
}

}  // namespace tokenyard::network
