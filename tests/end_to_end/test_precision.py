# SPDX-License-Identifier: Apache-2.0
"""`tokenyard precision` against NumPy on the same requests."""
import json
import os
import shutil
import tempfile
import unittest

import h5py
import numpy as np

from support import ROOT, tokenyard as run

TRAFFIC = f"workload.tenants[chat].traffic={{description: {ROOT}/workloads/azure-conv-2023.yaml}}"
T_975_19 = 2.093024054408263


def batch_interval(values, batches=20):
    length = len(values) // batches
    means = values[-length * batches:].reshape(batches, length).mean(axis=1)
    away = means - means.mean()
    return means.mean(), T_975_19 * means.std(ddof=1) / batches ** 0.5, (away[1:] * away[:-1]).sum() / (away ** 2).sum()


class Precision(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.holder = tempfile.TemporaryDirectory()
        cls.file = os.path.join(cls.holder.name, "r.h5")
        done = cls.simulate(cls.file)
        assert done.returncode == 0, done.stderr

    @classmethod
    def tearDownClass(cls):
        cls.holder.cleanup()

    @classmethod
    def simulate(cls, out, *sets):
        sets = [word for setting in (TRAFFIC, *sets) for word in ("--set", setting)]
        return run("run", f"{ROOT}/configs/azure-conv.yaml", *sets, "--out", out, "--quiet", "--force")

    def requests(self, column):
        with h5py.File(self.file) as file:
            values = file[f"requests/{column}"][()]
            since = file["requests/arrival_s"][()] >= 120
        return values[since & np.isfinite(values)]

    def test_the_interval_is_that_of_batch_means(self):
        found = json.loads(run("precision", self.file, "--json").stdout)
        self.assertEqual(120, found["warm_up_s"])
        for key in ("time_to_first_token", "time_per_output_token", "end_to_end"):
            values = self.requests(key + "_s")
            mean, half_width, alike = batch_interval(values)
            one = found[key]
            self.assertEqual(len(values), one["requests"])
            self.assertAlmostEqual(mean, one["mean_s"], delta=1e-12)
            self.assertAlmostEqual(half_width, one["half_width_s"], delta=1e-9 * half_width)
            self.assertAlmostEqual(alike, one["neighbours_correlate"], delta=1e-9)

    def test_the_mean_is_about_that_of_the_summary(self):
        # But for the requests at the beginning that fill no batch.
        with h5py.File(self.file) as file:
            summary = file["summary/ttft_mean_s"][0]
        mean = json.loads(run("precision", self.file, "--json").stdout)["time_to_first_token"]["mean_s"]
        self.assertAlmostEqual(1, mean / summary, delta=0.01)

    def test_a_tenant_is_taken_by_its_name(self):
        every = run("precision", self.file, "--json").stdout
        self.assertEqual(every, run("precision", self.file, "--json", "--tenant", "chat").stdout)
        wrong = run("precision", self.file, "--tenant", "chatt")
        self.assertEqual(2, wrong.returncode)
        self.assertIn("chat", wrong.stderr)
        self.assertEqual(1, wrong.stderr.count("\n"), wrong.stderr)

    def test_a_start_up_that_is_longer_than_the_warm_up_is_told(self):
        # For ten minutes more than the fleet can serve, then little: the start-up is this queue.
        out = os.path.join(self.holder.name, "start.h5")
        rush = os.path.join(self.holder.name, "rush.yaml")
        with open(rush, "w", encoding="utf-8") as file:
            file.write("name: rush\nsource: made up\narrivals:\n  process: poisson\n  rate: {unit: 1/s, between: constant, table: [[0, 60], [600, 10], [14400, 10]]}\n"
                       "lengths: {prompt_tokens: 1000, output_tokens: 100}\n")
        done = self.simulate(out, f"workload.tenants[chat].traffic={{description: {rush}}}", "warm_up=1 min", "duration=4 h",
                             "fleet.pools[chat].replicas=2")
        self.assertEqual(0, done.returncode, done.stderr)
        told = run("precision", out)
        self.assertIn("warm-up    ends before the start-up: try warm_up:", told.stdout)
        self.assertTrue(all(len(line) <= 80 for line in told.stdout.splitlines()), told.stdout)
        start_up = json.loads(run("precision", out, "--json").stdout)["time_to_first_token"]["start_up_s"]
        self.assertGreater(start_up, 500)
        self.assertLess(start_up, 3600)

    def test_files_without_what_it_needs_are_refused_in_a_line(self):
        bare = os.path.join(self.holder.name, "bare.h5")
        self.assertEqual(0, self.simulate(bare, "results={requests: none}").returncode)
        short = os.path.join(self.holder.name, "short.h5")
        self.assertEqual(0, self.simulate(short, "duration=2 min", "warm_up=110 s").returncode)
        text = os.path.join(self.holder.name, "text.h5")
        with open(text, "w", encoding="utf-8") as file:
            file.write("no HDF5")
        for path, part in ((bare, "requests: all"), (short, "simulate longer"), (text, "HDF5"), ("none.h5", "none.h5")):
            done = run("precision", path)
            self.assertEqual(2, done.returncode, path)
            self.assertIn(part, done.stderr)
            self.assertEqual(1, done.stderr.count("\n"), done.stderr)

    def test_columns_that_no_run_writes_are_refused(self):
        for column, change in (("arrival_s", lambda v: v[:-1]), ("end_to_end_s", lambda v: v[:-1]),
                               ("arrival_s", lambda v: v.astype("f4")), ("tenant", lambda v: v[:100]),
                               ("tenant", lambda v: v.astype("u4"))):
            path = os.path.join(self.holder.name, "forged.h5")
            shutil.copy(self.file, path)
            with h5py.File(path, "r+") as file:
                values, meanings = file["requests"][column][()], dict(file["requests"][column].attrs)
                del file["requests"][column]
                file["requests"][column] = change(values)
                if "flag_meanings" in meanings:
                    file["requests"][column].attrs["flag_meanings"] = meanings["flag_meanings"]
            done = run("precision", path, "--tenant", "chat")
            self.assertEqual(2, done.returncode, (column, done))
            self.assertEqual(1, done.stderr.count("\n"), done.stderr)


if __name__ == "__main__":
    unittest.main()
