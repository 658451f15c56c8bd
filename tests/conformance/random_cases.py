# SPDX-License-Identifier: Apache-2.0
"""Small random cases whose decisions do not hinge on a floating tie.

A case is either dyadic (every time is a small multiple of a power of two: sums are exact, ties are
real and both sides see them) or generic (no two events coincide but by construction).
"""
import itertools
import math
import random

from reference import Replica, Request, Simulation
from reference_input import check_config

SCALES = {"t_base": 1, "t_prefill_token": 1 / 16, "t_decode_seq": 1 / 8, "t_context_token": 1 / 128,
          "t_attn_pair": 1 / 1024}


def random_case(policy, seed, index):
    """Returns the config and the (arrival_s, prompt_tokens, output_tokens) rows."""
    for attempt in itertools.count():
        rng = random.Random(f"{seed}/{policy}/{index}/{attempt}")
        config, rows, dyadic = draw(rng, policy)
        if dyadic or policy != "disagg" or not hinges_on_a_tie(config, rows):
            return config, rows


def hinges_on_a_tie(config, rows):
    """Two ways around a pair can take equally long: transfers of 1 and 2 tokens, or of 3."""
    config = check_config(config, "random")

    def run(replica_type):
        requests = [Request(id, *row) for id, row in enumerate(rows)]
        simulation = WatchedSimulation(config, requests, replica_type)
        simulation.run()
        decisions = [(r.status, r.preemptions, r.first or 0, r.last or 0) for r in requests]
        return decisions, simulation.close_call

    def differ(one, other):
        return one[:2] != other[:2] or any(abs(a - b) > 1e-5 for a, b in zip(one[2:], other[2:]))

    plain, close_call = run(Replica)
    return close_call or any(differ(*pair) for seed in range(3)
                             for pair in zip(plain, run(nudged_replica(seed))[0]))


class WatchedSimulation(Simulation):
    """Notes whether two events were so close that rounding may have parted them."""
    previous, close_call = 0, False

    def next_time(self):
        now = super().next_time()
        self.close_call |= 0 < now - self.previous < 1e-9 * now < math.inf
        self.previous = now
        return now


def nudged_replica(seed):
    """A replica whose iterations take longer or shorter by about what rounding could make of it:
    events that only happened to coincide part."""
    rng = random.Random(seed)

    class NudgedReplica(Replica):
        def duration(self, batch):
            return super().duration(batch) * (1 + rng.uniform(-1e-11, 1e-11))

    return NudgedReplica


def draw(rng, policy):
    fair = policy == "disagg" and rng.random() < 0.5
    dyadic = not fair and rng.random() < 0.5  # three transfers share a link in thirds: never dyadic
    lengths = random_lengths(rng)
    config = random_replica(rng, dyadic, lengths, policy)
    if rng.random() < 0.4:
        config["max_inflight"] = rng.randint(1, 12)
    if policy == "disagg":
        config["disagg"] = random_disagg(rng, dyadic, fair, lengths)
    elif policy != "v1" or rng.random() < 0.2:
        config["policy"] = policy
    arrivals = random_arrivals(rng, dyadic, len(lengths))
    return config, [(at, *length) for at, length in zip(arrivals, lengths)], dyadic


def random_lengths(rng):
    prompts = rng.choice([(1, 4), (1, 20), (8, 40), (1, 120)])
    outputs = rng.choice([(1, 2), (1, 6), (1, 20), (4, 40), (10, 40)])
    mixed = rng.random() < 0.3  # a few of another kind among them

    def length(usual, other):
        return rng.randint(*(other if mixed and rng.random() < 0.3 else usual))

    count = rng.choice([1, 2, 4, 6, 9, 12, 20, 30, 40, 60])
    return [(length(prompts, (1, 90)), length(outputs, (1, 20))) for _ in range(count)]


def coefficient(rng, dyadic, scale):
    if not dyadic:
        return scale * rng.uniform(0.3, 2.5)
    return scale * rng.choice([0.25, 0.5, 1, 1, 1, 2, rng.randint(1, 24) / 8])


def random_times(rng, dyadic):
    used = rng.choice([0, 0.4, 0.8, 1])  # 0: equal iterations, arrivals often hit their ends
    times = {key: coefficient(rng, dyadic, scale) if key == "t_base" or rng.random() < used else 0
             for key, scale in SCALES.items()}
    if times["t_prefill_token"] and times["t_decode_seq"] and rng.random() < 0.2:
        times["t_base"] = 0
    return times


def random_replica(rng, dyadic, lengths, policy):
    block_size = rng.choice([1, 2, 4, 7, 16])
    tokens = sorted(P + O - 1 for P, O in lengths)
    largest = tokens[int(rng.choice([0.6, 0.9, 1, 1, 1]) * (len(tokens) - 1))]
    room = rng.choice([1, 1, 1.3, 1.7, 2.5, 10])  # in requests of the largest accepted length
    max_num_seqs = rng.choice([1, 2, 3, 4, 8, 16, 32])
    budget = max_num_seqs + rng.choice([0, rng.randint(0, 8), rng.randint(0, 60), 500])
    if policy == "v0":
        budget = max(max_num_seqs, int(rng.choice([0.7, 1, 1.2, 2, 5]) * tokens[-1]))
    config = {
        "max_num_seqs": max_num_seqs,
        "max_num_batched_tokens": budget,
        "num_blocks": math.ceil(room * math.ceil(largest / block_size)),
        **random_times(rng, dyadic),
    }
    if block_size != 16 or rng.random() < 0.5:
        config["block_size"] = block_size
    if rng.random() < 0.25:
        config["reserve_full_prompt"] = True
    return config


def random_disagg(rng, dyadic, fair, lengths):
    bytes_per_token = rng.randint(1, 40)
    mean_size = bytes_per_token * sum(P for P, O in lengths) / len(lengths)
    bandwidth = mean_size / rng.choice([0.1, 0.5, 2, 5])
    if dyadic:
        bandwidth = 2.0 ** round(math.log2(bandwidth))
    disagg = {
        "decode": random_replica(rng, dyadic, lengths, "v1"),
        "kv_bytes_per_token": bytes_per_token,
        "link_latency_s": rng.choice([0, coefficient(rng, dyadic, 0.5)]),
        "link_bandwidth_Bps": bandwidth,
    }
    if fair:
        disagg["contention"] = "fair"
    if rng.random() < 0.4:
        disagg["hold_prefill_kv"] = rng.random() < 0.3
    if rng.random() < 0.5:
        disagg["first_token"] = rng.choice(["prefill", "decode", "decode"])
    return disagg


def random_arrivals(rng, dyadic, count):
    span = count * rng.choice([0, 0.3, 1, 3, 10])
    instants = [rng.uniform(0, span) for _ in range(max(1, count // rng.choice([1, 2, 6])))]
    if rng.random() < 0.2:
        instants += [1000 + span]  # an idle gap
    if dyadic:
        instants = [math.floor(at * 4) / 4 for at in instants]
    arrivals = [rng.choice(instants) for _ in range(count)]
    return arrivals if rng.random() < 0.3 else sorted(arrivals)
