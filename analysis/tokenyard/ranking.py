# SPDX-License-Identifier: Apache-2.0
"""The points of a sweep by objective, and which of them replications cannot tell from the best."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .conditions import holds
from .intervals import interval, paired


@dataclass(frozen=True)
class Ranking:
    """`table` has a row a point, the best first, those that are not feasible behind.

    rank (NaN where not feasible, or replications are missing), feasible, fails (numbers of
    conditions; -1: not known which), done, failed, missing, objective, objective_half_width;
    difference: how much larger the objective is than that of rank 1, with difference_half_width;
    and against_best: best, same (the interval of the difference holds 0), worse, better, unknown
    (fewer than two replications in common), or nothing.
    """
    sweep: object
    table: pd.DataFrame

    @property
    def best(self):
        """The number of the best point, or None."""
        first = self.table.index[self.table["against_best"] == "best"]
        return first[0] if len(first) else None


def rank(sweep):
    points = sweep.points
    table = pd.DataFrame(index=points.index)
    table["feasible"] = sweep.feasible
    table["fails"] = _fails(sweep)
    for status, count in _runs(sweep).items():
        table[status] = count
    objective = sweep.objective
    values = pd.Series(np.nan, index=points.index)
    if objective:
        values = points["objective"]
        table["objective_half_width"] = objective_half_width(sweep)
    table["objective"] = values
    table["rank"] = _ranks(sweep, table)
    table = table.loc[_order(sweep, table)].copy()
    _compare(sweep, table)
    return Ranking(sweep, table)


def _order(sweep, table):
    sense = sweep.objective.sense if sweep.objective else 1
    keys = pd.DataFrame({"feasible": ~table["feasible"], "rank": table["rank"].fillna(np.inf),
                         "objective": (sense * table["objective"]).fillna(np.inf),
                         "number": table.index}, index=table.index)
    return keys.sort_values(list(keys.columns)).index


def _ranks(sweep, table):
    if "rank" in sweep.points:
        return sweep.points["rank"].where(sweep.points["rank"] > 0)
    if not sweep.objective:
        return pd.Series(np.nan, index=table.index)
    ranked = table["feasible"] & sweep.complete & np.isfinite(table["objective"])
    there = table["objective"].where(ranked)
    return (sweep.objective.sense * there).rank(method="min")


def _runs(sweep):
    runs, index = sweep.runs, sweep.points.index
    if not {"point", "status"} <= set(runs):
        done = sweep.points.get("replications", pd.Series(np.nan, index=index))
        return {"done": done, "failed": done * 0, "missing": done * 0}
    status = runs["status"].astype(str)
    return {name: runs["point"][status == name].value_counts().reindex(index).fillna(0).astype(int)
            for name in ("done", "failed", "missing")}


def objective_half_width(sweep):
    """Of the means over replications; NaN where there is one of them."""
    if sweep.objective.column != "objective":
        return sweep.half_width(sweep.objective.column)
    values = sweep.replications("objective")
    if values.shape[1] == 0:
        return pd.Series(np.nan, index=sweep.points.index)
    return pd.Series(interval(values)[1], index=sweep.points.index)


def _fails(sweep):
    fails = []
    runs = dict(tuple(sweep.runs.groupby("point"))) if "point" in sweep.runs else {}
    names = sweep.axes + sweep.metrics
    judged = sweep.points["feasible"].notna() if "feasible" in sweep.points else sweep.feasible
    for point, feasible in sweep.feasible.items():
        if feasible or not judged[point]:
            fails.append(())
            continue
        found = _failing(sweep.conditions, [_values(sweep.points.loc[point], names)])
        if not found and point in runs:  # its means meet all limits, perhaps not each replication
            rows = [row for _, row in runs[point].iterrows() if str(row.get("status")) == "done"]
            found = _failing(sweep.conditions, [_values(row, names) for row in rows])
        fails.append(found or (-1,))
    return fails


def _failing(conditions, rows):
    return tuple(i for i, condition in enumerate(conditions)
                 if any(holds(condition, values) is False for values in rows))


def _values(row, names):
    values = {name: row[name] for name in names if name in row}
    return {name: value.replace(" ", "_") if isinstance(value, str) else value
            for name, value in values.items()}


def _compare(sweep, table):
    table["difference"] = table["difference_half_width"] = np.nan
    table["against_best"] = ""
    ranked = table.index[table["rank"] > 0]
    if not sweep.objective or len(ranked) == 0:
        return
    best = ranked[0]
    name = "objective" if "objective" in sweep.runs else sweep.objective.column
    values = sweep.replications(name).reindex(table.index)
    if values.shape[1] > 0:
        mean, half_width, count = paired(values, values.loc[best])
        table["difference"] = np.where(count > 0, mean, np.nan)
        table["difference_half_width"] = half_width
    above = sweep.objective.sense * table["difference"]
    half_width = table["difference_half_width"]
    found = np.select([~np.isfinite(half_width), above.abs() <= half_width, above > 0],
                      ["unknown", "same", "worse"], "better")
    table["against_best"] = np.where(table["rank"] > 0, found, "")
    table.loc[best, "against_best"] = "best"
