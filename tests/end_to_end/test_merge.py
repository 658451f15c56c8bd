# SPDX-License-Identifier: Apache-2.0
"""`sweep merge` and `sweep verify` of a real sweep; the merged file as h5py and xarray see it."""
import json
import pathlib
import random
import shutil
import sys
import tempfile
import unittest

import h5py
import numpy as np
import xarray

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from support import ROOT, tokenyard  # noqa: E402

ENGINES = ("h5netcdf", "netcdf4")
REPLICAS, SCALE = "fleet.pools[chat].replicas", "workload.tenants[chat].rate.scale"
ORDER = "fleet.pools[chat].batching.order"
STUDY = f"""\
name: Few
scenario: {ROOT}/configs/azure-conv.yaml
set:
  duration: 40 s
  warm_up: 10 s
  workload.tenants[chat].traffic: {{description: {ROOT}/workloads/azure-conv-2023.yaml}}
  results: {{requests: all}}
axes:
  {REPLICAS}: [2, 3, 4]
  {SCALE}: [0.5, 1]
  fleet.pools[chat].batching.order: [arrival, priority]
skip: ["{REPLICAS} == 4 and {SCALE} > 0.7"]
replications: 2
keep: [ttft_p99_s, "utilisation[chat]"]
feasible: [ttft_p99_s <= 20 s]
objective: minimise cost_usd
"""


class Merging(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.holder = tempfile.TemporaryDirectory()
        cls.made = pathlib.Path(cls.holder.name)
        (cls.made / "s.yaml").write_text(STUDY)
        cls.sweep(cls.made / "d")

    @classmethod
    def tearDownClass(cls):
        cls.holder.cleanup()

    @classmethod
    def sweep(cls, directory, *options):
        done = tokenyard("sweep", "run", cls.made / "s.yaml", "--out", directory, "--quiet", *options)
        assert done.returncode == 0, done.stderr

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(dir=self.made))
        shutil.copytree(self.made / "d", self.folder / "d")
        self.out = self.folder / "m.h5"

    def points(self):
        return sorted((self.folder / "d" / "points").iterdir())

    def merge(self, *options, code=0):
        done = tokenyard("sweep", "merge", self.folder / "d", "--out", self.out, *options)
        self.assertEqual(code, done.returncode, done.stderr)
        self.assertEqual(code == 0, self.out.exists())
        return done

    def verify(self, code=0):
        done = tokenyard("sweep", "verify", self.folder / "d")
        self.assertEqual(code, done.returncode, done.stderr)
        return done

    def digest(self):
        done = tokenyard("digest", self.out)
        self.assertEqual(0, done.returncode, done.stderr)
        return done.stdout.strip()

    def values_of_runs(self, name):
        """By (replicas, scale, order, replication), from the point files themselves."""
        values = {}
        for path in self.points():
            with h5py.File(path) as file:
                scenario = json.loads(file["scenario"].asstr()[()])
                names = file["metrics/names"].asstr()[()].split("\n")
                values[path.stem] = (scenario, file.attrs["replication"], file["metrics/value"][names.index(name)])
        return values

    def test_xarray_opens_the_cube_with_its_labels(self):
        self.merge()
        for engine in ENGINES:
            with self.subTest(engine), xarray.open_dataset(self.out, group="cube", engine=engine) as cube:
                dims = (REPLICAS, SCALE, ORDER, "replication")
                self.assertEqual(dims, cube["ttft_p99_s"].dims)
                self.assertEqual((3, 2, 2, 2), cube["ttft_p99_s"].shape)
                self.assertEqual([2, 3, 4], list(cube[REPLICAS].values))
                self.assertEqual([0.5, 1], list(cube[SCALE].values))
                self.assertEqual("arrival priority", cube[dims[2]].attrs["flag_meanings"])
                self.assertEqual("s", cube["ttft_p99_s"].attrs["units"])
                skipped = cube["utilisation[chat]"].sel({REPLICAS: 4, SCALE: 1})
                self.assertTrue(np.isnan(skipped.values).all())
                self.assertEqual(4, int(np.isnan(cube["ttft_p99_s"].values).sum()))
                # Fewer replicas are busier, in each cell: the traffic is the same.
                busy = cube["utilisation[chat]"].sel({SCALE: 0.5})
                self.assertTrue((busy.sel({REPLICAS: 2}).values > busy.sel({REPLICAS: 3}).values).all())

    def test_xarray_opens_runs_and_points(self):
        self.merge()
        for engine in ENGINES:
            with xarray.open_dataset(self.out, group="runs", engine=engine) as runs, \
                    xarray.open_dataset(self.out, group="points", engine=engine) as points:
                self.assertEqual({"run": 20}, dict(runs.sizes))
                self.assertEqual({"point": 10}, dict(points.sizes))
                means = runs["ttft_p99_s"].groupby(runs["point"]).mean()
                np.testing.assert_allclose(means.values, points["ttft_p99_s"].values, rtol=1e-12)
                best = points.where(points["rank"] == 1, drop=True)
                self.assertEqual({2.0}, set(best[REPLICAS].values))
                self.assertEqual(points["objective"].values.min(), best["objective"].values[0])
        with h5py.File(self.out) as file:
            self.assertEqual((self.made / "s.yaml").read_text(), file["study"].asstr()[()])
            self.assertEqual(b"Few", file.attrs["title"])
            identities = {p.stem for p in self.points()}
            values = self.values_of_runs("ttft_p99_s")
            self.assertEqual(20, len(identities))
            self.assertEqual(sorted(v[2] for v in values.values()), sorted(file["runs/ttft_p99_s"][()]))

    def test_requests_are_shown_where_they_are_and_move_along(self):
        self.merge()
        moved = self.folder / "else where 50%b"
        moved.mkdir()
        (self.folder / "d").rename(moved / "d")
        self.out.rename(moved / "m.h5")
        wanted = sum(self.rows(p) for p in (moved / "d" / "points").iterdir())
        for engine in ENGINES:
            with self.subTest(engine), xarray.open_dataset(moved / "m.h5", group="requests", engine=engine) as d:
                self.assertEqual({"request": wanted}, dict(d.sizes))
                self.assertEqual(list(range(20)), sorted(set(d["run"].values)))
                self.assertTrue((d["arrival_s"].values >= 0).all())
                with xarray.open_dataset(moved / "m.h5", group="runs", engine=engine) as runs:
                    self.assertEqual(20, runs.sizes["run"])
        said = tokenyard("digest", moved / "m.h5")
        self.assertEqual(0, said.returncode, said.stderr)

    def rows(self, path):
        with h5py.File(path) as file:
            return len(file["requests/request"])

    def test_copied_requests_are_the_same(self):
        self.merge()
        with h5py.File(self.out) as file:
            self.assertTrue(file["requests/arrival_s"].is_virtual)
            shown = {name: (d[()], dict(d.attrs).keys()) for name, d in file["requests"].items()}
        self.merge("--copy", "--force")
        shutil.rmtree(self.folder / "d")
        with h5py.File(self.out) as file:
            self.assertEqual(set(shown), set(file["requests"]))
            for name, (values, attributes) in shown.items():
                np.testing.assert_array_equal(values, file["requests"][name][()], name)
                self.assertEqual(attributes, dict(file["requests"][name].attrs).keys())

    def test_the_digest_is_the_same_however_the_runs_were_made(self):
        self.merge()
        digest = self.digest()
        shutil.rmtree(self.folder / "d")
        for shard in (2, 1):
            self.sweep(self.folder / "d", "--shard", shard, "--of", 2, "--jobs", 1)
        self.points()[3].unlink()
        self.sweep(self.folder / "d")
        self.merge("--force")
        self.assertEqual(digest, self.digest())

    def test_verify_finds_a_flipped_byte_wherever_it_is(self):
        self.assertIn("20 point files are as they were written", self.verify().stderr)
        for path in self.points()[1:]:
            path.unlink()
        path = self.points()[0]
        whole = path.read_bytes()
        draw = random.Random(1)
        for at in [0, len(whole) - 1] + [draw.randrange(len(whole)) for _ in range(60)]:
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << draw.randrange(8)]) + whole[at + 1:])
            done = self.verify(code=1)
            self.assertEqual(1, len(done.stdout.splitlines()), at)
            self.assertTrue(done.stdout.startswith(str(path) + ": "), done.stdout)
            self.assertIn("remove them, and run again", done.stderr)
        path.write_bytes(whole)
        self.assertIn("19 of 20 runs have no file yet", self.verify().stderr)

    def test_damage_leaves_no_merged_file(self):
        path = self.points()[5]
        path.write_bytes(path.read_bytes()[:-1000])
        for options in ((), ("--partial",)):
            said = self.merge(*options, code=1).stderr
            self.assertIn(path.name, said)
            self.assertIn("was not written; remove those files", said)

    def test_what_is_missing_or_failed_is_told(self):
        paths = self.points()
        paths[0].unlink()
        paths[1].unlink()
        failures = self.folder / "d" / "failures"
        failures.mkdir(exist_ok=True)
        (failures / f"{paths[1].stem}.json").write_text(json.dumps(
            {"identity": paths[1].stem, "point": 1, "replication": 0, "kind": "killed", "text": "signal 9"}))
        said = self.merge(code=1).stderr
        self.assertIn("1 of 20 runs have no file:\n  " + paths[0].stem, said)
        self.assertRegex(said, "1 of 20 runs failed:\n  point [0-9]+, replication [01]: killed: signal 9")
        self.assertIn("tokenyard sweep run STUDY", said)
        self.merge("--partial")
        with h5py.File(self.out) as file:
            self.assertEqual([18, 1, 1], list(np.bincount(file["runs/status"][()])))
            self.assertEqual("killed", json.loads(file["failures/lines"].asstr()[()])["kind"])
            self.assertEqual(4 + 2, int(np.isnan(file["cube/ttft_p99_s"][()]).sum()))

    def test_foreign_files_are_left_out_and_told(self):
        self.merge()
        digest = self.digest()
        copy = self.folder / "d" / "points" / ("0" * 64 + ".h5")
        shutil.copy(self.points()[0], copy)
        shutil.copy(self.points()[1], self.folder / "d" / "points" / "b.copy.h5")
        said = self.merge("--force").stderr
        self.assertIn(copy.name + " is of no run of this study", said)
        self.assertIn("b.copy.h5 is called by no identity, but holds the run", said)
        self.assertEqual(digest, self.digest())

    def test_bad_input(self):
        for arguments, text in ((("merge", self.folder, "--out", self.out), "holds no sweep"),
                                (("verify", self.folder / "none"), "is not a folder"),
                                (("merge", self.folder / "d", "--out", "/none/x.h5"), "does not exist"),
                                (("merge", self.folder / "d", "--out", self.out, "--copy", "--no-requests"), "exclude")):
            done = tokenyard("sweep", *arguments)
            self.assertEqual(2, done.returncode)
            self.assertIn(text, done.stderr + done.stdout)
        self.merge()
        done = tokenyard("sweep", "merge", self.folder / "d", "--out", self.out)
        self.assertEqual(2, done.returncode)
        self.assertIn("add --force", done.stderr)


if __name__ == "__main__":
    unittest.main()
