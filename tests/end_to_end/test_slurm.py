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
# A point takes long enough for a node to be killed before its shard is done.
SOME_TIME = {"duration": "1 h", "workload.tenants[chat].rate.scale": 12, "fleet.pools[chat].replicas": 32}


def cluster(*arguments):
    done = subprocess.run([CLUSTER, *map(str, arguments)], stdin=subprocess.DEVNULL, timeout=60,
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"cluster.sh {arguments}: {done.stdout}{done.stderr}")


def sbatch(*arguments):
    done = subprocess.run(["sbatch", "--parsable", *arguments], check=True, capture_output=True, text=True)
    return done.stdout.strip()


class Slurm(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.cluster = os.path.join(cls.folder.name, "cluster")
        cls.addClassCleanup(cluster, "stop", cls.cluster)
        cluster("start", cls.cluster, NODES)
        os.environ["SLURM_CONF"] = os.path.join(cls.cluster, "slurm.conf")
        cls.addClassCleanup(os.environ.pop, "SLURM_CONF")

    def setUp(self):
        self.work = tempfile.TemporaryDirectory(dir=self.folder.name)
        self.addCleanup(self.work.cleanup)

    def place(self, name):
        return os.path.join(self.work.name, name)

    def submit(self, path, out, shards, *options):
        done = tokenyard("sweep", "slurm", path, "--shards", shards, "--out", out, "--submit", "--",
                         "--partition=all", *options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return re.search(r"submitted\s+(\d+) \(the sweep\), (\d+) \(the merge", done.stdout).groups()

    def element(self, array, number):
        """What Slurm says of an element of an array."""
        shown = subprocess.run(["scontrol", "--oneliner", "show", "job", f"{array}_{number}"], check=True,
                               capture_output=True, text=True).stdout
        return dict(word.split("=", 1) for word in shown.split() if "=" in word)

    def log(self, out, name):
        file = pathlib.Path(out, "logs", name + ".log")
        return file.read_text(errors="replace") if file.exists() else ""

    def queue(self):
        return subprocess.run(["squeue", "--noheader", "--format=%i %T %N"], check=True,
                              capture_output=True, text=True).stdout.split("\n")[:-1]

    def wait_for(self, what, text, seconds=120):
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

    def begun(self, out, least):
        folder = os.path.join(out, "points")
        return os.path.isdir(folder) and len([n for n in os.listdir(folder) if n.endswith(".h5")]) >= least

    def test_a_node_that_dies_in_the_middle_loses_nothing(self):
        path = study(self.work.name, seeds=36, set=SOME_TIME)
        out = self.place("out")
        array, merge = self.submit(path, out, 3)
        self.wait_for(lambda: self.begun(out, 3), "no points")
        busy = [line.split() for line in self.queue() if "RUNNING" in line and f"{array}_" in line]
        self.assertTrue(busy, self.queue())
        shard, node = busy[-1][0].split("_")[1], busy[-1][2]
        cluster("kill", self.cluster, node)
        self.addCleanup(cluster, "revive", self.cluster, node)
        self.wait_for(lambda: not self.queue(), "not all has ended")
        self.assertEqual(self.element(array, shard)["Restarts"], "1", "it had ended before its node died")
        self.assertRegex(self.log(out, f"sweep-{array}_{shard}"), r"shard \d of 3: 12 points, \d+ of them done already")
        self.assertIn("36 runs merged", self.log(out, f"merge-{merge}"))
        self.assert_same_merge(out, path)

    def test_a_shard_that_was_stopped_is_submitted_again(self):
        path = study(self.work.name, seeds=36, set=SOME_TIME)
        out = self.place("out")
        array, merge = self.submit(path, out, 3)
        log = f"sweep-{array}_2"
        self.wait_for(lambda: self.begun(out, 3) and "12 to do" in self.log(out, log), "no points")
        # As Slurm does a minute before the time is up.
        subprocess.run(["scancel", "--batch", "--signal=TERM", f"{array}_2"], check=True)
        self.wait_for(lambda: not self.queue(), "not all has ended")
        self.assertEqual(self.element(array, 2)["ExitCode"], "1:0")
        self.assertIn("the same command goes on from there", self.log(out, f"sweep-{array}_2"))
        self.assertEqual(self.element(array, 1)["ExitCode"], "0:0")
        # The merge says what is missing, and makes nothing of what is there.
        self.assertRegex(self.log(out, f"merge-{merge}"), r"of 36 runs have no file")
        self.assertFalse(os.path.exists(os.path.join(out, "merged.h5")))

        again = sbatch("--array=2", os.path.join(out, "sweep.sbatch"))
        sbatch(f"--dependency=afterany:{again}", os.path.join(out, "merge.sbatch"))
        self.wait_for(lambda: not self.queue(), "not all has ended")
        self.assertIn("shard 2 of 3: 12 of 12 points done", self.log(out, f"sweep-{again}_2"))
        self.assert_same_merge(out, path)

    def test_names_may_hold_anything_that_slurm_can_write_to(self):
        folder = pathlib.Path(self.place("it's 50%j \"of\" #1 $HOME"))
        folder.mkdir()
        path = study(folder, seeds=4)
        out = folder / "out *;"
        array, merge = self.submit(path, out, 2, "--comment", "a 'b' \\ c #d", "-J", "other name")
        self.wait_for(lambda: not self.queue(), "not all has ended")
        for shard in (1, 2):
            self.assertIn("points done", self.log(out, f"sweep-{array}_{shard}"))
        self.assertIn("4 runs merged", self.log(out, f"merge-{merge}"))
        shown = subprocess.run(["scontrol", "show", "job", merge], check=True, capture_output=True,
                               text=True).stdout
        self.assertIn("JobName=other name\n", shown)
        self.assertIn("Comment=a 'b' \\ c #d", shown)
        done = tokenyard("sweep", "slurm", path, "--shards", 2, "--out", self.place("back\\slash"))
        self.assertEqual(done.returncode, 2)
        self.assertIn("backslash", done.stderr)

    def test_what_sbatch_refuses_is_told(self):
        path = study(self.work.name, seeds=2)
        done = tokenyard("sweep", "slurm", path, "--shards", 2, "--out", self.place("out"),
                         "--submit", "--", "--partition=nowhere")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"^\S+: sbatch refused it \(.*[Ii]nvalid partition.*\); change .*\n$")
        self.assertNotIn("submitted", done.stdout)

    def test_a_merge_that_is_refused_leaves_the_sweep_in_the_queue_and_says_so(self):
        programs = pathlib.Path(self.place("programs"))
        programs.mkdir()
        sbatch_once = programs / "sbatch"
        sbatch_once.write_text("#!/bin/sh\ncase $* in *merge*) echo no >&2; exit 1;; esac\n"
                               "echo '7;cluster'\n")
        sbatch_once.chmod(0o755)
        path = study(self.work.name, seeds=2)
        done = tokenyard("sweep", "slurm", path, "--shards", 2, "--out", self.place("out"), "--submit",
                         PATH=f"{programs}:{os.environ['PATH']}")
        self.assertEqual(done.returncode, 1)
        self.assertIn("7 (the sweep), without its merge\n", done.stdout)
        self.assertRegex(done.stderr, r"merge.sbatch: sbatch refused it \(no\)")

    def test_without_sbatch_the_scripts_remain(self):
        path = study(self.work.name, seeds=2)
        out = self.place("out")
        done = tokenyard("sweep", "slurm", path, "--shards", 2, "--out", out, "--submit", PATH="/nowhere")
        self.assertEqual(done.returncode, 1)
        self.assertIn("submit the scripts where Slurm is installed", done.stderr)
        self.assertTrue(os.access(os.path.join(out, "sweep.sbatch"), os.R_OK))

    def test_options_that_make_no_sense_are_refused(self):
        path = study(self.work.name, seeds=2)
        for shards, more in (("0", []), ("many", []), ("2", ["--", "--array=1-9"]),
                             ("2", ["--", "-a", "1"]), ("2", ["another.yaml"]), ("2", ["--", "-J", "a\nb"])):
            done = tokenyard("sweep", "slurm", path, "--shards", shards, "--out", self.place("no"), *more)
            self.assertEqual(done.returncode, 2, (shards, more))
            self.assertEqual(done.stderr.count("\n"), 1, done.stderr)


if __name__ == "__main__":
    unittest.main()
