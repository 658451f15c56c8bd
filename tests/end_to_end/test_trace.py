# SPDX-License-Identifier: Apache-2.0
"""`tokenyard trace`: what info says, and that convert, slice and scale keep what they should."""
import csv
import gzip
import json
import math
import pathlib
import resource
import signal
import statistics
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from support import TRACE, InFolder, binary, environment, tokenyard  # noqa: E402

HEADER = "arrival_s,prompt_tokens,output_tokens\n"
AZURE = ("TIMESTAMP,ContextTokens,GeneratedTokens\n"
         "2023-11-16 18:15:46.5000000,374,44\n"
         "2023-11-16 18:15:50.0000000,396,109\n"
         "2023-11-16 18:16:46.7500000,879,55\n")


def rows_of(path):
    opened = gzip.open if str(path).endswith(".gz") else open
    with opened(path, "rt") as file:
        return [(float(a), int(p), int(o)) for a, p, o in list(csv.reader(file))[1:]]


def trace_text(rows):
    return HEADER + "".join(f"{a!r},{p},{o}\n" for a, p, o in rows)


class OfTraces(InFolder):
    def said(self, *arguments, **more):
        """What a command that succeeds prints."""
        done = tokenyard("trace", *arguments, **more)
        self.assertEqual((0, ""), (done.returncode, done.stderr))
        return done.stdout

    def refused(self, *arguments, code=2):
        done = tokenyard("trace", *arguments)
        self.assertEqual((code, ""), (done.returncode, done.stdout), done.stderr)
        self.assertIn(";", done.stderr, "says what is wrong, not what to do")
        return done.stderr


class Info(OfTraces):
    def test_small_trace(self):
        # Gaps of 1 and 3 s in turn: 30 requests a minute.
        dates = [0.0]
        while len(dates) < 121:
            dates.append(dates[-1] + (1 if len(dates) % 2 else 3))
        rows = [(a, 10 * (i + 1), 5 + i) for i, a in enumerate(dates)]
        path = self.write("t.csv", trace_text(rows))
        seen = json.loads(self.said("info", path, "--json"))
        gaps = [b - a for a, b in zip(dates, dates[1:])]
        self.assertEqual(121, seen["requests"])
        self.assertEqual(240, seen["arrivals"]["span_s"])
        self.assertAlmostEqual(statistics.stdev(gaps) / 2, seen["arrivals"]["gap_cv"], 12)
        self.assertAlmostEqual(0, seen["arrivals"]["dispersion_60s"], 12)
        self.assertEqual(30 / 60, seen["arrivals"]["rate_peak_minute_per_s"])
        self.assertAlmostEqual(1, seen["rank_correlation"], 12)
        self.assertEqual(10 * math.ceil(0.9 * 121), seen["prompt_tokens"]["p90"])
        self.assertIsNone(seen["prefix"])
        self.assertIsNone(seen["max_tokens"])

    def test_rows_in_any_order(self):
        rows = [(float(i), 100 + i, 1) for i in range(50)]
        sorted_ = self.write("a.csv", trace_text(rows))
        turned = self.write("b.csv", trace_text(rows[::-1]))
        self.assertEqual(self.said("info", sorted_), self.said("info", turned))

    def test_days_are_drawn_by_hour(self):
        path = self.write("t.csv", trace_text([(600.0 * i, 10, 10) for i in range(6 * 48 + 1)]))
        self.assertIn("hour of the day", self.said("info", path))
        rates = json.loads(self.said("info", path, "--json"))["arrivals"]["rates_by_hour_per_s"]
        self.assertEqual(24, len(rates))
        self.assertAlmostEqual(1 / 600, rates[12], 12)

    def test_tiny_traces(self):
        for rows in ([(3.0, 5, 5)], [(3.0, 5, 5)] * 3, [(0.0, 1, 1), (1e-9, 1, 1)]):
            path = self.write("t.csv", trace_text(rows))
            self.said("info", path)
            json.loads(self.said("info", path, "--json"))

    def test_fits_a_terminal_and_its_locale(self):
        path = self.write("t.csv", trace_text([(0.7 * i, 10 ** (i % 6), 10) for i in range(9000)]))
        for locale in ({"LC_ALL": "C.UTF-8"}, {"LC_ALL": "", "LC_CTYPE": "", "LANG": "C"}):
            text = self.said("info", path, **locale)
            self.assertEqual([], [line for line in text.splitlines() if len(line) > 80])
            self.assertEqual("UTF" not in locale["LC_ALL"], text.isascii())

    def test_bad_input(self):
        self.assertIn("No such file", self.refused("info", self.folder / "absent.csv"))
        path = self.write("bad.csv", HEADER + "0,1,1\nx,1,1\n1,y,1\n")
        done = tokenyard("trace", "info", path)
        self.assertEqual((2, ""), (done.returncode, done.stdout))
        said = done.stderr
        self.assertIn(":3:1:", said)
        self.assertIn(":4:3:", said)
        self.assertIn("no requests", self.refused("info", self.write("none.csv", HEADER)))
        back = AZURE + "2023-11-16 18:15:50.0000000,1,1\n"
        self.assertIn("go back", self.refused("info", self.write("back.csv", back)))
        good = self.write("good.csv", trace_text([(0.0, 1, 1)]))
        for block in ("0", "-5", "many", "1.5"):
            self.assertIn("--block", self.refused("info", good, "--block=" + block))

    @unittest.skipUnless(TRACE.exists(), f"{TRACE} is not there; set TOKENYARD_DATA")
    def test_azure(self):
        seen = json.loads(self.said("info", TRACE, "--json"))
        self.assertEqual("azure-llm", seen["format"])
        self.assertEqual(19366, seen["requests"])
        self.assertAlmostEqual(1154.7, seen["prompt_tokens"]["mean"], 1)
        self.assertEqual(1020, seen["prompt_tokens"]["p50"])
        self.assertEqual(129, seen["output_tokens"]["p50"])
        text = self.said("info", TRACE, LC_ALL="C.UTF-8")
        self.assertIn("19366 in 58.36 min", text)
        self.assertIn("█", text)


class Convert(OfTraces):
    def test_azure_becomes_seconds(self):
        out = self.folder / "out.csv"
        self.assertIn("3 requests", self.said("convert", self.write("a.csv", AZURE), "--out", out))
        self.assertEqual([(0, 374, 44), (3.5, 396, 109), (60.25, 879, 55)], rows_of(out))

    def test_round_trip(self):
        rows = [(i / 7, 1 + i, 2 + i) for i in range(1000)]
        source = self.write("a.csv", trace_text(rows[500:] + rows[:500]))
        packed, plain = self.folder / "b.csv.gz", self.folder / "c.csv"
        self.said("convert", source, "--out", packed)
        self.said("convert", packed, "--out", plain)
        self.assertEqual(rows, rows_of(packed))
        self.assertEqual(rows, rows_of(plain))
        again = self.folder / "d.csv.gz"
        self.said("convert", plain, "--out", again)
        self.assertEqual(packed.read_bytes(), again.read_bytes())

    def test_the_file_there_stays(self):
        source = self.write("a.csv", AZURE)
        there = self.write("out.csv", "mine")
        self.assertIn("--force", self.refused("convert", source, "--out", there))
        self.assertEqual("mine", there.read_text())
        self.said("convert", source, "--out", there, "--force")
        self.assertEqual(3, len(rows_of(there)))

    def test_a_trace_may_replace_itself(self):
        path = self.write("a.csv", AZURE)
        self.said("convert", path, "--out", path, "--force")
        self.assertEqual(3, len(rows_of(path)))

    def test_bad_input_leaves_nothing(self):
        bad = self.write("bad.csv", HEADER + "0,1,1\n1,1,x\n")
        done = tokenyard("trace", "convert", bad, "--out", self.folder / "out.csv")
        self.assertEqual((2, ""), (done.returncode, done.stdout))
        self.refused("convert", self.folder / "absent.csv", "--out", self.folder / "out.csv")
        self.refused("convert", self.write("a.csv", AZURE), "--out", self.folder / "out.txt")
        self.refused("convert", self.folder / "a.csv", "--out", self.folder / "no" / "out.csv")
        self.assertEqual({"a.csv", "bad.csv"}, {f.name for f in self.folder.iterdir()})

    def test_full_disk(self):
        source = self.write("a.csv", trace_text([(i / 7, 100, 100) for i in range(50000)]))
        limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (300000, 300000))  # noqa: E731
        done = subprocess.run([binary(), "trace", "convert", source, "--out",
                               self.folder / "out.csv"], capture_output=True, text=True,
                              env=environment(), preexec_fn=limit, timeout=60, check=False)
        self.assertEqual((1, ""), (done.returncode, done.stdout))
        self.assertIn("cannot write", done.stderr)
        self.assertEqual(["a.csv"], [f.name for f in self.folder.iterdir()])

    def test_interrupt_leaves_nothing(self):
        source = self.write("a.csv", trace_text([(i / 7, 100, 100) for i in range(50000)]))
        command = [binary(), "trace", "scale", source, "--by", "500",
                   "--out", self.folder / "out.csv.gz"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              env=environment(), text=True) as run:
            while len(list(self.folder.iterdir())) < 2 and run.poll() is None:
                time.sleep(0.01)
            time.sleep(0.1)
            run.send_signal(signal.SIGINT)
            out, said = run.communicate(timeout=60)
        self.assertEqual((1, ""), (run.returncode, out))
        self.assertIn("interrupted", said)
        self.assertEqual(["a.csv"], [f.name for f in self.folder.iterdir()])


class Slice(OfTraces):
    def setUp(self):
        super().setUp()
        self.rows = [(100 + 0.1 * i, 1 + i, 1) for i in range(1200)]
        self.source = self.write("a.csv", trace_text(self.rows))
        self.out = self.folder / "out.csv"

    def test_part(self):
        self.said("slice", self.source, "--from", "10.05 s", "--to", "1 min", "--out", self.out)
        cut = rows_of(self.out)
        self.assertEqual(list(range(102, 601)), [p for _, p, _ in cut])
        self.assertAlmostEqual(0.05, cut[0][0], 9)
        self.assertLess(cut[-1][0], 49.95)
        self.assertLess(max(len(repr(a)) for a, _, _ in cut), 8, "digits that no clock gave")

    def test_parts_make_the_whole(self):
        second = self.folder / "second.csv"
        self.said("slice", self.source, "--to", "1 min", "--out", self.out)
        self.said("slice", self.source, "--from", "1 min", "--out", second)
        self.assertEqual([p for _, p, _ in self.rows],
                         [p for _, p, _ in rows_of(self.out) + rows_of(second)])

    def test_bad_times(self):
        for times in (("--from", "3"), ("--from", "-3 s"), ("--to", "0 s"), ("--from", "1 h"),
                      ("--from", "10 s", "--to", "5 s"), ("--to", "soon"), (),
                      ("--tenant", "nobody")):
            with self.subTest(times=times):
                self.refused("slice", self.source, *times, "--out", self.out)
                self.assertFalse(self.out.exists())


class Scale(OfTraces):
    def setUp(self):
        super().setUp()
        # A rate that doubles, in bursts of five.
        dates = [float(5 * (i // 5)) / (1 if i < 1500 else 2) for i in range(6000)]
        self.rows = sorted((a, 1 + i, 1) for i, a in enumerate(dates))
        self.source = self.write("a.csv", trace_text(self.rows))
        self.out = self.folder / "out.csv"

    def scaled(self, by, *options):
        self.said("scale", self.source, "--by", by, *options, "--out", self.out, "--force")
        return rows_of(self.out)

    def test_thinned(self):
        kept = self.scaled(0.25)
        self.assertLess(abs(len(kept) - 1500), 5 * math.sqrt(6000 * 0.1875))
        self.assertLessEqual(set(kept), set(self.rows))
        self.assertEqual(kept, self.scaled(0.25, "--seed", 1))
        self.assertNotEqual(kept, self.scaled(0.25, "--seed", 2))

    def test_one_is_the_same(self):
        self.assertEqual(self.rows, self.scaled(1))

    def test_copies(self):
        more = self.scaled(4)
        self.assertEqual(sorted(p for _, p, _ in more), sorted(4 * [p for _, p, _ in self.rows]))
        dates = [a for a, _, _ in more]
        self.assertEqual(dates, sorted(dates))
        self.assertEqual(0, dates[0])
        # The rate of each ten minutes is four times the source's; bursts are not.
        for start in range(600, 2400, 600):
            before = sum(start <= a < start + 600 for a, _, _ in self.rows)
            after = sum(start <= a < start + 600 for a in dates)
            self.assertLess(abs(after / (4 * before) - 1), 0.11, start)
        self.assertLess(max(dates.count(d) for d in set(dates)), 4 * 5)

    def test_fraction(self):
        more = self.scaled(2.5)
        self.assertLess(abs(len(more) - 15000), 5 * math.sqrt(6000 * 0.25))

    def test_bad_scale(self):
        for by in ("0", "-1", "many", "nan", "inf", "1e9"):
            with self.subTest(by=by):
                self.assertIn("--by", self.refused("scale", self.source, "--by=" + by, "--out",
                                                   self.out))
        self.assertIn("--shift", self.refused("scale", self.source, "--by", "2", "--shift", "9",
                                              "--out", self.out))
        self.assertIn("--seed", self.refused("scale", self.source, "--by", "2", "--seed", "x",
                                             "--out", self.out))
        self.assertIn("leaves no", self.refused("scale", self.source, "--by", "1e-9", "--out",
                                                self.out))
        self.assertFalse(self.out.exists())


class Describe(OfTraces):
    WINDOWS = ("client,t_s,rate_rps,cv,pattern,p1,p2\n"
               "a,0,2,1.5,Gamma,1,1\na,600,4,0.5,Gamma,1,1\nb,600,1,1,Weibull,1,1\n")
    LENGTHS = ("client,t_s,field,mean,q0,q50,q100\n"
               "a,0,input_tokens,100,100,100,100\na,0,output_tokens,50,50,50,50\n"
               "b,0,input_tokens,300,300,300,300\nb,0,output_tokens,10,10,10,10\n")
    TELEMETRY = ("hour,region,model,tier,requests,input_tokens,output_tokens\n"
                 "2026-11-02T00:00,us-east,m,standard,3600,360000,36000\n"
                 "2026-11-02T01:00,us-east,m,standard,7200,720000,72000\n"
                 "2026-11-02T01:00,elsewhere,m,batch,100,1000,1000\n")

    def workload(self, *arguments):
        """The file of what is printed, which `check` accepts, and the requests it makes."""
        path = self.write("w.yaml", self.said("describe", *arguments))
        self.assertLess(max(map(len, path.read_text().splitlines())), 116)
        done = tokenyard("check", path)
        self.assertEqual((0, ""), (done.returncode, done.stderr))
        out = self.folder / "requests.csv"
        self.said("generate", path, "--out", out, "--force", "--quiet")
        with open(out, encoding="utf-8") as file:
            return path.read_text(), list(csv.DictReader(file))

    def test_servegen(self):
        windows = self.write("x_windows.csv", self.WINDOWS)
        lengths = self.write("x_lengths.csv", self.LENGTHS)
        text, rows = self.workload(windows, "--lengths", lengths, "--clients", 1, "--step", "10 min")
        self.assertIn('name: "x"', text)
        self.assertIn("values: [2, 4]", text)
        self.assertIn("cvs: [1.5, 0.5]", text)
        self.assertLess(abs(len(rows) - 4200), 5 * math.sqrt(4200 * 1.5**2))
        prompts = {int(row["prompt_tokens"]) for row in rows}
        self.assertEqual({100, 300}, prompts)

    def test_telemetry(self):
        text, rows = self.workload(self.write("t.csv", self.TELEMETRY), "--name", "plan")
        self.assertIn('name: "plan"', text)
        self.assertIn("# \"elsewhere\" is no name", text)
        east = [row for row in rows if row["tenant"] == "us-east-m-standard"]
        self.assertLess(abs(len(east) - 10800), 5 * math.sqrt(10800))
        late = sum(float(row["arrival_s"]) >= 3600 for row in east)
        self.assertLess(abs(late - 7200), 5 * math.sqrt(7200))
        mean = statistics.mean(int(row["prompt_tokens"]) for row in east)
        self.assertLess(abs(mean - 100), 5 * 100 / math.sqrt(len(east)))

    def test_bad_input(self):
        windows = self.write("x_windows.csv", self.WINDOWS)
        lengths = self.write("x_lengths.csv", self.LENGTHS)
        hours = self.write("t.csv", self.TELEMETRY)
        self.assertIn("x_lengths.csv", self.refused("describe", windows))
        self.assertIn("--lengths", self.refused("describe", lengths))
        self.assertIn("--step", self.refused("describe", hours, "--step", "1 h"))
        self.assertIn("trace fit", self.refused("describe", self.write("a.csv", AZURE)))
        self.assertIn("is empty", self.refused("describe", self.write("e.csv", "")))
        for option, values in (("--step", ("7 min", "0 s", "1", "1e12 h")),
                               ("--clients", ("-1", "x", "99999"))):
            for value in values:
                with self.subTest(option=option, value=value):
                    self.assertIn(option, self.refused("describe", windows, "--lengths", lengths,
                                                       f"{option}={value}"))


class Help(unittest.TestCase):
    def test_examples(self):
        for command in ("info", "convert", "slice", "scale", "describe"):
            with self.subTest(command=command):
                done = tokenyard("trace", command, "--help")
                self.assertEqual((0, ""), (done.returncode, done.stderr))
                self.assertIn(f"Example: tokenyard trace {command}", done.stdout)

    def test_misuse(self):
        for arguments in ((), ("nothing",), ("info",), ("convert", "a.csv"), ("scale", "a.csv")):
            with self.subTest(arguments=arguments):
                done = tokenyard("trace", *arguments)
                self.assertEqual((2, ""), (done.returncode, done.stdout))
                self.assertNotEqual("", done.stderr)


if __name__ == "__main__":
    unittest.main()
