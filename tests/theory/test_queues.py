# SPDX-License-Identifier: Apache-2.0
"""Textbook queues through `tokenyard replay`: the mean wait against its formula.

Service times are whole numbers of tokens, 1,000 or more on average, so a queue in steps of one
token is within 0.2 % of the continuous one; the rest of the tolerance is four standard errors over
independent replications."""
import csv
import json
import math
import os
import pathlib
import random
import statistics
import subprocess
import tempfile
import unittest

BINARY = os.environ["TOKENYARD"]
STEP = 1e-3  # seconds a token
MEAN = 1000  # tokens of service on average
REPLICATIONS = 12
REQUESTS = 30_000
WARM_UP = 3_000


def erlang_c(servers, load):
    """Probability of waiting in M/M/c with offered load in Erlangs."""
    last = load**servers / math.factorial(servers) * servers / (servers - load)
    return last / (sum(load**k / math.factorial(k) for k in range(servers)) + last)


def replayed(config, rows):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "c.json").write_text(json.dumps(config))
        (folder / "t.csv").write_text(
            "arrival_s,prompt_tokens,output_tokens\n" + "".join(f"{a},{p},{o}\n" for a, p, o in rows))
        subprocess.run([BINARY, "replay", "--config", folder / "c.json", "--trace", folder / "t.csv",
                        "--out", folder / "r.csv"], check=True)
        with open(folder / "r.csv", newline="") as file:
            return [float(row["e2e"]) for row in csv.DictReader(file)]


def mean_sojourn(config, rate, shape, seed):
    draw = random.Random(seed)
    date, rows = 0.0, []
    for _ in range(REQUESTS):
        date += draw.expovariate(rate)
        rows.append((repr(date), *shape(draw)))
    return statistics.fmean(replayed(config, rows)[WARM_UP:])


def exponential(draw):
    return max(1, round(draw.expovariate(1 / MEAN)))


class Queues(unittest.TestCase):
    def agree(self, expected, config, rate, shape):
        means = [mean_sojourn(config, rate, shape, seed) for seed in range(REPLICATIONS)]
        error = statistics.stdev(means) / math.sqrt(REPLICATIONS)
        self.assertAlmostEqual(statistics.fmean(means), expected, delta=4 * error + 0.004 * expected)
        self.assertLess(error, 0.06 * expected, "the test would not see an error of 20 %")

    # One request at a time, read in one iteration: the prompt is the service time.
    single = {"max_num_seqs": 1, "max_num_batched_tokens": 10**9, "block_size": 16,
              "num_blocks": 10**9, "t_base": 1e-9, "t_prefill_token": STEP}

    def test_m_m_1(self):
        load, service = 0.7, MEAN * STEP
        self.agree(service / (1 - load), self.single, load / service,
                   lambda draw: (exponential(draw), 1))

    def test_m_d_1(self):
        load, service = 0.8, MEAN * STEP
        self.agree(service * (1 + load / (2 * (1 - load))), self.single, load / service,
                   lambda draw: (MEAN, 1))

    def test_m_m_c(self):
        # An iteration takes as long whatever its batch: each of c sequences is a server.
        servers, service = 3, MEAN * STEP
        load = 0.75 * servers
        config = {"max_num_seqs": servers, "max_num_batched_tokens": 10**6, "block_size": 16,
                  "num_blocks": 10**9, "t_base": STEP}
        wait = erlang_c(servers, load) * service / (servers - load)
        self.agree(service + wait, config, load / service, lambda draw: (1, exponential(draw)))


if __name__ == "__main__":
    unittest.main()
