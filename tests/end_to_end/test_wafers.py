# SPDX-License-Identifier: Apache-2.0
"""Wafer-scale pools through the whole program: published speeds, the three bounds of throughput against their
closed forms, KV caches that share the ports, and mistakes."""
import pathlib
import re
import shutil
import sys
import unittest

import h5py

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from support import ROOT, InFolder, replaced, tokenyard  # noqa: E402

PLATFORM = """<?xml version='1.0'?>
<!DOCTYPE platform SYSTEM "https://simgrid.org/simgrid.dtd">
<platform version="4.1">
  <zone id="site" routing="Floyd">
    <prop id="region" value="aws/us-east-1"/>
    <cluster id="h100" prefix="h100-" suffix="" radical="0-15" router_id="h100-switch"
             speed="1Gf" bw="400GBps" lat="5us" bb_bw="51.2TBps" bb_lat="0us">
      <prop id="rack" value="hgx-h100"/>
    </cluster>
    <cluster id="cs3" prefix="cs3-" suffix="" radical="0-63" router_id="cs3-switch"
             speed="1Gf" bw="150GBps" lat="5us" bb_bw="51.2TBps" bb_lat="0us">
      <prop id="rack" value="cs3"/>
    </cluster>
    <zone id="gateway" routing="Full"><router id="gw"/></zone>
    <link id="h100-up" bandwidth="51.2TBps" latency="0us" sharing_policy="SPLITDUPLEX"/>
    <link id="cs3-up" bandwidth="51.2TBps" latency="0us" sharing_policy="SPLITDUPLEX"/>
    <zoneRoute src="h100" dst="gateway" gw_src="h100-switch" gw_dst="gw">
      <link_ctn id="h100-up" direction="UP"/>
    </zoneRoute>
    <zoneRoute src="cs3" dst="gateway" gw_src="cs3-switch" gw_dst="gw">
      <link_ctn id="cs3-up" direction="UP"/>
    </zoneRoute>
  </zone>
</platform>
"""
PRICE = """
prices:
  - {rack: cs3, provider: aws, region: us-east-1, basis: on-demand, price: 40 USD/h, per: node,
     item: made up for a test, source: a test}
"""
SCENARIO = """name: wafers
platform: {{file: platform.xml}}
models: [{model}]
workload:
  tenants:
    - {{name: chat, model: {model}, traffic: {{trace: trace.csv}}, slo: {{ttft: 2 s}}}}
fleet:
  pools:
{pools}
results: {{requests: all, series: 10 ms, trace: {{from: 0 s, to: 1 h}}}}
"""
MIXED = """    - name: chat
      at: cs3
      model: {model}
      replicas: 1
      parallel: {{pipeline: {wafers}}}
"""
# Reads prompts of any length in a millisecond, so that only wafers and their ports are slow.
PAIR = """    - name: read
      at: h100
      role: prefill
      hand_over: {{to: write, first_token: decode, contention: {contention}}}
      model: llama-3.1-70b
      replicas: {readers}
      batching: {{tokens: 100000}}
      parallel: {{tensor: 8}}
      iteration_time: {{affine: {{base: 0.1 ms}}}}
    - name: write
      at: cs3
      role: decode
      model: llama-3.1-70b
      replicas: {writers}
      parallel: {{pipeline: 4}}
"""
# Llama 3.1 70B in 16 bits on CS-3, from the facts alone.
WAFER_FLOPS, PORTS, SRAM, RESERVE = 15.54e15 * 0.6, 150e9, 44e9, 2e9
WEIGHTS, KV_TOKEN, DECODE, PREFILL, PAIR_FLOP, HIDDEN = 141.1e9, 327680, 139e9, 136.9e9, 2621440, 8192
LATENCY = 1 / 2100
SEQUENCES = 256  # as `batching` has it unless told


def trace(requests, prompt, output, gap=0.0):
    return "arrival_s,prompt_tokens,output_tokens\n" + "".join(
        f"{i * gap!r},{prompt},{output}\n" for i in range(requests))


class Wafers(InFolder):
    def setUp(self):
        super().setUp()
        shutil.copytree(ROOT / "platforms" / "catalog", self.folder / "catalog")
        prices = self.folder / "catalog" / "prices.yaml"
        prices.write_text(replaced(prices.read_text(), ("\nprices:\n", PRICE)))
        self.write("platform.xml", PLATFORM)

    def scenario(self, pools=None, model="llama-3.1-70b", wafers=4, rows=trace(1, 10, 10), more=()):
        self.write("trace.csv", rows)
        pools = pools or MIXED.format(model=model, wafers=wafers)
        pools += "".join(f"      {line}\n" for line in more)  # of the last pool
        return self.write("scenario.yaml", SCENARIO.format(model=model, pools=pools.rstrip("\n")))

    def run_it(self, *options, **scenario):
        out = self.folder / "out.h5"
        done = tokenyard("run", self.scenario(**scenario), "--out", out, "--force", *options)
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertLessEqual(max(map(len, done.stdout.splitlines())), 80)
        return done.stdout, h5py.File(out, "r")

    def bounds(self, text, file, pool=0):
        """(achieved, {bound: ceiling}, the one that binds); the table names the same one."""
        pools = file["pools"]
        names = pools["wafer_bound"].attrs["flag_meanings"]
        names = (names.decode() if isinstance(names, bytes) else names).split()
        binds = names[pools["wafer_bound"][pool]]
        ceilings = {key: pools[f"wafer_{key}_tokens_per_s"][pool]
                    for key in ("compute", "sram", "ports", "sequences")}
        self.assertEqual(binds.lower(), min(ceilings, key=ceilings.get))
        lines = [line for line in text.splitlines() if line.startswith("wafers ")]
        self.assertEqual(1, len(lines))
        self.assertIn(f"{binds} binds", lines[0])
        return pools["wafer_achieved_tokens_per_s"][pool], ceilings, binds


class Published(Wafers):
    def test_a_lone_user_sees_the_published_speed(self):
        for model, wafers, speed in (("llama-3.1-70b", 4, 2100), ("llama-3.1-405b", 20, 969),
                                     ("llama-3.1-8b", 1, 2200), ("gpt-oss-120b", 6, 2059),
                                     ("qwen3-235b-a22b", 12, 1400), ("llama-4-maverick", 20, 2500)):
            with self.subTest(model=model):
                text, file = self.run_it(model=model, wafers=wafers, rows=trace(1, 10, 1001))
                tpot = file["requests/time_per_output_token_s"][0]
                # Attention over the context is all that comes on top.
                self.assertAlmostEqual(1, speed * tpot, delta=2e-3)
                self.assertGreaterEqual(speed * tpot, 1)
                self.assertIn(f"{speed} tokens/s of {model} a user on {wafers} wafer",
                              " ".join(text.split()))

    def test_drafts_and_guesses_are_marked(self):
        text = " ".join(self.run_it()[0].split())
        self.assertIn("published with speculative decoding", text)
        self.assertIn("from memory in the catalogue of wafers: hop, reserve", text)
        text = " ".join(self.run_it(model="llama-3.1-405b", wafers=21)[0].split())
        self.assertIn("on 20 wafers (from memory), published", text)

    def test_a_model_without_a_speed_is_extrapolated(self):
        text, file = self.run_it(model="qwen3-32b", wafers=2, rows=trace(1, 10, 1001))
        # The median of seven: 8.2 us less the 100 us of 20 hops, of Llama 3.1 405B.
        expected = 64 * (1 / 969 - 20 * 5e-6) / 126 + 2 * 5e-6
        self.assertAlmostEqual(1, file["requests/time_per_output_token_s"][0] / expected, delta=2e-3)
        self.assertIn("an extrapolation: no speed of qwen3-32b is published", " ".join(text.split()))

    def test_a_scenario_may_say_it(self):
        for line, expected in (("speed: 1000 tokens/s", 1e-3), ("token_latency: 2 ms", 2e-3),
                               ("t_layer: 20 us", 80 * 20e-6 + 4 * 5e-6),
                               ("t_layer: 20 us, hop: 1 ms", 80 * 20e-6 + 4e-3)):
            with self.subTest(line=line):
                more = [f"iteration_time: {{wafer: {{{line}}}}}"]
                text, file = self.run_it(rows=trace(1, 10, 1001), more=more)
                tpot = file["requests/time_per_output_token_s"][0]
                self.assertAlmostEqual(1, tpot / expected, delta=1e-3)
                self.assertIn("latency stands on the scenario", " ".join(text.split()))


class Bounds(Wafers):
    """Saturated pools against closed forms of their own: every request is alike, and all come at once."""

    def test_compute(self):
        prompt, output, wafers = 100, 400, 8
        more = ["batching: {sequences: 1100}"]  # that fit: nothing is read twice
        text, file = self.run_it(wafers=wafers, rows=trace(6000, prompt, output), more=more)
        achieved, ceilings, binds = self.bounds(text, file)
        self.assertEqual("compute", binds)
        flops = wafers * WAFER_FLOPS
        attention = PAIR_FLOP / flops
        a_token = (DECODE / flops + attention * (prompt + output / 2) +
                   (prompt * PREFILL / flops + attention * prompt * (prompt + 1) / 2) / output)
        self.assertAlmostEqual(1, ceilings["compute"] * a_token, delta=1e-6)
        self.assertAlmostEqual(1, achieved * a_token, delta=0.05)
        self.assertLess(achieved * a_token, 1)
        # Attention, which is no issue, has the rest of the time.
        self.assertGreater(file["pools/wafer_pipeline_used"][0], 0.95)

    def test_sram_slots(self):
        prompt, output, latency = 1000, 50, 0.2
        more = ["iteration_time: {wafer: {token_latency: 200 ms}}", "batching: {reserve: full}"]
        text, file = self.run_it(rows=trace(2000, prompt, output), more=more)
        achieved, ceilings, binds = self.bounds(text, file)
        self.assertEqual("SRAM", binds)
        slots = (4 * (SRAM - RESERVE) - WEIGHTS) / KV_TOKEN / (prompt + output / 2)
        self.assertAlmostEqual(1, ceilings["sram"] * latency / slots, delta=1e-3)
        self.assertAlmostEqual(slots, file["pools/wafer_slots"][0], delta=0.1)
        # Whole blocks of whole requests, admitted for their whole length: 77 of 80 slots.
        blocks = (4 * (SRAM - RESERVE) - WEIGHTS) // (16 * KV_TOKEN)
        self.assertEqual(77, blocks // 66)
        self.assertAlmostEqual(77 / slots, achieved / ceilings["sram"], delta=0.06)
        self.assertLess(achieved, ceilings["sram"])

    def test_ports(self):
        """Answers of 4 tokens need less of the wafers than their KV caches need of the ports."""
        prompt, output, requests = 2000, 4, 2000
        pools = PAIR.format(contention="fair", readers=1, writers=1)
        text, file = self.run_it(pools=pools, rows=trace(requests, prompt, output))
        achieved, ceilings, binds = self.bounds(text, file, pool=1)
        self.assertEqual("ports", binds)
        # Their source is one node: they come through the ports of the first wafer.
        rest = PORTS - min(4 * WAFER_FLOPS / DECODE, SEQUENCES / LATENCY) * (2 * HIDDEN + 4)
        a_token = prompt * KV_TOKEN / output / rest
        self.assertAlmostEqual(1, ceilings["ports"] * a_token, delta=1e-6)
        self.assertAlmostEqual(1, achieved * a_token, delta=0.03)
        self.assertLess(achieved * a_token, 1)


class Ports(Wafers):
    def rest(self):
        return PORTS - min(4 * WAFER_FLOPS / DECODE, SEQUENCES / LATENCY) * (2 * HIDDEN + 4)

    def took(self, **pair):
        pools = PAIR.format(**pair)
        text, file = self.run_it(pools=pools, rows=trace(4, 5000, 10, gap=0.0))
        transfers = file["trace/transfers"]
        self.assertEqual([5000 * KV_TOKEN] * 4, list(transfers["bytes"][:]))
        self.assertIn("are kept for activations and tokens", " ".join(text.split()))
        return sorted(transfers["end_s"][:] - transfers["start_s"][:])

    def test_caches_get_what_activations_leave_and_share_it(self):
        alone = 5000 * KV_TOKEN / self.rest() + 10e-6
        # Four wires at once, each to itself.
        for took in self.took(contention="none", readers=1, writers=1):
            self.assertAlmostEqual(1, took / alone, delta=1e-9)
        # Four at once into one wafer: all end when four times the bytes have passed.
        for took in self.took(contention="fair", readers=4, writers=1):
            self.assertAlmostEqual(1, (took - 10e-6) / (4 * (alone - 10e-6)), delta=1e-9)
        # Into four replicas: each has its own ports.
        for took in self.took(contention="fair", readers=4, writers=4):
            self.assertAlmostEqual(1, took / alone, delta=1e-9)


class Leaping(Wafers):
    def test_single_iterations_change_no_bit(self):
        pools = PAIR.format(contention="fair", readers=2, writers=2)
        digests = set()
        for options in ((), ("--no-leap",)):
            self.run_it(*options, pools=pools, rows=trace(300, 700, 90, gap=1e-3))[1].close()
            digests.add(tokenyard("digest", self.folder / "out.h5").stdout.split()[0])
        self.assertEqual(1, len(digests))


class Mistakes(Wafers):
    def refused(self, *wanted, **scenario):
        done = tokenyard("check", self.scenario(**scenario))
        self.assertEqual(2, done.returncode, done.stdout)
        for text in wanted:
            self.assertIn(text, done.stderr)
        for line in done.stderr.splitlines():
            self.assertRegex(line, r"\.yaml:\d+:\d+: fleet\.pools\[\w+\]")

    def test_what_wafers_cannot_do(self):
        for key in ("tensor", "data", "context", "imbalance"):
            with self.subTest(key=key):
                pools = MIXED.replace("pipeline: {wafers}", key + ": 4")
                self.refused(f"parallel.{key}: cs3-wse3 is wafer-scale", model="llama-3.1-8b",
                             pools=pools.format(model="llama-3.1-8b"))
        self.refused("precision.weights: cs3-wse3 has no fp4 rate",
                     more=["precision: {weights: fp4, kv: bf16}"])
        self.refused("speculation: is not simulated on wafers",
                     more=["batching: {sequences: 8}", "speculation: {acceptance: [0.5]}"])
        for key, value in (("overhead", "1 ms"), ("all_reduce_latency", "1 us"),
                           ("stage_bandwidth", "1 GB/s"), ("stage_latency", "1 us")):
            self.refused(f"iteration_time.{key}: is of a roofline, not of wafers",
                         more=[f"iteration_time: {{{key}: {value}}}"])

    def test_too_few_wafers(self):
        self.refused("does not fit", "it needs 4 wafers (parallel.pipeline)", wafers=3)
        self.refused("it needs 20 wafers", model="llama-3.1-405b", wafers=19)
        self.refused("no number of wafers", more=["memory: {reserve: 44 GB}"])

    def test_latencies(self):
        for line, wanted in (("hop: -1 us", "wafer.hop: '-1 us' is below 0"),
                             ("hop: 1 ms", "4 hops of 1000 us alone take the whole latency"),
                             ("speed: 2000", "wafer.speed"), ("speed: 0 tokens/s", "wafer.speed"),
                             ("token_latency: 10 us", "alone take the whole latency"),
                             ("t_layer: 0 s", "wafer.t_layer"), ("t_layre: 1 us", "t_layre"),
                             ("speed: 9 tokens/s, t_layer: 1 us", "stands beside speed")):
            with self.subTest(line=line):
                self.refused(wanted, more=[f"iteration_time: {{wafer: {{{line}}}}}"])
        self.refused("stands beside affine",
                     more=["iteration_time: {wafer: {hop: 1 us}, affine: {base: 1 ms}}"])
        pools = MIXED.replace("at: cs3", "at: h100").replace("pipeline: {wafers}", "tensor: 4")
        self.refused("h100-sxm is not wafer-scale", pools=pools.format(model="llama-3.1-70b"),
                     more=["iteration_time: {wafer: {hop: 1 us}}"])

    def test_ports_without_room_for_caches(self):
        pools = replaced(PAIR.format(contention="fair", readers=1, writers=1)
                         .replace("llama-3.1-70b", "gpt-oss-120b"), ("pipeline: 4", "pipeline: 36"))
        more = ["batching: {sequences: 65536, tokens: 65536}"]
        self.refused("of ports that a wafer has and leave no room for KV caches",
                     model="gpt-oss-120b", pools=pools, more=more)

    def test_the_catalogue(self):
        path = self.folder / "catalog" / "wafer_speeds.yaml"
        text = path.read_text()
        for pair, wanted in ((("  cs3-wse3:", "  cs4:"), "is not in accelerators.yaml"),
                             (("hop: 5 us", "hop: -5 us"), "hop: '-5 us' is below 0"),
                             (("hop: 5 us", "hop: 50 ms"), "is faster than its hops alone"),
                             (("basis: fit", "basis: hope"), "basis")):
            path.write_text(replaced(text, pair))
            done = tokenyard("check", path)
            self.assertEqual(2, done.returncode)
            self.assertIn(wanted, done.stderr)


class Explained(Wafers):
    def test_derived_values(self):
        done = tokenyard("check", self.scenario(), "--explain")
        values = dict(re.findall(r"iteration_time\.wafer\.(\w+) +(\S+)", done.stdout))
        self.assertAlmostEqual(LATENCY, float(values["latency"]))
        self.assertAlmostEqual((LATENCY - 4 * 5e-6) / 80, float(values["layer_time"]))
        self.assertEqual("4", values["hops"])
        self.assertEqual(str(int((4 * (SRAM - RESERVE) - WEIGHTS) / KV_TOKEN / 8192)),
                         values["slots_of_8192_tokens"])
        self.assertAlmostEqual(DECODE / 4 / WAFER_FLOPS, float(values["decode_issue"]))


if __name__ == "__main__":
    unittest.main()
