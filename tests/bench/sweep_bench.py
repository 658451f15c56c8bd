#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a sweep costs beside its simulations, and what a second core brings.

    python3 tests/bench/sweep_bench.py PROGRAM [--trials N] [--points N] [--folder DIR]

Overhead: the time of 300 points less that of 50, of two seconds of traffic each, one at a time; all
of it counts, though some of it simulates. Scaling: points of about half a second, one at a time and
two at a time, one trial after the other, and beside them two sweeps at once that share nothing: what
the machine itself gives. Files lie in memory (DIR, /dev/shm), so that fsync does not count.
"""
import argparse
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
STUDY = """\
name: {name}
scenario: {root}/configs/azure-conv.yaml
set:
  warm_up: 0 s
  results: {{requests: none}}
  workload.tenants[chat].traffic: {{description: {root}/workloads/azure-conv-2023.yaml}}
{settings}axes:
  seed: {{from: 1, to: {points}, steps: {points}, whole: true}}
keep: [ttft_p99_s]
"""
NODES_A_RACK = 4


class Bench:
    def __init__(self, program, folder):
        self.program, self.folder, self.count = program, folder, 0

    def study(self, points, settings):
        path = self.folder / f"study{self.count}.yaml"
        self.count += 1
        lines = "".join(f"  {key}: {value}\n" for key, value in settings.items())
        path.write_text(STUDY.format(name=path.stem, root=ROOT, settings=lines, points=points))
        return path

    def start(self, study, out, *options):
        return subprocess.Popen([self.program, "sweep", "run", study, "--out", out, "--quiet", *options],
                                stdout=subprocess.DEVNULL)

    def seconds(self, study, *ways):
        """Until all of the ways have ended, each into a directory of its own."""
        outs = [tempfile.TemporaryDirectory(dir=self.folder) for _ in ways]
        begin = time.monotonic()
        for process in [self.start(study, out.name, *way) for out, way in zip(outs, ways)]:
            if process.wait() != 0:
                raise SystemExit(f"{study} failed")
        taken = time.monotonic() - begin
        for out in outs:
            out.cleanup()
        return taken

    def overhead_ms(self, nodes):
        settings = {"duration": "2 s",
                    "platform.sites": "{aws/us-east-1: {power: 900 MW, rack_slots: 100000}}",
                    "platform.racks": f'{{"aws/us-east-1/h100": {nodes // NODES_A_RACK}}}'}
        few, many = 50, 300
        times = [self.seconds(self.study(points, settings), ["--jobs", "1"]) for points in (few, many)]
        return 1000 * (times[1] - times[0]) / (many - few)

    def scaling(self, points):
        settings = {"duration": "58 min", "workload.tenants[chat].rate.scale": 36,
                    "fleet.pools[chat].replicas": 36}
        study = self.study(points, settings)
        one = self.seconds(study, ["--jobs", "1"])
        two = self.seconds(study, ["--jobs", "2"])
        apart = self.seconds(study, *(["--jobs", "1", "--shard", str(i), "--of", "2"] for i in (1, 2)))
        return one / points, one / two, one / apart


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--trials", type=int, default=3)
    parser.add_argument("--points", type=int, default=200, help="of the scaling")
    parser.add_argument("--folder", default="/dev/shm")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        bench = Bench(os.path.abspath(options.program), pathlib.Path(folder))
        for nodes in (500, 10_000):
            found = [bench.overhead_ms(nodes) for _ in range(options.trials)]
            print(f"a point beside its simulation, {nodes} nodes: {statistics.median(found):.1f} ms of "
                  f"{', '.join(f'{ms:.1f}' for ms in found)}", flush=True)
        for _ in range(options.trials):
            seconds, shared, apart = bench.scaling(options.points)
            print(f"{options.points} points of {seconds:.2f} s: two at a time {shared:.2f} times one at a time; "
                  f"two sweeps that share nothing {apart:.2f} times", flush=True)


if __name__ == "__main__":
    main()
