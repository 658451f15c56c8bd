# SPDX-License-Identifier: Apache-2.0
"""`sweep show` and `check` of studies: the shipped ones, and studies with mistakes in them."""
import json
import pathlib
import re
import sys
import unittest

import h5py

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from support import ROOT, InFolder, scenario_text, tokenyard  # noqa: E402

STUDIES = ROOT / "configs" / "studies"
AXES = "axes:\n  fleet.pools[chat].replicas: [2, 4]\n  workload.tenants[chat].rate.scale: [0.5, 1]\n"

# What stands in the study below its name and scenario, with ^ before the place, and the message.
MISTAKES = [
    ("no axes", "", "axes: missing"),
    ("unknown key", AXES + "^skips: []\n", "did you mean 'skip'"),
    ("unknown key of the scenario", "axes:\n  ^fleet.pools[chat].replicsa: [1]\n", "did you mean 'replicas'"),
    ("unknown element", "axes:\n  ^fleet.pools[chta].replicas: [1]\n", "point 1.*did you mean 'chat'"),
    ("wrong value", "axes:\n  fleet.pools[chat].replicas: [1, ^-1]\n", r"point 2 \(fleet.pools\[chat\].replicas = -1\)"),
    ("wrong unit", "axes:\n  warm_up: [1 min, ^1 GB]\n", "point 2.*not a unit of duration"),
    ("does not fit", "axes:\n  fleet.pools[chat].replicas: [1, 100000]\n", "point 2.*do not fit"),
    ("a fraction", "axes:\n  fleet.pools[chat].replicas: ^{from: 1, to: 2, steps: 3}\n", "point 2.*1.5 where a whole number"),
    ("skip, name", AXES + "skip: [^fleet.pools.0.replicas == 2]\n", "did you mean"),
    ("skip, sign", AXES + "skip: [\"fleet.pools[chat].replicas ^= 2\"]\n", "write =="),
    ("skip, unit", AXES + "skip: [\"fleet.pools[chat].replicas > ^2 s\"]\n", "cannot be compared"),
    ("feasible", AXES + "feasible: [^ttft_p98_s <= 1]\n", "did you mean 'ttft_p9"),
    ("objective", AXES + "objective: minimise ^cost_us\n", "did you mean 'cost_usd'"),
    ("keep", AXES + "keep: [^ttft]\n", "no metric"),
    ("a part", AXES + "keep: ['ttft_p99_s[chta]']\n", "did you mean 'chat'"),
    ("design", AXES + "design: ^sobol\n", "sobol 200"),
    ("design, number", AXES + "design: ^sobol 0\n", "no number of points"),
    ("replications", AXES + "replications: ^0\n", "below 1"),
    ("set", AXES + "set:\n  ^fleet.pools[chat].replicas: 3\n", "is an axis too"),
]


class Studies(InFolder):
    def study(self, text):
        self.write("base.yaml", scenario_text(("warm_up: 2 min", "warm_up: 1 min\nduration: 10 min")))
        return self.write("s.yaml", "name: s\nscenario: base.yaml\n" + text)

    def shown(self, text, *options):
        done = tokenyard("sweep", "show", self.study(text), "--json", *options)
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertEqual("", done.stderr)
        return json.loads(done.stdout)

    def test_shipped_studies(self):
        for name, points in (("smoke", 16), ("bedrock-mix", 21)):
            lines = (STUDIES / f"{name}.yaml").read_text().splitlines()
            self.assertTrue(lines[0].startswith("# ") and lines[1].startswith("# "), name)
            self.assertIn("yaml-language-server: $schema=../study.schema.json", lines[2])
            done = tokenyard("sweep", "show", STUDIES / f"{name}.yaml")
            with self.subTest(name):
                self.assertEqual(0, done.returncode, done.stderr)
                self.assertEqual("", done.stderr)
                self.assertLessEqual(max(map(len, done.stdout.splitlines())), 80)
                self.assertRegex(done.stdout, rf"runs +\d+: {points} points x ")
                self.assertRegex(done.stdout, r"time +about [\d.]+ (s|min) on one core")
                self.assertIn("took here", done.stdout)
        done = tokenyard("sweep", "show", STUDIES / "smoke.yaml", "--json")
        self.assertLess(json.loads(done.stdout)["core_seconds"], 30)

    def test_points_are_the_scenario_with_their_values(self):
        shown = self.shown(AXES + "replications: 2\n")
        self.assertEqual((4, 8, 2), (shown["points_kept"], shown["runs"], shown["replications"]))
        self.assertEqual({"fleet.pools[chat].replicas": "2", "workload.tenants[chat].rate.scale": "1"},
                         shown["points"][1]["values"])
        out = self.folder / "o.h5"
        done = tokenyard("run", self.folder / "base.yaml", "--set", "fleet.pools[chat].replicas=2", "--set",
                         "workload.tenants[chat].rate.scale=1", "--out", out, "--quiet")
        self.assertEqual(0, done.returncode, done.stderr)
        with h5py.File(out) as file:
            self.assertEqual(shown["points"][1]["identity"], file.attrs["identity"].decode())
            # As many requests as were expected; and every number of the summary is a metric.
            arrived = file["summary/requests_arrived"][0]
            self.assertAlmostEqual(1, shown["points"][1]["requests"] / arrived, delta=0.1)
            names = {name for name in file["summary"] if not name.startswith("unassigned_")} - {"run"}
        listed = tokenyard("list", "metrics").stdout
        metrics = {line.split()[0] for line in listed.splitlines() if line.startswith("  ")}
        self.assertEqual(set(), names - metrics)

    def test_skipped_and_equal_points(self):
        shown = self.shown("axes:\n  warm_up: [60 s, 1 min, 2 min]\n  seed: [1, 2]\n"
                           "skip:\n  - warm_up > 90 s and seed == 2\n")
        self.assertEqual([{"condition": "warm_up > 90 s and seed == 2", "points": 1}], shown["skip"])
        self.assertEqual((6, 5, 2, 3), tuple(shown[f] for f in ("points_designed", "points_kept",
                                                               "points_equal", "runs")))
        self.assertEqual([1, 2], [p["equal_to"] for p in shown["points"] if "equal_to" in p])

    def test_all_points_skipped(self):
        shown = self.shown(AXES + "skip: [1 == 1]\n")
        self.assertEqual((0, 0), (shown["points_kept"], shown["runs"]))
        done = tokenyard("sweep", "show", self.folder / "s.yaml")
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertIn("no point is left", done.stdout)

    def test_sampled_designs(self):
        ranges = ("axes:\n  workload.tenants[chat].rate.scale: {from: 0.5, to: 2, spacing: log}\n"
                  "  fleet.pools[chat].replicas: {from: 2, to: 5, whole: true}\n")
        for design in ("latin-hypercube", "sobol", "random"):
            shown = self.shown(ranges + f"design: {design} 40\n")
            with self.subTest(design):
                self.assertEqual(40, shown["points_kept"])
                self.assertEqual(shown["points"], self.shown(ranges + f"design: {design} 40\n")["points"])
                scales = [float(p["values"]["workload.tenants[chat].rate.scale"]) for p in shown["points"]]
                self.assertEqual(40, len(set(scales)))
                self.assertTrue(all(0.5 <= s <= 2 for s in scales))
                replicas = {p["values"]["fleet.pools[chat].replicas"] for p in shown["points"]}
                self.assertEqual({"2", "3", "4", "5"}, replicas)

    def test_a_sample_of_many_points_is_read(self):
        many = "axes:\n  seed: {from: 1, to: 20, steps: 20}\n  fleet.pools[chat].replicas: [1, 2, 3, 4]\n"
        self.assertEqual(64, self.shown(many)["points_read"])
        self.assertEqual(80, self.shown(many, "--all")["points_read"])

    def test_mistakes(self):
        for name, text, message in MISTAKES:
            path = self.study(text.replace("^", ""))
            place = r":\d+:\d+: " if "^" not in text else None
            if place is None:
                before = path.read_text()[:len("name: s\nscenario: base.yaml\n") + text.index("^")]
                place = f":{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}: "
            if name in ("no axes", "a part"):
                place = ":"
            for command in (("sweep", "show"), ("check",)):
                with self.subTest(mistake=name, command=command):
                    done = tokenyard(*command, path)
                    self.assertEqual(2, done.returncode, done.stdout)
                    self.assertEqual("", done.stdout)
                    self.assertRegex(done.stderr, f"(s|base).yaml{place}.*{message}")

    def test_all_mistakes_at_once(self):
        path = self.study("axes:\n  seed: []\n  warm_up: [1 min, 1 min]\ndesign: gird\nkeep: [x]\nwrong: 1\n")
        done = tokenyard("sweep", "show", path)
        self.assertEqual(2, done.returncode)
        self.assertEqual(["4", "5", "6", "7", "8"], re.findall(r"s\.yaml:(\d+):", done.stderr))

    def test_files_that_are_not_there(self):
        done = tokenyard("sweep", "show", self.folder / "none.yaml")
        self.assertEqual(2, done.returncode)
        self.assertIn("none.yaml", done.stderr)
        done = tokenyard("sweep", "show", self.write("s.yaml", "name: s\nscenario: gone.yaml\n" + AXES))
        self.assertEqual(2, done.returncode)
        self.assertIn("gone.yaml", done.stderr)


if __name__ == "__main__":
    unittest.main()
