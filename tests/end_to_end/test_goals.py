# SPDX-License-Identifier: Apache-2.0
"""Goals of studies: what a search finds against trying values one by one."""

import json
import os
import tempfile
import unittest

import h5py

from support import ROOT, tokenyard
from test_sweep_run import points

BASE = ["duration=10 min", "warm_up=1 min", "results={requests: none, series: 5 s}",
        "fleet.pools[chat].batching.sequences=8",
        "workload.tenants[chat].slo={class: chat, ttft: 1 s, tpot: 100 ms, percentile: 95}",
        f"workload.tenants[chat].traffic={{description: {ROOT}/workloads/azure-conv-2023.yaml}}"]


def study(folder, goal, **more):
    lines = "".join(f"  {setting.replace('=', ': ', 1)}\n" for setting in BASE)
    text = (f"name: goals\nscenario: {ROOT}/configs/azure-conv.yaml\nset:\n{lines}"
            "axes:\n  seed: [1, 2]\nkeep: [attainment]\n"
            f"goal: {goal}\n" + "".join(f"{key}: {value}\n" for key, value in more.items()))
    path = os.path.join(folder, "study.yaml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


class Goals(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.out = os.path.join(self.folder.name, "out")

    def found(self, goal):
        done = tokenyard("sweep", "run", study(self.folder.name, goal), "--out", self.out, "--quiet")
        self.assertEqual(done.returncode, 0, done.stderr)
        runs = []
        for name in points(self.out):
            with h5py.File(os.path.join(self.out, "points", name)) as file:
                names = file["metrics/names"].asstr()[()].split("\n")
                seed = 1 if '"seed":1,' in file["scenario"].asstr()[()] else 2
                runs.append((seed, dict(zip(names, file["metrics/value"][()].tolist()))))
        return dict(runs)

    def attains(self, seed, key, value):
        out = os.path.join(self.folder.name, "one.h5")
        sets = [part for setting in BASE + [f"seed={seed}", f"{key}={value}"] for part in ("--set", setting)]
        done = tokenyard("run", f"{ROOT}/configs/azure-conv.yaml", "--out", out, "--force", "--quiet", *sets)
        self.assertEqual(done.returncode, 0, done.stderr)
        with h5py.File(out) as file:
            return file["slo_classes/attainment"][0] >= 0.95

    def test_the_largest_rate_meets_the_limits_and_one_beyond_does_not(self):
        key = "workload.tenants[chat].rate.scale"
        for seed, metrics in self.found(f"{{largest: '{key}', from: 0.2, to: 20, tolerance: 2 %}}").items():
            self.assertEqual(metrics["goal_status"], 0)
            self.assertTrue(self.attains(seed, key, metrics["goal"]))
            self.assertFalse(self.attains(seed, key, metrics["goal_high"]))
            self.assertLessEqual(metrics["goal_high"], 1.0201 * metrics["goal"])
            self.assertGreaterEqual(metrics["attainment"], 0.95)

    def test_to_stop_early_changes_nothing_that_is_found(self):
        goal = "{largest: 'workload.tenants[chat].rate.scale', from: 0.2, to: 20, tolerance: 2 %"
        early = self.found(goal + "}")
        self.out += "-late"
        late = self.found(goal + ", early_stop: false}")
        for seed in (1, 2):
            self.assertEqual(*([(name, value) for name, value in sorted(run[seed].items())
                                if name.startswith("goal")] for run in (early, late)))

    def test_the_fewest_replicas_are_those_of_trying_all(self):
        key = "fleet.pools[chat].replicas"
        goal = f"{{fewest: '{key}', from: 1, to: 9}}"
        for seed, metrics in self.found(goal).items():
            wanted = next(count for count in range(1, 10) if self.attains(seed, key, count))
            self.assertEqual(metrics["goal"], wanted)
            self.assertEqual(metrics["goal_low"], wanted - 1 if wanted > 1 else metrics["goal_low"])

    def test_to_survive_a_lost_node_takes_more_replicas(self):
        key = "fleet.pools[chat].replicas"
        alone = self.found(f"{{fewest: '{key}', from: 1, to: 9}}")
        self.out += "-survive"
        survives = self.found(f"{{fewest: '{key}', from: 1, to: 9, survive: node}}")
        for seed in (1, 2):
            self.assertGreater(survives[seed]["goal"], alone[seed]["goal"])
            self.assertGreater(survives[seed]["goal_simulations"], alone[seed]["goal_simulations"])

    def test_where_nothing_meets_it_the_run_says_so(self):
        metrics = self.found("{fewest: 'fleet.pools[chat].replicas', from: 1, to: 2, meets: ['ttft_p99_s <= 1 us']}")
        for values in metrics.values():
            self.assertEqual(values["goal_status"], 1)
            self.assertNotEqual(values["goal"], values["goal"])

    def test_the_dry_run_tells_the_goal_and_when_replications_end(self):
        path = study(self.folder.name, "{largest: 'workload.tenants[chat].rate.scale', from: 0.5, to: 8, survive: rack}",
                     replications="{until: 5 %, of: attainment, least: 2, most: 9}")
        done = tokenyard("sweep", "show", path, "--json")
        self.assertEqual(0, done.returncode, done.stderr)
        shown = json.loads(done.stdout)
        self.assertEqual({"relative": 0.05, "of": ["attainment"], "least": 2, "most": 9}, shown["until"])
        self.assertEqual({"sense": "largest", "keys": ["workload.tenants[chat].rate.scale"], "from": 0.5, "to": 8,
                          "unit": "", "meets": [], "survive": "rack"}, shown["goal"])


if __name__ == "__main__":
    unittest.main()
