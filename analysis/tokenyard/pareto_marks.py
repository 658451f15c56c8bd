# SPDX-License-Identifier: Apache-2.0
"""What stands in the picture of a front: points, half-widths, the line, labels, the legend."""

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D

from .label_places import Places
from .words import level, plain_text, shortened

MOST_BARS = 150            # points beyond which only the front has half-widths
LONGEST_LABEL = 34
INK, QUIET = "0.15", "0.4"


def draw_bars(axes, front):
    """Half-widths of all points, or of the front if there are too many; says what was drawn."""
    shown = front.drawn.copy()
    if shown.sum() > MOST_BARS:
        shown[:] = False
        shown[front.members] = True
    x, y = front.x.values.to_numpy(float), front.y.values.to_numpy(float)
    wide = np.nan_to_num(front.x.half_widths.to_numpy(float))
    tall = np.nan_to_num(front.y.half_widths.to_numpy(float))
    for of, strength in ((shown & front.feasible, 0.75), (shown & ~front.feasible, 0.35)):
        for lines in (np.stack([[x - wide, y], [x + wide, y]], axis=1),
                      np.stack([[x, y - tall], [x, y + tall]], axis=1)):
            axes.add_collection(LineCollection(lines.T[of], color="0.45", alpha=strength,
                                               linewidth=1, zorder=2), autolim=False)
    edges = [axes.get_xlim(), axes.get_ylim()]
    cut = any(((values - half < low) | (values + half > high))[shown].any()
              for values, half, (low, high) in ((x, wide, edges[0]), (y, tall, edges[1])))
    some = np.any(wide[shown] > 0) or np.any(tall[shown] > 0)
    if not some:
        return "no half-widths"
    return "bars: 95 % intervals" + \
        (", of the front only" if shown.sum() < front.drawn.sum() else "") + \
        (", some cut at the edge" if cut else "")


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


def draw_line(axes, front):
    if front.members:
        corners = np.array(_stairs(front, axes))
        axes.plot(*corners[:2].T, color=INK, linewidth=1, linestyle=":", zorder=2.5)
        axes.plot(*corners[1:-1].T, color=INK, linewidth=1.6, zorder=2.5)
        axes.plot(*corners[-2:].T, color=INK, linewidth=1, linestyle=":", zorder=2.5)


def _area(front):
    count = front.drawn.sum()
    return 62 if count <= 60 else 34 if count <= 400 else 14


def draw_points(axes, front):
    x, y, area = front.x.values.to_numpy(float), front.y.values.to_numpy(float), _area(front)
    member = np.isin(np.arange(len(x)), front.members)
    bold = 1.9 if area > 50 else 1.4
    colours, markers = np.array(front.colour.of_point), np.array(front.marker.of_point)
    # From what matters least, below, to what matters most.
    for of, style in ((front.drawn & ~front.feasible, {"linewidth": 1.1, "alpha": 0.8}),
                      (front.drawn & front.feasible & ~member,
                       {"edgecolor": "white", "linewidth": 0.6}),
                      (member & front.weak, {"edgecolor": "black", "linewidth": 0.6}),
                      (member & ~front.weak, {"edgecolor": "black", "linewidth": bold})):
        for marker in dict.fromkeys(markers[of]):
            i = np.flatnonzero(of & (markers == marker))
            faces = {"facecolor": colours[i]} if "edgecolor" in style else \
                {"facecolor": "none", "edgecolor": colours[i]}
            axes.scatter(x[i], y[i], s=area * np.where(member[i], 1.5, 1), marker=marker,
                         clip_on=False, zorder=3, **{**faces, **style})
    if front.near.any():
        axes.scatter(x[front.near], y[front.near], s=area * 3.2, marker="o", facecolor="none",
                     edgecolor="0.35", linewidth=0.9, zorder=2.8, clip_on=False)


def draw_legend(axes, front):
    def mark(text, marker="o", **style):
        style = {"color": "0.55", "markeredgecolor": "white", "markersize": 8, **style}
        return Line2D([], [], linestyle="none", marker=marker, label=plain_text(text), **style)

    handles, titles = [], []
    if front.members:
        handles += [Line2D([], [], color=INK, linewidth=1.6, label="Pareto front"),
                    mark("on it", markeredgecolor="black", markeredgewidth=1.9)]
    if front.weak.any():
        handles.append(mark("on it, perhaps by chance", markeredgecolor="black",
                            markeredgewidth=0.6))
    others = front.drawn & front.feasible & ~front.near
    others[front.members] = False
    if front.near.any():
        handles.append(mark("not told apart from it", markersize=12, markerfacecolor="none",
                            markeredgecolor="0.35"))
    if others.any():
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
                handles.append(mark(shortened(text, 26), marker, color=colour))
    found = axes.legend(handles=handles, loc="upper left", bbox_to_anchor=(1.015, 1.0),
                        frameon=False, fontsize=9.5, labelspacing=0.42, handletextpad=0.6,
                        borderaxespad=0)
    for i in titles:
        found.get_texts()[i].set_weight("bold")
        found.legendHandles[i].set_visible(False)


def draw_labels(drawing, axes, front):
    """Writes what the points of the front are; how many did not fit."""
    renderer = drawing.canvas.get_renderer()
    to_pixels = axes.transData.transform
    where = to_pixels(np.column_stack([front.x.values, front.y.values]).astype(float))
    radius = np.sqrt(_area(front)) / 2 * drawing.dpi / 72
    places = Places(axes.get_window_extent(renderer).extents, radius)
    places.take_points(where[front.drawn])
    places.take_points(where[front.members], 1.3)
    places.take_points(where[front.near], 1.9)
    if front.members:
        places.take_line(to_pixels(_stairs(front, axes)))
    varied, without = front.sweep.varied, 0
    for group in _spread(front):
        i = group[0]
        text = axes.text(0, 0, plain_text(_label(front, group, varied)), fontsize=9, color=INK,
                         zorder=5, transform=None, va="bottom", ha="left",
                         bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.7, "pad": 0.6})
        size = text.get_window_extent(renderer)
        margin = 0.4 * radius  # to the next text
        box = places.find(where[i], (size.width + 2 * margin, size.height))
        if box is None:
            text.remove()
            without += len(group)
            continue
        text.set_transform(axes.transData)
        box = box + [margin, 0, -margin, 0]
        text.set_position(axes.transData.inverted().transform(box[:2]))
        _leader(axes, where[i], box, radius)
    return without


def _spread(front):
    """The points of the front, those at one place together, in the order of their claims to a
    label: those that chance did not put there first, and neighbours far apart."""
    def spread(points):
        ends = [points[i] for i in sorted({0, len(points) - 1})] if points else []
        inner, found = [points[1:-1]], []
        while inner:
            part = inner.pop(0)
            if part:
                middle = len(part) // 2
                found.append(part[middle])
                inner += [part[:middle], part[middle + 1:]]
        return ends + found

    groups = {}
    for i in front.members:
        groups.setdefault((front.x.values.iloc[i], front.y.values.iloc[i]), []).append(i)
    groups = list(groups.values())
    return (spread([group for group in groups if not front.weak[group].all()]) +
            spread([group for group in groups if front.weak[group].all()]))


def _leader(axes, point, box, radius):
    """A thin line from a label to its point, where they are not side by side."""
    nearest = np.clip(point, box[:2], box[2:])
    length = np.hypot(*(nearest - point))
    if length > 2.1 * radius:
        ends = [point + (nearest - point) * 1.3 * radius / length, nearest]
        axes.plot(*axes.transData.inverted().transform(ends).T, color="0.5", linewidth=0.7,
                  zorder=2.6)


def _label(front, group, varied):
    """The levels of points at one place: 2 / 16, 256 / 1 where they make a small grid."""
    sweep = front.sweep
    points = sweep.points.iloc[group]
    if front.label == "point" or not varied:
        return shortened(", ".join(f"#{point}" for point in points.index), LONGEST_LABEL)
    levels = [list(dict.fromkeys(level(value, 4) for value in points[axis]))
              for axis in varied]
    if np.prod([len(found) for found in levels]) == len(group):
        said = " / ".join(", ".join(found) for found in levels)
        if len(said) <= LONGEST_LABEL:
            return said
    more = f" and {len(group) - 1} equal" if len(group) > 1 else ""
    return shortened(" / ".join(found[0] for found in levels), LONGEST_LABEL) + more
