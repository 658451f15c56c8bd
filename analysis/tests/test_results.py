# SPDX-License-Identifier: Apache-2.0
import contextlib
import io
import tempfile
import unittest
from pathlib import Path

import h5py
import numpy as np
import pandas as pd

from tests.sample import STATUS, enumeration, write_result
from tokenyard import ResultError, open_result
from tokenyard.__main__ import main


class Results(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = Path(self.folder.name) / "a.h5"

    def test_codes_become_categories(self):
        status = open_result(write_result(self.path)).requests["status"]
        self.assertEqual(list(status.cat.categories), STATUS)
        self.assertEqual(status.value_counts()["ok"], 180)
        self.assertEqual(status.iloc[9], "rejected")

    def test_a_missing_code_or_number_is_missing(self):
        requests = open_result(write_result(self.path)).requests
        self.assertEqual(requests["pool"].isna().sum(), 20)
        self.assertEqual(requests["replica"].isna().sum(), 20)
        self.assertEqual(requests["replica"].iloc[0], 3)

    def test_names_that_read_alike_stay_apart(self):
        write_result(self.path)
        with h5py.File(self.path, "a") as file:
            enumeration(file["requests"], "twin", np.arange(200) % 2, ["a_b", "a_b"])
        twin = open_result(self.path).requests["twin"]
        self.assertEqual(list(twin.cat.categories), ["a_b", "a_b_1"])

    def test_tables_are_indexed_by_their_names(self):
        result = open_result(write_result(self.path))
        self.assertEqual(result.requests.index.name, "request")
        self.assertEqual(result.pools.loc["chat_pool", "utilisation"], 0.5)
        self.assertEqual(result.slo_classes.loc["chat", "goodput"], 0.5)

    def test_accounts_are_told_apart_in_five_ways(self):
        result = open_result(write_result(self.path))
        for table, index in ((result.regions, "region"), (result.providers, "provider"),
                             (result.models, "model"), (result.tenant_accounts, "tenant")):
            self.assertEqual(table.loc["a/" + index, "cost_usd"], 0.5)
        with h5py.File(self.path, "a") as file:
            del file["regions"]
        self.assertTrue(open_result(self.path).regions.empty)

    def test_a_pool_is_found_by_its_own_name(self):
        series = open_result(write_result(self.path)).series("chat/pool")
        self.assertEqual(series.index.name, "time_s")
        self.assertEqual(series.loc[100.0, "utilisation"], 1)
        with self.assertRaisesRegex(ResultError, "no series of pool 'x'; there: chat/pool"):
            open_result(self.path).series("x")

    def test_summary_scenario_and_attributes_are_plain_values(self):
        result = open_result(write_result(self.path))
        self.assertEqual(result.summary, {"requests_arrived": 200.0, "ttft_mean_s": 0.1})
        self.assertEqual(result.summary_units["ttft_mean_s"], "s")
        self.assertEqual(result.scenario["workload.tenants[chat].slo.ttft"], 0.45)
        self.assertEqual(result.attributes["seed"], 7)
        self.assertIsInstance(result.attributes["title"], str)

    def test_a_run_may_keep_no_requests(self):
        requests = open_result(write_result(self.path, requests=0)).requests
        self.assertIsInstance(requests, pd.DataFrame)
        self.assertTrue(requests.empty)

    def test_what_is_no_result_is_said_in_one_line_with_exit_2(self):
        with h5py.File(self.path, "w") as file:
            file["other"] = [1]
        text = self.path.with_suffix(".txt")
        text.write_text("words\n")
        for path, words in ((self.path, "no /scenario"), (text, "not an HDF5 file"),
                            (self.path.with_name("none.h5"), "no such file")):
            with self.subTest(words):
                self.assertIn(words, self._failure(["summary", str(path)]))

    def test_a_cut_file_is_said_in_one_line_with_exit_2(self):
        write_result(self.path)
        self.path.write_bytes(self.path.read_bytes()[:3000])
        self._failure(["summary", str(self.path)])

    def _failure(self, arguments):
        with contextlib.redirect_stderr(io.StringIO()) as said:
            self.assertEqual(main(arguments), 2)
        self.assertEqual(said.getvalue().count("\n"), 1)
        return said.getvalue()

    def test_the_summary_is_printed(self):
        with contextlib.redirect_stdout(io.StringIO()) as said:
            self.assertEqual(main(["summary", str(write_result(self.path))]), 0)
        self.assertIn("ttft_mean_s", said.getvalue())
        self.assertIn("chat_pool", said.getvalue())


if __name__ == "__main__":
    unittest.main()
