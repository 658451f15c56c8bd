# SPDX-License-Identifier: Apache-2.0
import tempfile
import unittest
from pathlib import Path

import matplotlib.image

from tests.sample import write_result
from tokenyard import open_result
from tokenyard.__main__ import main
from tokenyard.figure import figure


class Picture(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = Path(self.folder.name) / "a.h5"
        self.png = self.path.with_suffix(".png")

    def draw(self):
        self.assertEqual(main(["figure", str(self.path), "--out", str(self.png)]), 0)
        return matplotlib.image.imread(self.png)

    def test_it_has_the_promised_size_and_something_on_it_everywhere(self):
        write_result(self.path)
        pixels = self.draw()
        self.assertEqual(pixels.shape[:2], (1200, 1600))
        for rows in (slice(0, 600), slice(600, 1200)):
            self.assertGreater((pixels[rows, :, :3].min(axis=2) < 0.9).mean(), 0.01)

    def test_the_same_result_gives_the_same_bytes(self):
        write_result(self.path)
        self.draw()
        first = self.png.read_bytes()
        self.draw()
        self.assertEqual(first, self.png.read_bytes())
        self.assertNotIn(b"tEXt", first)

    def test_limits_are_drawn_where_the_scenario_has_them(self):
        drawing = figure(open_result(write_result(self.path)))
        dashed = [sum(line.get_linestyle() == "--" for line in axes.lines)
                  for axes in drawing.subfigs[0].axes]
        self.assertEqual(dashed, [1, 1, 0])

    def test_title_and_footer_name_the_run(self):
        drawing = figure(open_result(write_result(self.path)))
        texts = [text.get_text() for text in drawing.texts]
        self.assertIn("A sample", texts)
        footer = next(text for text in texts if text.startswith("identity"))
        self.assertIn("0123456789abcdef", footer)
        self.assertIn("tokenyard 0.1.0", footer)

    def test_a_run_without_requests_still_shows_its_load(self):
        write_result(self.path, requests=0)
        self.assertLess(self.draw()[600:, :, :3].min(), 0.5)

    def test_a_single_request_has_an_axis(self):
        write_result(self.path, requests=1, scenario={"workload.tenants": ["chat"]})
        self.draw()


if __name__ == "__main__":
    unittest.main()
