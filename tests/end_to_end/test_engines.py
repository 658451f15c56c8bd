# SPDX-License-Identifier: Apache-2.0
"""What engines do, through the whole program: prefix cache, KV in groups, presets, columns, mistakes."""
import gzip
import json
import pathlib
import random
import re
import sys
import unittest

import h5py

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from support import DATA, PLATFORM, ROOT, InFolder, tokenyard  # noqa: E402

CONFIG = ROOT / "configs" / "mooncake-prefix.yaml"
MOONCAKE = DATA / "traces" / "mooncake_conversation.jsonl.gz"
with_mooncake = unittest.skipUnless(MOONCAKE.exists(), f"{MOONCAKE} is not there; set TOKENYARD_DATA")
# So small that a terabyte of KV cache fits a replica.
MODEL = """name: tiny
layers: 2
hidden: 64
kv_heads: 1
parameters: {total: 1e+6, active: 1e+6}
weights: {bf16: 2 MB, fp8: 1 MB}
kv_per_token: {bf16: 64 B, fp8: 32 B}
flop_per_token: {decode: 2 MFLOP, prefill: 2 MFLOP}
attention_flop_per_pair: 256 FLOP
source: a test
"""
SCENARIO = """name: engines
platform: {{file: {platform}}}
models: [{model}]
workload:
  tenants:
    - {{name: chat, model: {name}, traffic: {{trace: {trace}}}, slo: {{ttft: 2 s}}}}
fleet:
  pools:
    - name: chat
      at: aws/us-east-1/h100
      model: {name}
      precision: {{weights: {precision}, kv: {precision}}}
      replicas: 1
{more}
results: {{requests: all}}
"""


def ideal_hits(lines, block):
    """Tokens of each prompt that an unbounded cache has, by the ids alone: an independent count."""
    seen, hits, blocks, known = set(), [], 0, 0
    for line in lines:
        ids, prompt = line["hash_ids"], line["input_length"]
        leading = 0
        for name in ids[:(prompt - 1) // block]:  # the last token is always read
            if name not in seen:
                break
            leading += 1
        hits.append(leading * block)
        blocks += len(ids)
        known += sum(name in seen for name in ids)
        # Only full blocks are kept.
        seen.update(ids[:prompt // block])
    return hits, blocks, known


def cached_by_id(file):
    pairs = zip(file["requests/request"][:].tolist(), file["requests/cached_tokens"][:].tolist())
    return [cached for _, cached in sorted(pairs)]


class Engines(InFolder):
    def scenario(self, more, trace=None, model=None, name="tiny", precision="bf16"):
        model = model or self.write("tiny.yaml", MODEL)
        trace = trace or self.write("trace.csv", "arrival_s,prompt_tokens,output_tokens\n0,100,10\n")
        lines = "\n".join("      " + line for line in more)
        return self.write("scenario.yaml", SCENARIO.format(
            platform=PLATFORM, model=model, name=name, trace=trace, precision=precision, more=lines))

    def run_it(self, *arguments, **scenario):
        out = self.folder / "out.h5"
        done = tokenyard("run", self.scenario(**scenario), "--out", out, "--force", *arguments)
        self.assertEqual(0, done.returncode, done.stderr)
        return done.stdout, h5py.File(out, "r")


class PrefixCache(Engines):
    MORE = ["prefix_cache: true", "batching: {block_size: 512}"]

    def test_every_hit_of_a_made_up_trace(self):
        draw, lines, chains = random.Random(4), [], [[]]
        for number in range(400):
            chain = list(draw.choice(chains)[:draw.randrange(1, 12)])
            chain += [1000 * number + i for i in range(draw.randrange(1, 6))]
            prompt = 512 * len(chain)
            chains.append(chain)
            if draw.random() < 0.5:  # a block that is not full has a name of its own
                prompt -= draw.randrange(1, 512)
                chain = chain[:-1] + [10**6 + number]
                chains[-1] = chain[:-1]
            lines.append({"timestamp": 1000 * number, "input_length": prompt, "output_length": 5,
                          "hash_ids": chain})
        trace = self.write("made.jsonl", "\n".join(map(json.dumps, lines)) + "\n")
        hits, _, _ = ideal_hits(lines, 512)
        self.assertGreater(sum(hits), 100_000)
        text, file = self.run_it(more=self.MORE, trace=trace)
        self.assertEqual(hits, cached_by_id(file))
        self.assertEqual(sum(hits), file["pools/cached_tokens"][0])
        self.assertEqual(sum(line["input_length"] for line in lines), file["pools/prefix_tokens"][0])
        self.assertIn("prompt tokens were in the cache", text)

    @with_mooncake
    def test_mooncake(self):
        """36.6 % of the trace's blocks were seen before; an unbounded cache finds all that are full."""
        with gzip.open(MOONCAKE, "rt") as file:
            lines = [json.loads(line) for line in file]
        hits, blocks, known = ideal_hits(lines, 512)
        self.assertEqual("36.6", f"{100 * known / blocks:.1f}")
        _, file = self.run_it(more=self.MORE, trace=MOONCAKE)
        self.assertEqual(hits, cached_by_id(file))
        self.assertEqual("36.6", f"{100 * sum(hits) / 512 / blocks:.1f}")

    @with_mooncake
    def test_a_tier_below_keeps_what_a_small_cache_loses(self):
        """A tenth of the memory and a host that has room for all find what an unbounded cache finds."""
        with gzip.open(MOONCAKE, "rt") as file:
            hits, _, _ = ideal_hits([json.loads(line) for line in file], 512)
        small = [*self.MORE, "memory: {utilisation: 1 %, reserve: 0.78 GB}"]
        _, lost = self.run_it(more=small, trace=MOONCAKE)
        self.assertLess(lost["pools/cached_tokens"][0], 0.7 * sum(hits))
        tier = ["offload: [{name: host, memory: 1 TB, bandwidth: 25 GB/s}]"]
        _, kept = self.run_it(more=small + tier, trace=MOONCAKE)
        self.assertEqual(hits, cached_by_id(kept))

    def test_a_store_that_replicas_share(self):
        """Four replicas find of each other's prompts what one with room for all of them would find."""
        rows = [(f"{3 * i}", 5120 + i, 2, 1 + i % 7) for i in range(60)]
        lines = [{"timestamp": 5000 * i, "input_length": prompt, "output_length": output,
                  "hash_ids": [100 * chain + k for k in range(10)] + [10**6 + i]}
                 for i, (_, prompt, output, chain) in enumerate(rows)]
        trace = self.write("shared.jsonl", "\n".join(map(json.dumps, lines)) + "\n")
        hits, _, _ = ideal_hits(lines, 512)
        four = ("--set", "fleet.pools.0.replicas=4", "--set", "routing.within_pool=round-robin")
        _, alone = self.run_it(*four, more=self.MORE, trace=trace)
        self.assertLess(alone["pools/cached_tokens"][0], 0.7 * sum(hits))
        store = ("offload: [{name: host, memory: 1 GB, bandwidth: 25 GB/s},"
                 " {name: store, memory: 1 TB, at: aws/us-west-2/h100, nodes: 2}]")
        text, file = self.run_it(*four, more=[*self.MORE, store], trace=trace)
        self.assertEqual(hits, cached_by_id(file))
        # Ten blocks of each of seven prompts, of 64 B a token.
        self.assertEqual(7 * 10 * 512 * 64, file["pools/put_bytes"][0])
        self.assertRegex(text, r"store +chat: 0\.002294 GB of prefixes put there")
        self.assertIn("2 nodes of its store at aws/us-west-2/h100", " ".join(text.split()))
        # A fetch goes there and back within a continent: 32 ms one way.
        fetched = file["requests/time_to_first_token_s"][:].max()
        self.assertGreater(fetched, 0.032)
        self.assertLess(fetched, 0.1)

    @with_mooncake
    def test_off_by_default(self):
        _, file = self.run_it(more=[], trace=MOONCAKE)
        self.assertEqual(0, file["pools/cached_tokens"][0])
        self.assertEqual(0, file["requests/cached_tokens"][:].sum())


class SideBySide(Engines):
    def test_shipped_scenario(self):
        """configs/mooncake-prefix.yaml, ten minutes of it: the cache finds something, and saves time."""
        done = tokenyard("run", CONFIG, "--until", "10 min")
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertLessEqual(max(map(len, done.stdout.splitlines())), 80)
        cells = {line[:26].strip(): line[26:].split("  ") for line in done.stdout.splitlines()}
        cells = {row: [cell.strip() for cell in those if cell.strip()] for row, those in cells.items()}
        cached = [float(cell.rstrip(" %")) for cell in cells["prompt tokens cached"]]
        self.assertEqual(0, cached[0])
        self.assertTrue(all(share > 5 for share in cached[1:]), cached)
        read = [float(cell.rstrip(" M")) for cell in cells["prompt tokens read"]]
        self.assertLess(read[1], 0.95 * read[0])
        self.assertEqual(3, len(cells["TTFT p50"]))
        cost = [float(cell.split()[0]) for cell in cells["cost"]]
        self.assertAlmostEqual(0.8, cost[2] / cost[0], places=3)


class KvGroups(Engines):
    def blocks(self, name, precision="bf16", more=()):
        done = tokenyard("check", self.scenario(["parallel: {tensor: 8}", *more], model=name, name=name,
                                                precision=precision), "--explain")
        self.assertEqual(0, done.returncode, done.stderr)
        gigabytes = float(re.search(r"memory.kv_cache +(\S+)", done.stdout).group(1))
        return gigabytes, float(re.search(r"memory.kv_blocks +(\S+)", done.stdout).group(1))

    def test_blocks_are_of_the_size_of_the_smallest_group(self):
        # gpt-oss: both groups 36,864 B a token, 16 tokens a block.
        gigabytes, blocks = self.blocks("gpt-oss-120b")
        self.assertAlmostEqual(gigabytes * 1e9 / (36864 * 16), blocks, delta=1e-4 * blocks)
        # Qwen3.5: 2 KV heads on 8 accelerators are kept four times.
        gigabytes, blocks = self.blocks("qwen3.5-397b-a17b", "fp8")
        self.assertAlmostEqual(gigabytes * 1e9 / (15360 * 4 * 16), blocks, delta=1e-4 * blocks)

    def test_hybrid_models_hold_more_requests(self):
        """64 prompts of 4,000 tokens on gpt-oss-120b hold half of what full attention would."""
        rows = "".join(f"0,{4000},200\n" for _ in range(64))
        trace = self.write("long.csv", "arrival_s,prompt_tokens,output_tokens\n" + rows)
        _, file = self.run_it("--set", "results.series=0.05 s", more=["parallel: {tensor: 8}"], trace=trace,
                              model="gpt-oss-120b", name="gpt-oss-120b", precision="fp8")
        _, blocks = self.blocks("gpt-oss-120b", "fp8")
        most = max(file["series/chat/kv_used"][:]) * blocks
        each = -(-4199 // 16) + 9  # the window of 128 tokens may touch 9 blocks
        self.assertLessEqual(most, 64 * each)
        self.assertGreater(most, 0.95 * 64 * each)


class Waste(Engines):
    def test_padding_is_a_column(self):
        text, file = self.run_it(more=["shapes: {prompt: [128, 256], sequences: [4]}"])
        # 28 tokens of the prompt, and three sequences in each of nine iterations.
        self.assertEqual(28 + 9 * 3, file["pools/padding_tokens"][0])
        self.assertRegex(text, r"padding +chat: 33\.\d % of")


class Pipeline(Engines):
    ROWS = "".join(f"0,{100 + i},50\n" for i in range(64))

    def ended(self, *more, sequences=32):
        trace = self.write("crowd.csv", "arrival_s,prompt_tokens,output_tokens\n" + self.ROWS)
        text, file = self.run_it(more=[f"batching: {{sequences: {sequences}}}", *more], trace=trace)
        return text, file["requests/end_to_end_s"][:].max()

    def test_stages_share_the_work(self):
        """Two micro-batches of the same size are done in little more than half the time."""
        _, one = self.ended()
        text, two = self.ended("parallel: {pipeline: 2}", sequences=64)
        self.assertLess(two, 0.6 * one)
        self.assertIn("2 stages take equal parts of an iteration", " ".join(text.split()))
        self.assertIn("takes up to 32 sequences", " ".join(text.split()))

    def test_presets_that_are_asynchronous_are_not_in_a_pipeline(self):
        text, _ = self.ended("parallel: {pipeline: 2}", "engine: sglang")
        self.assertIn("2 stages", " ".join(text.split()))

    def test_stages_in_domains_of_their_own(self):
        text, _ = self.ended("parallel: {tensor: 8, pipeline: 2}",
                                "iteration_time: {stage_bandwidth: 50 GB/s, stage_latency: 20 us}")
        self.assertIn("2 stages", " ".join(text.split()))


class Presets(Engines):
    def test_they_name_what_they_follow(self):
        for name, version in (("vllm", "vLLM 0.13"), ("sglang", "SGLang 0.5"), ("trtllm", "TensorRT-LLM 1.1")):
            text, _ = self.run_it(more=[f"engine: {name}"])
            self.assertIn(f"follows {version}", " ".join(text.split()))

    def test_the_pool_has_the_last_word(self):
        text, _ = self.run_it(more=["engine: trtllm", "batching: {block_size: 64}"])
        self.assertIn("blocks of 64 tokens", " ".join(text.split()))


STORE = "{name: store, memory: 1 TB, at: aws/us-west-2/h100"
HOST = "{name: host, memory: 1 GB, bandwidth: 1 GB/s}"


class Mistakes(Engines):
    def test_groups_of_a_model(self):
        groups = "kv_groups: [{kind: full, layers: 1, per_token: {bf16: 64 B, fp8: 32 B}}, %s]"
        cases = {
            groups % "{kind: full, layers: 1, per_token: {bf16: 64 B}}": "which is not kv_per_token",
            groups % "{kind: sliding, layers: 1, per_token: {bf16: 64 B}}": "window",
            groups % "{kind: sliding, layers: 1, window: 0, per_token: {bf16: 64 B}}": "window",
            groups % "{kind: linear, layers: 1, per_token: {bf16: 64 B}}": "state",
            groups % "{kind: linear, layers: 1, state: {bf16: -1 B}}": "state",
            groups % "{kind: round, layers: 1, per_token: {bf16: 64 B}}": "chunked",
            groups % "{kind: full, layers: 0, per_token: {bf16: 0 B}}": "layers",
            "kv_groups: [{kind: linear, layers: 1, state: {bf16: 64 B}}]": "which is not kv_per_token",
            "kv_groups: []": "kv_groups",
            "kv_groups: 3": "kv_groups",
        }
        for more, hint in cases.items():
            with self.subTest(more):
                model = self.write("tiny.yaml", MODEL + more + "\n")
                done = tokenyard("check", self.scenario([], model=model))
                self.assertEqual((2, ""), (done.returncode, done.stdout), done.stderr)
                self.assertRegex(done.stderr.splitlines()[0], r"tiny\.yaml:\d+:\d+: ")
                self.assertIn(hint, done.stderr)

    def test_a_model_that_keeps_nothing(self):
        model = self.write("tiny.yaml", MODEL.replace("64 B", "0 B").replace("32 B", "0 B"))
        done = tokenyard("check", self.scenario([], model=model))
        self.assertEqual((2, ""), (done.returncode, done.stdout), done.stderr)

    def test_each_names_its_place(self):
        cases = {
            "prefix_cache: 3": "prefix_cache",
            "engine: vlm": "vllm",
            "batching: {reserve: half}": "reserve",
            "batching: {policy: v0, long_prompt: 100}": "chunks",
            "batching: {hidden: 1 ms}": "async",
            "batching: {scheduling: async, hidden: 1 s}": "lower it",
            "speculation: {}": "acceptance",
            "speculation: {acceptance: []}": "1 to 64",
            "speculation: {acceptance: [1.5]}": "1",
            "speculation: {acceptance: [0.5, 0.5], length: 4}": "length",
            "batching: {tokens: 300}\n      speculation: {acceptance: [0.5]}": "batching.sequences",
            "swap: {memory: 10 GB}": "bandwidth",
            "offload: [{name: host, memory: 10 GB, bandwidth: 1 GB/s}]": "prefix_cache: true",
            "prefix_cache: true\n      offload: [{name: host, memory: 10 GB}]": "bandwidth",
            f"prefix_cache: true\n      offload: [{STORE}}}]": "a tier of each replica before it",
            f"prefix_cache: true\n      offload: [{STORE}}}, {HOST}]": "the last",
            f"prefix_cache: true\n      offload: [{HOST}, {STORE}, bandwidth: 1 GB/s}}]": "platform's links",
            f"prefix_cache: true\n      offload: [{HOST}, {STORE}, nodes: 65}}]": "needs 65 free nodes",
            "prefix_cache: true\n      offload: [{name: host, memory: 1 GB, bandwidth: 1 GB/s, nodes: 2}]": "add `at`",
            f"prefix_cache: true\n      offload: [{HOST}, {{name: far, memory: 1 GB, at: nowhere}}]": "not a cluster",
            f"parallel: {{data: 2}}\n      prefix_cache: true\n      offload: [{HOST}, {STORE}}}]": "data ranks",
            "swap: {memory: 10 GB, bandwidth: 0 GB/s}": "bandwidth",
            "shapes: {prompt: [256, 128]}": "rise",
            "shapes: {sequences: [0]}": "1",
            "parallel: {data: 1000}": "data",
            "parallel: {tensor: 8, data: 2}": "scale-up domain",
            "parallel: {imbalance: 0.5}": "imbalance",
            "parallel: {pipeline: 300}": "pipeline",
            "parallel: {pipeline: 3}": "2 layers",
            "parallel: {pipeline: 2, data: 2}": "data ranks",
            "parallel: {pipeline: 2}\n      batching: {scheduling: async}": "scheduling: sync",
            "parallel: {tensor: 8, pipeline: 2}": "stage_bandwidth",
        }
        for more, hint in cases.items():
            with self.subTest(more):
                done = tokenyard("check", self.scenario([more]))
                self.assertEqual((2, ""), (done.returncode, done.stdout), done.stderr)
                self.assertRegex(done.stderr.splitlines()[0], r"scenario\.yaml:\d+:\d+: ")
                self.assertIn(hint, done.stderr)


if __name__ == "__main__":
    unittest.main()
