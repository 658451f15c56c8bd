# SPDX-License-Identifier: Apache-2.0
import contextlib
import io
import tempfile
import unittest
import xml.etree.ElementTree
from collections import Counter
from pathlib import Path

import pandas as pd
import yaml

from tests.sample import write_result
from tokenyard import validate
from tokenyard.__main__ import main

RACKS = "racks: {hgx-h100: {accelerator: h100-sxm, chips_per_node: 8, nodes: 4},\n" \
        "        gb200-nvl72: {accelerator: gb200-nvl72, chips_per_node: 4, nodes: 18}}\n"
PRICES = """prices:
  - {rack: hgx-h100, provider: azure, region: eastus, basis: on-demand, price: 1 USD/h}
  - {rack: hgx-h100, provider: aws, region: us-east-1, basis: reserved-1y, price: 1 USD/h}
  - {rack: hgx-h100, provider: aws, region: us-east-1, basis: on-demand, price: 1 USD/h}
  - {rack: gb200-nvl72, provider: aws, region: any, basis: on-demand, price: 1 USD/h}
"""
ROW = {"model_path": "meta-llama/Llama-3.1-70B", "system": "h100_sxm", "precision": "fp8",
       "isl": 1024, "osl": 128, "gemm_quant_mode": "fp8", "concurrency": 32.0, "tp_size": 4.0,
       "pp_size": 1.0, "attention_dp_size": float("nan"), "silicon_ttft_ms": 100.0,
       "silicon_tpot_ms": 10.0}
# Stands in for the simulator: copies a result, or refuses.
BINARY = """#!/bin/sh
[ "$1" = --version ] && echo 0.1.0 && exit 0
grep -q 'tensor: 8' "$2" && echo "$2:1:1: the model does not fit: 1 GB; use more" >&2 && exit 2
cp "$(dirname "$0")/answer.h5" "$4"
"""


def row(**changes):
    return pd.Series({**ROW, **changes})


class Validate(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.home = Path(folder.name)
        catalog = self.home / "platforms" / "catalog"
        catalog.mkdir(parents=True)
        (catalog / "racks.yaml").write_text(RACKS)
        (catalog / "prices.yaml").write_text(PRICES)
        self.catalog = validate.Catalog(self.home)

    def test_a_measured_row_becomes_a_point(self):
        point = validate.point_of(row())
        self.assertEqual(point, validate.Point(rack="hgx-h100", model="llama-3.1-70b",
                                               precision="fp8", tensor=4, prompt_tokens=1024,
                                               output_tokens=128, users=32))
        self.assertEqual(point.requests, 96)

    def test_an_empty_precision_is_bf16(self):
        nothing = float("nan")
        point = validate.point_of(row(precision=nothing, gemm_quant_mode=nothing))
        self.assertEqual(point.precision, "bf16")

    def test_what_has_no_scenario_says_why(self):
        for changes, reason in (({"pp_size": 2.0}, "pipeline parallelism"),
                                ({"attention_dp_size": 8.0}, "data-parallel attention"),
                                ({"precision": "int4"}, "precision int4"),
                                ({"model_path": "a/b"}, "model a/b"),
                                ({"system": "abacus"}, "system abacus"),
                                ({"silicon_tpot_ms": float("nan")}, "a value that is missing")):
            with self.subTest(reason), self.assertRaisesRegex(validate.NotExpressed, reason):
                validate.point_of(row(**changes))

    def test_the_scenario_says_what_was_measured(self):
        path = validate.write_scenario(validate.point_of(row()), self.catalog, self.home / "run")
        scenario = yaml.safe_load(path.read_text())
        pool = scenario["fleet"]["pools"][0]
        self.assertEqual(pool["precision"], {"weights": "fp8", "kv": "fp8"})
        self.assertEqual(pool["parallel"], {"tensor": 4})
        self.assertEqual((pool["at"], pool["price"]),
                         ("aws/us-east-1/measured", {"basis": "on-demand"}))
        workload = yaml.safe_load((path.parent / "workload.yaml").read_text())
        self.assertEqual(workload["arrivals"], {"process": "closed-loop", "users": 32,
                                                "think_time": "0 s", "requests": 96})
        self.assertEqual(workload["lengths"], {"prompt_tokens": {"constant": 1024},
                                               "output_tokens": {"constant": 128}})
        self.assertTrue((path.parent / "catalog" / "racks.yaml").is_file())

    def test_the_platform_has_the_one_cluster(self):
        validate.write_scenario(validate.point_of(row(system="gb200")), self.catalog,
                                self.home / "run")
        tree = xml.etree.ElementTree.parse(self.home / "run" / "platform.xml")
        clusters = list(tree.iter("cluster"))
        self.assertEqual([c.get("radical") for c in clusters], ["0-17"])
        self.assertEqual(clusters[0].find("prop").attrib, {"id": "rack", "value": "gb200-nvl72"})

    def test_a_batch_has_room_for_every_user(self):
        pool = validate.scenario(validate.point_of(row(concurrency=9000.0)), "a/b",
                                 "spot")["fleet"]["pools"][0]
        self.assertEqual(pool["batching"], {"tokens": 9000, "sequences": 9000})

    def test_the_first_request_of_each_user_is_left_out(self):
        requests = pd.DataFrame({"status": ["ok", "ok", "rejected", "ok"],
                                 "time_to_first_token_s": [9, 1, 9, 3.0],
                                 "time_per_output_token_s": [9, 0.1, 9, 0.3]}, index=[0, 2, 3, 1])
        self.assertEqual(validate.steady_means(requests, 2), (1000.0, 100.0))

    def test_errors_are_medians_of_the_absolute_and_of_the_signed(self):
        points = pd.DataFrame({"system": "s", "tpot": [-0.1, 0.2, -0.3], "ttft": [1.0, 1.0, 1.0]})
        found = validate.errors(points, ["system"]).iloc[0]
        self.assertAlmostEqual(found["tpot_median"], 0.2)
        self.assertAlmostEqual(found["tpot_signed"], -0.1)
        self.assertEqual(found["points"], 3)

    def test_a_table_without_points_is_an_empty_list(self):
        columns = ["model", "accelerator", "precision", "ttft", "tpot"]
        points = pd.DataFrame(columns=columns).astype({"ttft": float, "tpot": float})
        empty = validate.Comparison(points, Counter(), 0)
        path = self.home / "m.csv"
        path.write_text("")
        self.assertEqual(yaml.safe_load(validate.validation_yaml(empty, path, "tokenyard 1")),
                         {"validation": []})

    def test_the_whole_way_with_a_stand_in_for_the_simulator(self):
        write_result(self.home / "answer.h5")
        binary = self.home / "tokenyard"
        binary.write_text(BINARY)
        binary.chmod(0o755)
        measured, out = self.home / "m.csv", self.home / "v.yaml"
        pd.DataFrame([ROW, {**ROW, "tp_size": 8.0}, {**ROW, "pp_size": 2.0}]).to_csv(measured)
        with contextlib.redirect_stdout(io.StringIO()) as said:
            self.assertEqual(main(["validate", "--measured", str(measured), "--tokenyard",
                                   str(binary), "--home", str(self.home), "--out", str(out)]), 0)
        self.assertIn("1 of 3 measured points", said.getvalue())
        self.assertIn("1  the model does not fit", said.getvalue())
        self.assertIn("not fitted", said.getvalue())
        entry, = yaml.safe_load(out.read_text())["validation"]
        self.assertEqual({**entry, "tpot_error": "", "ttft_error": ""},
                         {"model": "llama-3.1-70b", "accelerator": "h100-sxm", "precision": "fp8",
                          "points": 1, "tpot_error": "", "ttft_error": ""})
        self.assertRegex(entry["tpot_error"], r"^\d+\.\d %$")
        self.assertNotIn(str(self.home), out.read_text())

    def test_bad_input_is_one_line_and_exit_2(self):
        table = self.home / "m.csv"
        table.write_text("a,b\n1,2\n")
        for binary, measured, home, words in (
                ("/bin/none", table, self.home, "not a program"),
                ("/bin/true", self.home / "none.csv", self.home, "cannot be read"),
                ("/bin/true", table, self.home, "no column 'model_path'")):
            with self.subTest(words), contextlib.redirect_stderr(io.StringIO()) as said:
                self.assertEqual(main(["validate", "--measured", str(measured), "--tokenyard",
                                       binary, "--home", str(home)]), 2)
            self.assertIn(words, said.getvalue())
            self.assertEqual(said.getvalue().count("\n"), 1)


if __name__ == "__main__":
    unittest.main()
