# SPDX-License-Identifier: Apache-2.0
"""Traffic of the whole program: generated traces, fits that stand for their traces, tenants, forecasts."""
import csv
import gzip
import hashlib
import pathlib
import re
import sys
import unittest

import h5py

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from support import DATA, PLATFORM, ROOT, SCENARIO, InFolder, replaced, tokenyard  # noqa: E402

WORKLOADS = ROOT / "workloads"
TRACES = DATA / "traces"
ONE = """name: one
source: a test
arrivals: {process: poisson, rate: {unit: 1/s, constant: 5, until: 200 s}}
lengths: {prompt_tokens: {lognormal: {median: 500, sigma: 1}}, output_tokens: {gamma: {mean: 40, cv: 1}}}
"""


def sha(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


def rows_of(path):
    opened = gzip.open if str(path).endswith(".gz") else open
    with opened(path, "rt") as file:
        return list(csv.DictReader(file))


class OfTraffic(InFolder):
    def said(self, *arguments):
        done = tokenyard(*arguments)
        self.assertEqual(0, done.returncode, done.stderr)
        return done.stdout

    def refused(self, *arguments):
        done = tokenyard(*arguments)
        self.assertEqual((2, ""), (done.returncode, done.stdout), done.stderr)
        return done.stderr


class Generate(OfTraffic):
    def test_columns_and_bytes(self):
        plain, packed, table = (self.folder / f"g.{ending}" for ending in ("csv", "csv.gz", "h5"))
        for out in (plain, packed, table):
            self.said("trace", "generate", self.write("one.yaml", ONE), "--out", out, "--seed", "4")
        self.assertEqual(plain.read_text(), gzip.open(packed, "rt").read())
        rows = rows_of(plain)
        self.assertEqual(["arrival_s", "prompt_tokens", "output_tokens", "tenant"], list(rows[0]))
        self.assertLess(abs(len(rows) - 1000), 5 * 32)
        for kind in (packed, table):  # what was written reads back as the same trace
            again = self.folder / f"again-{kind.name}.csv"
            self.said("trace", "convert", kind, "--out", again)
            self.assertEqual([list(r.values())[:3] for r in rows],
                             [list(r.values())[:3] for r in rows_of(again)])
        first = sha(plain)
        for options, same in ((("--seed", "4"), True), (("--seed", "5"), False),
                              (("--seed", "4", "--replication", "1"), False)):
            self.said("trace", "generate", self.folder / "one.yaml", "--out", plain, "--force", *options)
            self.assertEqual(same, sha(plain) == first, options)

    def test_limits(self):
        endless = self.write("endless.yaml", ONE.replace(", until: 200 s", ""))
        out = self.folder / "g.csv"
        self.assertIn("--duration", self.refused("trace", "generate", endless, "--out", out))
        self.assertFalse(out.exists())
        self.said("trace", "generate", endless, "--out", out, "--requests", "50")
        self.assertEqual(50, len(rows_of(out)))
        self.said("trace", "generate", endless, "--out", out, "--force", "--duration", "10 s")
        self.assertLess(float(rows_of(out)[-1]["arrival_s"]), 10)
        for bad in (("--duration", "10"), ("--requests", "x"), ("--seed", "-1"), ("--out", "g.txt")):
            arguments = ["trace", "generate", endless, "--force", *bad]
            if bad[0] not in ("--requests", "--duration"):
                arguments += ["--requests", "5"]
            if "--out" not in bad:
                arguments += ["--out", out]
            self.assertIn(";", self.refused(*arguments))

    def test_every_shipped_workload(self):
        for path in sorted(WORKLOADS.glob("*.yaml")):
            if path.name == "places.yaml" or "forecast:" in path.read_text():
                continue
            with self.subTest(path.name):
                out = self.folder / (path.stem + ".csv")
                self.said("trace", "generate", path, "--out", out, "--requests", "3000",
                          "--duration", "24 h")
                rows = rows_of(out)
                self.assertEqual(3000, len(rows))
                dates = [float(r["arrival_s"]) for r in rows]
                self.assertEqual(sorted(dates), dates)

    def test_tenants_of_a_day(self):
        out = self.folder / "day.csv.gz"
        self.said("trace", "generate", WORKLOADS / "global-day.yaml", "--out", out, "--duration", "1 h")
        rows = rows_of(out)
        self.assertEqual({"chat", "code", "agents", "retrieval", "night-batch"}, {r["tenant"] for r in rows})
        self.assertEqual({"batch"}, {r["tier"] for r in rows if r["tenant"] == "night-batch"})
        for row in rows:
            if row["tenant"] == "night-batch":
                self.assertAlmostEqual(86400, float(row["deadline_s"]) - float(row["arrival_s"]), 6)
        # A turn's prompt goes on from the prompt and the answer before.
        turns = {}
        for row in rows:
            if row["tenant"] == "chat":
                turns.setdefault((row["origin"], row["session"]), []).append(row)
        long = [t for t in turns.values() if len(t) > 1]
        self.assertGreater(len(long), 100)
        for session in long:
            for before, after in zip(session, session[1:]):
                self.assertGreater(int(after["prompt_tokens"]),
                                   int(before["prompt_tokens"]) + int(before["output_tokens"]))

    def test_generated_is_what_a_run_sees(self):
        out = self.folder / "one.csv"
        self.said("trace", "generate", self.write("one.yaml", ONE), "--out", out, "--seed", "7")
        tables = []
        for traffic in ("{description: one.yaml}", "{trace: one.csv}"):
            path = self.write("s.yaml", scenario(traffic, ("- name: chat\n      model", "- name: one\n      model")))
            said = self.said("run", path, "--quiet", "--set", "warm_up=0 s")
            tables.append(re.search(r"^per output token.*$", said, re.M).group())
        self.assertEqual(*tables)


def scenario(traffic, *pairs):
    """configs/azure-conv.yaml with other traffic."""
    text = SCENARIO.read_text()
    start, end = text.index("      traffic:"), text.index("      # MLPerf")
    return replaced(text[:start] + f"      traffic: {traffic}\n" + text[end:],
                    ("../platforms/aws.xml", str(PLATFORM)), *pairs)


class Tenants(OfTraffic):
    def test_results_and_revenue(self):
        out = self.folder / "day.h5"
        day = (ROOT / "configs" / "global-day.yaml").read_text()
        day = replaced(day, ("../platforms/aws.xml", str(PLATFORM)),
                       ("../workloads/global-day.yaml", str(WORKLOADS / "global-day.yaml")),
                       ("requests: none", "requests: all"))
        said = self.said("run", self.write("day.yaml", day), "--out", out, "--quiet", "--set", "duration=2 h")
        self.assertLessEqual(max(map(len, said.splitlines())), 80)
        with h5py.File(out) as file:
            tenants = {k: v[()] for k, v in file["tenants"].items()}
            names = file["tenants/tenant"].attrs["flag_meanings"].decode().split()
            rows = {k: v[()] for k, v in file["requests"].items()}
            revenue = float(file["summary/revenue_usd"][0])
        self.assertEqual(["chat", "code", "agents", "retrieval", "night-batch"], names)
        ok = rows["status"] == 0
        dollars = {"chat": (0.72, 0.72), "code": (0.1, 0.1), "agents": (0.72, 0.72),
                   "retrieval": (0.72, 0.72), "night-batch": (0.05, 0.05)}
        total = 0
        for number, name in enumerate(names):
            own = rows["tenant"] == number
            expected = ((rows["prompt_tokens"][own & ok] * dollars[name][0]).sum()
                        + (rows["output_tokens"][own & ok] * dollars[name][1]).sum()) / 1e6
            self.assertAlmostEqual(expected, float(tenants["revenue_usd"][number]), delta=1e-9 * expected)
            self.assertEqual((own & (rows["arrival_s"] >= 3600)).sum(), tenants["requests_arrived"][number])
            total += expected
        self.assertAlmostEqual(total, revenue, delta=1e-9 * total)

    def test_residency(self):
        self.write("one.yaml", ONE)
        for regions, wanted in (("aws/eu-west-1", "nowhere to run.*outside the regions.*aws/us-east-1"),
                                ("eu", "nowhere to run.*outside the regions.*aws/us-east-1"),
                                ("ue", "'ue' is neither a region.*nor a zone"),
                                ("us, aws/us-eats-1", "is none.*did you mean 'aws/us-east-1'")):
            with self.subTest(regions):
                text = scenario("{description: one.yaml}", ("      slo:", f"      regions: [{regions}]\n      slo:"))
                self.assertRegex(self.refused("check", self.write("s.yaml", text)), wanted)
        text = scenario("{description: one.yaml}", ("      slo:", "      regions: [us]\n      slo:"))
        self.said("check", self.write("s.yaml", text))

    def test_workload_without_end(self):
        self.write("one.yaml", ONE.replace(", until: 200 s", ""))
        said = self.refused("run", self.write("s.yaml", scenario("{description: one.yaml}")))
        self.assertIn("give the scenario a duration", said)


@unittest.skipUnless(TRACES.is_dir(), f"the shared traces are not in {TRACES}")
class Fits(OfTraffic):
    """A fitted description, on the same fleet as its trace: TTFT and end to end within 10 %."""

    def latencies(self, traffic, replicas, tensor):
        path = self.write("s.yaml", scenario(traffic, ("replicas: 4", f"replicas: {replicas}"),
                                             ("tensor: 4", f"tensor: {tensor}")))
        self.said("run", path, "--out", self.folder / "r.h5", "--quiet", "--force")
        with h5py.File(self.folder / "r.h5") as file:
            return {f"{name}_{quantile}": float(file[f"summary/{name}_{quantile}_s"][0])
                    for name in ("ttft", "end_to_end") for quantile in ("p50", "p99")}

    def compare(self, trace, fit, replicas, tensor):
        self.write("fit.yaml", fit)
        truth = self.latencies(f"{{trace: {trace}}}", replicas, tensor)
        description = self.latencies("{description: fit.yaml}", replicas, tensor)
        for key, value in truth.items():
            self.assertLess(abs(description[key] / value - 1), 0.1, (key, value, description[key]))

    def test_azure(self):
        trace = TRACES / "azure_conv_2023.csv.gz"
        self.compare(trace, self.said("trace", "fit", trace), 4, 4)

    def test_mooncake(self):
        trace = TRACES / "mooncake_conversation.jsonl.gz"
        spread = self.folder / "spread.csv"
        self.said("trace", "convert", trace, "--spread-ticks", "--out", spread)
        fit = self.said("trace", "fit", trace, "--spread-ticks")
        shares = re.search(r"blocks_reused: \[(\S+), (\S+)\]", fit).groups()
        self.assertEqual("0.3664", shares[0])
        self.assertLess(abs(float(shares[1]) - 0.3664), 0.02)
        self.compare(spread, fit, 16, 8)

    def test_hint_for_ticks(self):
        done = tokenyard("trace", "fit", TRACES / "mooncake_conversation.jsonl.gz")
        self.assertIn("--spread-ticks", done.stderr)


class Forecasts(OfTraffic):
    def test_demand_and_days(self):
        said = self.said("forecast", WORKLOADS / "three-year-growth.yaml")
        self.assertLessEqual(max(map(len, said.splitlines())), 84)
        self.assertRegex(said, r"12 of 1096 days; against all days [+-]0\.\d+ % requests")
        low, high = (self.said("forecast", WORKLOADS / "three-year-growth.yaml", "--case", case)
                     for case in ("low", "high"))
        last = [float(re.findall(r"^2029-10-01.* (\S+)$", text, re.M)[0]) for text in (low, said, high)]
        self.assertEqual(sorted(last), last)
        self.assertIn("--case", self.refused("forecast", WORKLOADS / "three-year-growth.yaml", "--case", "middle"))

    def small(self):
        self.write("one.yaml", ONE.replace("constant: 5, until: 200 s", "constant: 0.05"))
        self.write("growth.yaml", "name: g\nsource: a test\nforecast:\n  workload: one.yaml\n  begins: 2027-01-01\n"
                   "  quarters: 2\n  days: 3\n  check_days: 1\n  tenants:\n"
                   "    one: {growth: {low: 0 %, mid: 100 %, high: 300 %}}\n")
        text = SCENARIO.read_text()
        start, end = text.index("  tenants:"), text.index("fleet:")
        text = text[:start] + "  file: growth.yaml\n\n" + text[end:]
        text = replaced(text, ("../platforms/aws.xml", str(PLATFORM)), ("warm_up: 2 min", "duration: 24 h"))
        return text

    def test_days_are_simulated(self):
        text = self.small()
        path = self.write("s.yaml", text)
        # Its tenant names no model: a description alone has none.
        self.assertIn("names no model", self.refused("run", path, "--set", "workload.day=2027-01-01"))
        base = (self.folder / "one.yaml").read_text()
        traffic = base[base.index("arrivals"):].replace("\n", "\n      ")
        self.write("one.yaml", "name: one\nsource: a test\ntenants:\n  - name: one\n    model: llama-3.1-70b\n"
                   "    traffic:\n      " + traffic.rstrip() + "\n")
        self.assertIn("'day'", self.refused("run", path))
        self.assertIn("2027-07-02", self.refused("run", path, "--set", "workload.day=2028-01-01"))
        said = self.said("forecast", path, "--out", self.folder / "f.h5")
        self.assertIn("checked:", said)
        with h5py.File(self.folder / "f.h5") as file:
            days = {name: column[()] for name, column in file["days"].items()}
        self.assertEqual(183, days["weight"].sum())
        self.assertEqual(182, days["day"][-1])  # the busiest is the last
        # 0.05/s doubles in a quarter: 4,320 requests on the first day, 17,200 on the last.
        for day, requests in zip(days["day"], days["requests"]):
            expected = 4320 * 2 ** (day / (365.25 / 4))
            self.assertLess(abs(requests - expected), 5 * expected ** 0.5)
        run = self.said("run", path, "--set", f"workload.day=2027-07-02", "--quiet")
        self.assertIn(f"{days['requests'][-1]:.0f} arrived", run)


if __name__ == "__main__":
    unittest.main()
