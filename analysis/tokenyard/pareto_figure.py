# SPDX-License-Identifier: Apache-2.0
"""The picture of a front: fit for a paper, and for a slide."""

import textwrap

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from .pareto_foot import foot_text
from .pareto_marks import (INK, QUIET, draw_bars, draw_labels, draw_legend, draw_line, draw_points)
from .words import plain_text, shortened, significant, spoken

SIZE = (10, 5.8)           # inches
DOTS = 200                 # an inch
LOG_FROM = 30              # the factor that values span
# Texts stay texts, and the same front is the same bytes on any day.
STYLE = {"svg.fonttype": "none", "svg.hashsalt": "tokenyard", "pdf.fonttype": 42,
         "font.family": "DejaVu Sans", "font.size": 11}
METADATA = {"png": {"Software": None}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}


def save(front, path, ending):
    with matplotlib.rc_context(STYLE):
        figure(front).savefig(path, format=ending, dpi=DOTS, metadata=METADATA[ending])


def figure(front):
    drawing = Figure(figsize=SIZE, dpi=DOTS, layout="constrained")
    FigureCanvasAgg(drawing)  # measures texts, whatever the file will be
    drawing.get_layout_engine().set(w_pad=0.12, h_pad=0.1)
    axes = drawing.add_subplot()
    _scales(axes, front)
    _limits(axes, front)
    bars_said = draw_bars(axes, front)
    draw_line(axes, front)
    draw_points(axes, front)
    draw_legend(axes, front)
    drawing.suptitle(plain_text(shortened(front.sweep.title, 80)), fontsize=15, x=0.012, ha="left",
                     color=INK)
    # Places of labels are known when all else stands; how many fit is said below.
    foot = drawing.supxlabel(foot_text(front, bars_said, len(front.members)), fontsize=8,
                             color=QUIET, x=0.012, ha="left", linespacing=1.35)
    drawing.draw_without_rendering()
    drawing.set_layout_engine("none")
    without = draw_labels(drawing, axes, front)
    foot.set_text(foot_text(front, bars_said, without))
    return drawing


def _scales(axes, front):
    for one, axis, scale, bounds in ((front.x, axes.xaxis, axes.set_xscale, axes.set_xlim),
                                     (front.y, axes.yaxis, axes.set_yscale, axes.set_ylim)):
        values = one.values.to_numpy(float)[front.drawn]
        low, high = values.min(), values.max()
        bars = np.nan_to_num(one.half_widths.to_numpy(float)[front.drawn])
        log = low > 0 and high / low > LOG_FROM
        if log:
            scale("log")
            room = (high / low) ** 0.08
            bounds(low / room, high * room)
        else:
            # Half-widths may stand out, unless they would squeeze the points.
            span = (high - low) or abs(high) or 1
            low, high = (max((values - bars).min(), low - span / 3),
                         min((values + bars).max(), high + span / 3))
            room = 0.07 * ((high - low) or span)
            bounds(min(max(low - room, 0), low) if low >= 0 else low - room, high + room)
        _ticks(axis, log)
        axis.set_label_text(_axis_text(front, one), color=INK, fontsize=10.5)
    axes.grid(which="major", color="0.9", linewidth=0.8)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.tick_params(colors=INK)


def _ticks(axis, log):
    axis.set_major_formatter(FuncFormatter(lambda value, _: significant(value)))
    if not log:
        return
    low, high = sorted(axis.get_view_interval())
    decades = np.log10(high / low)
    axis.set_major_locator(LogLocator(subs=(1, 2, 5) if decades < 2.6 else (1, 3)
                                      if decades < 4 else (1,)))
    axis.set_minor_formatter(NullFormatter())


def _axis_text(front, one):
    sweep = front.sweep
    text = spoken(one.name, sweep.units.get(one.name, ""))
    if one.name == "objective" and sweep.objective:
        text = sweep.objective.text.partition(" ")[2] or text
    said = (one.name, text, sweep.objective.text if sweep.objective else "")
    text += ", less is better" if one.sense > 0 else ", more is better"
    about = sweep.long_names.get(one.name, "")
    lines = textwrap.wrap(text, 54) + (textwrap.wrap(about, 54) if about not in said else [])
    return plain_text("\n".join(lines))


def _limits(axes, front):
    """A dashed line at a limit of `feasible`, where it is near; beyond it, a grey plane."""
    for one, span, line, sides in ((front.x, axes.axvspan, axes.axvline, axes.get_xlim),
                                   (front.y, axes.axhspan, axes.axhline, axes.get_ylim)):
        low, high = sides()
        for sign, number in one.limits:
            if low < number < high:
                line(number, color=QUIET, linestyle="--", linewidth=1.2, zorder=1.5)
                span(number, high) if sign.startswith("<") else span(low, number)
        for plane in axes.patches:
            plane.set(facecolor="0.94", edgecolor="none", zorder=0.3)
    axes.autoscale(False)
