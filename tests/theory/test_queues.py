# SPDX-License-Identifier: Apache-2.0
"""Textbook queues through `tokenyard replay`: means and losses against their formulas.

Service times are whole numbers of tokens, 1,000 or more on average, so a queue in steps of one
token is within 0.3 % of the continuous one; the rest of the tolerance is four standard errors over
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
REQUESTS = 40_000
WARM_UP = 3_000


def erlang_c(servers, load):
    """Probability of waiting in M/M/c with offered load in Erlangs."""
    last = load**servers / math.factorial(servers) * servers / (servers - load)
    return last / (sum(load**k / math.factorial(k) for k in range(servers)) + last)


def erlang_b(servers, load):
    """Probability that all servers of M/G/c/c are busy."""
    blocked = 1.0
    for c in range(1, servers + 1):
        blocked = load * blocked / (c + load * blocked)
    return blocked


def replayed(config, rows):
    """Sojourn of each request, None for one that was dropped."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "c.json").write_text(json.dumps(config))
        (folder / "t.csv").write_text(
            "arrival_s,prompt_tokens,output_tokens\n" + "".join(f"{a},{p},{o}\n" for a, p, o in rows))
        subprocess.run([BINARY, "replay", "--config", folder / "c.json", "--trace", folder / "t.csv",
                        "--out", folder / "r.csv"], check=True)
        with open(folder / "r.csv", newline="") as file:
            return [float(row["e2e"]) if row["status"] == "ok" else None
                    for row in csv.DictReader(file)]


def requests(rate, shape, seed):
    draw = random.Random(seed)
    date, rows = 0.0, []
    for _ in range(REQUESTS):
        date += draw.expovariate(rate)
        rows.append((repr(date), *shape(draw)))
    return rows


def mean(sojourns, _rows):
    return statistics.fmean(s for s in sojourns if s is not None)


def share_dropped(sojourns, _rows):
    return sum(s is None for s in sojourns) / len(sojourns)


def exponential(draw):
    return max(1, round(draw.expovariate(1 / MEAN)))


def erlang_4(draw):
    return max(1, round(sum(draw.expovariate(4 / MEAN) for _ in range(4))))


def hyperexponential(draw):
    """Two exponentials with balanced means; the square of the coefficient of variation is 4."""
    first = (1 + math.sqrt(3 / 5)) / 2
    chance = first if draw.random() < first else 1 - first
    return max(1, round(draw.expovariate(2 * chance / MEAN)))


def constant(_draw):
    return MEAN


def short_or_long(draw):
    return 200 if draw.random() < 0.8 else 4200


class Queues(unittest.TestCase):
    def agree(self, expected, config, rate, shape, measure=mean):
        found = []
        for seed in range(REPLICATIONS):
            rows = requests(rate, shape, seed)
            found.append(measure(replayed(config, rows)[WARM_UP:], rows[WARM_UP:]))
        error = statistics.stdev(found) / math.sqrt(REPLICATIONS)
        print(f"{self.id().split('.')[-1]}: expected {expected:.4f}, found "
              f"{statistics.fmean(found):.4f}, standard error {error:.4f}")
        self.assertAlmostEqual(statistics.fmean(found), expected, delta=4 * error + 0.003 * expected)
        self.assertLess(error, 0.02 * expected, "the test would not see an error of 8 %")

    # One request at a time, read in one iteration: the prompt is the service time.
    single = {"max_num_seqs": 1, "max_num_batched_tokens": 10**9, "block_size": 16,
              "num_blocks": 10**9, "t_base": 1e-9, "t_prefill_token": STEP}

    # An iteration takes as long whatever its batch: each of c sequences is a server.
    @staticmethod
    def servers(count, **more):
        return {"max_num_seqs": count, "max_num_batched_tokens": 10**6, "block_size": 16,
                "num_blocks": 10**9, "t_base": STEP, **more}

    # An iteration takes as long as it has requests and gives a token to each: they share the
    # processor, in turns of a token.
    shared = {"max_num_seqs": 10**4, "max_num_batched_tokens": 10**6, "block_size": 16,
              "num_blocks": 10**9, "t_base": 0, "t_prefill_token": STEP, "t_decode_seq": STEP}

    def test_m_m_1(self):
        load, service = 0.7, MEAN * STEP
        self.agree(service / (1 - load), self.single, load / service,
                   lambda draw: (exponential(draw), 1))

    def test_m_d_1(self):
        load, service = 0.8, MEAN * STEP
        self.agree(service * (1 + load / (2 * (1 - load))), self.single, load / service,
                   lambda draw: (MEAN, 1))

    def test_m_g_1(self):
        """Pollaczek and Khinchine: the wait is load / (1 - load) * service * (1 + cv2) / 2."""
        load, service = 0.4, MEAN * STEP
        for shape, cv2 in ((erlang_4, 1 / 4), (hyperexponential, 4)):
            with self.subTest(shape.__name__):
                wait = load / (1 - load) * service * (1 + cv2) / 2
                self.agree(service + wait, self.single, load / service,
                           lambda draw, shape=shape: (shape(draw), 1))

    def test_processor_sharing(self):
        """M/G/1-PS: the mean depends on the distribution only through its mean."""
        load, service = 0.6, MEAN * STEP
        for shape in (exponential, constant, short_or_long):
            with self.subTest(shape.__name__):
                self.agree(service / (1 - load), self.shared, load / service,
                           lambda draw, shape=shape: (1, shape(draw)))

    def test_processor_sharing_is_fair(self):
        """Each size x stays x / (1 - load) on average."""
        load, service = 0.6, MEAN * STEP
        for size in (200, 4200):
            with self.subTest(size=size):
                self.agree(size * STEP / (1 - load), self.shared, load / service,
                           lambda draw: (1, short_or_long(draw)),
                           lambda sojourns, rows, size=size: statistics.fmean(
                               s for s, row in zip(sojourns, rows) if row[2] == size))

    def test_m_m_c(self):
        servers, service = 3, MEAN * STEP
        load = 0.75 * servers
        wait = erlang_c(servers, load) * service / (servers - load)
        self.agree(service + wait, self.servers(servers), load / service,
                   lambda draw: (1, exponential(draw)))

    def test_m_g_c_c(self):
        """Erlang's loss formula, whatever the distribution: what finds all servers busy is dropped."""
        servers, load, service = 5, 4.0, MEAN * STEP
        for shape in (exponential, constant, hyperexponential):
            with self.subTest(shape.__name__):
                self.agree(erlang_b(servers, load), self.servers(servers, max_inflight=servers),
                           load / service, lambda draw, shape=shape: (1, shape(draw)), share_dropped)

    def test_m_m_1_k(self):
        load, room, service = 0.9, 5, MEAN * STEP
        chances = [load**n for n in range(room + 1)]
        chances = [chance / sum(chances) for chance in chances]
        config = {**self.single, "max_inflight": room}
        self.agree(chances[room], config, load / service, lambda draw: (exponential(draw), 1),
                   share_dropped)
        inside = sum(n * chance for n, chance in enumerate(chances))
        self.agree(inside * service / (load * (1 - chances[room])), config, load / service,
                   lambda draw: (exponential(draw), 1))


if __name__ == "__main__":
    unittest.main()
