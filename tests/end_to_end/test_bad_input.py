# SPDX-License-Identifier: Apache-2.0
"""Mistakes of users: exit code 2, a line file:line:column that says what to do, nothing left behind."""
import gzip
import os
import pathlib
import re
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from support import PLATFORM, SCENARIO, InFolder, scenario_text, tokenyard  # noqa: E402

HEADER = "TIMESTAMP,ContextTokens,GeneratedTokens\n"
ROWS = [f"2023-11-16 18:15:{46 + i}.6805900,374,44\n" for i in range(9)]
ENTITY = '<!DOCTYPE platform [<!ENTITY a "b">]>'

# Name, (old, new) in the scenario, what the message must hold.
REPLACED = [
    ("unknown key", ("replicas: 4", "replicsa: 4"), ["replicsa", "did you mean", "replicas"]),
    ("duplicate key", ("seed: 7", "seed: 7\nseed: 8"), ["seed"]),
    ("missing unit", ("warm_up: 2 min", "warm_up: 2"), ["warm_up", "unit"]),
    ("wrong unit", ("warm_up: 2 min", "warm_up: 2 GB"), ["warm_up", "GB"]),
    ("NaN", ("warm_up: 2 min", "warm_up: .nan"), ["warm_up"]),
    ("NaN with a unit", ("warm_up: 2 min", "warm_up: nan s"), ["warm_up"]),
    ("infinite", ("warm_up: 2 min", "warm_up: inf s"), ["warm_up"]),
    ("negative", ("warm_up: 2 min", "warm_up: -2 min"), ["warm_up"]),
    ("negative seed", ("seed: 7", "seed: -7"), ["seed"]),
    ("fraction of a replica", ("replicas: 4", "replicas: 4.5"), ["replicas"]),
    ("zero replicas", ("replicas: 4", "replicas: 0"), ["replicas"]),
    ("negative replicas", ("replicas: 4", "replicas: -4"), ["replicas"]),
    ("bounds, and nothing scales", ("replicas: 4", "replicas: {min: 2, max: 4}"), ["replicas", "add autoscale"]),
    ("scaled without bounds", ("replicas: 4", "replicas: 4\n      autoscale: {}"), ["has no bounds", "initial, min, max"]),
    ("more at first than at most", ("replicas: 4", "replicas: {initial: 9, max: 4}\n      autoscale: {}"),
     ["replicas.initial", "9 is above 4"]),
    ("none at least", ("replicas: 4", "replicas: {min: 0, max: 4}\n      autoscale: {}"), ["replicas.min", "below 1"]),
    ("unknown autoscaler", ("replicas: 4", "replicas: {max: 4}\n      autoscale: {policy: magic}"),
     ["magic", "target-utilisation"]),
    ("looks without end", ("replicas: 4", "replicas: {max: 4}\n      autoscale: {every: 0 s}"), ["every"]),
    ("a schedule out of order", ("replicas: 4", "replicas: {max: 4}\n      autoscale: {policy: scheduled, schedule: "
                                 "[{at: 8 h, replicas: 2}, {at: 7 h, replicas: 3}]}"), ["order of the day"]),
    ("a door below 0", ("seed: 7", "seed: 7\nadmission: {flex_below: -10 %}"), ["flex_below"]),
    ("unknown loss", ("seed: 7", "seed: 7\nsurvive: planet"), ["planet", "node, rack, region"]),
    ("more nodes than there are", ("replicas: 4", "replicas: 400"), ["400 replicas", "128 nodes", "room for 256"]),
    ("too wide", ("tensor: 4", "tensor: 16"), ["tensor", "16", "8"]),
    ("does not fit", ("tensor: 4", "tensor: 1"), ["does not fit", "GB more"]),
    ("unknown cluster", ("at: aws/us-east-1/h100", "at: aws/us-east-1/h900"),
     ["h900", "did you mean 'aws/us-east-1/h100'?"]),
    ("unknown model", ("models: [llama-3.1-70b]", "models: [llama-9]"), ["llama-9"]),
    ("model of no pool's", ("      model: llama-3.1-70b\n      precision",
                            "      model: llama-9\n      precision"), ["llama-9"]),
    ("unknown router", ("least-loaded", "luckiest"), ["luckiest", "least-loaded", "random"]),
    ("unknown batcher", ("policy: v1", "policy: v7"), ["v7", "v0"]),
    ("unknown precision", ("weights: fp8", "weights: fp7"), ["fp7", "bf16"]),
    ("unknown price basis", ("basis: on-demand", "basis: barter"), ["barter", "on-demand"]),
    ("list for a mapping", ("routing: {within_pool: least-loaded}", "routing: [least-loaded]"),
     ["routing"]),
    ("no pools", ("results:", "fleet: {pools: []}\nresults:"), ["fleet"]),
    ("no date", ("seed: 7", "seed: 7\nbegins: 20 April"), ["begins", "'20 April' is not a date"]),
    ("two times of the day", ("seed: 7", "seed: 7\nbegins: 2026-04-20T06:00Z\nenergy: {start: 7 h}"),
     ["energy.start", "begins", "2026-04-20T06:00Z"]),
    ("no quota", ("slo: {", "quota: {requests_per_minute: 0}\n      slo: {"), ["0 is below one request"]),
    ("pool of nobody", ("replicas: 4", "replicas: 4\n      tenants: [caht]"), ["tenants", "did you mean 'chat'?"]),
    ("pool for no one", ("replicas: 4", "replicas: 4\n      tenants: []"), ["tenants"]),
    ("warm-up after the end", ("warm_up: 2 min", "warm_up: 2 min\nduration: 1 min"), ["warm_up"]),
]

# Name, what is added to the scenario, what the message must hold.
LIFE = "between_failures: 100 h, repair: 1 h"
FAULTS = [
    ("unknown profile", "faults: [rates.yaml]", ["rates.yaml", "no file"]),
    ("profile that is none", f"faults: [{PLATFORM.parent}/catalog/regions.yaml]", ["faults", "missing"]),
    ("unknown scope", f"faults: [{{what: chip, {LIFE}}}]", ["chip", "accelerator", "control-plane"]),
    ("unknown reliability", "faults: [{what: node, reliability: 9-gpu-node}]",
     ["9-gpu-node", "did you mean '8-gpu-node'?"]),
    ("reliability of another scope", "faults: [{what: rack, reliability: 8-gpu-node}]", ["what: node"]),
    ("unknown rack", f"faults: [{{what: node, racks: [hgx-h1000], {LIFE}}}]", ["did you mean 'hgx-h100'?"]),
    ("unknown key of an entry", f"faults: [{{what: node, shpae: 1, {LIFE}}}]", ["shpae", "shape"]),
    ("mean of nothing", "faults: [{what: node, between_failures: 0 h, repair: 1 h}]", ["between_failures"]),
    ("mean without unit", "faults: [{what: node, between_failures: 6300, repair: 1 h}]", ["6300", "unit"]),
    ("failing all the time", f"faults: [{{what: node, {LIFE}, scale: 999999}}]", ["less than 1 s"]),
    ("negative rate", f"faults: [{{what: node, {LIFE}, scale: -1}}]", ["scale"]),
    ("one entry twice", f"faults: [{{what: node, {LIFE}}}, {{what: node, {LIFE}}}]", ["another entry"]),
    ("faults that are no list", "faults: {what: node}", ["faults"]),
    ("fault that is a number", "faults: [7]", ["faults"]),
    ("unknown region", "scripted_faults: [{at: 1 h, what: region aws/us-east-9}]",
     ["did you mean 'aws/us-east-1'?"]),
    ("unknown link", "scripted_faults: [{at: 1 h, what: link use1-h100-uplnk, to: 20 %}]",
     ["did you mean 'use1-h100-uplink'?"]),
    ("link that vanishes", "scripted_faults: [{at: 1 h, what: link use1-h100-uplink, to: 0 %}]",
     ["they do not vanish"]),
    ("node beyond the cluster", "scripted_faults: [{at: 1 h, what: node aws/us-east-1/h100/128}]",
     ["nodes 0 to 127"]),
    ("node beyond numbers", "scripted_faults: [{at: 1 h, what: node aws/us-east-1/h100/99999999999}]",
     ["names no node"]),
    ("replica beyond the pool", "scripted_faults: [{at: 1 h, what: replica chat/4}]", ["replicas 0 to 3"]),
    ("before the start", "scripted_faults: [{at: -1 h, what: pool chat}]", ["at"]),
    ("overlapping outages", "scripted_faults: [{at: 1 h, what: pool chat}, {at: 2 h, what: pool chat}]",
     ["out then already"]),
    ("unknown maintained pool", "maintenance: [{pools: [caht], starts: 1 h, takes: 1 h}]",
     ["caht", "did you mean 'chat'?"]),
    ("window too short", "maintenance: [{pools: [chat], starts: 1 h, takes: 3 h, patience: 10 min, "
     "window: {from: 02:00, until: 05:00}}]", ["window", "190 min"]),
    ("window of no time", "maintenance: [{pools: [chat], starts: 1 h, takes: 1 h, patience: 0 s, "
     "window: {from: 26:00, until: 05:00}}]", ["26:00", "time of the day"]),
    ("nobody away", "maintenance: [{pools: [chat], starts: 1 h, takes: 1 h, at_once: 0}]", ["at_once"]),
]

ABSENT_GATEWAY = ('gw_src="use1-h100-switch" gw_dst="use1-gateway"',
                  'gw_src="use1-h100-switch" gw_dst="nowhere"')
PLATFORMS = [
    ("not XML", lambda text: "this is no XML\n", []),
    ("empty", lambda text: "", []),
    ("binary", lambda text: bytes(range(256)) * 8, []),
    ("cut off", lambda text: text[:len(text) // 2], []),
    ("another document", lambda text: "<html><body/></html>\n", ["html"]),
    ("unknown gateway", lambda text: text.replace(*ABSENT_GATEWAY), ["nowhere"]),
    ("unknown link", lambda text: text.replace('link_ctn id="use1-h100-uplink"',
                                               'link_ctn id="no-link"'), ["no-link"]),
    ("entity", lambda text: re.sub(r"<!DOCTYPE[^>]*>", ENTITY, text), ["(?i)entit|doctype"]),
    ("include", lambda text: text.replace("</platform>", '<include file="a.xml"/></platform>'),
     ["include"]),
    ("cluster of negative size", lambda text: text.replace('radical="0-127"', 'radical="9-2"'),
     ["9-2"]),
    ("speed of nothing", lambda text: text.replace('speed="1Gf"', 'speed="fast"'), ["fast"]),
]


class BadInput(InFolder):
    def setUp(self):
        super().setUp()
        (self.folder / "out").mkdir()

    def refuse(self, scenario, *wanted, position=True, where=None, out=None, **more):
        """`run` refuses as it should; returns what it said."""
        done = tokenyard("run", scenario, "--out", out or self.folder / "out" / "a.h5", timeout=60,
                         **more)
        said = done.stderr
        self.assertEqual(2, done.returncode, said[-2000:])
        self.assertEqual("", done.stdout)
        self.assertNotRegex(said, r"terminate called|Traceback|Backtrace|core dumped|internal error"
                                  r"|Sanitizer|std::|xbt_|bad file|Assertion")
        self.assertLess(len(said), 20000)
        if position:
            name = re.escape(str(where or scenario))
            self.assertRegex(said, rf"(?m)^{name}:[1-9]\d*:[1-9]\d*: ")
        for text in wanted:
            self.assertRegex(said, text)
        self.assertEqual([], list((self.folder / "out").iterdir()), "something was left behind")
        return said

    def test_values(self):
        for name, pair, wanted in REPLACED:
            with self.subTest(name):
                scenario = self.write("s.yaml", scenario_text() if name == "no pools" else
                                      scenario_text(pair))
                if name == "no pools":
                    text = scenario_text()
                    start, end = text.index("fleet:"), text.index("routing:")
                    scenario.write_text(text[:start] + "fleet: {pools: []}\n" + text[end:])
                said = self.refuse(scenario, *map(re.escape, wanted))
                check = tokenyard("check", scenario)
                self.assertEqual((2, said), (check.returncode, check.stderr), "check says another")

    def test_faults(self):
        for name, lines, wanted in FAULTS:
            with self.subTest(name):
                scenario = self.write("s.yaml", scenario_text() + lines + "\n")
                where = str(PLATFORM.parent / "catalog/regions.yaml") if name == "profile that is none" else None
                said = self.refuse(scenario, *map(re.escape, wanted), where=where)
                check = tokenyard("check", scenario)
                self.assertEqual((2, said), (check.returncode, check.stderr), "check says another")

    def test_position_is_that_of_the_mistake(self):
        text = scenario_text(("replicas: 4", "replicas: 0"))
        line = text[:text.index("replicas: 0")].count("\n") + 1
        scenario = self.write("s.yaml", text)
        self.assertRegex(self.refuse(scenario), rf"(?m)^{re.escape(str(scenario))}:{line}:\d+: ")

    def test_how_much_does_not_fit(self):
        scenario = self.write("s.yaml", scenario_text(("tensor: 4", "tensor: 1")))
        # 70.6 GB of weights + 4 GB reserve in 90 % of 80 GB.
        self.assertRegex(self.refuse(scenario), r"2\.\d GB more than 72\.0 GB")

    def test_several_at_once(self):
        said = self.refuse(self.write("s.yaml", scenario_text(
            ("seed: 7", "seed: many"), ("warm_up: 2 min", "warm_up: 2 GB"),
            ("replicas: 4", "replicas: 0"), ("least-loaded", "luckiest"),
            ("basis: on-demand", "basis: barter"), ("series: 10 s", "sereis: 10 s"))))
        for word in ("seed", "warm_up", "replicas", "luckiest", "barter", "sereis"):
            self.assertEqual(1, sum(word in line for line in said.splitlines()), (word, said))

    def test_a_model_that_no_pool_serves(self):
        said = self.refuse(self.write("s.yaml", scenario_text(
            ("models: [llama-3.1-70b]", "models: [llama-3.1-70b, llama-3.1-8b]"),
            ("      model: llama-3.1-70b\n      traffic", "      model: llama-3.1-8b\n      traffic"))))
        self.assertRegex(said, r"chat.*llama-3\.1-8b.*no pool")

    def test_rules(self):
        """A list of rules, what is said of them and where."""
        for rules, wanted in (
                ("[{models: [llama*], providers: [azure]}]",
                 "tenants.chat.: 'chat' has nowhere to run, for the pools that serve llama-3.1-70b are against the "
                 r"rule llama\* by azure only \(.*s.yaml:\d+:\d+\): 'chat' \(aws/us-east-1\); add"),
                ("[{models: ['*'], providers: [azure], from: 2026-04-21}]",
                 "nowhere to run from 2026-04-21 until 2026-04-22,.*azure only, from 2026-04-21"),
                ("[{models: ['*'], providers: [azure], from: 2026-04-22, until: 2026-04-21}]", "until: is not after"),
                ("[{models: ['*'], providers: [asure]}]", "providers: 'asure'.*did you mean 'azure'"),
                ("[{models: ['*'], provider: [aws]}]", "provider: .*did you mean 'providers'"),
                ("[{providers: [aws]}]", "models"),
                ("[{models: ['*'], providers: [aws], api: stateles}]", "did you mean 'stateless'"),
                ("[{models: ['*'], providers: [aws], until: soon}]", "'soon' is not a date"),
                ("[{models: ['*'], providers: [aws], first: maybe}]", "first"),
                ("[17]", "rules"), ("{models: ['*']}", "rules")):
            with self.subTest(rules):
                self.refuse(self.write("s.yaml", scenario_text(
                    ("seed: 7", "seed: 7\nbegins: 2026-04-20\nduration: 48 h"),
                    ("within_pool: least-loaded", f"rules: {rules}"))), wanted)
        self.refuse(self.write("s.yaml", scenario_text(
            ("within_pool: least-loaded", "rules: [{models: [a], providers: [aws], from: 2026-01-01}]"))),
            "from: is a date.*'begins: 2026-04-20'")

    def test_files_of_rules(self):
        text = scenario_text(("within_pool: least-loaded", "rules: [r.yaml]"))
        self.refuse(self.write("s.yaml", text), "r.yaml", position=False)
        for content, wanted in (("rules: []\n", "rules"), ("rules: [s.yaml]\n", "rules"), ("ruels: []\n", "ruels"),
                                ("rules:\n  - {models: [a], providers: [b]}\n", "providers: 'b'"),
                                ("rules:\n  - {models: [a], providers: [aws], from: 2026-01-01}\n", "begins"),
                                ("rules:\n  - {models: [a], providers: [aws], form: x}\n", "did you mean 'from'")):
            with self.subTest(content):
                rules = self.write("r.yaml", content)
                self.refuse(self.write("s.yaml", text), wanted, where=rules)

    def test_commitments(self):
        for commitment, wanted in (
                ("{name: a}", "one of 'spend' and 'nodes'"),
                ("{name: a, provider: azure, spend: 1 kUSD, term: 30 d}", "no pool rents nodes of azure"),
                ("{name: a, provider: aws, spend: 1 kUSD}", "term"),
                ("{name: a, provider: aws, spend: 1000, term: 30 d}", "spend.*unit"),
                ("{name: a, provider: aws, spend: 0 USD, term: 30 d}", "spend"),
                ("{name: a, provider: aws, spend: 1 USD, term: 30 d, rack: h100}", "rack: is of a commitment to nodes"),
                ("{name: a, region: aws/us-east-1, rack: h200, nodes: 1, basis: on-demand}", "no pool rents .*h200"),
                ("{name: a, region: aws/us-east-1, rack: h900, nodes: 1, basis: on-demand}", "'h900'"),
                ("{name: a, region: aws/us-east-1, rack: h100, nodes: 0, basis: on-demand}", "nodes: 0"),
                ("{name: a, region: aws/us-east-1, rack: h100, nodes: 1, basis: owner}", "one owns"),
                ("{name: a, region: aws/us-east-1, rack: h100, nodes: 1}", "basis"),
                ("{name: a, region: aws/us-east-9, rack: hgx-h100, nodes: 1, basis: on-demand}", "no on-demand price"),
                ("{nam: a}", "did you mean 'name'")):
            with self.subTest(commitment):
                self.refuse(self.write("s.yaml", scenario_text(
                    ("results:", f"cost: {{commitments: [{commitment}]}}\nresults:"))), wanted)

    def test_two_slo_classes_of_one_name(self):
        text = scenario_text()
        tenant = text[text.index("    - name: chat\n      model"):text.index("\nfleet:")]
        self.refuse(self.write("s.yaml", text.replace(
            tenant, tenant + "\n" + tenant.replace("name: chat", "name: other").replace(
                "450 ms", "451 ms"))), "interactive.*other limits")

    def test_options(self):
        for options, wanted in ((("--seed", "-1"), "-1"), (("--seed=1.5",), "1.5"),
                                (("--until", "3"), "--until.*'3' has no unit"),
                                (("--until", "-3 s"), "--until"), (("--set", "seed"), "--set seed")):
            with self.subTest(options):
                done = tokenyard("run", SCENARIO, *options, "--quiet")
                self.assertEqual((2, ""), (done.returncode, done.stdout))
                self.assertRegex(done.stderr, wanted)

    def test_sizes_beyond_any_machine(self):
        """Products of what a stranger writes must not run over 64 bits."""
        for name, pair, wanted in (
                ("reserve", ("basis: on-demand}", "basis: on-demand}\n      memory: {reserve: 9000000 TB}"),
                 "reserve.*9000000 TB"),
                ("sequences", ("sequences: 256", "sequences: 900000"), "sequences.*900000"),
                ("block", ("sequences: 256", "sequences: 256, block_size: 90000000"), "90000000")):
            with self.subTest(name):
                self.refuse(self.write("s.yaml", scenario_text(pair)), wanted)

    def test_missing_scenario(self):
        self.refuse(self.folder / "none.yaml", "none.yaml", position=False)
        self.refuse(self.folder, re.escape(str(self.folder)), position=False)

    def test_text_that_is_no_yaml(self):
        bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
            f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 12))
        for name, content in (
                ("bomb", bomb), ("self-reference", "name: &a [*a]\n"),
                ("self-reference in a mapping", "name: &a {b: *a}\n"),
                ("unknown anchor", "name: *nothing\n"),
                ("deep lists", "name: " + "[" * 100000 + "]" * 100000 + "\n"),
                ("deep mappings", "name: " + "{a: " * 100000 + "1" + "}" * 100000 + "\n"),
                ("unclosed depth", "[" * 300000),
                ("unclosed", "name: [a, b\n"), ("tab", "name:\n\t- a\n"), ("empty", ""),
                ("only a comment", "# nothing\n"), ("a scalar", "hello\n"), ("a list", "- a\n"),
                ("two documents", scenario_text() + "---\n" + scenario_text()),
                ("binary", bytes(range(256)) * 64), ("zeros", bytes(4096)),
                ("not UTF-8", b"name: \xff\xfe\xfd\n")):
            with self.subTest(name):
                self.refuse(self.write("s.yaml", content), position=name not in ("empty", "only a comment"))

    def test_traces(self):
        rows = HEADER + "".join(ROWS)
        back = HEADER + "".join(ROWS[:5] + ROWS[:1] + ROWS[5:])
        bad = HEADER + "".join(ROWS[:4] + ["2023-11-16 18:15:50.7,many,44\n"] + ROWS[5:])
        packed = gzip.compress((HEADER + "".join(ROWS) * 1).encode())
        for name, file, content, line in (
                ("empty", "t.csv", "", None), ("only a header", "t.csv", HEADER, None),
                ("another header", "t.csv", rows.replace("ContextTokens", "Tokens"), 1),
                ("bad line", "t.csv", bad, 6), ("bad line, packed", "t.csv.gz",
                                                gzip.compress(bad.encode()), 6),
                ("missing cell", "t.csv", rows.replace(ROWS[3], ROWS[3][:-4] + "\n"), 5),
                ("negative", "t.csv", rows.replace(ROWS[3], ROWS[3].replace("374", "-4")), 5),
                ("truncated", "t.csv.gz", packed[:len(packed) // 2], None),
                ("truncated before its sum", "t.csv.gz", packed[:-4], None),
                ("damaged", "t.csv.gz", packed[:-6] + b"\0\0" + packed[-4:], None),
                ("back in time", "t.csv", back, 7),
                ("binary", "t.csv", bytes(range(256)) * 8, None)):
            with self.subTest(name):
                trace = self.write(file, content)
                said = self.refuse(self.write("s.yaml", scenario_text(trace=trace)), where=trace,
                                   position=line is not None)
                self.assertIn(str(trace), said)
                if line is not None:
                    self.assertRegex(said, rf"{re.escape(str(trace))}:{line}:")

    def test_missing_trace(self):
        text = scenario_text()
        without = "\n".join(l for l in text.splitlines() if "otherwise:" not in l) + "\n"
        self.refuse(self.write("s.yaml", without), "absent.csv.gz", "otherwise")
        gone = re.sub(r"otherwise: \S+", "otherwise: gone.yaml", text)
        self.refuse(self.write("s.yaml", gone), "gone.yaml", position=False)

    def test_missing_platform(self):
        text = scenario_text().replace(str(PLATFORM), "none.xml")
        self.refuse(self.write("s.yaml", text), "none.xml", position=False)

    def test_platforms(self):
        folder = self.folder / "platforms"
        folder.mkdir()
        (folder / "catalog").symlink_to(PLATFORM.parent / "catalog")
        good = PLATFORM.read_text()
        for name, change, wanted in PLATFORMS:
            with self.subTest(name):
                changed = change(good)
                self.assertNotEqual(good, changed)
                path = self.write("platforms/p.xml", changed)
                scenario = self.write("s.yaml", scenario_text().replace(str(PLATFORM), str(path)))
                said = self.refuse(scenario, *wanted, where=path, position=name != "empty")
                self.assertIn(str(path), said)
                self.assertEqual(2, tokenyard("check", path).returncode)

    def test_outputs(self):
        scenario = self.write("s.yaml", scenario_text())
        missing = self.folder / "gone" / "a.h5"
        self.refuse(scenario, re.escape(str(missing)), position=False, out=missing)
        self.assertFalse(missing.parent.exists())
        self.refuse(scenario, re.escape(str(self.folder / "out")), position=False,
                    out=self.folder / "out")
        below = self.folder / "s.yaml" / "a.h5"
        self.refuse(scenario, position=False, out=below)

    @unittest.skipIf(os.geteuid() == 0, "root may write everywhere")
    def test_unwritable_folder(self):
        scenario = self.write("s.yaml", scenario_text())
        (self.folder / "out").chmod(0o500)
        self.addCleanup((self.folder / "out").chmod, 0o700)
        self.refuse(scenario, position=False)


if __name__ == "__main__":
    unittest.main()
