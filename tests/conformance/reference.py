#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The serving semantics, version 1, transcribed literally: slow, one iteration at a time.

Section numbers in comments are those of the specification. It shares no code with the simulator.
"""
import argparse
import sys
from fractions import Fraction

from reference_input import BadInput, read_config, read_trace

PREFILL, DECODE = "PREFILL", "DECODE"
FAR = float("inf")

# Section 2: state

class Request:
    def __init__(self, id, arrival, P, O):
        self.id, self.arrival, self.P, self.O = id, arrival, P, O
        self.status = "ok"
        self.g = 0
        self.computed = 0
        self.phase = PREFILL
        self.blocks = 0
        self.order = None  # of arrival, or of delivery to the decode replica
        self.held = 0  # prefill blocks kept during the transfer, section 7
        self.preemptions = 0
        self.first = self.last = None
        self.partial_chunks = 0  # not a result; lets the tests report what they covered

    def num_tokens(self):
        return self.P + self.g

    def result(self):
        if self.status != "ok":
            return (self.id, self.status, None, None, None, 0)
        tpot = (self.last - self.first) / (self.O - 1) if self.O > 1 else None
        return (self.id, "ok", self.first - self.arrival, self.last - self.arrival, tpot,
                self.preemptions)


class Replica:
    def __init__(self, config):
        self.config = config
        self.block_size = config["block_size"]
        self.budget = config["max_num_batched_tokens"]
        self.max_num_seqs = config["max_num_seqs"]
        self.free = config["num_blocks"]
        self.running, self.waiting = [], []
        self.batch = []  # of (request, n); empty while idle
        self.ends = FAR

    def blocks_of(self, tokens):
        return -(-tokens // self.block_size)

    def need(self, r, n):
        return max(0, self.blocks_of(r.computed + n) - r.blocks)

    def take(self, r, blocks):
        assert blocks <= self.free
        self.free -= blocks
        r.blocks += blocks

    def release(self, r):
        self.free += r.blocks
        r.blocks = 0

    # Section 4: one iteration

    def preempt_last(self):
        victim = self.running.pop()
        self.release(victim)
        victim.computed = 0
        victim.phase = PREFILL
        victim.preemptions += 1
        self.waiting.insert(0, victim)
        return victim

    def continue_running(self, budget):  # v1, 1; returns the batch, the budget left, preempted?
        batch, preempted, position = [], False, 0
        while position < len(self.running) and budget > 0:
            r = self.running[position]
            n = min(r.num_tokens() - r.computed, budget)
            while self.need(r, n) > self.free:
                preempted = True
                if self.preempt_last() is r:
                    return batch, budget, preempted
            self.take(r, self.need(r, n))
            batch.append((r, n))
            budget -= n
            position += 1
        return batch, budget, preempted

    def admit(self):
        r = self.waiting.pop(0)
        self.running.append(r)
        return r

    def v1_pass(self):
        batch, budget, preempted = self.continue_running(self.budget)
        if preempted:
            return batch, True
        while self.waiting and budget > 0 and len(self.running) < self.max_num_seqs:
            r = self.waiting[0]
            all_left = r.num_tokens() - r.computed
            n = min(all_left, budget)
            tested = all_left if self.config["reserve_full_prompt"] else n
            if self.need(r, tested) > self.free:
                break
            self.take(self.admit(), self.need(r, n))
            batch.append((r, n))
            budget -= n
        return batch, False

    def v0_pass(self):
        batch, budget = [], self.budget
        while self.waiting and len(self.running) < self.max_num_seqs:
            r = self.waiting[0]
            n = r.num_tokens()
            if n > budget or self.need(r, n) > self.free:
                break
            self.take(self.admit(), self.need(r, n))
            batch.append((r, n))
            budget -= n
        if batch:
            return batch, False
        batch, _, preempted = self.continue_running(FAR)
        return batch, preempted

    def static_pass(self):
        if not self.running:
            while self.waiting and len(self.running) < self.max_num_seqs:
                r = self.waiting[0]
                blocks = self.blocks_of(r.P + r.O - 1)
                if blocks > self.free:
                    break
                self.take(self.admit(), blocks)
        return [(r, r.num_tokens() - r.computed) for r in self.running], False

    def start_iteration(self, now):
        one_pass = {"v1": self.v1_pass, "v0": self.v0_pass, "static": self.static_pass}
        batch, preempted = one_pass[self.config["policy"]]()
        while preempted and not batch:
            batch, preempted = one_pass[self.config["policy"]]()
        if batch:
            self.batch = batch
            self.ends = now + self.duration(batch)

    # Section 5: duration

    def duration(self, batch):
        Pt = B = C = Q = 0
        for r, n in batch:
            if r.phase == PREFILL:
                Pt += n
                Q += n * r.computed + n * (n + 1) // 2
                r.partial_chunks += r.computed + n < r.num_tokens()
            else:
                B += 1
                C += r.computed + 1
        t = self.config
        return (t["t_base"] + t["t_prefill_token"] * Pt + t["t_decode_seq"] * B
                + t["t_context_token"] * C + t["t_attn_pair"] * Q)

    # Section 6: end of an iteration; what a token leads to is decided in Simulation

    def end_iteration(self):
        batch, self.batch, self.ends = self.batch, [], FAR
        for r, n in batch:
            r.computed += n
        return [r for r, n in batch if r.computed == r.num_tokens()]

    def leave(self, r):
        self.running.remove(r)


# Section 7: the link

class PrivateLink:  # contention "none"
    def __init__(self, disagg):
        self.disagg = disagg
        self.transfers = []  # of (delivery time, request)

    def start(self, r, now):
        size = r.P * self.disagg["kv_bytes_per_token"]
        at = now + self.disagg["link_latency_s"] + size / self.disagg["link_bandwidth_Bps"]
        self.transfers.append((at, r))

    def next_time(self):
        return min((at for at, r in self.transfers), default=FAR)

    def deliver(self, now):
        delivered = [r for at, r in self.transfers if at <= now]
        self.transfers = [(at, r) for at, r in self.transfers if at > now]
        return sorted(delivered, key=lambda r: r.id)


class FairLink:  # contention "fair"; rationals inside, so that equal finishing times are equal
    def __init__(self, disagg):
        self.disagg = disagg
        self.bandwidth = Fraction(disagg["link_bandwidth_Bps"])
        self.entering = []  # of (time, request)
        self.bytes_left = {}  # of the requests in the NIC
        self.clock = Fraction(0)

    def start(self, r, now):
        self.entering.append((Fraction(now + self.disagg["link_latency_s"]), r))

    def next_finish(self):
        if not self.bytes_left:
            return FAR
        least = min(self.bytes_left.values())
        return self.clock + least * len(self.bytes_left) / self.bandwidth

    def next_entry(self):
        return max(self.clock, min(at for at, r in self.entering)) if self.entering else FAR

    def next_time(self):
        return float(min(self.next_finish(), self.next_entry()))

    def deliver(self, now):
        delivered = []
        while self.next_time() <= now:
            finishing, at = self.next_finish() <= self.next_entry(), self.next_entry()
            if finishing:
                at = self.next_finish()
            for r in self.bytes_left:
                self.bytes_left[r] -= (at - self.clock) * self.bandwidth / len(self.bytes_left)
            self.clock = at
            if finishing:
                through = [r for r, left in self.bytes_left.items() if left == 0]
                delivered += through
                for r in through:
                    del self.bytes_left[r]
            else:
                for r in [r for time, r in self.entering if time <= at]:
                    self.bytes_left[r] = r.P * Fraction(self.disagg["kv_bytes_per_token"])
                self.entering = [(time, r) for time, r in self.entering if time > at]
        return sorted(delivered, key=lambda r: r.id)


class Simulation:
    def __init__(self, config, requests, replica_type=Replica):
        self.disagg = config["disagg"]
        self.front = replica_type(config)  # the prefill replica of a pair, else the only one
        self.replicas = [self.front]
        self.link = None
        if self.disagg:
            self.decode = replica_type(self.disagg["decode"])
            self.replicas.append(self.decode)
            fair = self.disagg["contention"] == "fair"
            self.link = (FairLink if fair else PrivateLink)(self.disagg)
        self.appended = 0
        self.to_come = sorted(requests, key=lambda r: (r.arrival, r.id))

    def run(self):
        while (now := self.next_time()) < FAR:
            # Section 4: ends, deliveries, arrivals; then iterations may start.
            for replica in self.replicas:
                if replica.ends <= now:
                    self.end_iteration(replica, now)
            for r in self.link.deliver(now) if self.link else []:
                self.arrive_at_decode(r)
            while self.to_come and self.to_come[0].arrival <= now:
                self.arrive(self.to_come.pop(0))
            for replica in self.replicas:
                if not replica.batch:
                    replica.start_iteration(now)
            self.check()
        assert not any(replica.running or replica.waiting for replica in self.replicas)

    def next_time(self):
        times = [replica.ends for replica in self.replicas]
        times += [self.link.next_time()] if self.link else []
        times += [self.to_come[0].arrival] if self.to_come else []
        return min(times)

    # Section 3: arrival (the test of a disaggregated pair is in section 7)

    def arrive(self, r):
        front = self.front
        if not self.can_ever_fit(r):
            r.status = "rejected"
        elif 0 < front.config["max_inflight"] <= len(front.waiting) + len(front.running):
            r.status = "dropped"
        else:
            self.append(front, r)

    def can_ever_fit(self, r):
        most = r.P + r.O - 1  # the last output token never needs KV
        if self.disagg:
            decodes = r.O > 1 or self.disagg["first_token"] == "decode"
            blocks = self.decode.config["num_blocks"]
            return (self.front.blocks_of(r.P) <= self.front.config["num_blocks"]
                    and (not decodes or self.decode.blocks_of(most) <= blocks))
        if self.front.config["policy"] == "v0" and most > self.front.budget:
            return False
        return self.front.blocks_of(most) <= self.front.config["num_blocks"]

    # Sections 6 and 7: what a request does that has caught up

    def end_iteration(self, replica, now):
        prefill_only = self.disagg is not None and replica is self.front
        for r in replica.end_iteration():
            if prefill_only and self.disagg["first_token"] == "decode":
                self.leave_prefill(r, now)
                continue
            r.g += 1
            r.phase = DECODE
            r.last = now
            if r.g == 1:
                r.first = now
            if r.g == r.O:
                replica.leave(r)
                replica.release(r)
            elif prefill_only:
                self.leave_prefill(r, now)
        assert all(r.phase == DECODE for r in replica.running[:-1])  # section 2

    def leave_prefill(self, r, now):
        self.front.leave(r)
        if self.disagg["hold_prefill_kv"]:
            r.held, r.blocks = r.blocks, 0
        else:
            self.front.release(r)
        self.link.start(r, now)

    def arrive_at_decode(self, r):
        self.front.free += r.held
        r.held = 0
        if self.disagg["first_token"] == "decode":
            r.computed, r.g, r.phase = r.P - 1, 0, PREFILL
        else:
            r.computed, r.g, r.phase = r.P, 1, DECODE
        self.append(self.decode, r)

    def append(self, replica, r):
        self.appended += 1
        r.order = self.appended
        replica.waiting.append(r)

    def check(self):  # the invariants of section 2
        for replica in self.replicas:
            assert all(r.computed == r.P + r.g - 1 for r in replica.running if r.phase == DECODE)
            assert 0 <= replica.free <= replica.config["num_blocks"]
            order = [r.order for r in replica.running + replica.waiting]
            assert order == sorted(order)


def simulate(config, trace):
    """Returns the requests in id order, all served, rejected or dropped."""
    requests = [Request(id, *row) for id, row in enumerate(trace)]
    Simulation(config, requests).run()
    return requests


def format_result(requests):
    lines = ["id,status,ttft,e2e,tpot,preemptions"]
    lines += [",".join("" if cell is None else str(cell) for cell in r.result())
              for r in requests]
    return "\n".join(lines) + "\n"


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for option in ("--config", "--trace", "--out"):
        parser.add_argument(option, required=True)
    options = parser.parse_args(arguments)
    try:
        requests = simulate(read_config(options.config), read_trace(options.trace))
    except BadInput as error:
        print(f"reference: {error}", file=sys.stderr)
        return 2
    try:
        with open(options.out, "w", encoding="utf-8", newline="\n") as file:
            file.write(format_result(requests))
    except OSError as error:
        print(f"reference: {options.out}: {error.strerror}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
