# SPDX-License-Identifier: Apache-2.0
"""`survive`: whether a fleet meets its limits with any one node, rack or region lost."""
import pathlib
import sys
import unittest

import h5py
import numpy

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from support import InFolder, scenario_text, tokenyard  # noqa: E402


class Survive(InFolder):
    def run_of(self, kind, replicas, *options):
        # One request has its answer in about 2 s, so that one node of two replicas serves 5 a second.
        text = scenario_text(("replicas: 4", f"replicas: {replicas}"), ("seed: 7", f"seed: 7\nsurvive: {kind}"))
        done = tokenyard("run", self.write("s.yaml", text), "--until", "10 min", "--quiet", *options)
        self.assertLessEqual(max(map(len, (done.stdout or "-").splitlines())), 80)
        return done

    def test_a_spare_node_survives_a_node_and_one_node_does_not(self):
        done = self.run_of("node", 4)
        self.assertEqual(0, done.returncode, done.stderr)
        # Two nodes of two replicas, which are alike.
        self.assertRegex(done.stdout, r"node aws/us-east-1/h100/0 +2 chat 2 .* yes\n")
        self.assertIn("survives the loss of any one node: yes, 2 of 2\n", done.stdout)
        done = self.run_of("node", 2)
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertRegex(done.stdout, r"node aws/us-east-1/h100/0 +1 chat 2 +0.00 % .* no\n")
        self.assertIn("survives the loss of any one node: no, 1 of 1 are fatal", done.stdout)

    def test_nodes_that_take_unlike_numbers_are_told_apart(self):
        done = self.run_of("node", 3)
        self.assertRegex(done.stdout, r"node aws/us-east-1/h100/0 +1 chat 2 ")
        self.assertRegex(done.stdout, r"node aws/us-east-1/h100/1 +1 chat 1 ")

    def test_faults_make_nodes_unlike(self):
        text = scenario_text(("seed: 7", "seed: 7\nsurvive: node"))
        text += "\nscripted_faults: [{at: 1 min, what: node aws/us-east-1/h100/0, for: 4 min}]\n"
        done = tokenyard("run", self.write("f.yaml", text), "--until", "10 min", "--quiet")
        self.assertRegex(done.stdout, r"h100/0 +1 chat 2 .* yes\n")
        self.assertRegex(done.stdout, r"h100/1 +1 chat 2 .* no\n")

    def test_one_region_does_not_survive_a_region(self):
        done = self.run_of("region", 4)
        self.assertRegex(done.stdout, r"region aws/us-east-1 +1 chat 4 +0.00 % .* no\n")

    def test_the_run_itself_is_as_without(self):
        self.run_of("rack", 4, "--out", self.folder / "with.h5")
        plain = self.write("p.yaml", scenario_text())
        tokenyard("run", plain, "--until", "10 min", "--quiet", "--out", self.folder / "plain.h5")
        with h5py.File(self.folder / "with.h5") as file, h5py.File(self.folder / "plain.h5") as without:
            self.assertEqual(without.attrs["identity"], file.attrs["identity"])
            for name in without["summary"]:
                numpy.testing.assert_array_equal(without["summary"][name][()], file["summary"][name][()], name)
            numpy.testing.assert_array_equal(without["requests/end_to_end_s"][:], file["requests/end_to_end_s"][:])
            # One rack has them all.
            self.assertEqual([1], list(file["survive/stands_for"]))
            self.assertEqual([0], list(file["survive/attainment"]))
            self.assertEqual([0], list(file["survive/survives"]))
            self.assertNotIn("survive", without)

    def test_mistakes(self):
        done = self.run_of("planet", 4)
        self.assertEqual(2, done.returncode)
        self.assertIn("planet", done.stderr)
        variants = "\nvariants:\n  - {name: a}\n  - {name: b, set: {seed: 8}}\n"
        text = scenario_text(("seed: 7", "seed: 7\nsurvive: node")) + variants
        done = tokenyard("run", self.write("v.yaml", text), "--quiet")
        self.assertEqual(2, done.returncode)
        self.assertIn("choose one with --variant", done.stderr)


if __name__ == "__main__":
    unittest.main()
