# SPDX-License-Identifier: Apache-2.0
"""`tokenyard run` and its result file: tables, summary, digest, options, progress."""
import fractions
import math
import os
import pathlib
import pty
import select
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import warnings

import h5py
import numpy
import pandas
import xarray

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from support import (SCENARIO, TRACE, InFolder, binary, environment,  # noqa: E402
                     scenario_text, tokenyard)

COLUMNS = {
    "request", "tenant", "model", "api_class", "tier", "origin", "pool", "replica", "slo_class",
    "priority", "arrival_s", "prompt_tokens", "cached_tokens", "output_tokens", "max_tokens",
    "time_to_first_token_s", "time_per_output_token_s", "end_to_end_s", "network_s", "preemptions",
    "retries",     "status"}
LATENCIES = {"ttft": "time_to_first_token_s", "tpot": "time_per_output_token_s",
             "end_to_end": "end_to_end_s"}
# As configs/azure-conv.yaml says.
WARM_UP_S, TTFT_S, TPOT_S = 120.0, 0.45, 0.04


def text_of(value):
    return value.decode() if isinstance(value, bytes) else str(value)


def requests_of(path):
    """The request table; the columns with flag_meanings hold names."""
    with h5py.File(path) as file:
        table = {}
        for name, column in file["requests"].items():
            values = column[()]
            if "flag_meanings" in column.attrs:
                meanings = text_of(column.attrs["flag_meanings"]).split()
                codes = dict(zip(column.attrs["flag_values"].tolist(), meanings))
                values = numpy.array([codes.get(v, "") for v in values.tolist()])
            table[name] = values
        return pandas.DataFrame(table)


def summary_of(path):
    with h5py.File(path) as file:
        return {name: column[()][0] for name, column in file["summary"].items()}


def digest_of(path):
    done = tokenyard("digest", path)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def nearest_rank(values, share):
    ordered = sorted(values)
    rank = math.ceil(fractions.Fraction(share) * len(ordered))
    return ordered[max(rank, 1) - 1]


class Run(unittest.TestCase):
    """One run of the described traffic, looked at from all sides."""

    @classmethod
    def setUpClass(cls):
        holder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(holder.cleanup)
        cls.folder = pathlib.Path(holder.name)
        cls.scenario = cls.folder / "scenario.yaml"
        cls.scenario.write_text(scenario_text())
        cls.file = cls.folder / "a.h5"
        cls.done = tokenyard("run", cls.scenario, "--out", cls.file)
        if cls.done.returncode != 0:
            raise AssertionError(cls.done.stderr)
        cls.table = requests_of(cls.file)
        cls.summary = summary_of(cls.file)
        after = cls.table[cls.table.arrival_s >= WARM_UP_S]
        cls.after = after
        cls.measured = after[after.status == "ok"]

    def run_to(self, name, *options, **more):
        path = self.folder / name
        done = tokenyard("run", self.scenario, "--out", path, *options, **more)
        self.assertEqual(0, done.returncode, done.stderr)
        return path

    def test_table_fits_a_terminal(self):
        self.assertIn("latency", self.done.stdout)
        # A path has no place to break at; no other line is longer than a terminal.
        long = [line for line in self.done.stdout.splitlines()
                if len(line) > 80 and str(self.folder) not in line]
        self.assertEqual([], long)

    def test_shipped_scenario(self):
        out = self.folder / "shipped.h5"
        done = tokenyard("run", SCENARIO, "--out", out)
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertEqual([], [line for line in done.stdout.splitlines()
                              if len(line) > 80 and str(self.folder) not in line])

    def test_leaves_only_the_file(self):
        names = {f.name for f in self.folder.iterdir()}
        self.assertEqual({"scenario.yaml"}, {n for n in names if not n.endswith(".h5")})

    def test_columns(self):
        self.assertEqual(COLUMNS, set(self.table.columns))
        self.assertTrue(self.table.request.is_unique)
        self.assertEqual({"chat"}, set(self.table.tenant))
        self.assertEqual({"llama-3.1-70b"}, set(self.table.model))
        self.assertEqual({"chat"}, set(self.table.pool))
        self.assertEqual({"interactive"}, set(self.table.slo_class))
        self.assertEqual({0, 1, 2, 3}, set(self.table.replica))

    def test_rows_make_sense(self):
        ok = self.table[self.table.status == "ok"]
        self.assertTrue((ok.output_tokens == ok.max_tokens).all())
        self.assertTrue((ok.prompt_tokens >= 1).all() and (ok.output_tokens >= 1).all())
        self.assertTrue((ok.time_to_first_token_s > 0).all())
        self.assertTrue((ok.time_to_first_token_s <= ok.end_to_end_s).all())
        many = ok[ok.output_tokens > 1]
        built = many.time_to_first_token_s + many.time_per_output_token_s * (many.output_tokens - 1)
        self.assertLess(numpy.abs(built - many.end_to_end_s).max(), 1e-9)

    def test_units(self):
        with h5py.File(self.file) as file:
            for name, column in file["requests"].items():
                unit = text_of(column.attrs.get("units", b""))
                wanted = "s" if name.endswith("_s") else "token" if name.endswith("_tokens") else ""
                self.assertEqual(wanted, unit, name)

    def test_opens_in_pandas(self):
        with h5py.File(self.file) as file:
            frame = pandas.DataFrame({n: c[()] for n, c in file["requests"].items()})
        self.assertEqual(len(self.table), len(frame))
        self.assertAlmostEqual(self.summary["requests_arrived"], len(frame))

    def test_opens_in_xarray(self):
        for engine in ("h5netcdf", "netcdf4"):
            for group, dimension in (("requests", "request"), ("series/chat", "time_s"),
                                     ("summary", "run"), ("pools", "pool"),
                                     ("slo_classes", "slo_class")):
                with self.subTest(engine=engine, group=group), warnings.catch_warnings():
                    warnings.simplefilter("error", xarray.SerializationWarning)
                    with xarray.open_dataset(self.file, group=group, engine=engine) as data:
                        self.assertEqual([dimension], list(data.sizes))
                        data.load()
            with xarray.open_dataset(self.file, group="requests", engine=engine) as data:
                self.assertEqual(COLUMNS, set(data.variables))
                self.assertEqual(self.table.arrival_s.sum(), float(data.arrival_s.values.sum()))

    def test_opens_in_ncdump(self):
        done = subprocess.run(["ncdump", "-h", self.file], capture_output=True, text=True,
                              timeout=60, check=False)
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertEqual("", done.stderr)
        for column in COLUMNS:
            self.assertIn(f" {column}(request) ;", done.stdout)

    def test_counts(self):
        self.assertEqual(len(self.table), self.summary["requests_arrived"])
        for status in ("ok", "rejected", "dropped", "throttled", "failed", "timed_out", "in_flight"):
            self.assertEqual((self.table.status == status).sum(),
                             self.summary[f"requests_{status}"], status)
        self.assertEqual(self.table.preemptions.sum(), self.summary["preemptions"])

    def test_means_and_quantiles(self):
        for name, column in LATENCIES.items():
            values = self.measured[column].dropna().tolist()
            self.assertGreater(len(values), 10000)
            mean = math.fsum(values) / len(values)
            self.assertLess(abs(self.summary[f"{name}_mean_s"] / mean - 1), 1e-12, name)
            for percent in (50, 90, 99):
                exact = nearest_rank(values, fractions.Fraction(percent, 100))
                self.assertEqual(exact, self.summary[f"{name}_p{percent}_s"], (name, percent))

    def test_attainment(self):
        met = self.measured[(self.measured.time_to_first_token_s <= TTFT_S) &
                            ~(self.measured.time_per_output_token_s > TPOT_S)]
        ended = self.after[self.after.status != "in_flight"]
        with h5py.File(self.file) as file:
            group = {name: column[()][0] for name, column in file["slo_classes"].items()}
        self.assertEqual(len(self.after), group["requests_arrived"])
        self.assertEqual(len(met), group["requests_attained"])
        self.assertEqual(len(met) / len(ended), group["attainment"])
        self.assertLess(len(met), len(ended), "limits that nobody misses test nothing")
        self.assertAlmostEqual(len(met) / self.summary["measured_s"], group["goodput_per_s"], 12)

    def test_tokens_and_cost(self):
        ok = self.table[self.table.status == "ok"]
        seconds = self.summary["simulated_s"]
        near = lambda a, b: self.assertLess(abs(a / b - 1), 1e-12)  # noqa: E731
        near(self.summary["prompt_tokens_per_s"], ok.prompt_tokens.sum() / seconds)
        near(self.summary["output_tokens_per_s"], ok.output_tokens.sum() / seconds)
        near(self.summary["cost_per_million_output_tokens_usd"],
             self.summary["cost_usd"] / ok.output_tokens.sum() * 1e6)
        near(self.summary["energy_per_output_token_j"],
             self.summary["energy_j"] / ok.output_tokens.sum())
        self.assertGreaterEqual(seconds, (ok.arrival_s + ok.end_to_end_s).max() - 1e-9)

    def test_same_seed_same_bits(self):
        wanted = digest_of(self.file)
        self.assertRegex(wanted, r"^[0-9a-f]{64}$")
        self.assertIn(wanted[:16], self.done.stdout)
        self.assertEqual(wanted, digest_of(self.run_to("again.h5")))
        self.assertEqual(wanted, digest_of(self.run_to("slow.h5", "--no-leap")))

    def test_same_bits_on_a_lesser_cpu(self):
        other = self.run_to("lesser.h5",
                            GLIBC_TUNABLES="glibc.cpu.hwcaps=-FMA,-AVX2_Usable,-AVX2")
        self.assertEqual(digest_of(self.file), digest_of(other))

    def test_same_bits_under_load(self):
        """Leaps and single events agree where requests queue and are preempted, too."""
        load = ("--set", "workload.tenants[chat].rate.scale=12", "--until", "10 min",
                "--set", "fleet.pools[chat].memory.reserve=53 GB")
        leaping, single = self.run_to("load.h5", *load), self.run_to("load1.h5", *load, "--no-leap")
        self.assertEqual(digest_of(leaping), digest_of(single))
        self.assertGreater(summary_of(leaping)["preemptions"], 0)

    def test_identity_is_of_contents_not_of_paths(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        folder = pathlib.Path(holder.name)
        moved = folder / "moved.yaml"
        moved.write_text(scenario_text())
        digests = set()
        for number, scenario in enumerate((SCENARIO, moved)):  # relative and absolute paths
            path = folder / f"moved{number}.h5"
            done = tokenyard("run", scenario, "--out", path, "--quiet")
            self.assertEqual(0, done.returncode, done.stderr)
            digests.add(digest_of(path))
        self.assertEqual(1, len(digests))

    def test_other_seed_other_arrivals(self):
        other = self.run_to("other.h5", "--seed", 8)
        self.assertNotEqual(digest_of(self.file), digest_of(other))
        arrivals = set(requests_of(other).arrival_s)
        self.assertLess(len(arrivals & set(self.table.arrival_s)), 10)
        by_set = self.run_to("other_set.h5", "--set", "seed=8")
        self.assertEqual(digest_of(other), digest_of(by_set))

    def test_until(self):
        path = self.run_to("until.h5", "--until", "10 min")
        summary, table = summary_of(path), requests_of(path)
        self.assertEqual(600, summary["simulated_s"])
        self.assertLess(table.arrival_s.max(), 600)
        self.assertEqual((self.table.arrival_s < 600).sum(), len(table))
        self.assertGreater(summary["requests_in_flight"], 0)
        with h5py.File(path) as file:
            self.assertEqual(600, file["series/chat/time_s"][-1])

    def test_set(self):
        path = self.run_to("set.h5", "--set", "fleet.pools[chat].replicas=8",
                           "--set", "warm_up=0 s")
        self.assertEqual(set(range(8)), set(requests_of(path).replica))
        with h5py.File(path) as file:
            self.assertEqual(8, file["pools/replicas"][0])
        wrong = tokenyard("run", self.scenario, "--set", "fleet.pools[chat].replicsa=8")
        self.assertEqual(2, wrong.returncode)
        self.assertIn("replicsa", wrong.stderr)

    def test_existing_output(self):
        path = self.folder / "old.h5"
        path.write_bytes(b"precious")
        refused = tokenyard("run", self.scenario, "--out", path)
        self.assertEqual(2, refused.returncode, refused.stderr)
        self.assertIn("--force", refused.stderr)
        self.assertEqual(b"precious", path.read_bytes())
        forced = tokenyard("run", self.scenario, "--out", path, "--force")
        self.assertEqual(0, forced.returncode, forced.stderr)
        self.assertEqual(digest_of(self.file), digest_of(path))

    def test_flipped_byte(self):
        content = self.file.read_bytes()
        with h5py.File(self.file) as file:
            # The compressed cells of a column, not the free space between objects.
            chunk = file["requests/end_to_end_s"].id.get_chunk_info(0)
        at = chunk.byte_offset + chunk.size // 2
        path = self.folder / "flipped.h5"
        path.write_bytes(content[:at] + bytes([content[at] ^ 0x10]) + content[at + 1:])
        done = tokenyard("digest", path)
        self.assertIn(done.returncode, (1, 2))
        self.assertIn(str(path), done.stderr)

    def test_digest_of_what_is_no_result(self):
        done = tokenyard("digest", self.scenario)
        self.assertIn(done.returncode, (1, 2))
        self.assertIn(str(self.scenario), done.stderr)
        self.assertIn(tokenyard("digest", self.folder / "none.h5").returncode, (1, 2))


class Trace(InFolder):
    def test_real_trace(self):
        if not TRACE.exists():
            self.skipTest(f"no {TRACE.name} in the shared data")
        scenario = self.write("s.yaml", scenario_text(trace=TRACE))
        out = self.folder / "t.h5"
        done = tokenyard("run", scenario, "--out", out)
        self.assertEqual(0, done.returncode, done.stderr)
        table, summary = requests_of(out), summary_of(out)
        self.assertEqual(19366, len(table))
        self.assertEqual(19366, summary["requests_arrived"])
        self.assertEqual(0, table.arrival_s.min())
        first = table.sort_values("arrival_s").iloc[0]
        self.assertEqual((374, 44), (first.prompt_tokens, first.output_tokens))
        self.assertIn("sha256", done.stdout)
        # The same by TOKENYARD_DATA, whose traces/ stands in for workloads/traces/.
        other = self.folder / "d.h5"
        done = tokenyard("run", self.write("d.yaml", scenario_text(trace=TRACE.name)), "--out",
                         other, TOKENYARD_DATA=str(TRACE.parent.parent))
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertTrue((requests_of(other).end_to_end_s == table.end_to_end_s).all())


class TwoTenants(InFolder):
    """Two tenants, each with a model and a pool of its own."""

    def test_each_is_served_by_its_pool(self):
        text = scenario_text(("models: [llama-3.1-70b]", "models: [llama-3.1-70b, llama-3.1-8b]"))
        tenant = text[text.index("    - name: chat\n      model"):text.index("\nfleet:")]
        pool = text[text.index("    - name: chat\n      at:"):text.index("\nrouting:")]
        for part in (tenant, pool):
            other = part.replace("name: chat", "name: small").replace("-70b", "-8b")
            text = text.replace(part, part + "\n" + other.replace("interactive", "small"))
        scenario, out = self.write("two.yaml", text), self.folder / "two.h5"
        done = tokenyard("run", scenario, "--out", out, "--until", "10 min", "--quiet")
        self.assertEqual(0, done.returncode, done.stderr)
        table = requests_of(out)
        self.assertEqual({"chat", "small"}, set(table.tenant))
        self.assertTrue((table.tenant == table.pool).all())
        self.assertTrue((table.model == table.tenant.map(
            {"chat": "llama-3.1-70b", "small": "llama-3.1-8b"})).all())
        self.assertEqual(list(range(len(table))), sorted(table.request), "ids are not unique")
        by_id = table.sort_values("request")
        self.assertTrue(by_id.arrival_s.is_monotonic_increasing)
        counts = table.groupby("tenant").size()
        self.assertNotEqual(counts["chat"], counts["small"], "the tenants share their arrivals")


class Interrupt(InFolder):
    def test_leaves_nothing_behind(self):
        command = [binary(), "run", SCENARIO, "--out", self.folder / "a.h5", "--quiet",
                   "--set", "workload.tenants[chat].rate.scale=2000"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              env=environment(), text=True) as run:
            while not list(self.folder.iterdir()) and run.poll() is None:
                time.sleep(0.01)
            time.sleep(0.2)
            run.send_signal(signal.SIGINT)
            out, said = run.communicate(timeout=60)
        self.assertEqual((1, ""), (run.returncode, out))
        self.assertRegex(said, "interrupted")
        self.assertEqual([], list(self.folder.iterdir()))


class Progress(InFolder):
    # About a million requests: long enough for progress to be drawn.
    LONG = ("--set", "workload.tenants[chat].rate.scale=60",
            "--set", "fleet.pools[chat].replicas=240")

    def on_terminal(self, *options, **more):
        """Exit code and what a terminal on stderr receives."""
        scenario = self.write("s.yaml", scenario_text())
        ours, theirs = pty.openpty()
        with subprocess.Popen([binary(), "run", str(scenario), *options], stdout=subprocess.DEVNULL,
                              stderr=theirs, env=environment(**more)) as process:
            os.close(theirs)
            received, end = b"", time.monotonic() + 120
            while time.monotonic() < end and select.select([ours], [], [], 60)[0]:
                try:
                    piece = os.read(ours, 65536)
                except OSError:  # the other end is closed
                    break
                if not piece:
                    break
                received += piece
            os.close(ours)
            return process.wait(timeout=60), received.decode(errors="replace")

    def test_on_a_terminal(self):
        code, text = self.on_terminal(*self.LONG)
        self.assertEqual(0, code)
        self.assertIn("ETA", text)
        self.assertIn("%", text)
        self.assertIn("\x1b[32m", text)

    def test_no_color(self):
        code, text = self.on_terminal(*self.LONG, NO_COLOR="1")
        self.assertEqual(0, code)
        self.assertIn("ETA", text)
        self.assertNotRegex(text, r"\x1b\[[0-9;]*m")

    def test_quiet(self):
        self.assertEqual((0, ""), self.on_terminal(*self.LONG, "--quiet"))

    def test_no_terminal(self):
        scenario = self.write("s.yaml", scenario_text())
        done = tokenyard("run", scenario, *self.LONG)
        self.assertEqual(0, done.returncode)
        self.assertNotIn("ETA", done.stderr)
        self.assertNotIn("\x1b", done.stdout + done.stderr)
        self.assertNotIn("\r", done.stdout + done.stderr)
        self.assertEqual("", tokenyard("run", scenario, "--quiet").stderr)


class CommandLine(unittest.TestCase):
    COMMANDS = ("run", "check", "list", "replay", "digest", "trace")

    def test_help(self):
        done = tokenyard("--help")
        self.assertEqual(0, done.returncode)
        for command in self.COMMANDS:
            self.assertIn(command, done.stdout)
            with self.subTest(command=command):
                own = tokenyard(command, "--help")
                self.assertEqual(0, own.returncode)
                self.assertEqual("", own.stderr)
                self.assertRegex(own.stdout, rf"(?i)example[^\n]*\n?[^\n]*tokenyard {command}")

    def test_version(self):
        done = tokenyard("--version")
        self.assertEqual(0, done.returncode)
        self.assertRegex(done.stdout, r"\d+\.\d+\.\d+")

    def test_misuse(self):
        for arguments in ((), ("nothing",), ("run",), ("check",), ("digest",), ("replay",),
                          ("list", "nothing"), ("run", SCENARIO, "--nothing"),
                          ("run", SCENARIO, "--seed", "many"), ("run", SCENARIO, "--set", "seed"),
                          ("run", SCENARIO, "--until", "-3 s"), ("run", SCENARIO, "--until", "3")):
            with self.subTest(arguments=arguments):
                done = tokenyard(*arguments)
                self.assertEqual(2, done.returncode)
                self.assertNotEqual("", done.stderr)
                self.assertEqual("", done.stdout)

    def test_list_everything(self):
        done = tokenyard("list")
        self.assertEqual(0, done.returncode)
        for name in ("least-loaded", "v1", "h100-sxm", "hgx-h100", "llama-3.1-70b"):
            self.assertIn(name, done.stdout)


if __name__ == "__main__":
    unittest.main()
