# SPDX-License-Identifier: Apache-2.0
import contextlib
import io
import tempfile
import unittest
from pathlib import Path

import h5py
import numpy as np
import pandas as pd

from tests.sample import write_result
from tests.sweep_sample import COST, LATE, SweepFile, half_width
from tokenyard import ResultError, open_sweep, rank
from tokenyard.__main__ import main
from tokenyard.intervals import interval, t_quantile

SHARED = np.array([0.5, 0.0, -0.5])  # what all plans see of one replication
WOBBLE = np.array([0.01, -0.02, 0.01])
nan = float("nan")


def study(**changes):
    """Six plans: the best; one as good but for chance; one a little, but surely worse; one that is
    late; one that misses replications; one without any."""
    cost = [10 + SHARED, 10.001 + SHARED + WOBBLE, 10.1 + SHARED + WOBBLE / 10, 5 + SHARED,
            [9, nan, nan], [nan] * 3]
    late = [[1, 1, 1], [1.5, 1.5, 1.5], [1, 1, 1], [3, 3, 3], [1, nan, nan], [nan] * 3]
    file = SweepFile({"racks": ["wafers", "wafers + Trainium"] * 3,
                      "fleet.pools[chat].replicas": [2, 2, 4, 4, 8, 8]},
                     {LATE: late, COST: cost}, ["ttft_p99_s <= 2"], **changes)
    file.failed = {(6, 2)}
    return file


class Rank(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "a.h5"

    def ranked(self, file):
        return rank(open_sweep(file.write(self.path)))

    def said(self, *arguments, code=0):
        with contextlib.redirect_stdout(io.StringIO()) as out, \
                contextlib.redirect_stderr(io.StringIO()) as err:
            self.assertEqual(main(["rank", *arguments]), code)
        if code:
            self.assertEqual(err.getvalue().count("\n"), 1, err.getvalue())
        return (err if code else out).getvalue()


class Numbers(Rank):
    def test_student_s_quantiles_are_those_of_tables(self):
        for degrees, expected in ((1, 12.7062047), (2, 4.3026527), (3, 3.1824463), (4, 2.7764451),
                                  (9, 2.2621572), (30, 2.0422725), (99, 1.9842170)):
            self.assertAlmostEqual(t_quantile(degrees), expected, 6)
        self.assertAlmostEqual(t_quantile(5, 0.99), 4.0321430, 6)

    def test_an_interval_leaves_out_what_is_missing(self):
        mean, half, count = interval([[1, 2, 3, nan], [5, nan, nan, nan], [nan] * 4])
        np.testing.assert_array_equal(count, [3, 1, 0])
        np.testing.assert_allclose(mean, [2, 5, nan])
        np.testing.assert_allclose(half, [half_width([1, 2, 3]), nan, nan])

    def test_feasible_plans_come_first_then_by_objective_then_those_without_a_number(self):
        table = self.ranked(study()).table
        self.assertEqual(list(table.index), [1, 2, 3, 5, 4, 6])
        self.assertEqual(list(table["feasible"]), [True] * 4 + [False] * 2)

    def test_differences_are_paired(self):
        table = self.ranked(study()).table
        self.assertEqual(table.loc[1, "against_best"], "best")
        self.assertEqual(table.loc[2, "against_best"], "same")
        self.assertEqual(table.loc[3, "against_best"], "worse")
        # By themselves the intervals of 1 and 3 overlap widely: only pairs tell them apart.
        self.assertGreater(table.loc[3, "objective_half_width"], 1)
        self.assertAlmostEqual(table.loc[3, "difference"], 0.1, 9)
        self.assertAlmostEqual(table.loc[3, "difference_half_width"], half_width(WOBBLE / 10), 9)

    def test_one_replication_tells_nothing_of_chance(self):
        file = SweepFile({"n": [1, 2]}, {COST: [[1.0], [2.0]]})
        table = self.ranked(file).table
        self.assertEqual(list(table["against_best"]), ["best", "unknown"])

    def test_equal_plans_are_the_same(self):
        table = self.ranked(SweepFile({"n": [1, 2]}, {COST: [[1, 2, 3], [1, 2, 3]]})).table
        self.assertEqual(list(table["against_best"]), ["best", "same"])
        self.assertEqual(table["difference"].iloc[1], 0)

    def test_more_may_be_better(self):
        file = SweepFile({"n": [1, 2, 3]}, {"goodput_per_s": [[1, 1.1], [3, 3.1], [2, 2.1]]},
                         objective="maximise goodput_per_s")
        table = self.ranked(file).table
        self.assertEqual(list(table.index), [2, 3, 1])
        self.assertEqual(list(table["against_best"]), ["best", "worse", "worse"])

    def test_an_expression_is_an_objective(self):
        file = SweepFile({"n": [1, 2]}, {COST: [[2, 4], [6, 6.5]],
                                         "goodput_per_s": [[1, 2], [2, 2]]},
                         objective=f"minimise {COST} / goodput_per_s")
        ranking = self.ranked(file)
        self.assertEqual(ranking.sweep.objective.column, "objective")
        self.assertAlmostEqual(ranking.table.loc[2, "difference"], 3.125 - 2)
        self.assertAlmostEqual(ranking.table.loc[2, "objective_half_width"], half_width([3, 3.25]))

    def test_ranks_are_those_of_the_file_and_else_its_own(self):
        file = study()
        first = self.ranked(file).table["rank"]
        self.assertEqual([first[i] for i in (1, 2, 3)], [1, 2, 3])
        with h5py.File(self.path, "a") as written:
            del written["points/rank"]
        second = rank(open_sweep(self.path)).table["rank"]
        self.assertEqual([second[i] for i in (1, 2, 3)], [1, 2, 3])
        self.assertTrue(np.isnan(second[5]))  # misses replications
        self.assertTrue(np.isnan(first[4]) and np.isnan(second[4]))

    def test_the_condition_that_fails_is_named(self):
        file = study()
        file.attributes["feasible_text"] = "ok_share >= 99 %\nttft_p99_s <= 2000 ms"
        table = self.ranked(file).table
        self.assertEqual(table.loc[4, "fails"], (1,))
        self.assertEqual([table.loc[i, "fails"] for i in (1, 6)], [(), ()])

    def test_a_condition_may_fail_in_a_replication_only(self):
        file = SweepFile({"n": [1]}, {COST: [[1, 1]], LATE: [[1, 2.5]]}, ["ttft_p99_s <= 2"])
        file.feasible = [False]
        self.assertEqual(self.ranked(file).table.loc[1, "fails"], (0,))
        file.attributes["feasible_text"] = "other <= 2"
        self.assertEqual(self.ranked(file).table.loc[1, "fails"], (-1,))

    def test_a_part_has_its_own_ranks(self):
        sweep = open_sweep(study().write(self.path))
        part = sweep.where(["racks=wafers + Trainium"])
        self.assertEqual(list(rank(part).table["rank"].dropna()), [1])
        self.assertEqual(rank(part).best, 2)
        self.assertEqual(rank(sweep.where(["replicas=4", "racks=wafers"])).best, 3)
        self.assertEqual(len(sweep.points), 6)
        for term, words in (("replicas=5", "levels: 2, 4, 8"), ("racks", "no such axis")):
            with self.assertRaisesRegex(ResultError, words):
                sweep.where([term])


class Reading(Rank):
    def test_axes_are_found_without_being_named(self):
        file = study()
        expected = ["racks", "fleet.pools[chat].replicas"]
        self.assertEqual(open_sweep(file.write(self.path)).axes, expected)
        del file.attributes["axes"]
        sweep = open_sweep(file.write(self.path))
        self.assertEqual(sweep.axes, expected)
        self.assertEqual(sweep.metrics, [LATE, COST])

    def test_texts_come_from_the_study_where_the_root_has_none(self):
        file = study()
        del file.attributes["objective_text"], file.attributes["feasible_text"]
        sweep = open_sweep(file.write(self.path))
        self.assertEqual(sweep.objective.column, COST)
        self.assertEqual(sweep.conditions, ["ttft_p99_s <= 2"])

    def test_runs_are_counted(self):
        sweep = open_sweep(study().write(self.path))
        self.assertEqual(sweep.counts, {"done": 13, "failed": 1, "missing": 4})

    def test_names_with_slashes_come_back(self):
        file = SweepFile({"a/b": [1, 2]}, {COST: [[1, 2], [1, 3]]})
        self.assertEqual(open_sweep(file.write(self.path)).axes, ["a/b"])

    def test_bad_files_are_one_line_and_exit_2(self):
        other = self.path.with_name("run.h5")
        write_result(other)
        text = self.path.with_suffix(".txt")
        text.write_text("words\n")
        for path, words in ((other, "no /points"), (text, "not an HDF5 file"),
                            (self.path.with_name("none.h5"), "no such file")):
            with self.subTest(words):
                self.assertIn(words, self.said(str(path), code=2))

    def test_a_cut_or_odd_file_is_one_line_and_exit_2(self):
        study().write(self.path)
        whole = self.path.read_bytes()
        self.path.write_bytes(whole[:len(whole) // 2])
        self.said(str(self.path), code=2)
        file = study()
        file.attributes["axes"] = "racks\nnone"
        self.assertIn("'none'", self.said(str(file.write(self.path)), code=2))
        with h5py.File(study().write(self.path), "a") as written:
            del written["points/point"]
        self.assertIn("no column 'point'", self.said(str(self.path), code=2))


class Tables(Rank):
    def setUp(self):
        super().setUp()
        study().write(self.path)

    def test_the_text_fits_and_marks(self):
        said = self.said(str(self.path))
        self.assertLessEqual(max(map(len, said.split("\n"))), 80)
        self.assertRegex(said, r"\n +2= +2  wafers")
        self.assertRegex(said, r"\n +3  +3  wafers")
        self.assertIn("a  fails ttft_p99_s <= 2", said)
        self.assertIn("13 done, 1 failed, 4 missing", said)
        self.assertIn("replications a point: 0 to 3", said)

    def test_long_tables_say_what_they_leave_out(self):
        self.assertIn("4 more points", self.said(str(self.path), "--top", "2"))
        self.assertNotIn("more points", self.said(str(self.path), "--top", "0"))

    def test_csv_has_the_numbers(self):
        out = self.path.with_suffix(".csv")
        self.said(str(self.path), "--out", str(out))
        table = pd.read_csv(out).set_index("point")
        self.assertEqual(list(table["rank"].dropna()), [1, 2, 3])
        self.assertEqual(table.loc[3, COST], open_sweep(self.path).points.loc[3, COST])
        self.assertEqual(table.loc[4, "fails"], "ttft_p99_s <= 2")
        self.assertEqual(list(table.loc[[1, 2, 3], "against_best"]), ["best", "same", "worse"])
        self.assertIn(LATE + "_half_width", table)

    def test_markdown_is_one_table(self):
        out = self.path.with_suffix(".md")
        self.said(str(self.path), "--out", str(out), "--metrics", LATE)
        rows = [line for line in out.read_text().split("\n") if line.startswith("|")]
        self.assertEqual(len(rows), 8)
        self.assertEqual({row.count("|") for row in rows}, {rows[0].count("|")})

    def test_bad_options_are_one_line_and_exit_2(self):
        for arguments, words in ((["--out", "a.xls"], "use .csv"),
                                 (["--metrics", "x"], "no metric"),
                                 (["--top", "-1"], "less than 0"),
                                 (["--where", "x=1"], "no such")):
            with self.subTest(words):
                self.assertIn(words, self.said(str(self.path), *arguments, code=2))


if __name__ == "__main__":
    unittest.main()
