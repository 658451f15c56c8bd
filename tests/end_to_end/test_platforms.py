# SPDX-License-Identifier: Apache-2.0
"""The shipped platform files: written by platforms/build.py, and true to the catalogue and the round trips.

TOKENYARD names the binary: TOKENYARD=build/release/tokenyard python3 test_platforms.py
"""
import csv
import itertools
import pathlib
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as xml

import yaml

PLATFORMS = pathlib.Path(__file__).resolve().parents[2] / "platforms"
NAMES = ("aws", "azure", "multicloud")
PROVIDER_BYTES_PER_S, CROSS_CLOUD_BYTES_PER_S = 100e9 / 8, 40e9 / 8
UNITS = {"GBps": 1e9, "TBps": 1e12, "us": 1e-6, "ms": 1e-3}


def catalogue(name):
    return yaml.safe_load((PLATFORMS / "catalog" / f"{name}.yaml").read_text())[name]


def si(text):
    """"12.5GBps" or "32.075ms" in B/s or s."""
    for unit, factor in UNITS.items():
        if text.endswith(unit):
            return float(text[:-len(unit)]) * factor
    raise AssertionError(text)


def prop(element, name):
    return next(p.get("value") for p in element.findall("prop") if p.get("id") == name)


def nodes_of(cluster):
    first, last = cluster.get("radical").split("-")
    return int(last) - int(first) + 1


def root(name):
    return xml.parse(PLATFORMS / f"{name}.xml").getroot()


def regions(name):
    """The zones with the prop `region`, by its value."""
    return {prop(z, "region"): z for z in root(name).iter("zone")
            if any(p.get("id") == "region" for p in z.findall("prop"))}


def clusters(name):
    return [c for zone in regions(name).values() for c in zone.findall("cluster")]


def wan_links(name):
    """The links between regions, by the pair of them."""
    return {tuple(link.get("id").split("--")): link for link in root(name).iter("link")
            if "--" in link.get("id")}


def round_trips():
    with open(PLATFORMS / "round_trips.csv") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    return {(r["from"], r["to"]): (float(r["rtt_ms"]) / 1e3, r["source"]) for r in rows}


class Generated(unittest.TestCase):
    def test_committed_files_are_what_the_generator_writes(self):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([sys.executable, PLATFORMS / "build.py", "--out", folder], check=True)
            for name in NAMES:
                with self.subTest(file=name):
                    written = (pathlib.Path(folder) / f"{name}.xml").read_bytes()
                    self.assertTrue(written == (PLATFORMS / f"{name}.xml").read_bytes(),
                                    f"platforms/{name}.xml is not what platforms/build.py writes; "
                                    "change its inputs and run it")


class Regions(unittest.TestCase):
    def test_all_regions_of_the_catalogue_are_there(self):
        known = catalogue("regions")
        aws = [r for r in known if r.startswith("aws/")]
        azure = [r for r in known if r.startswith("azure/")]
        self.assertEqual((13, 14), (len(aws), len(azure)))
        self.assertEqual(sorted(aws), sorted(regions("aws")))
        self.assertEqual(sorted(azure), sorted(regions("azure")))
        self.assertEqual(list(regions("aws")) + list(regions("azure")), list(regions("multicloud")))

    def test_both_clouds_have_the_racks_of_their_own_files(self):
        shown = lambda name: [xml.tostring(c) for c in clusters(name)]
        self.assertEqual(shown("aws") + shown("azure"), shown("multicloud"))

    def test_every_kind_stands_somewhere(self):
        kinds = {name: {prop(c, "rack") for c in clusters(name)} for name in NAMES}
        self.assertLessEqual({"hgx-h100", "hgx-h200", "hgx-b200", "gb200-nvl72", "gb300-nvl72", "trn2",
                              "trn2-ultraserver", "trn3-ultraserver-144", "cs3"}, kinds["aws"])
        self.assertLessEqual({"hgx-h100", "hgx-h200", "gb200-nvl72", "gb300-nvl72", "mi300x-8",
                              "maia200"}, kinds["azure"])

    def test_a_site_has_room_for_what_stands_there(self):
        racks = catalogue("racks")
        for name, zone in regions("multicloud").items():
            with self.subTest(region=name):
                counts = [(racks[prop(c, "rack")], nodes_of(c)) for c in zone.findall("cluster")]
                kilowatts = sum(n / r["nodes"] * float(r["rack_power"].removesuffix(" kW"))
                                for r, n in counts)
                slots = sum(n / r["nodes"] * r.get("slots", 1) for r, n in counts)
                self.assertLessEqual(kilowatts, 1e3 * float(prop(zone, "power").removesuffix(" MW")))
                self.assertLessEqual(slots, int(prop(zone, "rack_slots")))


class Nodes(unittest.TestCase):
    def test_clusters_are_whole_racks_and_whole_domains(self):
        racks, accelerators = catalogue("racks"), catalogue("accelerators")
        for cluster in clusters("multicloud"):
            with self.subTest(cluster=cluster.get("id")):
                rack = racks[prop(cluster, "rack")]
                domain = max(accelerators[rack["accelerator"]]["scale_up"]["chips"],
                             rack.get("scale_up", {}).get("chips", 1))
                self.assertEqual(0, nodes_of(cluster) % rack["nodes"])
                self.assertEqual(0, nodes_of(cluster) * rack["chips_per_node"] % domain)

    def test_a_node_has_the_scale_out_of_its_chips(self):
        racks, accelerators = catalogue("racks"), catalogue("accelerators")
        for cluster in clusters("multicloud"):
            with self.subTest(cluster=cluster.get("id")):
                rack = racks[prop(cluster, "rack")]
                out = accelerators[rack["accelerator"]]["scale_out"]["bandwidth"]
                bits = rack["chips_per_node"] * float(out.removesuffix(" Gbit/s")) * 1e9
                self.assertAlmostEqual(bits / 8, si(cluster.get("bw")), delta=1)
                self.assertAlmostEqual(nodes_of(cluster) * bits / 8, si(cluster.get("bb_bw")), delta=1e3)
                self.assertEqual("5us", cluster.get("lat"))

    def test_a_wafer_scale_system_has_150_gigabytes_a_second(self):
        rates = {si(c.get("bw")) for c in clusters("aws") if prop(c, "rack") == "cs3"}
        self.assertEqual({150e9}, rates)


class WideArea(unittest.TestCase):
    def test_there_is_a_link_for_each_pair(self):
        for name in NAMES:
            pairs = list(itertools.combinations(regions(name), 2))
            self.assertEqual(pairs, list(wan_links(name)))
        self.assertEqual((78, 91, 351), tuple(len(wan_links(name)) for name in NAMES))

    def test_latency_is_half_the_mean_round_trip(self):
        known = round_trips()
        for name in NAMES:
            for (a, b), link in wan_links(name).items():
                both = [known[pair][0] for pair in ((a, b), (b, a)) if pair in known]
                if both:
                    with self.subTest(link=link.get("id")):
                        half = sum(both) / len(both) / 2
                        self.assertAlmostEqual(half, si(link.get("latency")), delta=0.6e-6)
                else:
                    self.assertNotEqual(a.split("/")[0], b.split("/")[0])

    def test_statistics_are_kept_apart(self):
        sources = {(a.split("/")[0], b.split("/")[0]): set() for a, b in round_trips()}
        for (a, b), (_, source) in round_trips().items():
            sources[a.split("/")[0], b.split("/")[0]].add(source)
        self.assertEqual({("aws", "aws"): {"aws-p50"}, ("azure", "azure"): {"azure-p95"},
                          ("aws", "azure"): {"assumed"}}, sources)

    def test_clouds_are_joined_by_the_rule(self):
        """Worked by hand: 1.4 x great circle there and back at 200 km/ms, plus 1 ms, at least 2 ms."""
        links = wan_links("multicloud")
        one_way_ms = lambda a, b: 1e3 * si(links[a, b].get("latency"))
        self.assertEqual(1.0, one_way_ms("aws/eu-west-2", "azure/uksouth"))  # one place: 2 ms at least
        # Frankfurt to the Netherlands: 363.8 km, so (1.4 x 3.638 + 1) / 2.
        self.assertAlmostEqual(3.0464, one_way_ms("aws/eu-central-1", "azure/westeurope"), delta=0.001)
        self.assertEqual(4.0, one_way_ms("aws/us-west-2", "azure/westus2"))  # assumed: 8 ms

    def test_bandwidth_is_the_stated_assumption(self):
        for name in NAMES:
            for (a, b), link in wan_links(name).items():
                same = a.split("/")[0] == b.split("/")[0]
                self.assertEqual(PROVIDER_BYTES_PER_S if same else CROSS_CLOUD_BYTES_PER_S,
                                 si(link.get("bandwidth")))


if __name__ == "__main__":
    unittest.main()
