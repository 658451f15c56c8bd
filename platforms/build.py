#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes aws.xml, azure.xml and multicloud.xml from buildout.yaml, round_trips.csv and catalog/.

python3 platforms/build.py            write the three files beside this one
python3 platforms/build.py --out DIR  write them there
"""
import argparse
import csv
import itertools
import math
import pathlib
import re

import yaml

HERE = pathlib.Path(__file__).resolve().parent
FILES = {"aws": ["aws"], "azure": ["azure"], "multicloud": ["aws", "azure"]}
EARTH_RADIUS_KM, FIBRE_KM_PER_MS, DETOUR, EXTRA_MS, LEAST_MS = 6371.0, 200.0, 1.4, 1.0, 2.0

STATISTICS = {
    "aws": """\
     - WAN latency: half the mean of both directions' round trips, medians over a year (round_trips.csv: aws-p50).""",
    "azure": """\
     - WAN latency: half the mean of both directions' round trips, 95th percentiles over 30 days (round_trips.csv:
       azure-p95; of 9 pairs one direction is known). A percentile, NOT a median as in aws.xml, and not corrected:
       over the 36 pairs whose cities both providers have, the AWS median is 0.71 to 1.09 of the Azure P95 (quartiles
       0.88 and 0.97), so that routes differ more than the statistic and one factor would be made up.""",
    "multicloud": """\
     - WAN latency: half the mean of both directions' round trips. TWO STATISTICS, kept apart and not corrected: medians
       over a year between AWS regions, 95th percentiles over 30 days between Azure regions (round_trips.csv). Over the
       36 pairs whose cities both providers have, the AWS median is 0.71 to 1.09 of the Azure P95 (quartiles 0.88 and
       0.97), so that routes differ more than the statistic and one factor would be made up.
     - WAN latency between clouds: no measurement. Five pairs of one metropolitan area are assumed in
       round_trips.csv; the others by a rule: round trip = max(2 ms, great circle x 1.4 there and back at 200 km/ms
       + 1 ms), with the places of catalog/regions.yaml.""",
}

HEADER = """\
<?xml version='1.0'?>
<!DOCTYPE platform SYSTEM "https://simgrid.org/simgrid.dtd">
<!-- {title} Read by SimGrid 3.32.

     WRITTEN BY build.py from buildout.yaml, round_trips.csv and catalog/: change those and run it again.

     A host is a node (8 GPUs of an HGX, 16 Trainium chips, one CS-3); a cluster is one rack kind at one region, named
     region/kind. Rack k is nodes [k n, (k+1) n) in the order of `radical`, with n the `nodes` of the rack in
     catalog/racks.yaml. Props name catalogue entries: `region` of a zone in catalog/regions.yaml, `rack` of a cluster
     in catalog/racks.yaml.

     How many nodes of which kind stand where is an ASSUMPTION, chosen to be round. So are the limits of a site: the
     props `power` (what its racks may draw) and `rack_slots` leave {headroom:.0f} % beyond what stands there. The rest:
     - speed: a placeholder that SimGrid wants; iteration times come from the models, not from it.
     - bw of a node: scale-out per chip x chips of a node, one way, from catalog/accelerators.yaml. What a scale-up
       domain carries (NVLink, NeuronLink, the torus of an UltraServer) is part of iteration times, not of these links.
     - lat of a node: {node_latency} us, so that any two nodes of a region are {between} us apart ("same-region node to
       node latency across racks", from memory, EFA or InfiniBand class). Backbones and uplinks add none.
     - backbones and uplinks: ASSUMED non-blocking, so nodes x bw of a node; change them with `radical`.
{statistics}
     - WAN bandwidth: {wan} one way, an ASSUMPTION (no public source): the
       backbone capacity for one serving cell; sweep it. From memory, AWS also limits a single flow between regions to
       5 Gbit/s and a node to half of its NIC; neither is modelled here.

     The gateway router of a region stands in a leaf zone of its own: beside sub-zones SimGrid 3.32 throws or
     misroutes. Regions are Floyd zones, so a cluster states one route, to the gateway. The top zone is Full: a link
     for each pair of regions, since latencies are measured between pairs and no detour may be shorter. -->
<platform version="4.1">
  <zone id="{name}" routing="Full">
"""
TITLES = {
    "aws": "13 regions of AWS with GPU, Trainium and wafer-scale nodes, at measured WAN latencies.",
    "azure": "14 regions of Azure with GPU and Maia nodes, at measured WAN latencies.",
    "multicloud": "The regions of aws.xml and azure.xml, and links between any two of both clouds.",
}


def read_yaml(path):
    return yaml.safe_load((HERE / path).read_text(encoding="utf-8"))


def read_round_trips():
    """ms by (from, to); a region to itself is no distance and does not stand there."""
    lines = (HERE / "round_trips.csv").read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader(line for line in lines if not line.startswith("#"))
    return {(row["from"], row["to"]): float(row["rtt_ms"]) for row in rows}


def number(text, units):
    """"3200 Gbit/s" as a number in the unit that `units` counts in."""
    value, unit = re.fullmatch(r"([0-9.]+) (\S+)", text).groups()
    return float(value) * units[unit]


def gigabytes_per_second(bandwidth):
    return number(bandwidth, {"Gbit/s": 1 / 8, "GB/s": 1.0})


def kilowatts(power):
    return number(power, {"W": 1e-3, "kW": 1.0, "MW": 1e3})


def provider(region):
    return region.split("/")[0]


def shown_bandwidth(gigabytes):
    """With a unit of SimGrid's."""
    return f"{gigabytes / 1000:.10g}TBps" if gigabytes >= 1000 else f"{gigabytes:.10g}GBps"


class Facts:
    """What the files are made from."""

    def __init__(self):
        self.buildout = read_yaml("buildout.yaml")
        self.racks = read_yaml("catalog/racks.yaml")["racks"]
        self.accelerators = read_yaml("catalog/accelerators.yaml")["accelerators"]
        self.places = read_yaml("catalog/regions.yaml")["regions"]
        self.round_trips = read_round_trips()

    def regions(self, providers):
        return [name for p in providers for name in self.buildout["regions"] if provider(name) == p]

    def rack_of(self, kind):
        return self.racks[self.buildout["kinds"][kind]["rack"]]

    def node_bandwidth(self, kind):
        """GB/s: every chip has its own way out."""
        rack = self.rack_of(kind)
        out = self.accelerators[rack["accelerator"]]["scale_out"]["bandwidth"]
        return rack["chips_per_node"] * gigabytes_per_second(out)

    def great_circle_km(self, a, b):
        (p, l), (q, m) = ((math.radians(self.places[r]["latitude"]),
                           math.radians(self.places[r]["longitude"])) for r in (a, b))
        h = math.sin((q - p) / 2) ** 2 + math.cos(p) * math.cos(q) * math.sin((m - l) / 2) ** 2
        return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(h))

    def ruled_round_trip_ms(self, a, b):
        there_and_back = 2 * self.great_circle_km(a, b) / FIBRE_KM_PER_MS
        return max(LEAST_MS, DETOUR * there_and_back + EXTRA_MS)

    def latency_ms(self, a, b):
        known = [self.round_trips[pair] for pair in ((a, b), (b, a)) if pair in self.round_trips]
        if not known and provider(a) == provider(b):
            raise SystemExit(f"round_trips.csv has no round trip between {a} and {b}; add one")
        round_trip = sum(known) / len(known) if known else self.ruled_round_trip_ms(a, b)
        return round_trip / 2

    def wan_bandwidth(self, a, b):
        key = "same_provider" if provider(a) == provider(b) else "cross_cloud"
        return self.buildout["wan_gbit_per_s"][key] / 8

    def limits(self, region):
        """(MW, rack slots) that a site has, by what stands there."""
        power, slots = 0, 0
        for kind, nodes in self.buildout["regions"][region]["nodes"].items():
            rack = self.rack_of(kind)
            racks, rest = divmod(nodes, rack["nodes"])
            if rest:
                raise SystemExit(f"{region}: {nodes} nodes of {kind} are not whole racks of {rack['nodes']}")
            power += racks * kilowatts(rack["rack_power"])
            slots += racks * rack.get("slots", 1)
        room = 1 + self.buildout["headroom"]
        return math.ceil(power * room / 1000), math.ceil(slots * room / 10) * 10


def cluster_text(facts, region, kind, nodes):
    names, rack = facts.buildout["kinds"][kind], facts.rack_of(kind)
    short = f"{facts.buildout['regions'][region]['short']}-{kind}"
    rate, all_rates = (shown_bandwidth(n * facts.node_bandwidth(kind)) for n in (1, nodes))
    latency = facts.buildout["node_latency_us"]
    contents = (f"{nodes // rack['nodes']} x {rack['nodes']} nodes of "
                f"{rack['chips_per_node']} {rack['accelerator']}")
    return f"""\

      <!-- {names[provider(region)]}: {contents} -->
      <cluster id="{region}/{kind}" prefix="{short}-" suffix="" radical="0-{nodes - 1}"
               router_id="{short}-switch" speed="1Gf" bw="{rate}" lat="{latency}us"
               bb_bw="{all_rates}" bb_lat="0us">
        <prop id="rack" value="{names["rack"]}"/>
      </cluster>
"""


def uplink_text(facts, region, kind, nodes):
    """The link of a cluster to its gateway, and the route over it."""
    short = facts.buildout["regions"][region]["short"]
    rate = shown_bandwidth(nodes * facts.node_bandwidth(kind))
    return f"""\
      <link id="{short}-{kind}-uplink" bandwidth="{rate}" latency="0us" sharing_policy="SPLITDUPLEX"/>
""", f"""\
      <zoneRoute src="{region}/{kind}" dst="{region}/gateway"
                 gw_src="{short}-{kind}-switch" gw_dst="{short}-gateway">
        <link_ctn id="{short}-{kind}-uplink" direction="UP"/>
      </zoneRoute>
"""


def joined(links_and_routes):
    """SimGrid reads all links of a zone before its routes."""
    links, routes = zip(*links_and_routes)
    return "".join(links) + "\n" + "".join(routes)


def region_text(facts, region):
    entry = facts.buildout["regions"][region]
    megawatts, slots = facts.limits(region)
    clusters = "".join(cluster_text(facts, region, *one) for one in entry["nodes"].items())
    uplinks = joined(uplink_text(facts, region, *one) for one in entry["nodes"].items())
    return f"""\

    <zone id="{region}" routing="Floyd">
      <prop id="region" value="{region}"/>
      <prop id="power" value="{megawatts} MW"/>
      <prop id="rack_slots" value="{slots}"/>
{clusters}
      <zone id="{region}/gateway" routing="Full">
        <router id="{entry["short"]}-gateway"/>
      </zone>

{uplinks}    </zone>
"""


def wan_text(facts, a, b):
    """The link between two regions, and the route over it."""
    short = [facts.buildout["regions"][region]["short"] for region in (a, b)]
    rate = shown_bandwidth(facts.wan_bandwidth(a, b))
    return f"""\
    <link id="{a}--{b}" bandwidth="{rate}" latency="{facts.latency_ms(a, b):.3f}ms"
          sharing_policy="SPLITDUPLEX"/>
""", f"""\
    <zoneRoute src="{a}" dst="{b}"
               gw_src="{short[0]}-gateway" gw_dst="{short[1]}-gateway">
      <link_ctn id="{a}--{b}" direction="UP"/>
    </zoneRoute>
"""


def platform_text(facts, name):
    rates, latency = facts.buildout["wan_gbit_per_s"], facts.buildout["node_latency_us"]
    wan = f"{rates['same_provider']} Gbit/s"
    if len(FILES[name]) > 1:
        wan += f" in a provider, {rates['cross_cloud']} between clouds,"
    text = HEADER.format(name=name, title=TITLES[name], headroom=100 * facts.buildout["headroom"],
                         node_latency=latency, between=2 * latency, statistics=STATISTICS[name], wan=wan)
    regions = facts.regions(FILES[name])
    text += "".join(region_text(facts, region) for region in regions) + "\n"
    text += joined(wan_text(facts, *pair) for pair in itertools.combinations(regions, 2))
    return text + "  </zone>\n</platform>\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=pathlib.Path, default=HERE, help="folder to write to")
    folder = parser.parse_args().out
    facts = Facts()
    for name in FILES:
        (folder / f"{name}.xml").write_text(platform_text(facts, name), encoding="utf-8")


if __name__ == "__main__":
    main()
