# SPDX-License-Identifier: Apache-2.0
"""Cost, energy, carbon and egress of a run, recomputed from its files by the closed forms."""
import math
import pathlib
import sys
import unittest

import h5py
import numpy

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from support import InFolder, tokenyard  # noqa: E402
from test_prefill_decode import KV_BYTES, columns, scenario  # noqa: E402

OWNED = (("role: prefill", "role: prefill\n      price: {basis: owner}"),
         ("role: decode", "role: decode\n      price: {basis: owner}"))
APART = (("at: aws/us-east-1/h200", "at: aws/us-west-2/h100"), *OWNED)  # no list prices there
SHORT = ("--until", "3 min", "--quiet")
# As platforms/catalog has them.
H100 = {"busy": 700, "idle": 70, "chips": 8, "node": 10200}
PUE = {"aws/us-east-1": 1.15, "aws/us-west-2": 1.12}
CARBON = {"aws/us-east-1": 396, "aws/us-west-2": 120}
EGRESS_USD_PER_GB = 0.02
MONTH_H = 365.25 * 24 / 12
H100_USD_PER_H = 8 * 27500 / (1461 * 24) + 8 * 1.73 * 200 / MONTH_H  # of a node, to its owner
PARTS = ("accelerator_h", "energy_j", "carbon_kg", "cost_usd", "cost_nodes_usd", "cost_egress_usd",
         "cost_shortfall_usd", "egress_bytes")


def joules(seconds, busy, reading, pue, prefill=1.0, decode=0.7, overhead=1.05):
    """Of one whole node of H100 with replicas of four, busy and reading summed over them."""
    always = H100["node"] - H100["chips"] * (H100["busy"] - H100["idle"])
    extra = 4 * (H100["busy"] - H100["idle"])
    return (always * seconds + extra * (prefill * reading + decode * (busy - reading))) * overhead * pue


class OfAccounts(InFolder):
    def run_to(self, text, *options, name="out.h5"):
        path = self.folder / name
        done = tokenyard("run", self.write("scenario.yaml", text), "--out", path, "--force", *SHORT,
                         *options)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertLessEqual(max(map(len, done.stdout.splitlines())), 80)
        return path, done.stdout

    def refused(self, text, *options):
        done = tokenyard("check", self.write("scenario.yaml", text), *options)
        self.assertEqual(done.returncode, 2, done.stdout)
        return done.stderr

    def near(self, wanted, found, tolerance=1e-9):
        self.assertLessEqual(abs(found - wanted), tolerance * abs(wanted), (wanted, found))


class Accounts(OfAccounts):
    def test_two_regions_by_closed_forms(self):
        priced = ("      slo: {", "      price: {input: 3 USD/Mtoken, output: 15 USD/Mtoken}\n      slo: {")
        path, said = self.run_to(scenario(*APART, priced))
        summary = {name: value[0] for name, value in columns(path, "summary").items()}
        pools, requests = columns(path, "pools"), columns(path, "requests")
        seconds = summary["simulated_s"]
        regions = ["aws/us-east-1", "aws/us-west-2"]
        for i, region in enumerate(regions):
            with self.subTest(region=region):
                wanted = joules(seconds, pools["busy_s"][i], pools["busy_prefill_s"][i], PUE[region])
                self.near(wanted, pools["energy_j"][i])
                self.near(wanted / 3.6e6 * CARBON[region] / 1e3, pools["carbon_kg"][i])
                self.near(H100_USD_PER_H * seconds / 3600, pools["cost_nodes_usd"][i])
                self.near(8 * seconds / 3600, pools["accelerator_h"][i])
        self.assertEqual(0, pools["busy_prefill_s"][1], "the pool that writes read prompts")
        self.assertGreater(pools["busy_prefill_s"][0], 0)
        # Every KV cache that arrived crossed the continent, once.
        moved = KV_BYTES * requests["prompt_tokens"][requests["pool"] == 1].sum()
        self.assertEqual(moved, pools["egress_bytes"][0])
        self.near(moved / 1e9 * EGRESS_USD_PER_GB, summary["cost_egress_usd"])
        self.assertEqual(0, pools["egress_bytes"][1])
        # Revenue of served tokens, prompts where they were read and answers where written.
        ok = requests["status"] == 0
        read = requests["prompt_tokens"][ok].sum() * 3 / 1e6
        written = requests["output_tokens"][ok].sum() * 15 / 1e6
        self.near(read, pools["revenue_usd"][0])
        self.near(written, pools["revenue_usd"][1])
        self.near(read + written - summary["cost_usd"], summary["margin_usd"], 1e-8)
        tokens = requests["prompt_tokens"][ok].sum(), requests["output_tokens"][ok].sum()
        self.near(summary["cost_usd"] / tokens[0] * 1e6, summary["cost_per_million_prompt_tokens_usd"])
        self.near(summary["cost_usd"] / tokens[1] * 1e6, summary["cost_per_million_output_tokens_usd"])
        self.near(summary["cost_usd"] / sum(tokens) * 1e6, summary["cost_per_million_tokens_usd"])
        self.near(sum(tokens) / summary["energy_j"], summary["tokens_per_j"])
        self.assertIn("(owner)", said)
        self.assertIn("0.02 USD/GB", said)

    def test_parts_sum_to_totals(self):
        path, _ = self.run_to(scenario(*APART))
        summary = columns(path, "summary")
        for group in ("pools", "regions", "providers", "models", "tenants"):
            parts = columns(path, group)
            for column in PARTS:
                with self.subTest(group=group, column=column):
                    self.near(summary[column][0], math.fsum(parts[column]))
        with h5py.File(path) as file:
            self.assertEqual(b"aws/us-east-1 aws/us-west-2", file["regions/region"].attrs["flag_meanings"])
            self.assertEqual(b"aws", file["providers/provider"].attrs["flag_meanings"])
            self.assertEqual(0, file["summary/unassigned_cost_usd"][0])
            self.assertEqual(b"kg", file["regions/carbon_kg"].attrs["units"])

    def test_phases_and_overhead(self):
        rules = "energy: {prefill: 80 %, decode: 40 %, overhead: 1.2}\n"
        path, said = self.run_to(rules + scenario(*APART))
        pools = columns(path, "pools")
        for i, region in enumerate(PUE):
            self.near(joules(180, pools["busy_s"][i], pools["busy_prefill_s"][i], PUE[region], 0.8, 0.4,
                             1.2), pools["energy_j"][i])
        self.assertIn("80 % while an iteration of its replica reads prompts", " ".join(said.split()))

    def test_carbon_by_the_hour(self):
        hours = ", ".join(f"{100 * (hour + 1)} g/kWh" for hour in range(24))
        rules = f"energy: {{start: 23.975 h, carbon: {{aws/us-east-1: [{hours}]}}}}\n"
        path, _ = self.run_to(rules + scenario(*APART, ("series: 10 s", "series: 5 s")))
        pools, series = columns(path, "pools"), columns(path, "series/read")
        # 90 s of the last hour of the day, then the first. Until 90 s the pool had been busy for:
        steps = numpy.diff(series["time_s"], prepend=0)
        busy = (series["utilisation"] * steps * 2)[series["time_s"] <= 90].sum()
        # It reads prompts whenever it is busy.
        self.near(pools["busy_s"][0], pools["busy_prefill_s"][0])
        before = joules(90, busy, busy, PUE["aws/us-east-1"]) / 3.6e6
        after = pools["energy_j"][0] / 3.6e6 - before
        self.near((before * 2400 + after * 100) / 1e3, pools["carbon_kg"][0], 1e-6)
        self.near(pools["energy_j"][1] / 3.6e6 * CARBON["aws/us-west-2"] / 1e3, pools["carbon_kg"][1])

    def test_a_file_of_hours_is_its_contents(self):
        self.write("hours.csv", "hour,g_per_kwh\n0,50\n")
        self.write("same.csv", "hour,g_per_kwh\n0,50\n")
        path, said = self.run_to("energy: {carbon: {aws/us-east-1: hours.csv}}\n" + scenario())
        _, same = self.run_to("energy: {carbon: {aws/us-east-1: same.csv}}\n" + scenario())
        self.assertEqual(said.splitlines()[1], same.splitlines()[1], "another identity")
        pools = columns(path, "pools")
        self.near(pools["energy_j"].sum() / 3.6e6 * 0.05, pools["carbon_kg"].sum())

    def test_owner_cost(self):
        path, said = self.run_to(scenario(*OWNED))
        pools = columns(path, "pools")
        for i, (capex, kilowatts) in enumerate(((8 * 27500, 8 * 1.73), (370000, 8 * 1.73))):
            hour = capex / (1461 * 24) + kilowatts * 200 / MONTH_H
            self.near(hour * 180 / 3600, pools["cost_nodes_usd"][i])
        self.assertIn("(owner)", said)
        self.assertIn("what read costs has no public source for capex", " ".join(said.split()))
        with h5py.File(path) as file:
            meanings = file["pools/cost_basis"].attrs["flag_meanings"].decode().split()
            self.assertEqual({"owner"}, {meanings[code] for code in file["pools/cost_basis"]})
        other = "cost: {owner: {life: 730.5 d, utilisation: 50 %, rent: 100 USD/kW-month}}\n"
        path, _ = self.run_to(other + scenario(*OWNED), name="other.h5")
        hour = (370000 / (730.5 * 24) + 8 * 1.73 * 100 / MONTH_H) / 0.5
        self.near(hour * 180 / 3600, columns(path, "pools")["cost_nodes_usd"][1])

    def test_what_idles_is_unassigned(self):
        """A pool whose model nobody asks for."""
        idle = ("fleet:\n  pools:\n", "fleet:\n  pools:\n    - name: idle\n      at: aws/us-east-1/h200\n"
                "      model: llama-3.1-8b\n      replicas: 8\n")
        path, said = self.run_to(scenario(idle, ("[llama-3.1-70b]", "[llama-3.1-70b, llama-3.1-8b]")))
        summary, tenants = columns(path, "summary"), columns(path, "tenants")
        self.near(63.296 * 180 / 3600, summary["unassigned_cost_usd"][0])
        self.near(summary["cost_usd"][0], tenants["cost_usd"].sum() + summary["unassigned_cost_usd"][0])
        self.assertIn("unassigned", said)


class Refusals(OfAccounts):
    def test_unlike_bases(self):
        text = scenario(("role: decode", "role: decode\n      price: {basis: reserved-1y}"))
        said = self.refused(text)
        self.assertIn("'read' is on the basis on-demand and that of 'write' on reserved-1y", said)
        self.assertIn("cost: {unlike_bases: allow}", said)
        _, said = self.run_to("cost: {unlike_bases: allow}\n" + text)
        self.assertIn("(on-demand + reserved-1y)", said)

    def test_carbon(self):
        for given, words in (("{aws/us-east-1: [1 g/kWh, 2 g/kWh]}", "lists 2 values"),
                             ("{azure/eastus: 8 g/kWh}", "is not a region of the platform"),
                             ("{aws/us-east-1: 8}", "8 where a list or a text is wanted"),
                             ("{aws/us-east-1: -8 g/kWh}", "neither a value such as"),
                             ("{aws/us-east-1: none.csv}", "cannot be read")):
            with self.subTest(given):
                self.assertIn(words, self.refused(f"energy: {{carbon: {given}}}\n" + scenario()))
        self.write("gap.csv", "hour,g_per_kwh\n0,1\n2,1\n")
        self.assertIn("line 3: is not hour 1",
                      self.refused("energy: {carbon: {aws/us-east-1: gap.csv}}\n" + scenario()))

    def test_bounds(self):
        for key, value in (("prefill", "110 %"), ("overhead", "0.9"), ("decode", "-1 %"), ("ovrhead", "1")):
            with self.subTest(key):
                self.assertIn(f"energy.{key}", self.refused(f"energy: {{{key}: {value}}}\n" + scenario()))
        self.assertIn("cost.owner.utilisation",
                      self.refused("cost: {owner: {utilisation: 0 %}}\n" + scenario()))


if __name__ == "__main__":
    unittest.main()
