# SPDX-License-Identifier: Apache-2.0
"""The shipped scenarios of unlike racks, at a small size; replicas that begin without weights or share nodes."""
import pathlib
import sys
import unittest

import h5py
import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from support import ROOT, InFolder, tokenyard  # noqa: E402

CONFIGS = ROOT / "configs"
CATALOG = ROOT / "platforms" / "catalog"
SMALL = ("--until", "3 min", "--set", "warm_up=30 s")


def rack_of(cluster):
    kinds = {"gb300": "gb300-nvl72", "gb200": "gb200-nvl72", "h100": "hgx-h100", "h200": "hgx-h200"}
    kind = cluster.rsplit("/", 1)[1]
    return kinds.get(kind, kind)


class Shipped(InFolder):
    def run_variants(self, name):
        """Summary and pools of each variant, by its name."""
        done = tokenyard("run", CONFIGS / f"{name}.yaml", *SMALL, "--out", self.folder / "o.h5", "--quiet")
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertLessEqual(max(map(len, done.stdout.splitlines())), 80)
        found = {}
        for path in self.folder.glob("o-*.h5"):
            with h5py.File(path) as file:
                summary = {key: column[0] for key, column in file["summary"].items()}
                pools = {key: column[()] for key, column in file["pools"].items()}
                found[file.attrs["variant"].decode()] = (summary, pools)
        scenario = yaml.safe_load((CONFIGS / f"{name}.yaml").read_text())
        self.assertEqual({variant["name"] for variant in scenario["variants"]}, set(found))
        for summary, _ in found.values():
            self.assertGreater(summary["requests_ok"], 100)
            self.assertEqual(0, summary["requests_rejected"] + summary["requests_dropped"])
        return found

    def test_each_is_explained_in_two_lines(self):
        for name in ("bedrock-cerebras", "trainium-vs-h200", "azure-openai"):
            lines = (CONFIGS / f"{name}.yaml").read_text().splitlines()
            self.assertTrue(lines[0].startswith("# ") and lines[1].startswith("# "), name)
            self.assertIn("yaml-language-server", lines[2], name)

    def test_bedrock_cerebras(self):
        found = self.run_variants("bedrock-cerebras")
        pair, wafers, gpus = (found[name] for name in ("8 CS-3 + Trn2", "12 CS-3", "2 GB300 NVL72"))
        # A token of a lone user on four wafers takes 1/2100 s; GPUs read all weights for each.
        self.assertLess(wafers[0]["tpot_p50_s"], 1e-3)
        self.assertGreater(gpus[0]["tpot_p50_s"], 4e-3)
        # Nothing is read beside the answers of the pair, so that tokens come evenly.
        self.assertLess(pair[0]["tpot_p99_s"], wafers[0]["tpot_p99_s"])
        self.assertGreater(pair[1]["transferred_bytes"].sum(), 0)
        # The same power: of the three that have it, within 3 %.
        racks = yaml.safe_load((CATALOG / "racks.yaml").read_text())["racks"]
        scenario = yaml.safe_load((CONFIGS / "bedrock-cerebras.yaml").read_text())
        at = {pool["name"]: pool["at"] for variant in scenario["variants"]
              for pool in (variant.get("set") or {}).get("fleet.pools", [])}
        at["wafers"] = scenario["fleet"]["pools"][0]["at"]
        power = {}
        for name, (_, pools) in found.items():
            names = {"8 CS-3 + Trn2": ["read", "write"], "2 GB300 NVL72": ["gpus"]}.get(name, ["wafers"])
            power[name] = 0
            for pool, nodes in zip(names, pools["nodes"]):
                rack = racks[rack_of(at[pool])]
                power[name] += nodes / rack["nodes"] * float(rack["rack_power"].removesuffix(" kW"))
        same = [power[name] for name in ("8 CS-3 + Trn2", "12 CS-3", "2 GB300 NVL72")]
        self.assertLess(max(same) / min(same), 1.03, power)

    def test_trainium_vs_h200(self):
        found = self.run_variants("trainium-vs-h200")
        for kind in ("Trn2", "H200"):
            listed, owned = found[f"{kind}, list"], found[f"{kind}, owned"]
            self.assertGreater(listed[0]["cost_usd"], 2 * owned[0]["cost_usd"], "the basis decides")
            self.assertEqual(listed[0]["tpot_p99_s"], owned[0]["tpot_p99_s"])
        self.assertGreater(found["Trn2, list"][1]["padding_tokens"][0], 0)
        self.assertEqual(0, found["H200, list"][1]["padding_tokens"][0])

    def test_azure_openai(self):
        found = self.run_variants("azure-openai")
        self.assertEqual({"H100", "H200", "GB200", "Maia 200"}, set(found))
        for summary, _ in found.values():
            self.assertGreater(summary["revenue_usd"], 0)


FLEET = """
name: racks
duration: 5 min
platform: {file: %s/platforms/aws.xml}
models: [llama-3.1-70b]
workload:
  tenants:
    - name: chat
      model: llama-3.1-70b
      traffic:
        arrivals: {process: poisson, rate: {unit: 1/s, constant: 2}}
        lengths: {prompt_tokens: {constant: 1000}, output_tokens: {constant: 100}}
fleet:
  stores: [{name: weights, at: aws/us-east-1/h200}]
  pools:
    - name: chat
      at: aws/us-east-1/h100
      model: llama-3.1-70b
      parallel: {tensor: 8}
      nodes: [4-5, 7]
      replicas: 3
      cold_start: {weights_from: weights, start_up: 60 s}
results: {requests: all, trace: {from: 0 s, to: 5 min}}
""" % ROOT
WEIGHTS = 141.1e9


class Racks(InFolder):
    def run_fleet(self, text):
        done = tokenyard("run", self.write("s.yaml", text), "--out", self.folder / "o.h5", "--force", "--quiet")
        self.assertEqual(0, done.returncode, done.stderr)
        return h5py.File(self.folder / "o.h5")

    def test_cold_replicas_wait_for_their_weights(self):
        with self.run_fleet(FLEET) as file:
            transfers = file["trace/transfers"]
            # Three copies through the one NIC of the store, 400 GB/s; then 60 s.
            self.assertEqual([WEIGHTS] * 3, transfers["bytes"][()].tolist())
            there = 3 * WEIGHTS / 400e9 + 10e-6
            for end in transfers["end_s"]:
                self.assertAlmostEqual(there, end, delta=1e-6)
            first = (file["requests/arrival_s"][()] + file["requests/time_to_first_token_s"][()]).min()
            self.assertGreater(first, there + 60)
            self.assertLess(first, there + 61)
            self.assertEqual(3 * WEIGHTS, file["pools/weights_bytes"][0])

    def test_nodes_that_pools_share_are_paid_once(self):
        warm = FLEET.replace("      cold_start: {weights_from: weights, start_up: 60 s}\n", "")
        half = warm.replace("tensor: 8", "tensor: 4").replace("[4-5, 7]", "[4, 5]").replace("llama-3.1-70b", "llama-3.1-8b")
        with self.run_fleet(half) as file:
            self.assertEqual((3, 2), (file["pools/replicas"][0], file["pools/nodes"][0]))
            alone = file["summary/cost_usd"][0]
        both = half.replace("models: [llama-3.1-8b]", "models: [llama-3.1-8b, llama-3.1-70b]").replace(
            "results:", """    - name: large
      at: aws/us-east-1/h100
      model: llama-3.1-70b
      precision: {weights: fp8, kv: fp8}
      parallel: {tensor: 4}
      nodes: [5]
      replicas: 1
results:""").replace("fleet:\n", """    - name: more
      model: llama-3.1-70b
      traffic:
        arrivals: {process: poisson, rate: {unit: 1/s, constant: 1}}
        lengths: {prompt_tokens: {constant: 1000}, output_tokens: {constant: 100}}
fleet:
""")
        with self.run_fleet(both) as file:
            self.assertAlmostEqual(alone, file["summary/cost_usd"][0], delta=1e-9 * alone)
            self.assertAlmostEqual(3, file["pools/cost_usd"][0] / file["pools/cost_usd"][1], delta=1e-9)

    def test_mistakes(self):
        for change, message in (
                (("weights_from: weights", "weights_from: nowhere"), "is not among fleet.stores"),
                (("start_up: 60 s", "start_up: -1 s"), "start_up"),
                ((", start_up: 60 s", ""), "cold_start.start_up: missing"),
                (("stores: [{name: weights, at: aws/us-east-1/h200}]", "stores: []"), "is not among fleet.stores"),
                (("at: aws/us-east-1/h200}", "at: aws/us-east-1/h9}"), "is not a cluster"),
                (("nodes: [4-5, 7]", "nodes: [4-5]"), "3 replicas of 8 accelerators (in a node) do not fit"),
                (("nodes: [4-5, 7]", "nodes: [500]"), "'500' is no node of aws/us-east-1/h100"),
                (("tensor: 8", "tensor: 16"), "scale-up domain"),
                (("aws.xml}", "aws.xml, sites: {aws/us-east-1: {power: 20 kW}}}"), "need 41 kW of aws/us-east-1, which has 20 kW"),
                (("aws.xml}", "aws.xml, sites: {aws/us-east-1: {rack_slots: 1}}}"), "need 2 racks of aws/us-east-1"),
                (("aws.xml}", "aws.xml, sites: {aws/us-west: {rack_slots: 1}}}"), "is not a region of the platform")):
            with self.subTest(message=message):
                done = tokenyard("check", self.write("s.yaml", FLEET.replace(*change)))
                self.assertEqual(2, done.returncode, done.stdout)
                self.assertIn(message, done.stderr)
                self.assertRegex(done.stderr, r"s\.yaml:\d+:\d+: ")


if __name__ == "__main__":
    unittest.main()
