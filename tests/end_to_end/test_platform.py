# SPDX-License-Identifier: Apache-2.0
"""`tokenyard platform info`, and scenarios that say how many racks there are."""
import json
import pathlib
import re
import sys
import unittest

import h5py

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from support import PLATFORM, InFolder, scenario_text, tokenyard  # noqa: E402

EAST, WEST = "aws/us-east-1", "aws/us-west-2"
SEA = "aws/us-east-1--aws/us-west-2"
REGIONS = 13  # of the shipped file, joined each to each


class Info(unittest.TestCase):
    def info(self, *arguments):
        done = tokenyard("platform", "info", PLATFORM, *arguments)
        self.assertEqual((0, ""), (done.returncode, done.stderr))
        return done.stdout

    def test_table_fits_a_terminal(self):
        for arguments in ((), ("--from", EAST, "--to", WEST), ("--lost", SEA)):
            for line in self.info(*arguments).splitlines():
                self.assertLessEqual(len(line), 80, line)

    def test_racks_are_counted_by_the_catalogue(self):
        regions = {r["name"]: r["clusters"] for r in json.loads(self.info("--json"))["regions"]}
        trn2 = next(c for c in regions[EAST] if c["rack"] == "trn2")
        self.assertEqual((32, 64, 1024), (trn2["racks"], trn2["nodes"], trn2["accelerators"]))
        self.assertGreaterEqual(trn2["power_racks_w"], trn2["power_nodes_w"])
        self.assertRegex(self.info(), r"trn2 +trn2 +32 +64 +1024 ")

    def test_distances(self):
        wan = json.loads(self.info("--json"))["wan"]
        self.assertEqual(REGIONS, len(wan["regions"]))
        east, west = wan["regions"].index(EAST), wan["regions"].index(WEST)
        self.assertAlmostEqual(0.032075, wan["latency_s"][east][west], 12)
        self.assertIsNone(wan["latency_s"][east][east])
        self.assertEqual(12.5e9, wan["bandwidth_bytes_per_s"][west][east])

    def test_way_and_cut(self):
        pair = json.loads(self.info("--json", "--from", WEST, "--to", EAST))["pair"]
        self.assertEqual([WEST, EAST], pair["path"]["regions"])
        # Straight, and by each of the other regions.
        self.assertAlmostEqual((REGIONS - 1) * 12.5e9, pair["max_flow_bytes_per_s"], delta=1)
        self.assertEqual(REGIONS - 1, len(pair["min_cut"]))
        self.assertIn((SEA, "back"), [(c["name"], c["direction"]) for c in pair["min_cut"]])

    def test_lost_link(self):
        pairs = json.loads(self.info("--json", "--lost", SEA))["lost"]["pairs"]
        moved = [pair for pair in pairs if pair["after"] != pair["before"]]
        self.assertEqual({(EAST, WEST), (WEST, EAST)}, {(pair["from"], pair["to"]) for pair in moved})
        for pair in moved:
            self.assertEqual(3, len(pair["after"]["regions"]))
            self.assertGreater(pair["after"]["latency_s"], 0.032075)
            self.assertAlmostEqual((REGIONS - 2) * 12.5e9, pair["max_flow_after_bytes_per_s"], delta=1)

    def test_lost_region(self):
        lost = f"begin or end in what is lost: {2 * (REGIONS - 1)}"
        self.assertIn(lost, " ".join(self.info("--lost", WEST).split()))

    def test_mistakes(self):
        for arguments, message in (
                (("--from", EAST), "--from: stands alone; name both ends of the way"),
                (("--from", EAST, "--to", EAST), "--to: is the region of --from; name another"),
                (("--from", "aws/us-est-1", "--to", WEST), "did you mean 'aws/us-east-1'?"),
                (("--lost", SEA + "x"), f"is no region or link of the platform; did you mean '{SEA}'?")):
            done = tokenyard("platform", "info", PLATFORM, *arguments)
            self.assertEqual((2, ""), (done.returncode, done.stdout))
            self.assertIn(message, done.stderr)
        done = tokenyard("platform", "info", "absent.xml")
        self.assertEqual(2, done.returncode)
        self.assertTrue(done.stderr.startswith("absent.xml: cannot be read"), done.stderr)


class Racks(InFolder):
    def scenario(self, racks):
        path = self.folder / "s.yaml"
        path.write_text(re.sub(r"(\n *file: .*aws\.xml)", rf"\1\n  racks: {racks}", scenario_text()))
        return path

    def identity(self, racks):
        out = self.folder / "o.h5"
        done = tokenyard("run", self.scenario(racks), "--until", "1 s",
                         "--set", "warm_up=0 s", "--out", out, "--force", "--quiet")
        self.assertEqual(0, done.returncode, done.stderr)
        with h5py.File(out) as file:
            return file.attrs["identity"]

    def test_identity_includes_them(self):
        file_has = self.identity("{aws/us-east-1/h100: 32}")
        self.assertEqual(file_has, self.identity("{}"))
        self.assertNotEqual(file_has, self.identity("{aws/us-east-1/h100: 31}"))
        self.assertNotEqual(file_has, self.identity("{aws/us-west-2/h100: 32}"))

    def test_pools_stand_on_them(self):
        one = tokenyard("check", self.scenario("{aws/us-east-1/h100: 1}"),
                        "--set", "fleet.pools.0.replicas=64")
        self.assertEqual(2, one.returncode)
        self.assertIn("aws/us-east-1/h100", one.stderr)
        many = tokenyard("check", self.scenario("{aws/us-east-1/h100: 64}"),
                         "--set", "fleet.pools.0.replicas=64")
        self.assertEqual(0, many.returncode, many.stderr)

    def test_mistakes(self):
        for racks, message in (
                ("{aws/us-east-1/h10: 4}", "did you mean 'aws/us-east-1/h100'?"),
                ("{aws/us-east-1/h100: 0}", "below 1"),
                ("{aws/us-east-1/h100: 99999}", "makes 399996 nodes, more than a platform's 200000")):
            done = tokenyard("check", self.scenario(racks))
            self.assertEqual(2, done.returncode)
            self.assertRegex(done.stderr, r"s\.yaml:\d+:\d+: platform\.racks")
            self.assertIn(message, done.stderr)


if __name__ == "__main__":
    unittest.main()
