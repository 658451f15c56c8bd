# SPDX-License-Identifier: Apache-2.0
"""Scenarios whose prompts are read in one pool and answered in another; samples and traces."""
import csv
import json
import pathlib
import random
import sys
import unittest

import h5py
import numpy

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from support import PLATFORM, ROOT, WORKLOAD, InFolder, replaced, tokenyard  # noqa: E402

SHIPPED = ROOT / "configs" / "prefill-decode.yaml"
KV_BYTES = 163840  # of a token of Llama 3.1 70B in fp8: 80 layers x 2 x 8 heads x 128
NODE_TO_NODE_S, NODE_BPS = 10e-6, 400e9  # as platforms/aws.xml has it


def scenario(*pairs):
    text = replaced(SHIPPED.read_text(), *pairs)
    return (text.replace("../platforms/aws.xml", str(PLATFORM))
            .replace("../workloads/azure-conv-2023.yaml", str(WORKLOAD))
            .replace("../workloads/traces/azure_conv_2023.csv.gz", "absent.csv.gz"))


def columns(path, group):
    with h5py.File(path) as file:
        return {name: column[()] for name, column in file[group].items()}


class Runs(InFolder):
    def run_scenario(self, text, *options, out="out.h5"):
        path = self.write("scenario.yaml", text)
        done = tokenyard("run", path, "--out", self.folder / out, "--force", *options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return self.folder / out, done.stdout


class Shipped(Runs):
    def test_transfers_and_iterations_of_the_window(self):
        path, table = self.run_scenario(scenario(), "--until", "15 min")
        self.assertIn("hand-over read -> write", table)
        self.assertLessEqual(max(map(len, table.splitlines())), 80)
        requests, transfers = columns(path, "requests"), columns(path, "trace/transfers")
        row = {number: i for i, number in enumerate(requests["request"])}
        rows = [row[number] for number in transfers["request"]]
        self.assertGreater(len(rows), 200)
        prompts = requests["prompt_tokens"][rows]
        self.assertTrue((transfers["bytes"] == prompts * KV_BYTES).all())
        shortest = NODE_TO_NODE_S + transfers["bytes"] / NODE_BPS
        took = transfers["end_s"] - transfers["start_s"]
        self.assertTrue((took >= shortest - 1e-11).all())
        # The decode side writes the first token, so it comes after the delivery.
        first = requests["arrival_s"] + requests["time_to_first_token_s"]
        self.assertTrue((first[rows] > transfers["end_s"]).all())
        iterations = columns(path, "trace/iterations")
        for replica in numpy.unique(iterations["replica"]):
            own = iterations["replica"] == replica
            start, end = iterations["start_s"][own], iterations["end_s"][own]
            self.assertTrue((start[1:] >= end[:-1]).all(), "iterations of a replica overlap")
        self.assertTrue((iterations["end_s"] > 600).all() and (iterations["start_s"] < 660).all())

    def test_a_trace_of_the_whole_run_adds_up(self):
        path, _ = self.run_scenario(scenario(("from: 10 min, to: 11 min", "to: 1 h")),
                                    "--until", "10 min", "--set", "warm_up=0 s")
        iterations, pools = columns(path, "trace/iterations"), columns(path, "pools")
        written = columns(path, "summary")["requests_in_flight"][0]
        requests = columns(path, "requests")
        self.assertEqual(iterations["prompt_tokens"].sum(), pools["prompt_tokens"].sum())
        firsts = (requests["output_tokens"] > 0).sum()  # written as the prompt ends, not by a decode
        self.assertEqual(iterations["decodes"].sum() + firsts, requests["output_tokens"].sum())
        self.assertGreater(written, 0)
        busy = (iterations["end_s"] - iterations["start_s"]).sum() / 600 / 4
        self.assertAlmostEqual(busy, pools["utilisation"].mean(), delta=1e-4)

    def test_leaping_changes_no_bit(self):
        digests = {tokenyard("digest", self.run_scenario(scenario(), "--until", "12 min", *options)[0])
                   .stdout.split()[0] for options in ((), ("--no-leap",))}
        self.assertEqual(len(digests), 1)


class Moves(Runs):
    """The three ways of a KV cache, with iteration times that a hand can follow."""
    TRACE = "arrival_s,prompt_tokens,output_tokens\n0,1000,3\n"
    # An iteration takes 10 ms and 10 us a prompt token: 20 ms for 1,000 of them. A wire of 400 GB/s
    # moves 1,000 tokens in 0.4096 ms.
    WIRE_S = 1000 * KV_BYTES / NODE_BPS

    def run_moves(self, rules, trace=TRACE, *options):
        affine = "iteration_time: {affine: {base: 10 ms, prefill_token: 10 us}}"
        text = scenario(("first_token: decode", f"first_token: prefill, {rules}"))
        text = text.replace("absent.csv.gz", str(self.write("t.csv", trace)))
        text = text.replace("warm_up: 2 min", "").replace("from: 10 min, to: 11 min", "to: 1 h")
        text = text.replace("replicas: 2", f"replicas: 1\n      {affine}")
        path, _ = self.run_scenario(text, *options)
        return columns(path, "requests"), columns(path, "trace/transfers")

    def test_what_each_adds_to_the_end(self):
        layers = 80
        for rules, way in (
                ("kv_transfer: push", NODE_TO_NODE_S + self.WIRE_S),
                # Asked for by the replica that answers, so the latency counts twice.
                ("kv_transfer: pull", 2 * NODE_TO_NODE_S + self.WIRE_S),
                # All but the last layer left while the prompt was read.
                ("kv_transfer: layerwise", NODE_TO_NODE_S + self.WIRE_S / layers),
                ("landing: unreserved", NODE_TO_NODE_S + self.WIRE_S)):
            with self.subTest(rules=rules):
                requests, transfers = self.run_moves(rules)
                self.assertAlmostEqual(requests["time_to_first_token_s"][0], 0.02, delta=1e-12)
                self.assertAlmostEqual(transfers["end_s"][0] - transfers["start_s"][0], way, delta=1e-9)
                self.assertAlmostEqual(requests["end_to_end_s"][0], 0.02 + way + 0.02, delta=1e-9)
                self.assertEqual(transfers["bytes"].tolist(), [1000 * KV_BYTES])

    def test_two_formats_of_the_kv_cache_send_the_narrower(self):
        for wide in (0, 1):  # the pool that keeps it in bf16
            text = scenario()
            at = [text.index("kv: fp8"), text.rindex("kv: fp8")][wide]
            text = text[:at] + "kv: bf16" + text[at + len("kv: fp8"):]
            path, table = self.run_scenario(text, "--until", "11 min")
            self.assertIn("change their format on the way", " ".join(table.split()))
            requests, transfers = columns(path, "requests"), columns(path, "trace/transfers")
            prompts = dict(zip(requests["request"], requests["prompt_tokens"]))
            self.assertEqual([prompts[r] * KV_BYTES for r in transfers["request"]], transfers["bytes"].tolist())

    def test_a_slow_wire_is_hidden_only_as_far_as_the_prompt_takes(self):
        # 100,000 tokens read in 4 ms take 41 ms, and leave 4/80 ms after the prompt began.
        sent = 100_000 * KV_BYTES / NODE_BPS
        text = scenario(("first_token: decode", "first_token: prefill, kv_transfer: layerwise"))
        trace = self.write("t.csv", "arrival_s,prompt_tokens,output_tokens\n0,100000,3\n")
        text = text.replace("absent.csv.gz", str(trace))
        text = text.replace("warm_up: 2 min", "").replace("from: 10 min, to: 11 min", "to: 1 h")
        text = text.replace("replicas: 2", "replicas: 1\n      batching: {tokens: 100000}\n"
                            "      iteration_time: {affine: {base: 4 ms}}")
        path, _ = self.run_scenario(text)
        transfer = columns(path, "trace/transfers")
        self.assertAlmostEqual(transfer["start_s"][0], 0.004, delta=1e-12)
        self.assertAlmostEqual(transfer["end_s"][0], 0.004 / 80 + NODE_TO_NODE_S + sent, delta=1e-9)

    def test_who_finds_no_room_waits_for_it(self):
        # Room for one request: the second lands when the first has left, and keeps its prompt's
        # blocks until then.
        trace = "arrival_s,prompt_tokens,output_tokens\n" + "0,100000,3\n" * 2
        narrow = "aws/us-east-1/h200"
        for rules in ("kv_transfer: push", "kv_transfer: pull", "kv_transfer: layerwise"):
            with self.subTest(rules=rules):
                text = scenario(("first_token: decode", f"first_token: prefill, {rules}"))
                text = text.replace("absent.csv.gz", str(self.write("t.csv", trace)))
                text = text.replace("warm_up: 2 min", "").replace("from: 10 min, to: 11 min", "to: 1 h")
                text = text.replace("replicas: 2",
                                    "replicas: 1\n      iteration_time: {affine: {base: 10 ms, "
                                    "prefill_token: 10 us}}")
                at = text.index(narrow)
                text = text[:at] + text[at:].replace(
                    "replicas: 1\n", "replicas: 1\n      memory: {reserve: 88 GB}\n", 1)
                path, _ = self.run_scenario(text)
                transfers, requests = columns(path, "trace/transfers"), columns(path, "requests")
                first = requests["arrival_s"][0] + requests["end_to_end_s"].min()
                self.assertGreater(transfers["end_s"].max(), first)


class AgainstReplay(Runs):
    """One pair of replicas with given iteration times, as a scenario and as a replay."""
    TIMES = {"t_base": 0.01, "t_prefill_token": 1e-5, "t_decode_seq": 1e-4, "t_context_token": 1e-8}

    def replayed(self, trace, contention, first_token):
        replica = {"max_num_seqs": 256, "max_num_batched_tokens": 8192, "num_blocks": 10**6,
                   **self.TIMES}
        pair = {"decode": replica, "kv_bytes_per_token": KV_BYTES, "link_latency_s": NODE_TO_NODE_S,
                "link_bandwidth_Bps": NODE_BPS, "contention": contention, "first_token": first_token}
        config = self.write("c.json", json.dumps({**replica, "disagg": pair}))
        done = tokenyard("replay", "--config", config, "--trace", trace, "--out", self.folder / "r.csv")
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(self.folder / "r.csv", newline="") as file:
            return [(float(r["ttft"]), float(r["e2e"])) for r in csv.DictReader(file)]

    def test_a_scenario_follows_the_same_rules(self):
        draw = random.Random(5)
        date, lines = 0.0, ["arrival_s,prompt_tokens,output_tokens"]
        for _ in range(400):
            date += draw.expovariate(20)
            lines.append(f"{date!r},{draw.randint(1, 30000)},{draw.randint(1, 300)}")
        trace = self.write("t.csv", "\n".join(lines) + "\n")
        affine = ("iteration_time: {affine: {base: 10 ms, prefill_token: 10 us, decode_sequence: "
                  "0.1 ms, context_token: 0.01 us}}")
        for contention in ("fair", "none"):
            for first_token in ("prefill", "decode"):
                with self.subTest(contention=contention, first_token=first_token):
                    text = scenario(("contention: fair, first_token: decode",
                                     f"contention: {contention}, first_token: {first_token}, "
                                     "landing: unreserved"))
                    text = text.replace("absent.csv.gz", str(trace)).replace("warm_up: 2 min", "")
                    text = text.replace("replicas: 2", f"replicas: 1\n      {affine}")
                    path, _ = self.run_scenario(text)
                    table = columns(path, "requests")
                    order = numpy.argsort(table["request"])
                    found = numpy.stack([table["time_to_first_token_s"][order],
                                         table["end_to_end_s"][order]], axis=1)
                    expected = numpy.array(self.replayed(trace, contention, first_token))
                    numpy.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


class Kept(Runs):
    def test_a_greater_sample_holds_the_smaller(self):
        kept = []
        for share in ("all", "sample 30 %", "sample 10 %", "none"):
            path, table = self.run_scenario(scenario(("requests: all", f"requests: {share}")),
                                            "--until", "20 min")
            with h5py.File(path) as file:
                kept.append(set(file["requests/request"][()]) if "requests" in file else set())
                arrived = file["summary/requests_arrived"][0]
            self.assertEqual("within 1 %; exact" in table, share != "all")
        self.assertEqual(len(kept[0]), arrived)
        self.assertTrue(kept[0] > kept[1] > kept[2] > kept[3])
        self.assertAlmostEqual(len(kept[1]) / arrived, 0.3, delta=0.03)
        self.assertAlmostEqual(len(kept[2]) / arrived, 0.1, delta=0.02)

    def test_the_summary_does_not_depend_on_what_is_kept(self):
        summaries = []
        for share in ("sample 10 %", "none"):
            path, _ = self.run_scenario(scenario(("requests: all", f"requests: {share}")),
                                        "--until", "20 min")
            summaries.append(columns(path, "summary"))
        for name, values in summaries[0].items():
            numpy.testing.assert_array_equal(values, summaries[1][name], name)


class Mistakes(Runs):
    def test_each_is_named(self):
        hand_over = "hand_over: {to: write, contention: fair, first_token: decode}"
        cases = [
            ((hand_over, ""), "fleet.pools[read].hand_over"),
            (("to: write", "to: nowhere"), "'nowhere' is not a pool of this fleet"),
            (("to: write", "to: read"), "has the role prefill"),
            (("role: prefill", "role: mixed"), "stands without 'role: prefill'"),
            (("role: decode", "role: mixed"), "has the role mixed"),
            (("role: prefill\n      " + hand_over, "role: mixed"), "nothing hands over to this"),
            (("contention: fair", "contention: unfair"), "unfair"),
            (("first_token: decode", "first_token: both"), "both"),
            (("      role: decode", "      role: decode\n      batching: {policy: v0}"), "needs v1"),
            (("      role: decode", "      role: decode\n      batching: {in_flight: 5}"),
             "a decode pool does not refuse"),
            (("requests: all", "requests: sample 0 %"), "is not all, none or a sample"),
            (("requests: all", "requests: some"), "is not all, none or a sample"),
            (("to: 11 min", "to: 9 min"), "is not after 'from'"),
            (("series: 10 s", "series: 2 min"), "with a trace could fill the memory"),
            (("to: 11 min", "to: 11 min, pools: [writ]"), "'writ' is not a pool"),
        ]
        for change, expected in cases:
            with self.subTest(expected=expected, change=change[1]):
                path = self.write("scenario.yaml", scenario(change))
                done = tokenyard("check", path)
                self.assertEqual(done.returncode, 2, done.stdout)
                self.assertIn(expected, done.stderr)
                self.assertRegex(done.stderr, r"scenario\.yaml:\d+:\d+: ")

    def test_moves_that_do_not_go_together(self):
        for more, expected in ((", kv_transfer: pull, landing: unreserved", "must be reserved"),
                               (", kv_transfer: throw", "throw"), (", landing: soft", "soft")):
            with self.subTest(expected=expected):
                path = self.write("scenario.yaml", scenario(("first_token: decode}",
                                                             f"first_token: decode{more}}}")))
                done = tokenyard("check", path)
                self.assertEqual(done.returncode, 2, done.stdout)
                self.assertIn(expected, done.stderr)
                self.assertRegex(done.stderr, r"scenario\.yaml:\d+:\d+: ")


if __name__ == "__main__":
    unittest.main()
