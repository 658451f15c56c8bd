# SPDX-License-Identifier: Apache-2.0
"""The picture of a front: fit for a column of a paper, and for a slide."""

import textwrap

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from .label_places import Places
from .words import level, short_names, shortened, significant, spoken

SIZE = (10, 5.8)           # inches
DOTS = 200                 # an inch
LOG_FROM = 30              # the factor that values span
MOST_BARS = 150            # points beyond which only the front has half-widths
LONGEST_LABEL = 34
INK, QUIET = "0.15", "0.4"
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
    with_bars = _bars(axes, front)
    _line(axes, front)
    _points(axes, front)
    _legend(axes, front)
    drawing.suptitle(_plain(shortened(front.sweep.title, 80)), fontsize=15, x=0.012, ha="left",
                     color=INK)
    # Places of labels are known when all else stands; how many fit is said below.
    foot = drawing.supxlabel(_foot(front, with_bars, len(front.members)), fontsize=8, color=QUIET, x=0.012,
                             ha="left", linespacing=1.35)
    drawing.draw_without_rendering()
    drawing.set_layout_engine("none")
    without = _labels(drawing, axes, front)
    foot.set_text(_foot(front, with_bars, without))
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
        axis.set_label_text(_axis_text(front, one), color=INK)
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
    better = "less is better" if one.sense > 0 else "more is better"
    about = sweep.long_names.get(one.name, "")
    about = better if not about or about == one.name else f"{about}; {better}"
    lines = textwrap.wrap(text, 52) + textwrap.wrap(about, 62)
    return _plain("\n".join(lines))


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


def _bars(axes, front):
    """Half-widths of all points, or of the front if there are too many; which of the two."""
    shown = front.drawn.copy()
    if shown.sum() > MOST_BARS:
        shown[:] = False
        shown[front.members] = True
    x, y = front.x.values.to_numpy(float), front.y.values.to_numpy(float)
    wide = np.nan_to_num(front.x.half_widths.to_numpy(float))
    high = np.nan_to_num(front.y.half_widths.to_numpy(float))
    for i in np.flatnonzero(shown):
        strength = 0.75 if front.feasible[i] else 0.35
        for across, up in (((x[i] - wide[i], x[i] + wide[i]), (y[i], y[i])),
                           ((x[i], x[i]), (y[i] - high[i], y[i] + high[i]))):
            axes.plot(across, up, color="0.45", alpha=strength, linewidth=1, zorder=2,
                      solid_capstyle="butt", scalex=False, scaley=False)
    some = np.any(wide[shown] > 0) or np.any(high[shown] > 0)
    return "none" if not some else "all" if shown.sum() == front.drawn.sum() else "front"


def _stairs(front, axes):
    """The corners of the front, from one edge of the picture to the other."""
    x = front.x.values.to_numpy(float)[front.members]
    y = front.y.values.to_numpy(float)[front.members]
    corners = [(x[0], axes.get_ylim()[1 if front.y.sense > 0 else 0])]
    for i in range(len(x)):
        if i > 0:
            corners.append((x[i], y[i - 1]))
        corners.append((x[i], y[i]))
    return corners + [(axes.get_xlim()[1 if front.x.sense > 0 else 0], y[-1])]


def _line(axes, front):
    if front.members:
        corners = np.array(_stairs(front, axes))
        axes.plot(*corners[:2].T, color=INK, linewidth=1, linestyle=":", zorder=2.5)
        axes.plot(*corners[1:-1].T, color=INK, linewidth=1.6, zorder=2.5)
        axes.plot(*corners[-2:].T, color=INK, linewidth=1, linestyle=":", zorder=2.5)


def _area(front):
    count = front.drawn.sum()
    return 62 if count <= 60 else 34 if count <= 400 else 14


def _points(axes, front):
    x, y, area = front.x.values.to_numpy(float), front.y.values.to_numpy(float), _area(front)
    members = set(front.members)
    for i in sorted(np.flatnonzero(front.drawn), key=lambda i: (i in members, front.feasible[i])):
        colour, marker = front.colour.of_point[i], front.marker.of_point[i]
        style = {"facecolor": colour, "edgecolor": "white", "linewidth": 0.6, "zorder": 3}
        if not front.feasible[i]:
            style |= {"facecolor": "none", "edgecolor": colour, "linewidth": 1.1, "alpha": 0.8}
        if i in members:
            style |= {"edgecolor": "black", "linewidth": 1.5, "zorder": 4}
        axes.scatter(x[i], y[i], s=area * (1.5 if i in members else 1), marker=marker,
                     clip_on=False, **style)
        if front.near[i]:
            axes.scatter(x[i], y[i], s=area * 3.2, marker="o", facecolor="none", edgecolor="0.35",
                         linewidth=0.9, zorder=2.8, clip_on=False)


def _legend(axes, front):
    def mark(text, marker="o", **style):
        style = {"color": "0.55", "markeredgecolor": "white", "markersize": 8, **style}
        return Line2D([], [], linestyle="none", marker=marker, label=_plain(text), **style)

    handles, titles = [], []
    if front.members:
        handles += [Line2D([], [], color=INK, linewidth=1.6, label="Pareto front"),
                    mark("on the front", markeredgecolor="black", markeredgewidth=1.5)]
    others = front.drawn & front.feasible
    others[front.members] = False
    if front.near.any():
        handles.append(mark("not surely beaten by it", markersize=12, markerfacecolor="none",
                            markeredgecolor="0.35"))
    if (others & ~front.near).any() or not front.members:
        handles.append(mark("other feasible"))
    if (front.drawn & ~front.feasible).any():
        handles.append(mark("not feasible", markerfacecolor="none", markeredgecolor="0.45"))
    same = front.colour.axis and front.colour.axis == front.marker.axis
    for coded in (front.colour,) if same else (front.colour, front.marker):
        if coded.axis:
            titles.append(len(handles))
            handles.append(mark(coded.title, alpha=0))
            markers = dict(zip((text for _, text in coded.legend), front.marker.legend))
            for code, text in coded.legend:
                colour, marker = (code, markers[text][0] if same and text in markers else "o") \
                    if coded is front.colour else ("0.4", code)
                handles.append(mark(shortened(text, 24), marker, color=colour))
    found = axes.legend(handles=handles, loc="upper left", bbox_to_anchor=(1.015, 1.02),
                        frameon=False, fontsize=9.5, labelspacing=0.42, handletextpad=0.6,
                        borderaxespad=0)
    for i in titles:
        found.get_texts()[i].set(weight="bold", x=-22)


def _foot(front, with_bars, without):
    sweep, counts = front.sweep, front.sweep.counts
    done = sweep.points.get("replications")
    each = "" if done is None or not len(done) else \
        f", {done.min():.0f} replications a point" if done.min() == done.max() else \
        f", {done.min():.0f} to {done.max():.0f} replications a point"
    parts = [f"{len(sweep.points):,} points, {int(front.feasible.sum()):,} feasible{each}",
             "runs: " + ", ".join(f"{count:,} {name}" for name, count in counts.items())]
    if sweep.conditions:
        parts.append("feasible: " + "; ".join(sweep.conditions))
    parts.append({"all": "bars: 95 % intervals", "none": "no half-widths",
                  "front": "bars: 95 % intervals, of the front only"}[with_bars])
    if not front.members:
        parts.append("no feasible point, so no front")
    if front.near.any():
        parts.append("not surely beaten: no point of the front is better in the 95 % paired "
                     "t intervals")
    if front.members and front.label == "axes" and sweep.varied:
        parts.append("labels: " + " / ".join(short_names(sweep.axes)[a] for a in sweep.varied))
    elif front.members:
        parts.append("labels: numbers of points")
    if without:
        parts.append(f"{without} of {len(front.members)} points of the front without a label, "
                     "for want of room")
    if not front.drawn.all():
        parts.append(f"{int((~front.drawn).sum()):,} points without a number are not drawn")
    say = sweep.attributes
    parts += [f"{word} {str(say[name])[:16]}" for word, name in
              (("tokenyard", "version"), ("commit", "commit"), ("digest", "digest"))
              if say.get(name) not in (None, "")]
    return _plain("\n".join(textwrap.wrap("  ·  ".join(parts), 165, break_long_words=False)))


def _labels(drawing, axes, front):
    """Writes what the points of the front are; how many did not fit."""
    renderer = drawing.canvas.get_renderer()
    to_pixels = axes.transData.transform
    where = to_pixels(np.column_stack([front.x.values, front.y.values]).astype(float))
    radius = np.sqrt(_area(front)) / 2 * drawing.dpi / 72
    places = Places(axes.get_window_extent(renderer).extents, radius)
    places.take_points(where[front.drawn])
    if front.members:
        places.take_line(to_pixels(_stairs(front, axes)))
    without = 0
    for i in front.members:
        text = axes.text(0, 0, _plain(_label(front, i)), fontsize=9, color=INK, zorder=5,
                         transform=None, va="bottom", ha="left")
        size = text.get_window_extent(renderer)
        box = places.find(where[i], (size.width, size.height))
        if box is None:
            text.remove()
            without += 1
            continue
        text.set_transform(axes.transData)
        text.set_position(axes.transData.inverted().transform(box[:2]))
        _leader(axes, where[i], box, radius)
    return without


def _leader(axes, point, box, radius):
    """A thin line from a label to its point, where they are not side by side."""
    nearest = np.clip(point, box[:2], box[2:])
    length = np.hypot(*(nearest - point))
    if length > 2.5 * radius:
        ends = [point + (nearest - point) * 1.3 * radius / length, nearest]
        axes.plot(*axes.transData.inverted().transform(ends).T, color="0.5", linewidth=0.7,
                  zorder=2.6)


def _label(front, i):
    sweep = front.sweep
    if front.label == "point" or not sweep.varied:
        return f"#{sweep.points.index[i]}"
    row = sweep.points.iloc[i]
    return shortened(" / ".join(level(row[axis]) for axis in sweep.varied), LONGEST_LABEL)


def _plain(text):
    return text.replace("$", r"\$")
