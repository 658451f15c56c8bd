# SPDX-License-Identifier: Apache-2.0
"""`check --strict`: every value from memory or assumed that a file leans on, and no other.

TOKENYARD names the binary: TOKENYARD=build/release/tokenyard python3 test_strict.py
"""
import pathlib
import shutil
import sys
import unittest

import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from support import PLATFORM, ROOT, InFolder, scenario_text, tokenyard  # noqa: E402

CATALOG = ROOT / "platforms" / "catalog"
# Of a file of the catalogue: its list of entries.
LISTS = {"accelerators": "accelerators", "racks": "racks", "regions": "regions", "reliability": "reliability",
         "cold_start": "cold_starts"}


def entries(name):
    return yaml.safe_load((CATALOG / f"{name}.yaml").read_text())[LISTS[name]]


def marks(name, wanted=None):
    """{"racks.yaml: trn2: nodes"} of the entries of a catalogue file that are wanted."""
    return {f"{name}.yaml: {entry}: {key}" for entry, values in entries(name).items()
            if wanted is None or entry in wanted for key in values.get("from_memory", [])}


def marks_of_racks(racks):
    accelerators = {entries("racks")[rack]["accelerator"] for rack in racks}
    return marks("racks", racks) | marks("accelerators", accelerators)


class Strict(InFolder):
    def strict(self, path, *arguments):
        """The lines without their sources, after what is said of the whole was checked."""
        done = tokenyard("check", "--strict", path, *arguments)
        self.assertEqual((0, ""), (done.returncode, done.stderr))
        *lines, count, ok = done.stdout.splitlines()
        values = "value" if len(lines) == 1 else "values"
        self.assertEqual(f"{path}: {len(lines)} {values} from memory or assumed", count)
        self.assertEqual(f"{path}: ok", ok)
        for line in lines:
            self.assertRegex(line, r"^[\w./-]+\.yaml: [\w./ ,-]+: [\w.]+: \S", "an entry, a key, a source")
        self.assertEqual(len(lines), len(set(lines)))
        return {": ".join(line.split(": ")[:3]) for line in lines}

    def scenario(self, *pairs):
        return self.write("s.yaml", scenario_text(*pairs))

    def test_platform_lists_all_that_it_names(self):
        racks = {"hgx-h100", "hgx-h200", "hgx-b200", "gb200-nvl72", "gb300-nvl72", "trn2",
                 "trn2-ultraserver", "trn3-ultraserver-144", "cs3"}
        regions = {name for name in entries("regions") if name.startswith("aws/")}
        found = self.strict(PLATFORM)
        wafers = {mark for mark in found if mark.startswith("wafer_speeds.yaml: ")}
        self.assertIn("wafer_speeds.yaml: cs3-wse3: hop", wafers)
        self.assertEqual(marks_of_racks(racks) | marks("regions", regions), found - wafers)

    def test_scenario_lists_only_what_it_leans_on(self):
        self.assertEqual({"regions.yaml: aws/us-east-1: electricity"}, self.strict(self.scenario()))

    def test_another_rack_brings_its_values_and_its_price(self):
        wanted = marks_of_racks({"gb200-nvl72"}) | marks("regions", {"aws/us-east-1"})
        wanted.add("prices.yaml: gb200-nvl72 at aws/any, on-demand: price")
        at_gb200 = self.scenario(("at: aws/us-east-1/h100", "at: aws/us-east-1/gb200"))
        self.assertEqual(wanted, self.strict(at_gb200))

    def test_variants_count_and_so_does_set(self):
        variants = "variants:\n  - name: h200\n    set: {fleet.pools.0.at: aws/us-east-1/h200}\nrouting"
        path = self.scenario(("routing", variants))
        wanted = marks_of_racks({"hgx-h100", "hgx-h200"}) | marks("regions", {"aws/us-east-1"})
        self.assertIn("accelerators.yaml: h200-sxm: power.idle", wanted)
        self.assertEqual(wanted, self.strict(path))
        self.assertEqual(wanted, self.strict(self.scenario(), "--set", "fleet.pools.0.at=aws/us-east-1/h200"))

    def test_files_of_the_catalogue_list_their_own(self):
        for name in LISTS:
            with self.subTest(file=name):
                self.assertEqual(marks(name), self.strict(CATALOG / f"{name}.yaml"))
        prices = yaml.safe_load((CATALOG / "prices.yaml").read_text())["prices"]
        self.assertEqual(sum(bool(p.get("from_memory")) for p in prices),
                         len(self.strict(CATALOG / "prices.yaml")))

    def test_model_lists_its_own(self):
        self.assertEqual({"models/llama-2-70b.yaml: llama-2-70b: vocabulary"},
                         self.strict(ROOT / "workloads" / "models" / "llama-2-70b.yaml"))

    def test_other_files_have_none(self):
        self.assertEqual(set(), self.strict(ROOT / "workloads" / "azure-conv-2023.yaml"))

    def test_without_the_option_nothing_is_listed(self):
        self.assertEqual(f"{PLATFORM}: ok\n", tokenyard("check", PLATFORM).stdout)

    def test_names_that_the_catalogue_lacks_are_mistakes(self):
        shutil.copytree(CATALOG, self.folder / "catalog")
        path = self.write("p.xml", PLATFORM.read_text().replace('value="cs3"', 'value="cs4"'))
        done = tokenyard("check", "--strict", path)
        self.assertEqual((2, ""), (done.returncode, done.stdout))
        self.assertEqual(f"{path}: cs4: is not in catalog/racks.yaml beside the platform file (nothing says where "
                         "its values come from); add it there\n", done.stderr)

    def test_mistakes_come_before_marks(self):
        done = tokenyard("check", "--strict", self.scenario(("replicas: 4", "replicas: none")))
        self.assertEqual((2, ""), (done.returncode, done.stdout))
        self.assertIn("replicas", done.stderr)


class Catalogue(unittest.TestCase):
    def test_marks_name_values_that_are_there(self):
        for name in LISTS:
            for entry, values in entries(name).items():
                for key in values.get("from_memory", []):
                    with self.subTest(file=name, entry=entry, key=key):
                        value = values
                        for part in key.split("."):
                            self.assertIn(part, value)
                            value = value[part]

    def test_sources_of_marked_entries_say_so(self):
        for name in LISTS:
            texts = yaml.safe_load((CATALOG / f"{name}.yaml").read_text()).get("sources", {})
            for entry, values in entries(name).items():
                if values.get("from_memory"):
                    with self.subTest(file=name, entry=entry):
                        self.assertRegex(texts.get(values["source"], values["source"]), "memory|assumed")


if __name__ == "__main__":
    unittest.main()
