# SPDX-License-Identifier: Apache-2.0
"""Sweeps on a Slurm cluster: real slurmctld, slurmd and munged, several nodes on this machine."""

import os
import pathlib
import re
import subprocess
import tempfile
import time
import unittest

from support import ROOT, tokenyard
from test_sweep_run import points, study, values

CLUSTER = ROOT / "tests" / "slurm" / "cluster.sh"
NODES = 3


class Slurm(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.cluster = os.path.join(cls.folder.name, "cluster")
        subprocess.run([CLUSTER, "start", cls.cluster, str(NODES)], check=True, capture_output=True,
                       timeout=60)
        cls.addClassCleanup(subprocess.run, [CLUSTER, "stop", cls.cluster], check=True)
        os.environ["SLURM_CONF"] = os.path.join(cls.cluster, "slurm.conf")
        cls.addClassCleanup(os.environ.pop, "SLURM_CONF")

    def setUp(self):
        self.work = tempfile.TemporaryDirectory(dir=self.folder.name)
        self.addCleanup(self.work.cleanup)

    def place(self, name):
        return os.path.join(self.work.name, name)

    def submit(self, path, out, shards):
        done = tokenyard("sweep", "slurm", path, "--shards", shards, "--out", out, "--submit", "--",
                         "--partition=all")
        self.assertEqual(done.returncode, 0, done.stderr)
        return re.search(r"submitted\s+(\d+) \(the sweep\), (\d+) \(the merge", done.stdout).groups()

    def queue(self):
        return subprocess.run(["squeue", "--noheader", "--format=%i %T %N"], check=True,
                              capture_output=True, text=True).stdout.split("\n")[:-1]

    def wait_for(self, what, text, seconds=60):
        end = time.monotonic() + seconds
        while not what():
            if time.monotonic() > end:
                logs = "".join(log.read_text(errors="replace")
                               for log in sorted(pathlib.Path(self.work.name).glob("*/logs/*")))
                self.fail(f"{text}: {self.queue()}\n{logs[-3000:]}")
            time.sleep(0.05)

    def serial(self, path):
        out = self.place("serial")
        done = tokenyard("sweep", "run", path, "--out", out, "--quiet")
        self.assertEqual(done.returncode, 0, done.stderr)
        return out

    def assert_same_merge(self, out, path):
        """The cluster's merged file says what that of a serial sweep does."""
        serial = self.serial(path)
        merged = self.place("serial.h5")
        done = tokenyard("sweep", "merge", serial, "--out", merged)
        self.assertEqual(done.returncode, 0, done.stderr)
        digests = [tokenyard("digest", file) for file in (merged, os.path.join(out, "merged.h5"))]
        for digest in digests:
            self.assertEqual(digest.returncode, 0, digest.stderr)
        self.assertEqual(digests[0].stdout, digests[1].stdout)
        self.assertEqual(values(out), values(serial))

    def test_a_node_that_dies_in_the_middle_loses_nothing(self):
        path = study(self.work.name, seeds=300)
        out = self.place("out with blank")
        self.submit(path, out, 6)
        self.wait_for(lambda: os.path.isdir(os.path.join(out, "points")) and len(points(out)) > 30,
                      "no points")
        busy = [line.split() for line in self.queue() if "RUNNING" in line]
        self.assertTrue(busy, self.queue())
        node = busy[0][2]
        subprocess.run([CLUSTER, "kill", self.cluster, node], check=True)
        time.sleep(1)
        subprocess.run([CLUSTER, "revive", self.cluster, node], check=True)
        self.wait_for(lambda: not self.queue(), "not all has ended")
        self.assertEqual(len([name for name in points(out) if name.endswith(".h5")]), 300)
        self.assert_same_merge(out, path)
        logs = "".join(file.read_text() for file in pathlib.Path(out, "logs").glob("sweep-*.log"))
        self.assertIn("300 points", logs)

    def test_some_shards_can_be_submitted_again(self):
        path = study(self.work.name, seeds=12)
        out = self.place("out")
        self.submit(path, out, 3)
        self.wait_for(lambda: not self.queue(), "not all has ended")
        lost = points(out)[::3]
        for name in lost:
            os.remove(os.path.join(out, "points", name))
        subprocess.run(["sbatch", "--array=1-2", os.path.join(out, "sweep.sbatch")], check=True,
                       capture_output=True)
        self.wait_for(lambda: not self.queue(), "not all has ended")
        status = tokenyard("sweep", "status", out)
        self.assertEqual(status.returncode, 0, status.stderr)
        self.assertLess(len(points(out)), 12)
        subprocess.run(["sbatch", os.path.join(out, "sweep.sbatch")], check=True, capture_output=True)
        self.wait_for(lambda: not self.queue(), "not all has ended")
        self.assertEqual(len(points(out)), 12)
        self.assertEqual(values(out), values(self.serial(path)))

    def test_what_sbatch_refuses_is_told(self):
        path = study(self.work.name, seeds=2)
        done = tokenyard("sweep", "slurm", path, "--shards", 2, "--out", self.place("out"),
                         "--submit", "--", "--partition=nowhere")
        self.assertEqual(done.returncode, 1)
        self.assertIn("invalid partition", done.stderr)
        self.assertIn("sbatch refused", done.stderr)

    def test_without_sbatch_the_scripts_remain(self):
        path = study(self.work.name, seeds=2)
        out = self.place("out")
        done = tokenyard("sweep", "slurm", path, "--shards", 2, "--out", out, "--submit", PATH="/nowhere")
        self.assertEqual(done.returncode, 1)
        self.assertIn("submit the scripts where Slurm is installed", done.stderr)
        self.assertTrue(os.access(os.path.join(out, "sweep.sbatch"), os.R_OK))

    def test_options_that_make_no_sense_are_refused(self):
        path = study(self.work.name, seeds=2)
        for shards, more in (("0", []), ("many", []), ("2", ["--", "--array=1-9"])):
            done = tokenyard("sweep", "slurm", path, "--shards", shards, "--out", self.place("no"), *more)
            self.assertEqual(done.returncode, 2, (shards, more))
            self.assertEqual(done.stderr.count("\n"), 1, done.stderr)


if __name__ == "__main__":
    unittest.main()
