# SPDX-License-Identifier: Apache-2.0
"""The sections `routing` and `client_network` of a scenario, and what routers within a pool do.

TOKENYARD names the binary: TOKENYARD=build/release/tokenyard python3 test_routing.py
"""
import importlib.util
import pathlib
import re
import sys
import unittest

import h5py

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from support import ROOT, InFolder, scenario_text, tokenyard  # noqa: E402

ROUTING = "routing: {within_pool: least-loaded}"


def names(what):
    return [line.split()[0] for line in tokenyard("list", what).stdout.splitlines()
            if line.startswith("  ")]


class Routing(InFolder):
    def check(self, routing, *arguments):
        path = self.write("s.yaml", scenario_text((ROUTING, routing)))
        return tokenyard("check", path, *arguments)

    def explained(self, routing):
        done = self.check(routing, "--explain")
        self.assertEqual(0, done.returncode, done.stderr)
        return done.stdout

    def test_bad_input_is_refused_with_what_to_do(self):
        for routing, texts in (
                ("{within_pool: luckiest}", ["within_pool", "least-loaded"]),
                ("{within_pool: random, choices: 3}", ["choices", "power-of-d"]),
                ("{within_pool: power-of-d, choices: 0}", ["choices"]),
                ("{delay: 5}", ["delay", "unit"]),
                ("{delay: -1 s}", ["delay"]),
                ("{between_pools: closest}", ["between_pools", "nearest"]),
                ("{between_pools: [nearest]}", ["between_pools"]),
                ("{between_pools: {policy: failover, order: [nowhere]}}", ["nowhere", "fleet.pools"]),
                ("{between_pools: {policy: failover, order: [chat, chat]}}", ["twice"]),
                ("{between_pools: {policy: failover, weights: {chat: 1}}}", ["weights", "weighted"]),
                ("{between_pools: {policy: weighted, weights: {chat: 0}}}", ["all 0"]),
                ("{between_pools: {policy: weighted, weights: {chat: -1}}}", ["weights.chat"]),
                ("{between_pools: {policy: weighted, weights: {tchat: 1}}}", ["tchat", "no pool"]),
                ("{between_pools: {policy: nearest, threshold: {load: 80 %}}}", ["spill-over"]),
                ("{between_pools: {policy: spill-over, threshold: {load: 0 %}}}", ["load"]),
                ("{between_pools: {policy: spill-over, threshold: {queued_tokens: 0}}}",
                 ["queued_tokens"]),
                ("{between_pools: {polcy: nearest}}", ["polcy"]),
                ("{within_pool: random}\nclient_network: {policy: none, last_mile: 1 ms}",
                 ["last_mile", "distance"]),
                ("{within_pool: random}\nclient_network: {policy: distance, last_mile: -1 ms}",
                 ["last_mile"]),
        ):
            with self.subTest(routing=routing):
                done = self.check("routing: " + routing)
                self.assertEqual((2, ""), (done.returncode, done.stdout))
                for text in texts:
                    self.assertIn(text, done.stderr)
                self.assertNotIn("assert", done.stderr.lower())

    def test_every_policy_is_accepted_and_explained(self):
        for name in names("routers"):
            self.assertRegex(self.explained(f"routing: {{within_pool: {name}}}"),
                             rf"routing\.within_pool +\S*{name}")
        for name in names("pool-routers"):
            self.assertRegex(self.explained(f"routing: {{between_pools: {name}}}"),
                             rf"routing\.between_pools +\S*{name}")
        text = self.explained("routing: {delay: 500 ms, within_pool: power-of-d, choices: 3, "
                              "between_pools: {policy: spill-over, order: [chat], "
                              "threshold: {load: 150 %, queued_tokens: 200000}}}")
        for key, value in (("delay", "0.5"), ("choices", "3"), ("between_pools.policy", "spill-over"),
                           ("between_pools.threshold.load", "1.5"),
                           ("between_pools.threshold.queued_tokens", "200000")):
            self.assertRegex(text, rf"routing\.{re.escape(key)} +\S*{re.escape(value)}")

    def test_defaults_follow_from_where_clients_are(self):
        text = self.explained("routing: {}")
        self.assertRegex(text, r"client_network\.policy +\S*none")
        self.assertRegex(text, r"routing\.between_pools +\S*least-loaded")
        done = tokenyard("check", ROOT / "configs" / "global-day.yaml", "--explain")
        self.assertRegex(done.stdout, r"client_network\.policy +\S*distance")
        self.assertRegex(done.stdout, r"routing\.between_pools +\S*nearest")

    def test_the_figures_of_distance_are_those_of_the_fit(self):
        spec = importlib.util.spec_from_file_location(
            "fit_round_trips", ROOT / "platforms" / "fit_round_trips.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        constant_ms, ms_per_km = module.fit(module.measured())
        source = (ROOT / "sim" / "fleet" / "client_network.cpp").read_text()
        constant = float(re.search(r"round_trip_constant_s = ([\d.e-]+)", source)[1])
        slope = float(re.search(r"round_trip_s_per_km = ([\d.e-]+)", source)[1])
        self.assertAlmostEqual(1, constant * 1e3 / constant_ms, delta=1e-3)
        self.assertAlmostEqual(1, slope * 1e3 / ms_per_km, delta=1e-3)

    def served(self, routing):
        """Who served each request and when it ended, as bytes."""
        path = self.write("s.yaml", scenario_text((ROUTING, "routing: " + routing)))
        out = self.folder / "o.h5"
        done = tokenyard("run", path, "--quiet", "--force", "--out", out, "--until", "600 s")
        self.assertEqual(0, done.returncode, done.stderr)
        with h5py.File(out) as file:
            table = file["requests"]
            return b"".join(table[name][:].tobytes() for name in ("replica", "end_to_end_s"))

    def test_policies_run_and_a_delay_matters(self):
        served = {name: self.served(f"{{within_pool: {name}}}") for name in names("routers")}
        self.assertEqual(served["least-loaded"], served["join-shortest-queue"])
        self.assertNotEqual(served["least-loaded"], served["least-tokens"])
        self.assertEqual(served["power-of-two"], served["power-of-d"])
        self.assertNotEqual(served["power-of-two"],
                            self.served("{within_pool: power-of-d, choices: 3}"))
        self.assertNotEqual(served["least-loaded"], self.served("{delay: 500 ms}"))
        # Without a prefix cache there is nothing but tokens to go by.
        self.assertEqual(served["kv-aware"], served["least-tokens"])


if __name__ == "__main__":
    unittest.main()
