# SPDX-License-Identifier: Apache-2.0
"""A ranking as a text of 80 columns, as Markdown and as CSV."""

import re
import textwrap
from pathlib import Path

import numpy as np
import pandas as pd

from .ranking import rank
from .results import ResultError
from .sweep import HALF_WIDTH
from .words import counted, level, short_names, shortened, with_half_width

WIDTH = 80
LONGEST_CELL = 26
MARKS = {"same": "=", "unknown": "?", "better": "!"}


def write(sweep, options):
    """Prints the table, or writes the file that the options name."""
    metrics = sweep.metrics
    if options.metrics is not None:
        metrics = [name.strip() for name in _names(options.metrics)]
        for name in metrics:
            if name not in sweep.metrics:
                raise ResultError(f"{sweep.path}: no metric '{name}'; there: "
                                  f"{', '.join(sweep.metrics) or 'none'}")
    if (options.top or 0) < 0:
        raise ResultError(f"--top {options.top}: less than 0; give 0 for all points")
    if not options.out:
        print(text(rank(sweep), metrics, 20 if options.top is None else options.top), end="")
        return
    ending = Path(options.out).suffix.lower()
    if ending not in FORMATS:
        raise ResultError(f"{options.out}: not a table's ending; use .csv, .md or .txt")
    Path(options.out).write_text(FORMATS[ending](rank(sweep), metrics, options.top or 0), "utf-8")


def _names(text):
    """Parted by commas, but not by those within brackets."""
    return re.findall(r"(?:\[[^\]]*\]|[^,\[])+", text)


def text(ranking, metrics, top=0):
    rows = ranking.table.iloc[:top] if top else ranking.table
    lead, columns = _columns(ranking, rows, metrics)
    hidden = len(ranking.table) - len(rows)
    head = [part for line in _head(ranking) for part in textwrap.wrap(line, WIDTH)]
    parts = ["\n".join(head), "\n\n".join(_blocks(lead, columns))]
    if hidden:
        parts.append(f"{hidden} more points; --top 0 shows all")
    return "\n\n".join(parts + [_foot(ranking, rows)]) + "\n"


def markdown(ranking, metrics, top=0):
    rows = ranking.table.iloc[:top] if top else ranking.table
    lead, columns = _columns(ranking, rows, metrics)
    columns = lead + columns

    def line(cells):
        return "| " + " | ".join(str(cell).strip().replace("|", "\\|") for cell in cells) + " |"

    title, *said = _head(ranking)
    lines = [f"**{title}**", "", "; ".join(said), "", line(name for name, _, _ in columns),
             line("---" if left else "---:" for _, _, left in columns)]
    lines += [line(cells) for cells in zip(*(cells for _, cells, _ in columns))]
    hidden = len(ranking.table) - len(rows)
    lines += ["", f"{hidden} more points."] if hidden else []
    lines += ["", *(f"- `{sign}` {said}" for sign, said in _notes(ranking, rows))]
    return "\n".join(lines) + "\n"


def csv(ranking, metrics, top=0):
    """Numbers as they are, a row a point."""
    sweep, rows = ranking.sweep, ranking.table
    rows = rows.iloc[:top] if top else rows
    points = sweep.points.loc[rows.index]
    out = pd.DataFrame({"rank": rows["rank"].astype("Int64"), "point": rows.index},
                       index=rows.index)
    for axis in sweep.axes:
        out[axis] = points[axis]
    for name in ("objective", "objective_half_width", "difference", "difference_half_width"):
        if sweep.objective:
            out[name] = rows[name]
    out["against_best"], out["feasible"] = rows["against_best"], \
        rows["feasible"].map({True: "yes", False: "no"})
    out["fails"] = [_said(sweep, fails) for fails in rows["fails"]]
    for name in ("done", "failed", "missing"):
        out[name] = rows[name]
    for metric in metrics:
        out[metric], out[metric + HALF_WIDTH] = points[metric], sweep.half_width(metric)
    return out.to_csv(index=False)


FORMATS = {".csv": csv, ".md": markdown, ".txt": text}


def _said(sweep, fails):
    return "; ".join("not known which" if i < 0 else sweep.conditions[i] for i in fails)


def _head(ranking):
    sweep, table = ranking.sweep, ranking.table
    goal = sweep.objective.text if sweep.objective else "no objective"
    counts = sweep.counts
    runs = ", ".join(f"{count:,} {name}" for name, count in counts.items())
    done = table["done"]
    each = f"{done.min():.0f}" if done.min() == done.max() else \
        f"{done.min():.0f} to {done.max():.0f}"
    return (f"{sweep.title}: {goal}",
            f"{counted(len(table), 'point')}, {int(table['feasible'].sum()):,} feasible; "
            f"replications a point: {each}", f"runs: {runs}")


def _notes(ranking, rows):
    """(sign, what it means) of all signs in the table."""
    sweep, table = ranking.sweep, ranking.table
    seen = set(table["against_best"])
    if any(np.isfinite(sweep.half_width(metric)).any() for metric in sweep.metrics):
        yield "±", "half-width of the 95 % interval over replications"
    if "same" in seen:
        equal = counted(int((table["against_best"] == "same").sum()), "plan")
        yield "=", (f"not told apart from rank 1 ({equal}): the 95 % t interval of the difference, "
                    "paired over replications that see the same traffic, holds 0 (each by itself: "
                    "of many plans that are alike, one in 20 is told apart by chance)")
    if "better" in seen:
        yield "!", "better than rank 1, paired: the objective of means is not the mean of it"
    if "unknown" in seen:
        yield "?", "fewer than two replications in common with rank 1: chance is not told"
    for i in sorted({i for fails in rows["fails"] for i in fails}):
        yield _letter(i), "fails, not known what" if i < 0 else "fails " + sweep.conditions[i]
    if ranking.best is None:
        yield "-", "no plan is feasible" if sweep.objective else "no objective, so no ranks"
    elif (table["feasible"] & table["rank"].isna()).any():
        yield "-", "no rank: not feasible, or replications are missing"


def _foot(ranking, rows):
    return "\n".join("\n".join(textwrap.wrap(f"{sign}  {said}", WIDTH, subsequent_indent="   "))
                     for sign, said in _notes(ranking, rows))


def _letter(i):
    return "*" if i < 0 else chr(ord("a") + i) if i < 26 else f"({i + 1})"


def _columns(ranking, rows, metrics):
    """(name, cells, whether at the left): those that lead each block, and the others."""
    sweep = ranking.sweep
    points = sweep.points.loc[rows.index]
    lead = [("rank", ["-" if np.isnan(row["rank"]) else
                      f"{row['rank']:.0f}{MARKS.get(row['against_best'], ' ')}"
                      for _, row in rows.iterrows()], False),
            ("point", [str(point) for point in rows.index], False)]
    columns = []
    for axis, short in short_names(sweep.axes).items():
        cells = [shortened(level(value), LONGEST_CELL) for value in points[axis]]
        columns.append((short, cells, not pd.api.types.is_numeric_dtype(points[axis])))
    if not rows["feasible"].all():
        columns.append(("fails", ["".join(_letter(i) for i in fails) for fails in rows["fails"]],
                        True))
    if rows["done"].nunique() > 1 or rows[["failed", "missing"]].to_numpy().any():
        columns.append(("done", [f"{row['done']}/{row['done'] + row['failed'] + row['missing']}"
                                 for _, row in rows.iterrows()], False))
    if sweep.objective:
        columns += _objective(sweep, rows)
    for metric in metrics:
        if sweep.objective and metric == sweep.objective.column:
            continue
        columns.append((metric, _aligned(points[metric], sweep.half_width(metric)[rows.index]),
                        False))
    return lead, columns


def _objective(sweep, rows):
    yield (sweep.objective.column, _aligned(rows["objective"], rows["objective_half_width"]), False)
    compared = ~rows["against_best"].isin(["", "best"]) & np.isfinite(rows["difference"])
    if compared.any():
        yield ("above rank 1", _aligned(rows["difference"].where(compared),
                                        rows["difference_half_width"], "+"), False)


def _aligned(values, half_widths, plus=""):
    """Numbers with their half-widths, so that these stand below each other."""
    said = [("" if np.isnan(value) and plus else with_half_width(value, half_width), value)
            for value, half_width in zip(values, half_widths)]
    parts = [((plus if value > 0 else "") + text).partition(" ±") for text, value in said]
    room = max((len(half) for *_, half in parts), default=0)
    return [value + (" ±" + half.ljust(room) if half else " " * (room + 2) if room else "")
            for value, _, half in parts]


def _blocks(lead, columns):
    """The columns side by side, in as many blocks below each other as the width asks for."""
    leading = [_column(*one) for one in lead]
    block, width = [], sum(_width(one) for one in leading)
    for one in (_column(*column) for column in columns):
        if block and width + _width(one) > WIDTH:
            yield _joined(leading + block)
            block, width = [], sum(_width(one) for one in leading)
        block.append(one)
        width += _width(one)
    yield _joined(leading + block)


def _width(lines):
    return len(lines[0][0]) + 2


def _joined(columns):
    height = max(len(header) for header, *_ in columns)
    lines = []
    for i in range(height):
        lines.append([header[i - height] if i - height >= -len(header) else " " * len(header[0])
                      for header, _ in columns])
    lines += zip(*(cells for _, cells in columns))
    return "\n".join("  ".join(line).rstrip() for line in lines)


def _column(name, cells, left):
    """The lines of the header and the cells, all of one length."""
    room = max([len(cell) for cell in cells] + [9 if len(name) > 9 else len(name)])
    header = [""]
    for piece in re.findall(r"[^_. \[]*[_. ]?|\[[^\]]*\]?", name):
        if len(header[-1]) + len(piece) > room and header[-1]:
            header.append("")
        header[-1] += piece
    header = [line.strip() for line in header if line.strip()] or [""]
    room = max(room, *(len(line) for line in header)) if header else room

    def placed(value):
        return value.ljust(room) if left else value.rjust(room)

    return [placed(line) for line in header], [placed(cell) for cell in cells]
