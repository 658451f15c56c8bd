# SPDX-License-Identifier: Apache-2.0
"""Operated fleets as their users write them: the shipped scenarios at a small size, and what must hold of any."""
import collections
import pathlib
import sys
import unittest

import h5py
import numpy
import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from support import ROOT, InFolder, scenario_text, tokenyard  # noqa: E402

CONFIGS = ROOT / "configs"
NAMES = ("multi-cloud-failover", "follow-the-sun", "bedrock-tiers", "azure-openai-rules")
PROFILE = ROOT / "platforms" / "faults" / "llama3-rates.yaml"


class Operated(InFolder):
    def run_of(self, path, *options, name="o.h5"):
        out = self.folder / name
        done = tokenyard("run", path, *options, "--out", out, "--force", "--quiet")
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertLessEqual(max(map(len, done.stdout.splitlines())), 80)
        return out, done.stdout

    def digest(self, path, *options):
        out, _ = self.run_of(path, *options)
        return tokenyard("digest", out).stdout.split()[0]

    def shipped(self, name, variant, *options):
        """Its summary, pools, tenants and classes, by column."""
        out, said = self.run_of(CONFIGS / f"{name}.yaml", "--variant", variant, *options)
        with h5py.File(out) as file:
            groups = {group: {key: column[()] for key, column in file[group].items()}
                      for group in ("summary", "pools", "tenants", "slo_classes")}
            for group, names in (("pools", "pool"), ("tenants", "tenant")):
                groups[group]["names"] = file[f"{group}/{names}"].attrs["flag_meanings"].decode().split()
        return groups, said


def pool(groups, name, column):
    return groups["pools"][column][groups["pools"]["names"].index(name)]


class Shipped(Operated):
    def test_each_is_explained_in_two_lines(self):
        for name in NAMES:
            lines = (CONFIGS / f"{name}.yaml").read_text().splitlines()
            self.assertTrue(lines[0].startswith("# ") and lines[1].startswith("# "), name)
            self.assertIn("yaml-language-server", lines[2], name)

    def test_a_region_lost(self):
        # The outage from 10 min to 40 min of an hour.
        short = ("--until", "1 h", "--set", "warm_up=0 s",
                 "--set", "scripted_faults=[{at: 10 min, what: region aws/us-east-1, for: 30 min}]")
        alone, said = self.shipped("multi-cloud-failover", "one region", *short)
        self.assertAlmostEqual(0.5, alone["summary"]["availability"][0], delta=0.03)
        self.assertEqual(0.5, pool(alone, "east", "availability"))
        self.assertEqual(1800, pool(alone, "east", "recovery_longest_s"))
        self.assertIn("30 min at most", said)
        self.assertGreaterEqual(alone["slo_classes"]["longest_below_s"][0], 1800)
        both, _ = self.shipped("multi-cloud-failover", "second cloud", *short)
        self.assertGreater(both["summary"]["availability"][0], 0.99)
        self.assertGreater(pool(both, "azure", "scaled"), 0)
        self.assertGreater(both["summary"]["cost_usd"][0], alone["summary"]["cost_usd"][0])
        # Each replica that was added fetched its weights, those that still drained excepted.
        model = yaml.safe_load((ROOT / "workloads" / "models" / "llama-3.1-70b.yaml").read_text())
        each = float(model["weights"]["fp8"].removesuffix(" GB")) * 1e9
        fetched = pool(both, "azure", "weights_bytes") / each
        self.assertGreater(fetched, 0)
        self.assertEqual(round(fetched), fetched)
        self.assertLessEqual(fetched, pool(both, "azure", "scaled"))

    def test_follow_the_sun(self):
        short = ("--until", "20 min", "--set", "warm_up=1 min")
        near, _ = self.shipped("follow-the-sun", "nearest", *short)
        green, said = self.shipped("follow-the-sun", "least carbon", *short)
        self.assertLess(near["summary"]["network_mean_s"][0], green["summary"]["network_mean_s"][0])
        self.assertGreater(near["summary"]["carbon_kg"][0], green["summary"]["carbon_kg"][0])
        self.assertGreater(near["summary"]["network_mean_s"][0], 0)
        self.assertIn("client network", said)

    def test_tiers(self):
        # A fleet too small, so that doors close.
        short = ("--until", "40 min", "--set", "warm_up=0 s", "--set", "fleet.pools.1.replicas=3")
        shut, said = self.shipped("bedrock-tiers", "five tiers", *short)
        open_, _ = self.shipped("bedrock-tiers", "open doors", *short)
        tenants = shut["tenants"]["names"]
        of = lambda groups, tenant, column: groups["tenants"][column][tenants.index(tenant)]
        self.assertGreater(of(shut, "patient", "attempts_throttled"), 0)
        self.assertEqual(0, of(open_, "patient", "attempts_throttled"))
        self.assertGreater(of(shut, "nightly", "requests_in_flight"), of(open_, "nightly", "requests_in_flight"))
        for tenant in tenants:
            sent = of(shut, tenant, "attempts_admitted") + of(shut, tenant, "attempts_throttled")
            self.assertLessEqual(sent, of(shut, tenant, "attempts_offered"))
        self.assertIn("load      patient", said)

    def test_rules_before_and_after(self):
        short = ("--until", "20 min", "--set", "warm_up=0 s",
                 "--set", "scripted_faults=[{at: 5 min, what: region azure/swedencentral, for: 10 min}]")
        before, said = self.shipped("azure-openai-rules", "before", *short)
        after, _ = self.shipped("azure-openai-rules", "after", *short)
        for name in ("aws-west", "aws-europe"):
            self.assertEqual(0, pool(before, name, "output_tokens"))
        self.assertGreater(pool(after, "aws-europe", "output_tokens"), 0)
        self.assertEqual(0, pool(after, "aws-west", "output_tokens"), "Azure is up, and asked first")
        self.assertLess(before["tenants"]["availability"][1], 0.6)
        self.assertGreater(after["tenants"]["availability"][1], 0.9)
        self.assertGreater(before["tenants"]["prevented"].min(), 0)
        self.assertIn("kept from pools that may not serve them", said)


class AnyFleet(Operated):
    def write_operated(self, *pairs):
        """Two clouds with everything on, for half an hour."""
        scenario = yaml.safe_load((CONFIGS / "multi-cloud-failover.yaml").read_text())
        variant = next(v for v in scenario.pop("variants") if v["name"] == "second cloud")
        scenario["fleet"] = {key.split(".")[1]: value for key, value in variant["set"].items() if "fleet" in key}
        scenario["routing"] = {"between_pools": {"policy": "spill-over", "threshold": {"load": "2 %"}, "delay": "5 s"},
                               "within_pool": "power-of-two"}
        scenario["platform"]["file"] = str(ROOT / "platforms" / "multicloud.xml")
        scenario["duration"] = "30 min"
        scenario["warm_up"] = "0 s"
        scenario["scripted_faults"] = [{"at": "5 min", "what": "node aws/us-east-1/h100/0", "for": "5 min"},
                                       {"at": "12 min", "what": "control-plane azure", "for": "4 min"}]
        # A fleet that fails a thousand times as often as a real one.
        scenario["faults"] = [{"profile": str(PROFILE), "scale": 1000}]
        scenario["maintenance"] = [{"pools": ["east"], "starts": "8 min", "takes": "1 min", "at_once": 2}]
        scenario["results"] = {"requests": "all", "series": "10 s"}
        for path, value in pairs:
            *way, last = path.split(".")
            at = scenario
            for key in way:
                at = at[key]
            at[last] = value
        return self.write("operated.yaml", yaml.safe_dump(scenario, sort_keys=False))

    def test_leaps_change_no_byte(self):
        path = self.write_operated()
        self.assertEqual(self.digest(path), self.digest(path, "--no-leap"))
        self.assertNotEqual(self.digest(path), self.digest(path, "--seed", "8"))

    def test_faults_of_rate_0_change_no_byte(self):
        plain = scenario_text()
        path = self.write("none.yaml", plain)
        never = self.write("never.yaml", plain + f"\nfaults: [{{profile: {PROFILE}, scale: 0}}]\n")
        self.assertEqual(self.digest(path, "--until", "10 min"), self.digest(never, "--until", "10 min"))
        often = self.write("often.yaml", plain + f"\nfaults: [{{profile: {PROFILE}, scale: 3000}}]\n")
        self.assertNotEqual(self.digest(path, "--until", "10 min"), self.digest(often, "--until", "10 min"))

    def test_the_table_and_the_summary_agree(self):
        out, _ = self.run_of(self.write_operated())
        with h5py.File(out) as file:
            table = {key: column[()] for key, column in file["requests"].items()}
            status = file["requests/status"].attrs["flag_meanings"].decode().split()
            summary = {key: column[0] for key, column in file["summary"].items()}
            failures = file["pools/failures"][:].sum()
            serving = file["series/east/replicas_serving"][:]
        self.assertEqual(len(table["request"]), summary["requests_arrived"])
        self.assertEqual(len(set(table["request"])), len(table["request"]))
        counts = collections.Counter(status[code] for code in table["status"])
        for name in status:
            self.assertEqual(counts[name], summary[f"requests_{name}"], name)
        judged = len(table["request"]) - counts["in_flight"] - counts["rejected"]
        self.assertAlmostEqual(counts["ok"] / judged, summary["availability"])
        self.assertGreater(failures, 0)
        self.assertGreater(table["retries"].max(), 0)
        self.assertLess(serving.min(), serving.max())
        ok = table["status"] == status.index("ok")
        network = table["network_s"][ok]
        self.assertGreater(network.min(), 0)
        self.assertTrue((table["time_to_first_token_s"][ok] > network).all())
        self.assertAlmostEqual(network.mean(), summary["network_mean_s"], places=9)
        # Three places and two regions.
        self.assertLessEqual(len(numpy.unique(network)), 6)


if __name__ == "__main__":
    unittest.main()
