# SPDX-License-Identifier: Apache-2.0
"""Rules with dates, zones, reserved pools and commitments, as a user writes them and sees them."""
import pathlib
import re
import sys
import unittest

import h5py
import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from support import ROOT, InFolder, scenario_text, tokenyard  # noqa: E402

INLINE = ("{models: [gpt-*], providers: [azure], until: 2026-04-27}, "
          "{models: [llama*], providers: [aws], first: true, from: 2026-01-01, source: a contract}")
IN_FILE = """description: the same
rules:
  - {models: [gpt-*], providers: [azure], until: 2026-04-27}
  - {models: [llama*], providers: [aws], first: true, from: 2026-01-01, source: another}
"""
BEGINS = ("seed: 7", "seed: 7\nbegins: 2026-04-20")
COMMITTED = """cost:
  commitments:
    - {name: money, provider: aws, spend: 1 MUSD, term: 30 d}
    - {name: nodes, region: aws/us-east-1, rack: h100, nodes: 10, basis: reserved-3y}
results:"""
# As platforms/catalog/prices.yaml has them, USD an hour of a node; four replicas stand on two nodes.
ON_DEMAND, RESERVED = 55.04, 23.77728
NODES = 2


class OfRules(InFolder):
    def run_of(self, *pairs, options=(), name="out.h5"):
        path = self.folder / name
        done = tokenyard("run", self.write("s.yaml", scenario_text(*pairs)), "--out", path, "--force", "--quiet",
                         "--until", "5 min", *options)
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertLessEqual(max(map(len, done.stdout.splitlines())), 80)
        return path, done.stdout

    def identity(self, *pairs, options=()):
        path, _ = self.run_of(*pairs, options=options)
        with h5py.File(path) as file:
            return file.attrs["identity"]


class Rules(OfRules):
    def test_a_file_is_its_contents(self):
        self.write("r.yaml", IN_FILE)
        self.write("elsewhere/other.yaml", IN_FILE)
        of = lambda rules, *more: self.identity(BEGINS, ("within_pool: least-loaded", f"rules: [{rules}]"), *more)
        inline = of(INLINE)
        self.assertEqual(inline, of("r.yaml"))
        self.assertEqual(inline, of("elsewhere/other.yaml"))
        self.write("r.yaml", IN_FILE.replace("2026-04-27", "2026-04-28"))
        self.assertNotEqual(inline, of("r.yaml"))

    def test_what_is_in_force_is_shown(self):
        rules = INLINE + ", {models: [llama-3.1-70b], providers: [azure], until: 2026-04-19}"
        _, said = self.run_of(BEGINS, ("within_pool: least-loaded", f"rules: [{rules}]"))
        said = re.sub(r"\s+", " ", said)
        self.assertIn("rule llama* by aws first, others after them, from 2026-01-01 (a contract)", said)
        self.assertIn("assumed the rule gpt-* by azure only, until 2026-04-27 is about no model of this scenario", said)
        self.assertNotIn("2026-04-19", said, "it was over before")

    def test_the_shipped_rules(self):
        shipped = ROOT / "platforms" / "rules" / "openai.yaml"
        pairs = [("within_pool: least-loaded", f"rules: [{shipped}]")]
        for old, new in (("models: [llama-3.1-70b]", "models: [gpt-oss-120b]"),
                         ("      model: llama-3.1-70b\n      traffic", "      model: gpt-oss-120b\n      traffic"),
                         ("      model: llama-3.1-70b\n      precision: {weights: fp8, kv: fp8}",
                          "      model: gpt-oss-120b\n      precision: {weights: fp4, kv: bf16}"),
                         ("/h100", "/gb200")):
            pairs.append((old, new))
        before = ("seed: 7", "seed: 7\nduration: 1 h\nbegins: 2026-04-26")
        done = tokenyard("check", self.write("s.yaml", scenario_text(before, *pairs)))
        self.assertEqual(2, done.returncode)
        self.assertRegex(done.stderr, r"'chat' has nowhere to run, .*against the rule gpt-\* \(stateless\) by azure "
                                      r"only, from 2025-10-28 until 2026-04-27 \(.*openai.yaml:\d+:\d+\)")
        stateful = ("      slo:", "      api_class: stateful\n      slo:")
        after = ("seed: 7", "seed: 7\nduration: 1 h\nbegins: 2026-04-27")
        for more in ((before, stateful), (after,)):
            done = tokenyard("check", self.write("s.yaml", scenario_text(*more, *pairs)))
            self.assertEqual((0, ""), (done.returncode, done.stderr))

    def test_the_hour_of_the_day(self):
        """`begins` says it for energy, too, unless it is said there."""
        def explained(*pairs):
            done = tokenyard("check", "--explain", self.write("s.yaml", scenario_text(*pairs)))
            self.assertEqual(0, done.returncode, done.stderr)
            return re.search(r"(?m)^energy\.start +(\S+) s", done.stdout).group(1)
        self.assertEqual("0", explained(BEGINS))
        self.assertEqual("23400", explained(("seed: 7", "seed: 7\nbegins: 2026-04-20T06:30Z")))
        # A later day of the same list of hours.
        self.assertEqual("109800", explained(
            ("seed: 7", "seed: 7\nbegins: 2026-04-20T06:30Z\nenergy: {start: 30.5 h}")))


class Residency(OfRules):
    def test_a_zone_is_its_regions(self):
        us = ("aws/us-east-1, aws/us-east-2, aws/us-west-2, azure/eastus, azure/eastus2, azure/centralus, "
              "azure/southcentralus, azure/westus2, azure/westus3")
        of = lambda regions: self.identity(("      slo:", f"      regions: [{regions}]\n      slo:"))
        self.assertEqual(of(us), of("us"))
        self.assertNotEqual(of(us), of("us, uk"))
        self.assertNotEqual(of(us), of("aws/us-east-1"))

    def test_shipped_zones_are_of_the_catalogue(self):
        regions = set(yaml.safe_load((ROOT / "platforms" / "catalog" / "regions.yaml").read_text())["regions"])
        zones = yaml.safe_load((ROOT / "workloads" / "places.yaml").read_text())["zones"]
        self.assertEqual(regions, {region for zone in zones.values() for region in zone})
        for name, zone in zones.items():
            self.assertEqual(len(zone), len(set(zone)), name)
        self.assertEqual(set(zones["europe"]), set(zones["eu"]) | set(zones["uk"]))
        self.assertLess(set(zones["us"]), set(zones["americas"]))

    def test_pools_for_tenants(self):
        own = ("replicas: 4", "replicas: 4\n      tenants: [chat]")
        self.run_of(own)
        text = scenario_text(own)
        tenant = text[text.index("    - name: chat\n      model"):text.index("\nfleet:")]
        other = tenant.replace("name: chat", "name: other").replace("class: interactive", "class: else")
        done = tokenyard("check", self.write("s.yaml", text.replace(tenant, tenant + "\n" + other)))
        self.assertEqual(2, done.returncode)
        self.assertRegex(done.stderr, r"tenants\[other\]: 'other' has nowhere to run, .*kept for other tenants: 'chat'")


class Commitments(OfRules):
    def test_by_closed_forms(self):
        path, said = self.run_of(("results:", COMMITTED))
        hours = 5 / 60
        nodes = (10 - NODES) * RESERVED * hours
        spent = NODES * ON_DEMAND * hours + nodes  # nodes that were paid for and not used are spent
        money = 1e6 * hours / 720 - spent
        with h5py.File(path) as file:
            near = lambda wanted, column: self.assertAlmostEqual(wanted, float(file[column][0]), delta=1e-9 * wanted)
            near(nodes + money, "summary/cost_shortfall_usd")
            near(NODES * ON_DEMAND * hours + nodes + money, "summary/cost_usd")
            self.assertEqual(b"money nodes", file["commitments/commitment"].attrs["flag_meanings"])
            for column, wanted in (("committed_usd", (1e6 * hours / 720, 10 * RESERVED * hours)),
                                   ("used_usd", (spent, NODES * RESERVED * hours)),
                                   ("shortfall_usd", (money, nodes))):
                for number, value in enumerate(wanted):
                    self.assertAlmostEqual(value, float(file[f"commitments/{column}"][number]), delta=1e-9 * value)
            for group in ("pools", "regions", "providers", "models", "tenants"):
                near(nodes + money, f"{group}/cost_shortfall_usd")
        said = re.sub(r"\s+", " ", said)
        self.assertIn(f"committed and not used {nodes + money:.2f}", said)
        self.assertIn(f"committed money: {1e6 * hours / 720:.2f} USD for this time, of which {spent:.2f} were used "
                      f"and {money:.2f} fall short", said)

    def test_without_there_are_none(self):
        path, said = self.run_of()
        self.assertNotIn("committed", said)
        with h5py.File(path) as file:
            self.assertNotIn("commitments", file)
            self.assertEqual(0, file["summary/cost_shortfall_usd"][0])


if __name__ == "__main__":
    unittest.main()
