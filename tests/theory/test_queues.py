# SPDX-License-Identifier: Apache-2.0
"""Textbook queues through `tokenyard replay`: means and losses against their formulas.

Service times are whole numbers of tokens, 1,000 or more on average, so a queue in steps of one
token is within 0.3 % of the continuous one; the rest of the tolerance is four standard errors over
independent replications. Loads are moderate and runs long enough that both together stay below 3 %."""
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
SERVICE = MEAN * STEP
BIAS = 0.003  # of turns and of whole tokens
REPLICATIONS = 16
REQUESTS = 30_000
WARM_UP = 2_000


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
        (folder / "t.csv").write_text("arrival_s,prompt_tokens,output_tokens\n" +
                                      "".join(f"{a!r},{p},{o}\n" for a, p, o in rows))
        subprocess.run([BINARY, "replay", "--config", folder / "c.json", "--trace", folder / "t.csv",
                        "--out", folder / "r.csv"], check=True)
        with open(folder / "r.csv", newline="") as file:
            table = csv.reader(file)
            e2e = next(table).index("e2e")
            return [float(row[e2e]) if row[e2e] else None for row in table]


def trace(rate, shape, seed, count):
    draw = random.Random(seed)
    date, rows = 0.0, []
    for _ in range(count):
        date += draw.expovariate(rate)
        rows.append((date, *shape(draw)))
    return rows


# What is read from one replication: (sojourns, requests) after the warm-up.
def mean(sojourns, _rows):
    return statistics.fmean(s for s in sojourns if s is not None)


def mean_of_size(size):
    return lambda sojourns, rows: statistics.fmean(
        s for s, row in zip(sojourns, rows) if row[2] == size)


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
    return 500 if draw.random() < 0.75 else 2500


def read(size):
    """A request whose service is its prompt."""
    return lambda draw: (size(draw), 1)


def written(size):
    """A request whose service is its answer."""
    return lambda draw: (1, size(draw))


class Queues(unittest.TestCase):
    def agree(self, config, rate, shape, expected, count=REQUESTS):
        """Each measure, a function of (sojourns, requests), has its expected value."""
        found = [[] for _ in expected]
        for replication in range(REPLICATIONS):
            rows = trace(rate, shape, f"{self._testMethodName} {count} {replication}", count)
            sojourns = replayed(config, rows)
            for values, measure in zip(found, expected):
                values.append(measure(sojourns[WARM_UP:], rows[WARM_UP:]))
        for values, value in zip(found, expected.values()):
            self.judge(values, value)

    def judge(self, found, expected):
        error = statistics.stdev(found) / math.sqrt(len(found))
        tolerance = 4 * error + BIAS * expected
        print(f"{self.id().split('.')[-1]}: expected {expected:.4f}, found "
              f"{statistics.fmean(found):.4f}, standard error {error:.4f}")
        self.assertAlmostEqual(statistics.fmean(found), expected, delta=tolerance)
        self.assertLess(tolerance, 0.03 * expected, "the test would not see an error of 3 %")

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
        load = 0.5
        self.agree(self.single, load / SERVICE, read(exponential), {mean: SERVICE / (1 - load)})

    def test_m_d_1(self):
        load = 0.7
        wait = load / (1 - load) * SERVICE / 2
        self.agree(self.single, load / SERVICE, read(constant), {mean: SERVICE + wait})

    def test_m_g_1(self):
        """Pollaczek and Khinchine: the wait is load / (1 - load) * service * (1 + cv2) / 2."""
        for shape, cv2, load, count in ((erlang_4, 1 / 4, 0.6, REQUESTS),
                                        (hyperexponential, 4, 0.3, 3 * REQUESTS)):
            with self.subTest(shape.__name__):
                wait = load / (1 - load) * SERVICE * (1 + cv2) / 2
                self.agree(self.single, load / SERVICE, read(shape), {mean: SERVICE + wait}, count)

    def test_processor_sharing(self):
        """M/G/1-PS: the mean depends on the distribution only through its mean."""
        load = 0.5
        self.agree(self.shared, load / SERVICE, written(exponential), {mean: SERVICE / (1 - load)})

    def test_processor_sharing_is_fair(self):
        """Each size x stays x / (1 - load) on average."""
        load = 0.5
        self.agree(self.shared, load / SERVICE, written(short_or_long), {
            mean: SERVICE / (1 - load),
            mean_of_size(500): 500 * STEP / (1 - load),
            mean_of_size(2500): 2500 * STEP / (1 - load)}, 2 * REQUESTS)

    def test_m_m_c(self):
        servers = 3
        load = 0.65 * servers
        wait = erlang_c(servers, load) * SERVICE / (servers - load)
        self.agree(self.servers(servers), load / SERVICE, written(exponential), {mean: SERVICE + wait})

    def test_m_g_c_c(self):
        """Erlang's loss formula, whatever the distribution: what finds all servers busy is dropped."""
        servers, load = 5, 5.0
        for shape, count in ((constant, REQUESTS), (hyperexponential, 2 * REQUESTS)):
            with self.subTest(shape.__name__):
                self.agree(self.servers(servers, max_inflight=servers), load / SERVICE,
                           written(shape), {share_dropped: erlang_b(servers, load)}, count)

    def test_m_m_1_k(self):
        load, room = 0.9, 5
        chances = [load**n for n in range(room + 1)]
        chances = [chance / sum(chances) for chance in chances]
        inside = sum(n * chance for n, chance in enumerate(chances))
        self.agree({**self.single, "max_inflight": room}, load / SERVICE, read(exponential), {
            share_dropped: chances[room],
            mean: inside * SERVICE / (load * (1 - chances[room]))}, 2 * REQUESTS)


if __name__ == "__main__":
    unittest.main()
