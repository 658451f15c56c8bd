# SPDX-License-Identifier: Apache-2.0
"""Small merged sweeps, as `tokenyard sweep merge` writes them."""

from itertools import product
from urllib.parse import quote

import h5py
import numpy as np
import yaml

from tests.sample import enumeration

COST, LATE = "cost_per_million_output_tokens_usd", "ttft_p99_s"
ABOUT = {COST: ("USD", "all of the cost, by output tokens"),
         LATE: ("s", "arrival to first token, 99th percentile"),
         "ttft_p99_s[chat]": ("s", "arrival to first token, 99th percentile"),
         "goodput_per_s": ("1/s", "requests that met all limits"),
         "utilisation": ("1", "share of replica time with an iteration under way")}
T_975 = {2: 12.706204736, 3: 4.302652730, 4: 3.182446305, 5: 2.776445105}  # by replications
STATUSES = ["done", "failed", "missing"]


def half_width(values):
    values = np.asarray(values, dtype=float)
    if len(values) < 2:
        return np.inf
    return T_975[len(values)] * values.std(ddof=1) / np.sqrt(len(values))


class SweepFile:
    """What goes into a file: axes by name, and of each metric a row a point of its replications.

    NaN stands for a run that is missing. Attributes of the root can be changed before `write`.
    """

    def __init__(self, axes, metrics, conditions=(), objective="minimise " + COST):
        self.axes = {name: np.asarray(levels).tolist() for name, levels in axes.items()}
        self.metrics = {name: np.asarray(rows, float) for name, rows in metrics.items()}
        self.conditions, self.objective = list(conditions), objective
        self.attributes = {"title": "A study", "version": "0.1.0", "commit": "abc1234",
                           "digest": "fedcba98", "kind": "sweep",
                           "axes": "\n".join(axes), "objective_text": objective or "",
                           "feasible_text": "\n".join(conditions)}
        self.feasible = None  # by point; None: all limits of the form NAME <= NUMBER hold
        self.failed = set()   # (point, replication) among those without values

    def write(self, path):
        with h5py.File(path, "w", track_order=True) as file:
            file.attrs.update(self.attributes)
            file["study"] = np.bytes_(yaml.safe_dump(self._study()))
            self._points(file.create_group("points", track_order=True))
            self._runs(file.create_group("runs", track_order=True))
        return path

    def _study(self):
        study = {"name": "A study", "feasible": self.conditions,
                 "axes": {name: list(dict.fromkeys(values)) for name, values in self.axes.items()}}
        return {**study, "objective": self.objective} if self.objective else study

    @property
    def size(self):
        return len(next(iter(self.metrics.values())))

    def _axis(self, group, name, rows):
        values = [self.axes[name][i] for i in rows]
        if isinstance(values[0], str):
            meanings = [value.replace(" ", "_") for value in dict.fromkeys(self.axes[name])]
            codes = [meanings.index(value.replace(" ", "_")) for value in values]
            enumeration(group, quote(name, safe="[]+ ="), codes, meanings)
        else:
            group[quote(name, safe="[]+ =")] = np.asarray(values, float)

    def _column(self, group, name, values, ending=""):
        group[name + ending] = np.asarray(values, float)
        unit, text = ABOUT.get(name, ("1", name))
        group[name + ending].attrs["units"] = np.bytes_(unit)
        group[name + ending].attrs["long_name"] = np.bytes_(text)

    def _points(self, group):
        count = self.size
        group["point"] = np.arange(1, count + 1, dtype=np.uint32)
        for name in self.axes:
            self._axis(group, name, range(count))
        means = {}
        for name, values in self.metrics.items():
            there = [row[np.isfinite(row)] for row in values]
            means[name] = np.asarray([row.mean() if len(row) else np.nan for row in there])
            self._column(group, name, means[name])
            self._column(group, name, [half_width(row) if len(row) else np.nan for row in there],
                         "_half_width")
        first = next(iter(self.metrics.values()))
        done = np.isfinite(first).sum(axis=1)
        group["replications"] = done.astype(np.uint32)
        feasible = self._feasible(means)
        enumeration(group, "feasible", np.where(done > 0, feasible, 255), ["no", "yes"], 255)
        if self.objective:
            group["objective"] = self._objective(means)
            group["rank"] = self._ranks(
                self._objective(means), feasible & (done == first.shape[1]))
            group["rank"].attrs["_FillValue"] = np.asarray([0], dtype=np.uint32)

    def _ranks(self, objective, feasible):
        sense = -1 if self.objective.startswith("maximise") else 1
        order = sorted(np.flatnonzero(feasible), key=lambda i: sense * objective[i])
        ranks = np.zeros(self.size, dtype=np.uint32)
        ranks[order] = np.arange(1, len(order) + 1)
        return ranks

    def _feasible(self, means):
        if self.feasible is not None:
            return np.asarray(self.feasible)
        holds = np.ones(len(next(iter(means.values()))), dtype=bool)
        for condition in self.conditions:
            name, _, limit = condition.split(" ")[:3]
            holds &= np.asarray(means[name]) <= float(limit)
        return holds

    def _objective(self, values):
        of = self.objective.split(" ", 1)[1]
        return values[of] if of in values else eval(of, {}, dict(values))  # of tests, not of users

    def _runs(self, group):
        points, replications = self.size, next(iter(self.metrics.values())).shape[1]
        rows = list(product(range(points), range(replications)))
        group["point"] = np.asarray([i + 1 for i, _ in rows], dtype=np.uint32)
        group["replication"] = np.asarray([r for _, r in rows], dtype=np.uint32)
        for name in self.axes:
            self._axis(group, name, [i for i, _ in rows])
        flat = {name: values.ravel() for name, values in self.metrics.items()}
        done = np.isfinite(next(iter(flat.values())))
        enumeration(group, "status", [0 if ok else 1 if (i + 1, r) in self.failed else 2
                                      for ok, (i, r) in zip(done, rows)], STATUSES)
        for name, values in flat.items():
            self._column(group, name, values)
        feasible = self._feasible(flat) if self.feasible is None else \
            np.repeat(self.feasible, replications)
        enumeration(group, "feasible", np.where(done, feasible, 255), ["no", "yes"], 255)
        if self.objective:
            group["objective"] = self._objective(flat)
