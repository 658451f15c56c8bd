#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Do the tests notice when the scheduler is wrong? Makes mutants of sim/serving, each with one
small mistake, in a copy of the source tree, and runs the tests against each."""
import argparse
import contextlib
import json
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter, namedtuple
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FILES = [f"sim/serving/{name}" for name in (
    "schedule.cpp", "replica.cpp", "batchers.cpp", "schedule.hpp", "replica.hpp", "kv_cache.hpp",
    "finish_heap.hpp", "request_queue.hpp", "token_gaps.hpp", "schedule_features.cpp",
    "replica_pipeline.cpp", "pipeline.hpp", "lane.hpp", "prefix_cache.cpp", "prefix_cache.hpp",
    "kv_cache.cpp", "kv_windows.cpp", "kv_windows.hpp", "block_divider.hpp", "speculation.cpp",
    "static_shapes.cpp")]
EQUIVALENT = Path(__file__).with_name("equivalent.json")  # why no test can tell: mutants
KILLED_AT_LEAST = 0.9
MEMORY = 2 << 30  # bytes: a mutant may allocate without end


class Mutant(namedtuple("Mutant", "file at old new rule line before after")):
    """`old` at offset `at` becomes `new`; `before` and `after` are the line it begins on."""

    def __str__(self):
        return f"{self.file}:{self.line} [{self.rule}] {self.before} => {self.after}"


# The rules: each yields (offset, old text, new text). They read code in which all that is not
# behaviour is blank. clang-format puts spaces around binary operators, none around brackets.

def swap(pattern, table):
    def rule(code):
        for match in re.finditer(pattern, code, re.MULTILINE):
            for new in table[match[1]]:
                yield match.start(1), match[1], new
    return rule


def closing(code, at):
    """The offset of the bracket that closes the one at `at`."""
    depth = 1
    while depth:
        at += 1
        depth += (code[at] in "([{") - (code[at] in ")]}")
    return at


def forced_condition(code):
    """What if, while, for and simple conditional expressions test."""
    found = [(match.end(), code[match.end():closing(code, match.end() - 1)])
             for match in re.finditer(r"\b(?:if|while) \(", code)]
    for pattern in (r"\bfor \([^;:]*; ([^;]+);",
                    r"(?:\(|[^=<>!]= |return )((?:[!\w.]|->|\(\))+) \?"):
        found += [(match.start(1), match[1]) for match in re.finditer(pattern, code)]
    return [(at, condition, value) for at, condition in found for value in ("true", "false")]


def deleted_statement(code):
    """Calls, assignments, steps, jumps; no declarations, and nothing that is all of a branch."""
    start = r"(?<=[;{}])\s*(?=[\w:]+(?:[(.\[]|->| [-+]?= )|[(*]|\+\+|--|(?:break|continue|return);)"
    for match in re.finditer(start, code):
        at, i = match.end(), match.end()
        while i < len(code) and code[i] not in ";)]}":
            i = closing(code, i) + 1 if code[i] in "([{" else i + 1
        statement = code[at:i + 1]
        if statement.endswith(";") and not re.search(r"[)\w] \{|^\w+::\w+\(const", statement):
            yield at, statement, ";"


RULES = {
    "comparison": swap(r"(?<= )([<>]=?|[=!]=)(?= |$)", {
        "<": ["<=", ">="], "<=": ["<", ">"], ">": [">=", "<="], ">=": [">", "<"],
        "==": ["!="], "!=": ["=="]}),
    "sign": swap(r"(?<= )([-+]=?)(?= |$)", {"+": "-", "-": "+", "+=": ["-="], "-=": ["+="]}),
    "step": swap(r"(\+\+|--)", {"++": ["--", ""], "--": ["++", ""]}),
    "off by one": swap(r"(?<![\w.])([012])(?![\w.])", {"0": ["1"], "1": ["0", "2"], "2": ["1"]}),
    "logic": swap(r" (&&|\|\|)(?= |$)", {"&&": ["||"], "||": ["&&"]}),
    "extremum": swap(r"(std::(?:min|max))\(", {"std::min": ["std::max"], "std::max": ["std::min"]}),
    "truth": swap(r"\b(true|false)\b", {"true": ["false"], "false": ["true"]}),
    "condition": forced_condition,
    "deletion": deleted_statement,
}


def behaviour(text):
    """The text with comments, strings, directives, contracts and audits blanked out."""
    def blank(match):
        return re.sub(r"[^\n]", " ", match[0])
    patterns = (r"//.*", r'"(?:\\.|[^"\\\n])*"', r"^(?:#|template|static_assert).*",
                r"\bSIM_(?:EXPECT|ASSERT|ENSURE)\(.*\);",
                r"^void \w+::audit\((?:.|\n)*?^}", r"^ *void audit\(.*")
    for pattern in patterns:
        text = re.sub(pattern, blank, text, flags=re.MULTILINE)
    return text


def all_mutants(tree):
    mutants = []
    for file in FILES:
        text = (tree / file).read_text(encoding="utf-8")
        code = behaviour(text)
        for rule, find in RULES.items():
            for at, old, new in find(code):
                begin, end = text.rfind("\n", 0, at) + 1, text.find("\n", at + len(old))
                before, after = text[begin:end], text[begin:at] + new + text[at + len(old):end]
                mutants.append(Mutant(file, at, old, new, rule, text.count("\n", 0, at) + 1,
                                      " ".join(before.split()), " ".join(after.split())))
    mutants.sort(key=lambda m: (FILES.index(m.file), m.at, m.rule, m.new))
    return list({str(mutant): mutant for mutant in mutants}.values())


# The copy, its build and its tests

class Tests:
    """Builds and runs the tests in a copy of the tree, the quickest first."""
    def __init__(self, work):
        self.tree, self.build = work / "src", work / "build"
        conformance = [sys.executable, self.tree / "tests/conformance/run.py", "--tokenyard",
                       self.build / "tokenyard", "--policies", "v1,v0,static,disagg", "--random"]
        self.stages = [  # target, name, command
            ("serving_test", "serving_test", [self.build / "tests/serving_test", "--abort"]),
            ("fleet_test", "fleet_test", [self.build / "tests/fleet_test", "--abort"]),
            ("property_test", "property_test", [self.build / "tests/property_test", "--abort"]),
            ("tokenyard", "hand cases", [*conformance, "0"]),
            ("tokenyard", "random cases", [*conformance, "60"])]
        self.limits, self.kept = {}, work / "kept"  # where the tests leave what failed
        self.copy()
        subprocess.run(["cmake", "-S", self.tree, "-B", self.build, "-G", "Ninja", "-D",
                        "CMAKE_BUILD_TYPE=Release", "-D", "CMAKE_CXX_FLAGS_RELEASE=-O1"],
                       stdout=subprocess.DEVNULL, check=True)

    def copy(self):
        listed = subprocess.run(["git", "ls-files", "-coz", "--exclude-standard"], cwd=ROOT,
                                capture_output=True, text=True, check=True).stdout.split("\0")
        for name in filter(None, listed):
            source, target = ROOT / name, self.tree / name
            if not (target.exists() and source.read_bytes() == target.read_bytes()):
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(source, target)

    def outcome(self, command, limit):
        self.kept.mkdir(exist_ok=True)
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)),
            env={**os.environ, "TMPDIR": str(self.kept)})
        try:
            return "passed" if process.wait(limit) == 0 else "failed"
        except subprocess.TimeoutExpired:
            return "timed out"
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            shutil.rmtree(self.kept, ignore_errors=True)

    def verdict(self):
        """Who notices first, if anyone. The first run, of the unchanged tree, sets the limits."""
        for target, name, command in self.stages:
            build = ["ninja", "-C", self.build, "-j1", target]
            if subprocess.run(build, capture_output=True, check=False).returncode:
                return "does not compile"
            start = time.monotonic()
            outcome = self.outcome(command, self.limits.get(name))
            if outcome != "passed":
                return f"{name} {outcome}"
            self.limits.setdefault(name, 10 + 5 * (time.monotonic() - start))
        return "SURVIVED"

    def try_out(self, mutant):
        path = self.tree / mutant.file
        text = path.read_text(encoding="utf-8")
        try:
            path.write_text(text[:mutant.at] + mutant.new + text[mutant.at + len(mutant.old):],
                            encoding="utf-8")
            return self.verdict()
        finally:
            path.write_text(text, encoding="utf-8")


def report(mutants, verdicts):
    counted = [m for m in mutants if verdicts[str(m)] != "does not compile"]
    found = Counter(verdicts[str(m)] for m in counted)
    for group in ("rule", "file"):
        print(f"by {group}:", dict(Counter(getattr(m, group) for m in counted)))
    print("verdicts:", dict(Counter(verdicts[str(m)] for m in mutants).most_common()))
    print(*(f"survived: {m}" for m in counted if verdicts[str(m)] == "SURVIVED"), sep="\n")
    killed = len(counted) - found["SURVIVED"] - found["equivalent"]
    share = killed / max(1, killed + found["SURVIVED"])
    print(f"{len(counted)} mutants, {found['equivalent']} of them equivalent, {killed} killed: "
          f"{share:.1%} of those that are not equivalent")
    return share


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--list", action="store_true", help="print the mutants, run nothing")
    parser.add_argument("--only", metavar="FILE[:LINE]", action="append",
                        help="only the mutants of this file, or line; may be given again")
    parser.add_argument("--sample", type=int, metavar="N", help="N mutants drawn at random")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, help="JSON: keeps verdicts; resumes from what it holds")
    parser.add_argument("--again", action="store_true", help="run survivors and equivalents again")
    parser.add_argument("--work", type=Path, help="keep the copy and its build here")
    options = parser.parse_args()
    chosen = all_mutants(ROOT)
    if options.only:
        chosen = [m for m in chosen if any(place.endswith(f"/{only}") for only in options.only
                                           for place in (m.file, f"{m.file}:{m.line}"))]
    if options.sample and options.sample < len(chosen):
        kept = set(random.Random(options.seed).sample(range(len(chosen)), options.sample))
        chosen = [mutant for i, mutant in enumerate(chosen) if i in kept]
    if options.list:
        print(*chosen, f"{len(chosen)} mutants", sep="\n")
        return 0
    verdicts = json.loads(options.out.read_text()) if options.out and options.out.exists() else {}
    equivalent = set(sum(json.loads(EQUIVALENT.read_text()).values(), []))
    if options.again:
        verdicts = {m: by for m, by in verdicts.items() if by not in ("SURVIVED", "equivalent")}
    else:
        verdicts |= dict.fromkeys(equivalent, "equivalent")
    with tempfile.TemporaryDirectory(prefix="tokenyard-mutants-") as folder:
        work = options.work.resolve() if options.work else Path(folder)
        tests = Tests(work)
        if (verdict := tests.verdict()) != "SURVIVED":
            sys.exit(f"the unchanged tree: {verdict}")
        for number, mutant in enumerate(chosen, 1):
            if str(mutant) in verdicts:
                continue
            start = time.monotonic()
            verdict = tests.try_out(mutant)
            print(f"{number:4}/{len(chosen)} {time.monotonic() - start:5.1f} s  {verdict:22} "
                  f"{mutant}", flush=True)
            known = verdict == "SURVIVED" and str(mutant) in equivalent
            verdicts[str(mutant)] = "equivalent" if known else verdict
            if options.out:
                options.out.write_text(json.dumps(verdicts, indent=0) + "\n", encoding="utf-8")
    return 0 if report(chosen, verdicts) >= KILLED_AT_LEAST else 1


if __name__ == "__main__":
    sys.exit(main())
