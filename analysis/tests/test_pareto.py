# SPDX-License-Identifier: Apache-2.0
import contextlib
import io
import re
import tempfile
import unittest
from argparse import Namespace
from pathlib import Path

import matplotlib.image
import numpy as np

from tests.sweep_sample import COST, LATE, SweepFile
from tokenyard import open_sweep
from tokenyard.__main__ import main
from tokenyard.front import beaten, front_of
from tokenyard.pareto import dimension, pareto
from tokenyard.pareto_figure import figure

AS_IT_IS = Namespace(x=None, y=None, x_better=None, y_better=None, colour=None, marker=None,
                     label="axes")


def plans(count=24, replications=3, seed=1, spread=1.0):
    """Plans around a curve, where what costs more is faster; some of them are too late."""
    random = np.random.default_rng(seed)
    cost = np.exp(random.uniform(0, spread, count))
    late = np.exp(random.uniform(0, 0.5, count)) * spread / cost
    noise = 1 + 0.01 * random.normal(size=(2, count, replications))
    return SweepFile({"racks": ["wafers", "GB300 + wafers"] * (count // 2),
                      "fleet.pools[chat].replicas": np.arange(count) % 5 + 1.0,
                      "rate": np.arange(count) + 1.0},
                     {COST: cost[:, None] * noise[0], LATE: late[:, None] * noise[1]},
                     [f"ttft_p99_s <= {np.median(late) * 1.5}"])


class Front(unittest.TestCase):
    def test_it_is_that_of_brute_force(self):
        random = np.random.default_rng(2)
        for count in (1, 2, 5, 40, 200):
            x, y = random.integers(0, max(count // 2, 2), (2, count)).astype(float)  # with ties
            x[random.random(count) < 0.1] = np.nan
            there = np.isfinite(x)
            with self.subTest(count):
                expected = {i for i in np.flatnonzero(there) if not any(
                    x[j] <= x[i] and y[j] <= y[i] and (x[j] < x[i] or y[j] < y[i])
                    for j in np.flatnonzero(there))}
                found = front_of(x, y)
                self.assertEqual(set(found), expected)
                self.assertEqual([x[i] for i in found], sorted(x[i] for i in found))

    def test_to_be_beaten_is_surely_worse_in_one_and_not_surely_better_in_the_other(self):
        shared = np.array([0.3, 0.0, -0.3])
        x = np.array([10 + shared, 10.1 + shared * 1.001, 10 + shared * 1.1, 9 + shared,
                      10 + shared])
        y = np.array([5 + shared, 5 + shared, 5.01 - shared, 6 + shared, [4, 5.2, 6.1]])
        np.testing.assert_array_equal(beaten([0], x, y), [False, True, False, False, False])

    def test_one_replication_beats_nothing(self):
        self.assertFalse(beaten([0], np.array([[1.0], [2.0]]), np.array([[1.0], [2.0]])).any())


class Picture(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "a.h5"

    def front(self, file, **options):
        return pareto(open_sweep(file.write(self.path)), Namespace(**{**vars(AS_IT_IS), **options}))

    def draw(self, ending, *options):
        out = self.path.with_suffix(ending)
        self.assertEqual(main(["pareto", str(self.path), "--out", str(out), *options]), 0)
        return out

    def texts(self, *options):
        svg = self.draw(".svg", *options).read_text()
        return [re.sub(r"<[^>]*>", "", text).replace("&lt;", "<").replace("&gt;", ">")
                for text in re.findall(r"<text.*?</text>", svg, re.S)]

    def test_only_feasible_points_are_on_the_front(self):
        front = self.front(plans())
        points = front.sweep.points
        self.assertLess(front.feasible.sum(), len(points))
        good = np.flatnonzero(front.feasible)
        expected = {i for i in good if not any(
            points[COST].iloc[j] < points[COST].iloc[i] and
            points[LATE].iloc[j] < points[LATE].iloc[i] for j in good)}
        self.assertEqual(set(front.members), expected)

    def test_what_lacks_replications_is_drawn_but_not_on_the_front(self):
        file = plans()
        best = self.front(file).members[0]
        file.metrics[COST][best, 1] = file.metrics[LATE][best, 1] = np.nan
        front = self.front(file)
        self.assertTrue(front.drawn[best])
        self.assertNotIn(best, front.members)
        self.assertIn("for want of replications: 1 point", " ".join(self.texts()))

    def test_the_better_end_comes_from_the_study_or_the_name(self):
        names = ("goodput_per_s", "utilisation", LATE)
        file = SweepFile({"n": [1.0, 2.0]}, {name: [[1, 1], [2, 2]] for name in names},
                         ["utilisation >= 0.5"], objective=f"minimise {LATE}")
        file.feasible = [True, True]
        sweep = open_sweep(file.write(self.path))
        self.assertEqual([dimension(sweep, name).sense for name in
                          (LATE, "objective", "utilisation", "goodput_per_s", "n")],
                         [1, 1, -1, -1, 1])
        self.assertEqual(dimension(sweep, LATE, "high").sense, -1)
        self.assertEqual(self.front(file, y="goodput_per_s").members, [0, 1])
        self.assertEqual(self.front(file, y="goodput_per_s", y_better="low").members, [0])

    def test_defaults_are_the_objective_and_the_first_condition(self):
        front = self.front(plans())
        self.assertEqual((front.x.name, front.y.name), (COST, LATE))
        self.assertEqual((front.colour.axis, front.marker.axis),
                         ("racks", "fleet.pools[chat].replicas"))

    def test_its_texts_say_what_it_shows(self):
        file = plans()
        file.attributes["title"] = "Costs $ and $"
        file.metrics[COST][0] = file.metrics[LATE][0] = np.nan
        file.failed = {(1, 0)}
        file.write(self.path)
        said = "\n".join(self.texts())
        for words in ("Costs $ and $", "Cost per million output tokens (USD), less is better",
                      "TTFT p99 (s), less is better", "arrival to first token, 99th percentile",
                      "Pareto front", "not feasible", "GB300 + wafers", "replicas",
                      "24 points", "69 done, 1 failed, 2 missing", "0 to 3 replications a point",
                      "not drawn, for want of a number: 1 point", "labels: racks / replicas / rate",
                      "feasible: ttft_p99_s <= ", "tokenyard 0.1.0", "digest fedcba98"):
            with self.subTest(words):
                self.assertIn(words, said)

    def test_points_of_the_front_are_labelled(self):
        front = self.front(plans())
        numbers = [f"#{front.sweep.points.index[i]}" for i in front.members]
        said = self.texts("--label", "point")
        without = re.search(r"for want of room: (\d+)", "\n".join(said))
        self.assertEqual(sum(number in said for number in numbers),
                         len(numbers) - int(without[1] if without else 0))
        self.assertGreater(sum(number in said for number in numbers), 2)

    def test_labels_cover_neither_each_other_nor_points(self):
        for seed in range(3):
            front = self.front(plans(80, seed=seed))
            drawing = figure(front)
            axes = drawing.axes[0]
            renderer = drawing.canvas.get_renderer()
            boxes = [text.get_window_extent(renderer) for text in axes.texts]
            self.assertGreater(len(boxes), 3)
            places = axes.transData.transform(np.column_stack([front.x.values, front.y.values]))
            inside = axes.get_window_extent(renderer)
            for i, box in enumerate(boxes):
                self.assertFalse(any(box.overlaps(other) for other in boxes[:i]))
                self.assertFalse(any(box.contains(*place) for place in places))
                self.assertTrue(inside.x0 <= box.x0 and box.x1 <= inside.x1)

    def test_wide_spans_are_logarithmic(self):
        self.assertEqual(figure(self.front(plans(spread=5.0))).axes[0].get_xscale(), "log")
        self.assertEqual(figure(self.front(plans())).axes[0].get_xscale(), "linear")

    def test_the_same_sweep_gives_the_same_bytes(self):
        plans().write(self.path)
        for ending, start in ((".png", b"\x89PNG"), (".svg", b"<?xml"), (".pdf", b"%PDF")):
            first = self.draw(ending).read_bytes()
            self.assertTrue(first.startswith(start))
            self.assertEqual(first, self.draw(ending).read_bytes())
        self.assertEqual(matplotlib.image.imread(self.draw(".png")).shape[:2], (1160, 2000))

    def test_sweeps_of_all_kinds_are_drawn(self):
        one = SweepFile({"n": [1.0]}, {COST: [[1.0]], LATE: [[2.0]]})
        zero = SweepFile({"n": [1.0, 2.0]}, {COST: [[0, 0], [0, 0]], LATE: [[0, 0], [0, 0]]})
        no_axis = SweepFile({}, {COST: [[1, 2]], LATE: [[2, 3]]}, objective=None)
        late = SweepFile({"n": [1.0, 2.0]}, {COST: [[1, 2], [3, 3]], LATE: [[9, 8], [7, 8]]},
                         ["ttft_p99_s <= 2"])
        many = SweepFile({"n": np.arange(400.0), "m": [f"m{i % 9}" for i in range(400)]},
                         {COST: np.arange(1.0, 401)[:, None] * [1, 1.1],
                          LATE: np.arange(400.0, 0, -1)[:, None] * [1, 1.1]})
        for file, words in ((one, "too few replications"), (zero, "1, 2"), (no_axis, "numbers of"),
                            (late, "so no front"), (many, "of the front's 400")):
            with self.subTest(words):
                file.write(self.path)
                self.assertIn(words, "\n".join(self.texts()))

    def test_axes_are_metrics_too_and_parts_have_their_front(self):
        plans().write(self.path)
        said = "\n".join(self.texts("--x", "rate", "--where", "racks=wafers", "--colour",
                                    "replicas", "--marker", "none"))
        self.assertIn("Rate, less is better", said)
        self.assertIn("A study, racks = wafers", said)
        self.assertIn("12 points", said)

    def test_bad_input_is_one_line_and_exit_2(self):
        file = plans()
        file.axes["name"] = [f"n{i}" for i in range(24)]
        file.attributes["axes"] += "\nname"
        file.write(self.path)
        for arguments, words in ((["--out", "a.gif"], "use .png, .svg or .pdf"),
                                 (["--out", "a.png", "--x", "none"], "no number 'none'"),
                                 (["--out", "a.png", "--x", "racks"], "no number 'racks'"),
                                 (["--out", "a.png", "--colour", "x"], "no such axis"),
                                 (["--out", "a.png", "--colour", "name"], "24 levels"),
                                 (["--out", "a.png", "--marker", "rate"], "24 levels")):
            with self.subTest(words), contextlib.redirect_stderr(io.StringIO()) as said:
                self.assertEqual(main(["pareto", str(self.path), *arguments]), 2)
                self.assertIn(words, said.getvalue())
                self.assertEqual(said.getvalue().count("\n"), 1)


if __name__ == "__main__":
    unittest.main()
