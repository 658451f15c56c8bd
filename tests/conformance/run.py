#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Does `tokenyard replay` follow the serving semantics? Hand cases, bad inputs, random cases."""
import argparse
import contextlib
import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import reference
import reference_input
from random_cases import random_case

HERE = Path(__file__).resolve().parent
POLICIES = ("v1", "v0", "static", "disagg")
TRACE_HEADER = "arrival_s,prompt_tokens,output_tokens"
RESULT_HEADER = ["id", "status", "ttft", "e2e", "tpot", "preemptions"]


class Mismatch(Exception):
    """What the program did differently."""


# Programs under test: called with config, trace and result path; return the exit code and stderr.

def replay_with(binary):
    def replay(config, trace, out):
        command = [binary, "replay", "--config", config, "--trace", trace, "--out", out]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=60,
                                  errors="surrogateescape")
        except subprocess.TimeoutExpired:
            raise Mismatch("not done after 60 s") from None
        return done.returncode, done.stderr
    return replay


def replay_with_reference(config, trace, out):
    errors = io.StringIO()
    with contextlib.redirect_stderr(errors):
        code = reference.main(["--config", str(config), "--trace", str(trace), "--out", str(out)])
    return code, errors.getvalue()


class Session:
    """Runs checks, each in its own folder; keeps the folders of those that fail."""

    def __init__(self, replay):
        self.replay = replay
        self.kept = Path(tempfile.mkdtemp(prefix="tokenyard-conformance-"))
        self.passed = self.failed = 0

    def check(self, name, config, trace, judge):
        number = self.passed + self.failed
        folder = self.kept / f"{number:04}-{re.sub(r'[^a-z0-9_]+', '-', name.lower())}"
        folder.mkdir()
        self.config, self.trace, self.out = (folder / file for file in
                                             ("config.json", "trace.csv", "out.csv"))
        self.config.write_text(config, encoding="utf-8")
        self.trace.write_bytes(trace)
        try:
            judge(self)
        except Mismatch as mismatch:
            self.failed += 1
            (folder / "mismatch.txt").write_text(f"{name}\n{mismatch}\n", encoding="utf-8")
            if self.failed <= 10:
                print(f"FAILED {name}: {mismatch}\n       kept in {folder}")
        else:
            self.passed += 1
            shutil.rmtree(folder)

    def close(self):
        if not self.failed:
            self.kept.rmdir()
        print(f"{self.passed} passed, {self.failed} failed")
        return 1 if self.failed else 0

    # Judges

    def expect_rows(self, expected, close_enough):
        code, errors = self.replay(self.config, self.trace, self.out)
        if code != 0:
            raise Mismatch(f"exit {code}: {errors.strip()}")
        actual = read_result(self.out)
        if len(actual) != len(expected):
            raise Mismatch(f"{len(actual)} rows instead of {len(expected)}")
        for want, got in zip(expected, actual):
            exact = (want[0], want[1], want[5]) == (got[0], got[1], got[5])
            if not exact or not all(map(close_enough, want[2:5], got[2:5])):
                raise Mismatch(f"row {got}, expected {want}")

    def expect_error(self, codes, line=None, out=None, one_line=False):
        code, errors = self.replay(self.config, self.trace, out or self.out)
        if code not in codes:
            raise Mismatch(f"exit {code} instead of {codes}: {errors.strip() or 'no message'}")
        if not errors.strip() or (one_line and len(errors.strip().splitlines()) != 1):
            raise Mismatch(f"the message is not one line: {errors.strip() or 'empty'}")
        if line and not re.search(rf"(line |\.csv:){line}(?!\d)", errors):
            raise Mismatch(f"line {line} is not named: {errors.strip()}")
        left = {path.name for path in self.config.parent.iterdir()} - {"config.json", "trace.csv"}
        if left:
            raise Mismatch(f"left behind: {', '.join(sorted(left))}")


def same(want, got):
    return want == got


def within_tolerance(want, got):
    if want is None or got is None:
        return want is got
    return abs(want - got) <= 1e-7 * abs(want) + 1e-9


def read_result(path):
    try:
        with open(path, encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
        if rows[0] != RESULT_HEADER:
            raise ValueError(f"header {rows[0]}")
        return [read_row(*row) for row in rows[1:]]
    except (OSError, ValueError, TypeError, IndexError) as error:
        raise Mismatch(f"bad result file: {error}") from None


def read_row(id, status, ttft, e2e, tpot, preemptions):
    return (int(id), status, number(ttft), number(e2e), number(tpot), int(preemptions))


def number(cell):  # hand cases write quotients that binary64 rounds as "4/3"
    if cell == "":
        return None
    over, _, under = cell.partition("/")
    return float(over) / float(under or 1)


def expected_rows(lines):
    return [read_row(*line.split(",")) for line in lines]


def policy_of(config):
    return "disagg" if "disagg" in config else config.get("policy", "v1")


# The checks

def hand_cases(session, policies):
    for path in sorted((HERE / "cases").glob("*.json")):
        case = json.loads(path.read_text(encoding="utf-8"))
        if policy_of(case["config"]) in policies:
            expected = expected_rows(case["result"])
            trace = "\n".join([TRACE_HEADER, *case["trace"], ""])
            session.check(path.stem, json.dumps(case["config"]), trace.encode(),
                          lambda here: here.expect_rows(expected, same))


def bad_inputs(session):
    given = json.loads((HERE / "bad_input.json").read_text(encoding="utf-8"))
    for case in given["cases"]:
        trace = case.get("trace", given["trace"]).encode()
        if "trace_hex" in case:
            trace = bytes.fromhex(case["trace_hex"])
        if case.get("legal"):
            expected = expected_rows(case["result"])
            judge = lambda here: here.expect_rows(expected, same)
        else:
            judge = lambda here: here.expect_error((2,), line=case.get("line"))
        session.check(f"input: {case['name']}", case.get("config", given["config"]), trace, judge)

    def missing(file):
        def judge(here):
            getattr(here, file).unlink()
            here.expect_error((1, 2))
        return judge

    def unwritable(out):
        return lambda here: here.expect_error((1, 2), out=here.config.parent / out, one_line=True)

    good = given["config"], given["trace"].encode()
    session.check("input: no config file", *good, missing("config"))
    session.check("input: no trace file", *good, missing("trace"))
    session.check("output: a folder that does not exist", *good, unwritable("nowhere/out.csv"))
    session.check("output: a folder", *good, unwritable("."))


def random_cases(session, policy, count, seed):
    covered = Counter()
    for index in range(count):
        config, rows = random_case(policy, seed, index)
        trace = "".join(f"{line}\n" for line in
                        [TRACE_HEADER, *(",".join(map(str, row)) for row in rows)])

        def judge(here):
            parsed = reference_input.read_config(here.config)
            requests = reference.simulate(parsed, reference_input.read_trace(here.trace))
            covered.update(features(requests))
            here.expect_rows([r.result() for r in requests], within_tolerance)

        session.check(f"random {policy} {seed} {index}", json.dumps(config, indent=1),
                      trace.encode(), judge)
    if count:
        numbers = ", ".join(f"{covered[name]} {name}" for name in
                            ("with preemptions", "preempting twice", "with rejections",
                             "with drops", "with chunked prefills"))
        print(f"{count} random {policy} cases: {numbers}")


def features(requests):
    preemptions = max(r.preemptions for r in requests)
    found = {
        "with preemptions": preemptions > 0,
        "preempting twice": preemptions > 1,
        "with rejections": any(r.status == "rejected" for r in requests),
        "with drops": any(r.status == "dropped" for r in requests),
        "with chunked prefills": any(r.partial_chunks for r in requests),
    }
    return [name for name, present in found.items() if present]


def policy_list(text):
    policies = text.split(",")
    if not set(policies) <= set(POLICIES):
        raise argparse.ArgumentTypeError(f"choose among {','.join(POLICIES)}")
    return policies


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    program = parser.add_mutually_exclusive_group(required=True)
    program.add_argument("--tokenyard", metavar="PATH", help="the program under test")
    program.add_argument("--self-test", action="store_true", help="test the reference instead")
    parser.add_argument("--policies", type=policy_list, help="default v1; all with --self-test")
    parser.add_argument("--random", type=int, default=0, metavar="N", help="cases per policy")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    policies = options.policies or (POLICIES if options.self_test else ["v1"])
    if options.tokenyard and not os.access(options.tokenyard, os.X_OK):
        parser.error(f"{options.tokenyard}: not a program")
    session = Session(replay_with_reference if options.self_test
                      else replay_with(str(Path(options.tokenyard).resolve())))
    hand_cases(session, policies)
    bad_inputs(session)
    for policy in policies:
        random_cases(session, policy, options.random, options.seed)
    return session.close()


if __name__ == "__main__":
    sys.exit(main())
