# SPDX-License-Identifier: Apache-2.0
"""What users of `tokenyard sweep run` see, also when processes die and disks fill up."""

import json
import os
import random
import resource
import signal
import subprocess
import tempfile
import textwrap
import time
import unittest

import h5py

from support import ROOT, binary, environment, tokenyard as run

TOKENYARD = binary()


def study(folder, **changes):
    """A study of short runs: 18 points unless `seeds` says otherwise."""
    seeds = changes.pop("seeds", 18)
    lines = {
        "duration": "2 s", "warm_up": "0 s", "results": "{requests: none, series: 10 s}",
        "workload.tenants[chat].traffic": f"{{description: {ROOT}/workloads/azure-conv-2023.yaml}}",
    }
    lines.update(changes.pop("set", {}))
    extra = "".join(f"{key}: {value}\n" for key, value in changes.items())
    text = textwrap.dedent(f"""\
        name: short runs
        scenario: {ROOT}/configs/azure-conv.yaml
        axes:
          seed: {{from: 1, to: {seeds}, steps: {seeds}, whole: true}}
        keep: [ttft_p99_s, requests_arrived]
        """) + extra + "set:\n" + "".join(f"  {key}: {value}\n" for key, value in lines.items())
    path = os.path.join(folder, "study.yaml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def points(out):
    return sorted(name for name in os.listdir(os.path.join(out, "points")))


def values(out):
    """The metrics of all points, by identity."""
    found = {}
    for name in points(out):
        with h5py.File(os.path.join(out, "points", name)) as file:
            found[name] = (file["metrics/value"][()].tobytes(), file["metrics/names"][()])
    return found


class SweepRun(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.out = os.path.join(self.folder.name, "out")

    def sweep(self, path, *more, out=None, **kwargs):
        return run("sweep", "run", path, "--out", out or self.out, "--quiet", *more, **kwargs)

    def test_each_run_has_one_file_and_running_again_does_nothing(self):
        path = study(self.folder.name)
        first = self.sweep(path)
        self.assertEqual(first.returncode, 0, first.stderr)
        self.assertIn("18 of 18 points done", first.stdout)
        self.assertEqual(len(points(self.out)), 18)
        before = {name: os.stat(os.path.join(self.out, "points", name)).st_mtime_ns
                  for name in points(self.out)}
        self.assertEqual(self.sweep(path).returncode, 0)
        after = {name: os.stat(os.path.join(self.out, "points", name)).st_mtime_ns
                 for name in points(self.out)}
        self.assertEqual(before, after)

    def test_a_point_has_the_metrics_of_an_ordinary_run(self):
        path = study(self.folder.name, seeds=2)
        self.assertEqual(self.sweep(path).returncode, 0)
        alone = os.path.join(self.folder.name, "alone.h5")
        done = run("run", os.path.join(ROOT, "configs/azure-conv.yaml"), "--out", alone, "--quiet",
                   "--set", "duration=2 s", "--set", "warm_up=0 s", "--set", "seed=2", "--set",
                   "results={requests: none, series: 10 s}", "--set",
                   f"workload.tenants[chat].traffic={{description: {ROOT}/workloads/azure-conv-2023.yaml}}")
        self.assertEqual(done.returncode, 0, done.stderr)
        with h5py.File(alone) as file:
            identity = file.attrs["identity"].decode()
            ttft = file["summary/ttft_p99_s"][()] if "summary/ttft_p99_s" in file else None
            arrived = float(file["tenants/requests_arrived"][()].sum())
        with h5py.File(os.path.join(self.out, "points", identity + ".h5")) as file:
            names = file["metrics/names"].asstr()[()].split("\n")
            found = dict(zip(names, file["metrics/value"][()]))
        self.assertEqual(found["requests_arrived"], arrived)
        if ttft is not None:
            self.assertEqual(found["ttft_p99_s"], float(ttft))

    def test_any_number_of_jobs_and_shards_finds_the_same(self):
        path = study(self.folder.name)
        self.assertEqual(self.sweep(path, "--jobs", "1").returncode, 0)
        other = os.path.join(self.folder.name, "other")
        for shard in ("3", "1", "2"):
            done = self.sweep(path, "--jobs", "3", "--shard", shard, "--of", "3", out=other)
            self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(values(self.out), values(other))

    def test_replications_until_precise_are_the_same_with_jobs_shards_and_resume(self):
        path = study(self.folder.name, seeds=7, set={"duration": "1 min"},
                     replications="{until: 12 %, of: ttft_p50_s, least: 2, most: 6}",
                     objective="minimise ttft_p50_s")
        digests = []
        for ways in ([["--jobs", "1"]], [["--jobs", "3"]],
                     [["--shard", "2", "--of", "2"], ["--shard", "1", "--of", "2"]]):
            out = os.path.join(self.folder.name, f"out{len(digests)}")
            for way in ways:
                done = self.sweep(path, *way, out=out)
                self.assertEqual(done.returncode, 0, done.stderr)
            digests.append(self.merged(out))
        # Half of it lost, and with it the replications that asked for more.
        for name in points(out)[::2]:
            os.remove(os.path.join(out, "points", name))
        self.assertEqual(self.sweep(path, out=out).returncode, 0)
        digests.append(self.merged(out))
        self.assertEqual(1, len(set(digests)), digests)
        with h5py.File(os.path.join(out, "merged.h5")) as file:
            replications = file["points/replications"][()]
            rank = file["points/rank"][()]
        self.assertEqual(7, len(rank))
        self.assertEqual(1, min(rank))
        self.assertGreater(len(set(replications)), 1, "of no more kinds than one")
        self.assertEqual(sum(replications), len(points(out)))

    def merged(self, out):
        file = os.path.join(out, "merged.h5")
        done = run("sweep", "merge", out, "--out", file, "--force")
        self.assertEqual(done.returncode, 0, done.stderr)
        return run("digest", file).stdout.split()[0]

    def test_status_tells_what_is_running_now_and_how_long_it_takes(self):
        path = study(self.folder.name, seeds=40, set={"duration": "2 h"})
        process = subprocess.Popen(
            [TOKENYARD, "sweep", "run", path, "--out", self.out, "--quiet", "--jobs", "2"],
            env=environment(), stdout=subprocess.DEVNULL)
        self.wait_for_points(4)
        seen = [json.loads(run("sweep", "status", self.out, "--json").stdout) for _ in range(5)]
        process.send_signal(signal.SIGKILL)
        process.wait()
        left = os.path.join(self.out, "points", "0.h5.part-1")
        open(left, "w").close()
        self.assertEqual(2, max(now["running"] for now in seen))
        for now in seen:
            self.assertEqual(40, now["done"] + now["missing"])
            self.assertLess(now.get("seconds_left", 0), 120)
        after = json.loads(run("sweep", "status", self.out, "--json").stdout)
        self.assertEqual(0, after["running"], "what a killed process left is not running")

    def test_a_point_that_takes_too_long_is_a_failure_of_its_own(self):
        path = study(self.folder.name, seeds=3, set={"duration": "1 h", "workload.tenants[chat].rate.scale": 300})
        done = self.sweep(path, "--point-timeout", "1 s")
        self.assertEqual(done.returncode, 1)
        self.assertIn("timed_out", done.stderr)
        names = os.listdir(os.path.join(self.out, "failures"))
        self.assertEqual(len(names), 3)
        with open(os.path.join(self.out, "failures", names[0]), encoding="utf-8") as file:
            failure = json.load(file)
        self.assertEqual(failure["kind"], "timed_out")
        self.assertEqual(points(self.out), [])

    def test_refused_points_are_named_and_the_others_run(self):
        path = study(self.folder.name, seeds=2)
        with open(path, encoding="utf-8") as file:
            text = file.read()
        text = text.replace("axes:\n", "axes:\n  fleet.pools[chat].replicas: [1, 1000000]\n")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        done = self.sweep(path)
        self.assertEqual(done.returncode, 1)
        self.assertIn("2 of 4 points done, 2 failed", done.stdout)
        self.assertIn("refused", done.stderr)

    def test_a_directory_is_of_one_study(self):
        self.assertEqual(self.sweep(study(self.folder.name, seeds=2)).returncode, 0)
        changed = study(self.folder.name, seeds=3)
        done = self.sweep(changed)
        self.assertEqual(done.returncode, 2)
        self.assertIn("--update", done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        done = self.sweep(changed, "--update")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(points(self.out)), 3)

    def test_two_sweeps_on_one_directory_do_no_harm(self):
        path = study(self.folder.name, seeds=40)
        command = [TOKENYARD, "sweep", "run", path, "--out", self.out, "--quiet"]
        two = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
               for _ in range(2)]
        for one in two:
            _, stderr = one.communicate(timeout=120)
            self.assertEqual(one.returncode, 0, stderr)
        alone = os.path.join(self.folder.name, "alone")
        self.assertEqual(self.sweep(path, out=alone).returncode, 0)
        self.assertEqual(values(self.out), values(alone))
        self.assertEqual(os.listdir(os.path.join(self.out, "failures")), [])

    def test_ctrl_c_finishes_and_says_how_to_go_on(self):
        path = study(self.folder.name, seeds=400)
        command = [TOKENYARD, "sweep", "run", path, "--out", self.out, "--quiet"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.wait_for_points(5)
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 1)
        self.assertIn("the same command goes on", stderr)
        count = len(points(self.out))
        self.assertGreaterEqual(count, 5)
        self.assertLess(count, 400)
        self.assertIn(f"{count} of 400 points done", stdout)
        self.assertFalse([name for name in points(self.out) if ".part-" in name])

    def wait_for_points(self, count):
        end = time.monotonic() + 60
        while time.monotonic() < end:
            if os.path.isdir(os.path.join(self.out, "points")) and len(points(self.out)) >= count:
                return
            time.sleep(0.01)
        self.fail("no points")


class BadPlaces(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.study = study(self.folder.name, seeds=30)

    def sweep(self, out, **kwargs):
        return run("sweep", "run", self.study, "--out", out, "--quiet", **kwargs)

    def test_a_full_disk_stops_the_sweep_which_resumes(self):
        disk = os.path.join(self.folder.name, "disk")
        os.mkdir(disk)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=600k", "tokenyard", disk],
                                 check=False, capture_output=True)
        if mounted.returncode != 0:
            self.skipTest("no tmpfs can be mounted here")
        try:
            out = os.path.join(disk, "out")
            done = self.sweep(out)
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertIn("No space left", done.stderr)
            self.assertIn("free some space", done.stderr)
            before = len(points(out))
            self.assertGreater(before, 0)
            self.assertLess(before, 30)
            self.assertFalse([name for name in points(out) if ".part-" in name])
            subprocess.run(["mount", "-o", "remount,size=60m", disk], check=True)
            done = self.sweep(out)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(len(points(out)), 30)
        finally:
            subprocess.run(["umount", disk], check=True)

    def test_a_file_size_limit_stops_the_sweep_which_resumes(self):
        out = os.path.join(self.folder.name, "out")
        limit = 20_000
        process = subprocess.run(
            [TOKENYARD, "sweep", "run", self.study, "--out", out, "--quiet"], check=False,
            capture_output=True, text=True,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
        self.assertEqual(process.returncode, 1, process.stderr)
        self.assertIn("File too large", process.stderr)
        self.assertEqual(self.sweep(out).returncode, 0)
        self.assertEqual(len(points(out)), 30)

    def test_an_unwritable_directory_is_refused(self):
        folder = os.path.join(self.folder.name, "locked")
        os.mkdir(folder, 0o555)
        command = [TOKENYARD, "sweep", "run", self.study, "--out", os.path.join(folder, "out"),
                   "--quiet"]
        if os.geteuid() == 0:
            os.chmod(self.folder.name, 0o755)
            command = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"] + command
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("choose another", done.stderr)

    def test_options_that_make_no_sense_are_refused(self):
        out = os.path.join(self.folder.name, "out")
        for more in (["--shard", "0"], ["--shard", "3", "--of", "2"], ["--jobs", "0"],
                     ["--jobs", "many"], ["--point-timeout", "0 s"], ["--point-timeout", "soon"],
                     ["--point-timeout", "1e300 s"]):
            done = run("sweep", "run", self.study, "--out", out, *more)
            self.assertEqual(done.returncode, 2, more)
            self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertFalse(os.path.exists(out))


class Killed(unittest.TestCase):
    """A thousand points, a hundred kills at random moments of any process of the sweep."""

    KILLS = 100
    POINTS = 1000

    def test_no_point_is_lost_or_different(self):
        with tempfile.TemporaryDirectory() as folder:
            path = study(folder, seeds=self.POINTS)
            out = os.path.join(folder, "out")
            chance = random.Random(11)
            kills = {"parent": 0, "server": 0, "zygote": 0, "child": 0}
            while sum(kills.values()) < self.KILLS:
                self.run_and_kill(path, out, chance, kills)
            done = run("sweep", "run", path, "--out", out, "--quiet")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn(f"{self.POINTS} of {self.POINTS} points done", done.stdout)
            self.assertGreater(min(kills.values()), 0, kills)
            names = points(out)
            self.assertEqual(len(names), self.POINTS)
            self.assertFalse([name for name in names if not name.endswith(".h5")])
            self.assertEqual(os.listdir(os.path.join(out, "failures")), [])
            whole = os.path.join(folder, "whole")
            self.assertEqual(run("sweep", "run", path, "--out", whole, "--quiet").returncode, 0)
            self.assertEqual(values(out), values(whole))

    def run_and_kill(self, path, out, chance, kills):
        parent = subprocess.Popen([TOKENYARD, "sweep", "run", path, "--out", out, "--quiet"],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while sum(kills.values()) < self.KILLS and parent.poll() is None:
            time.sleep(chance.uniform(0.01, 0.15))
            victim, kind = self.choose(parent.pid, chance)
            if victim is None:
                continue
            try:
                os.kill(victim, signal.SIGKILL)
            except ProcessLookupError:
                continue
            kills[kind] += 1
            if kind == "parent":
                break
        if sum(kills.values()) >= self.KILLS and parent.poll() is None:
            parent.kill()
        parent.wait()

    @staticmethod
    def choose(parent, chance):
        levels = [[parent]]
        while levels[-1] and len(levels) < 4:
            levels.append([child for process in levels[-1] for child in children(process)])
        kind = chance.choices(["parent", "server", "zygote", "child"], [1, 2, 3, 6])[0]
        found = levels[["parent", "server", "zygote", "child"].index(kind)] if len(levels) == 4 else []
        return (chance.choice(found), kind) if found else (None, kind)


def children(process):
    try:
        with open(f"/proc/{process}/task/{process}/children", encoding="ascii") as file:
            own = file.read().split()
        others = []
        for task in os.listdir(f"/proc/{process}/task"):
            if task != str(process):
                with open(f"/proc/{process}/task/{task}/children", encoding="ascii") as file:
                    others += file.read().split()
        return [int(child) for child in own + others]
    except (FileNotFoundError, ProcessLookupError):
        return []


if __name__ == "__main__":
    unittest.main()
