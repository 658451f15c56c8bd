# SPDX-License-Identifier: Apache-2.0
"""Two metrics of a sweep against each other, and the front of the plans that no other beats."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from .conditions import limit
from .encoding import encodings
from .front import beaten, comparable, front_of
from .results import ResultError
from .words import more_is_better

LATENCY = re.compile(r"ttft|tpot|end_to_end|inter_token|network")
FORMATS = ("png", "svg", "pdf")


@dataclass(frozen=True)
class Dimension:
    """One of the two metrics."""
    name: str
    sense: int            # 1: less is better; -1: more is
    values: pd.Series     # by point
    half_widths: pd.Series
    limits: list          # of (sign, number), from the conditions


@dataclass(frozen=True)
class Front:
    """What a figure of a sweep shows; numbers are of rows of sweep.points."""
    sweep: object
    x: Dimension
    y: Dimension
    drawn: np.ndarray     # a truth a point: has a number in both
    feasible: np.ndarray
    members: list         # of the front, by x from its better end
    weak: np.ndarray      # of the front, but beaten if one is strict about what is sure
    compared: bool        # whether replications say what is sure
    near: np.ndarray      # feasible and not of the front, but no one of it is surely better
    colour: object
    marker: object
    label: str = "axes"


def pareto(sweep, options):
    """The front of two metrics; `options` has x, y, x_better, y_better, colour, marker, label."""
    x_name = options.x or _default_x(sweep)
    x = dimension(sweep, x_name, options.x_better)
    y = dimension(sweep, options.y or _default_y(sweep, x_name), options.y_better)
    drawn = (np.isfinite(x.values) & np.isfinite(y.values)).to_numpy()
    feasible = sweep.feasible.to_numpy()
    # As for ranks: means over fewer replications are no match for the others.
    counted = drawn & feasible & sweep.complete.to_numpy()
    members = front_of(*(np.where(counted, one.sense * one.values, np.nan) for one in (x, y)))
    runs = [_runs(sweep, one) for one in (x, y)]
    lost = beaten(members, *runs)
    inside = np.isin(np.arange(len(drawn)), members)
    known = comparable(members, *runs)
    near = counted & ~inside & ~lost & known
    colour, marker = encodings(sweep, options.colour, options.marker)
    return Front(sweep, x, y, drawn, feasible, members, inside & lost,
                 bool(known.any()), near, colour, marker, options.label)


def draw_front(sweep, options):
    """Writes the figure, by the ending of the file that options.out names."""
    ending = Path(options.out).suffix.lower().lstrip(".")
    if ending not in FORMATS:
        raise ResultError(f"{options.out}: not a picture's ending; use .png, .svg or .pdf")
    front = pareto(sweep, options)
    if not front.drawn.any():
        raise ResultError(f"{sweep.path}: no point has a number in both '{front.x.name}' and "
                          f"'{front.y.name}'; choose other metrics")
    from .pareto_figure import save

    save(front, options.out, ending)


def dimension(sweep, name, better=None):
    values = sweep.number(name)
    limits = [found[1:] for found in map(limit, sweep.conditions) if found and found[0] == name]
    sense = {"low": 1, "high": -1}.get(better) or _sense(sweep, name, limits)
    return Dimension(name, sense, values, _half_widths(sweep, name), limits)


def _half_widths(sweep, name):
    if name != "objective":
        return sweep.half_width(name)
    from .ranking import objective_half_width

    return objective_half_width(sweep)


def _sense(sweep, name, limits):
    if sweep.objective and name in (sweep.objective.column, "objective"):
        return sweep.objective.sense
    if limits:
        return 1 if limits[0][0].startswith("<") else -1
    return -1 if more_is_better(name) else 1


def _default_x(sweep):
    if sweep.objective:
        return sweep.objective.column
    found = [name for name in sweep.metrics if "cost" in name] or sweep.metrics
    if not found:
        raise ResultError(f"{sweep.path}: no metrics were kept; there is nothing to draw")
    return found[0]


def _default_y(sweep, other):
    named = [word for condition in sweep.conditions
             for word in re.findall(r"[A-Za-z_](?:\[[^\]]*\]|\w)*", condition)]
    wanted = named + [name for name in sweep.metrics if LATENCY.search(name)] + sweep.metrics
    for name in wanted:
        if name in sweep.metrics and name != other:
            return name
    raise ResultError(f"{sweep.path}: no second metric was kept; add one to 'keep' of the study")


def _runs(sweep, one):
    if one.name in sweep.axes:  # the same in all runs
        count = max(sweep.replications(sweep.metrics[0]).shape[1], 1) if sweep.metrics else 1
        return np.repeat(one.sense * one.values.to_numpy()[:, None], count, axis=1)
    return one.sense * sweep.replications(one.name).to_numpy()
