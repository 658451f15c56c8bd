# SPDX-License-Identifier: Apache-2.0
"""Variants of a scenario: side by side, each as the same scenario with its values written in."""
import os
import pathlib
import re
import resource
import signal
import subprocess
import sys
import time
import unittest

import h5py

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from support import InFolder, binary, environment, scenario_text, tokenyard  # noqa: E402

TWO = "variants:\n  - name: first\n  - {name: 2/nd one}\n"
EIGHT = "variants:\n  - name: four\n  - name: eight\n    set: {fleet.pools.0.replicas: 8}\n"
SHORT = ("--until", "10 min")
LABEL = 24

# Name, what follows `variants:`, the place in it that is marked by ^, what the message must hold.
MISTAKES = [
    ("unknown key", "\n  - {name: a, set: {^fleet.pools.0.replicsa: 8}}\n", "variant 'a'.*did you mean 'replicas'"),
    ("unknown element", "\n  - {name: a, set: {^fleet.pools.3.replicas: 8}}\n", "variant 'a'.*'3' is not one of: chat"),
    ("unknown name", "\n  - name: a\n    set:\n      ^fleet.pools[chta].replicas: 8\n", "variant 'a'.*did you mean 'chat'"),
    ("a path that is none", "\n  - {name: a, set: {^fleet..pools: 8}}\n", "variant 'a'.*empty step"),
    ("below a value", "\n  - {name: a, set: {^seed.x: 8}}\n", "variant 'a'.*no keys"),
    ("wrong type", "\n  - {name: a, set: {fleet.pools.0.replicas: ^many}}\n", "variant 'a'.*'many'"),
    ("wrong name", "\n  - {name: a, set: {routing.within_pool: ^luckiest}}\n", "variant 'a'.*least-loaded"),
    ("no unit", "\n  - name: a\n  - {name: b, set: {warm_up: ^5}}\n", "variant 'b'.*no unit"),
    ("name twice", "\n  - name: a\n  - name: ^a\n", "'a' is the name of another variant"),
    ("empty name", "\n  - name: ^''\n", "is empty"),
    ("no name", "\n  - ^set: {seed: 1}\n", "name: missing"),
    ("empty set", "\n  - {name: a, set: ^{}}\n", "sets nothing"),
    ("set is a list", "\n  - {name: a, set: ^[]}\n", "a list where a map is wanted"),
    ("no variants", " ^[]\n", "at least 1"),
    ("no list", " ^{a: b}\n", "a list is wanted"),
    ("unknown key of a variant", "\n  - {name: a, ^sets: {seed: 1}}\n", "did you mean 'set'"),
    ("variants of variants", "\n  - {name: a, set: {^variants.0.name: b}}\n", "cannot change the variants"),
]


def digest_of(path):
    done = tokenyard("digest", path)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def rows_of(text):
    """{row: [cells]} of a table; a cell has no two blanks in it."""
    lines = text.splitlines()
    return {line[:LABEL].strip(): re.split(r"\s{2,}", line[LABEL:].strip()) for line in lines
            if line[:LABEL].strip() and not line.startswith(("results", "(more"))}


class Variants(InFolder):
    def said(self, *arguments, code=0, **more):
        done = tokenyard(*arguments, **more)
        self.assertEqual(code, done.returncode, done.stderr)
        return done.stdout

    def plain(self, name, *options):
        out = self.folder / name
        self.said("run", self.write("plain.yaml", scenario_text()), "--out", out, "--quiet", *options)
        return out

    def test_without_overrides_all_are_the_scenario(self):
        out = self.folder / "o.h5"
        said = self.said("run", self.write("s.yaml", scenario_text() + TWO), "--out", out)
        rows = rows_of(said)
        for row in ("requests ok", "TTFT p50", "TPOT p99", "end to end p99", "attained interactive",
                    "prompt tokens read", "output tokens", "busy chat", "preemptions", "cost",
                    "a million output tokens", "a million tokens", "energy"):
            first, second, change = rows[row]
            self.assertEqual((first, "="), (second, change), row)
        self.assertEqual(rows["identity"][0], rows["identity"][1])
        files = [self.folder / "o-first.h5", self.folder / "o-2%2Fnd one.h5"]
        self.assertEqual(sorted(files), sorted(self.folder.glob("*.h5*")))
        plain = self.plain("plain.h5")
        self.assertEqual({digest_of(plain)}, {digest_of(f) for f in files})
        for path, name in zip(files, ("first", "2/nd one")):
            with h5py.File(path) as file, h5py.File(plain) as single:
                self.assertEqual(single.attrs["identity"], file.attrs["identity"])
                self.assertEqual(name.encode(), file.attrs["variant"])
                self.assertIn(f"results  {path} (digest {digest_of(path)[:16]}...)", said)
        # The same figures as the scenario's own summary.
        own = self.said("run", self.folder / "plain.yaml", "--quiet", "--out", self.folder / "x.h5")
        for row in ("TTFT p99", "cost"):
            self.assertIn(rows[row][0], own)

    def test_an_override_shows(self):
        scenario = self.write("s.yaml", scenario_text() + EIGHT)
        rows = rows_of(self.said("run", scenario, *SHORT, "--out", self.folder / "o.h5"))
        self.assertEqual("+100.0 %", rows["cost"][2])
        four, eight = (float(cell.split()[0]) for cell in rows["busy chat"][:2])
        self.assertLess(eight, four)
        self.assertNotEqual(*rows["identity"][:2])
        for name, replicas in (("four", 4), ("eight", 8)):
            with h5py.File(self.folder / f"o-{name}.h5") as file:
                self.assertEqual(replicas, file["pools/replicas"][0])
        set_so = self.plain("set.h5", *SHORT, "--set", "fleet.pools[chat].replicas=8")
        self.assertEqual(digest_of(set_so), digest_of(self.folder / "o-eight.h5"))
        with h5py.File(set_so) as single, h5py.File(self.folder / "o-eight.h5") as file:
            self.assertEqual(single.attrs["identity"], file.attrs["identity"])

    def test_one_of_them(self):
        scenario, out = self.write("s.yaml", scenario_text() + EIGHT), self.folder / "a.h5"
        said = self.said("run", scenario, "--variant", "eight", "--out", out, *SHORT)
        self.assertIn("between tokens", said)  # the summary of an ordinary run
        self.assertEqual(digest_of(self.plain("set.h5", *SHORT, "--set", "fleet.pools.0.replicas=8")),
                         digest_of(out))
        done = tokenyard("run", scenario, "--variant", "eigth")
        self.assertEqual(2, done.returncode)
        self.assertRegex(done.stderr, "--variant.*did you mean 'eight'")
        self.assertRegex(tokenyard("run", self.folder / "plain.yaml", "--variant", "a").stderr,
                         "--variant.*no variants")

    def test_options_reach_every_variant(self):
        scenario = self.write("s.yaml", scenario_text() + TWO)
        done = tokenyard("run", scenario, *SHORT, "--seed", "8", "--no-leap", "--quiet", "--out",
                         self.folder / "o.h5")
        self.assertEqual((0, ""), (done.returncode, done.stderr))
        self.assertEqual(["10 min", "10 min", "="], rows_of(done.stdout)["simulated"])
        wanted = digest_of(self.plain("plain.h5", *SHORT, "--seed", "8"))
        self.assertEqual(wanted, digest_of(self.folder / "o-first.h5"))
        self.assertNotEqual(wanted, digest_of(self.plain("seed7.h5", *SHORT)))

    def test_the_command_line_comes_last(self):
        scenario = self.write("s.yaml", scenario_text() + EIGHT)
        nodes = lambda *options: rows_of(self.said("run", scenario, *SHORT, *options))["cost"]  # noqa: E731
        self.assertEqual("=", nodes("--set", "fleet.pools[chat].replicas=2")[2])
        self.assertEqual("+200.0 %", nodes("--set", "variants[eight].set[fleet.pools.0.replicas]=12")[2])
        wrong = tokenyard("run", scenario, "--set", "variants[eight].set[fleet.pools.0.replicas]=x")
        self.assertEqual(2, wrong.returncode)
        self.assertRegex(wrong.stderr, r"^--set variants\[eight\]\S*: variant 'eight': .*'x'")

    def test_mistakes(self):
        for name, written, wanted in MISTAKES:
            with self.subTest(name):
                text = scenario_text() + "variants:" + written
                before = text[:text.index("^")]
                line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
                scenario = self.write("s.yaml", text.replace("^", ""))
                run = tokenyard("run", scenario, "--out", self.folder / "o.h5", timeout=60)
                self.assertEqual((2, ""), (run.returncode, run.stdout))
                self.assertRegex(run.stderr, rf"(?m)^{re.escape(str(scenario))}:{line}:{column}: .*{wanted}")
                self.assertEqual(1, len(run.stderr.splitlines()), run.stderr)
                check = tokenyard("check", scenario)
                self.assertEqual((2, run.stderr), (check.returncode, check.stderr))
                self.assertEqual([], list(self.folder.glob("*.h5*")))

    def test_mistakes_of_all_variants_at_once(self):
        scenario = self.write("s.yaml", scenario_text() + "variants:\n  - {name: a, set: {sed: 1}}\n"
                              "  - {name: b, set: {duration: 1 min}}\n")
        said = tokenyard("check", scenario).stderr
        self.assertRegex(said, "variant 'a': sed: ")
        self.assertRegex(said, "variant 'b': warm_up: is not below duration")
        self.assertEqual(2, len(said.splitlines()))

    def test_a_mistake_of_the_scenario_itself_is_no_variants(self):
        said = tokenyard("run", self.write("s.yaml", scenario_text(("seed: 7", "sed: 7")) + TWO)).stderr
        self.assertEqual(1, len(said.splitlines()), said)
        self.assertNotIn("variant '", said)

    def test_check_passes(self):
        scenario = self.write("s.yaml", scenario_text() + EIGHT)
        self.assertEqual(f"{scenario}: ok\n", self.said("check", scenario))

    def test_existing_files_are_refused_before_anything_runs(self):
        scenario = self.write("s.yaml", scenario_text() + EIGHT)
        old = self.write("o-eight.h5", "precious")
        options = ("run", scenario, *SHORT, "--out", self.folder / "o.h5")
        done = tokenyard(*options)
        self.assertEqual((2, ""), (done.returncode, done.stdout))
        self.assertRegex(done.stderr, rf"{re.escape(str(old))}.*--force")
        self.assertEqual("precious", old.read_text())
        self.assertEqual([old], list(self.folder.glob("*.h5*")))
        self.said(*options, "--force")
        self.assertEqual(2, len(list(self.folder.glob("*.h5*"))))

    def test_a_variant_that_fails_names_itself_and_leaves_the_others(self):
        scenario = self.write("s.yaml", scenario_text() + "variants:\n  - name: large\n"
                              "  - {name: small, set: {results.requests: none}}\n")

        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
        command = [binary(), "run", scenario, "--out", self.folder / "o.h5", "--quiet"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False,
                              env=environment(), preexec_fn=limit)
        self.assertEqual(1, done.returncode, done.stderr)
        self.assertRegex(done.stderr, r"^variant 'large': .*o-large\.h5: cannot write")
        self.assertNotIn("small", done.stderr)
        self.assertEqual([self.folder / "o-small.h5"], list(self.folder.glob("*.h5*")))
        rows = rows_of(done.stdout)
        self.assertEqual("-", rows["requests ok"][0])
        self.assertRegex(rows["requests ok"][1], r"^\d+$")
        self.assertEqual(64, len(digest_of(self.folder / "o-small.h5")))

    def test_tables_fit_a_terminal(self):
        for count in (1, 2, 3, 4):
            text = scenario_text() + "variants:\n" + "".join(
                f"  - {{name: the {i}th and a very long name as users write them}}\n" for i in range(count))
            said = self.said("run", self.write("s.yaml", text), *SHORT)
            with self.subTest(count=count):
                self.assertEqual([], [line for line in said.splitlines() if len(line) > 80])
                self.assertEqual(count == 2, "change" in said)
                for i in range(count):
                    self.assertIn(f"{i}th", said)

    def test_interrupt_ends_all(self):
        scenario = self.write("s.yaml", scenario_text() + TWO)
        for sent in (signal.SIGINT, signal.SIGKILL):
            command = [binary(), "run", scenario, "--out", self.folder / "o.h5", "--quiet",
                       "--set", "workload.tenants[chat].rate.scale=2000"]
            with self.subTest(sent), subprocess.Popen(command, stdout=subprocess.PIPE, text=True,
                                                      stderr=subprocess.PIPE, env=environment()) as run:
                children, wait = [], time.monotonic() + 60
                while len(list(self.folder.glob("*.part*"))) < min(2, os.cpu_count()):
                    self.assertLess(time.monotonic(), wait, "the variants do not begin")
                    time.sleep(0.01)
                time.sleep(0.2)
                listed = pathlib.Path(f"/proc/{run.pid}/task/{run.pid}/children").read_text()
                children = [pathlib.Path("/proc") / child for child in listed.split()]
                self.assertTrue(children)
                run.send_signal(sent)  # to the parent alone
                out, said = run.communicate(timeout=60)
                self.assertEqual("", out)
                if sent == signal.SIGINT:
                    self.assertEqual(1, run.returncode)
                    self.assertRegex(said, "interrupted")
                    self.assertEqual([], [c for c in children if c.exists()])
                while list(self.folder.glob("*.h5*")) or any(
                        c.exists() and " Z " not in (c / "stat").read_text() for c in children):
                    self.assertLess(time.monotonic(), wait, "the variants go on")
                    time.sleep(0.05)


if __name__ == "__main__":
    unittest.main()
