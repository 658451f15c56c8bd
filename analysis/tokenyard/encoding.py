# SPDX-License-Identifier: Apache-2.0
"""Which axis of a sweep is shown by colour, which by marker."""

from dataclasses import dataclass

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.colors import to_hex

from .figure import COLOURS
from .results import ResultError
from .words import level, short_names

MARKERS = ["o", "s", "^", "D", "v", "P", "X"]
# Dark to light by lightness alone as much as by hue; its bright end is unreadable on white.
SHADES = (0.0, 0.86)


@dataclass(frozen=True)
class Encoding:
    axis: str      # its name; "" where nothing is encoded
    title: str
    of_point: list  # a colour or a marker of each
    legend: list    # of (colour or marker, text)


def encodings(sweep, colour, marker):
    """The encodings by colour and by marker of the axes asked for, else of those that suit."""
    colour_axis = _asked(sweep, colour, "--colour")
    marker_axis = _asked(sweep, marker, "--marker")
    if colour_axis is None:
        colour_axis = _suits(sweep, taken=marker_axis, by_marker=False)
    if marker_axis is None:
        marker_axis = _suits(sweep, taken=colour_axis, by_marker=True)
    return _coloured(sweep, colour_axis), _marked(sweep, marker_axis)


def _asked(sweep, name, option):
    if name is None or name == "none":
        return "" if name else None
    axis = sweep.axis(name)
    if axis is None:
        known = ", ".join(sweep.axes) or "none"
        raise ResultError(f"{option} {name}: no such axis; there: {known}")
    levels = len(_levels(sweep, axis))
    few = len(MARKERS) if option == "--marker" else len(COLOURS)
    if levels > few and (option == "--marker" or not _is_number(sweep, axis)):
        raise ResultError(f"{option} {name}: it has {levels} levels, more than the {few} that can "
                          "be told apart; show another axis")
    return axis


def _suits(sweep, taken, by_marker):
    free = [axis for axis in sweep.varied if axis != taken]
    if by_marker:
        return next((axis for axis in free if len(_levels(sweep, axis)) <= len(MARKERS)), "")
    texts = [axis for axis in free if not _is_number(sweep, axis)
             and len(_levels(sweep, axis)) <= len(COLOURS)]
    numbers = [axis for axis in free if _is_number(sweep, axis)]
    return next(iter(texts + sorted(numbers, key=lambda a: -len(_levels(sweep, a)))), "")


def _is_number(sweep, axis):
    return pd.api.types.is_numeric_dtype(sweep.points[axis])


def _levels(sweep, axis):
    values = sweep.points[axis]
    if _is_number(sweep, axis):
        return sorted(values[np.isfinite(values)].unique())
    return [name for name in values.cat.categories if (values == name).any()]


def _coloured(sweep, axis):
    if not axis:
        return Encoding("", "", [COLOURS[0]] * len(sweep.points), [])
    levels = _levels(sweep, axis)
    if not _is_number(sweep, axis):
        # A level keeps its colour where only a part of the sweep is shown.
        every = list(sweep.points[axis].cat.categories)
        every = every if len(every) <= len(COLOURS) else levels
        return _encoded(sweep, axis, dict(zip(every, COLOURS)), levels)
    few = len(levels) <= len(COLOURS)
    places = np.linspace(*SHADES, len(levels)) if few else _places(levels)
    map_ = matplotlib.colormaps["viridis"]
    colours = {value: to_hex(map_(place)) for value, place in zip(levels, places)}
    shown = levels if few else [levels[i] for i in
                                np.linspace(0, len(levels) - 1, 5).round().astype(int)]
    return _encoded(sweep, axis, colours, shown)


def _places(levels):
    values = np.asarray(levels, dtype=float)
    if values[0] > 0 and values[-1] / values[0] > 30:
        values = np.log(values)
    return SHADES[0] + (values - values[0]) / (values[-1] - values[0]) * (SHADES[1] - SHADES[0])


def _marked(sweep, axis):
    if not axis:
        return Encoding("", "", ["o"] * len(sweep.points), [])
    levels = _levels(sweep, axis)
    return _encoded(sweep, axis, dict(zip(levels, MARKERS)), levels)


def _encoded(sweep, axis, code, shown):
    other = "0.6" if str(next(iter(code.values()))).startswith("#") else "."
    unit = sweep.units.get(axis, "")
    title = short_names(sweep.axes)[axis] + (f" ({unit})" if unit not in ("", "1") else "")
    return Encoding(axis, title, [code.get(value, other) for value in sweep.points[axis]],
                    [(code[value], level(value, 4)) for value in shown])
