# SPDX-License-Identifier: Apache-2.0
"""A merged sweep as pandas tables: what `tokenyard sweep merge` wrote."""

from copy import copy
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import h5py
import numpy as np
import pandas as pd
import yaml

from .columns import column, members, one_line, plain
from .results import ResultError
from .words import is_level, level, short_names

HALF_WIDTH = "_half_width"
# Columns that are neither axes nor metrics.
FIXED = {"point", "run", "replication", "replications", "status", "feasible", "objective",
         "objective" + HALF_WIDTH, "rank", "identity", "done", "failed", "missing", "goal_low",
         "goal_high", "goal_simulations"}
SENSES = {"minimise": 1, "maximise": -1}


@dataclass(frozen=True)
class Objective:
    """What makes a plan better: less of it (sense 1) or more of it (sense -1)."""
    text: str    # as the study has it
    sense: int
    column: str  # of the tables: a metric's own, or `objective` for an expression of several


def open_sweep(path):
    """Opens a merged sweep; raises ResultError if the file is not one."""
    path = Path(path)
    if not path.is_file():
        raise ResultError(f"{path}: no such file; give the .h5 file of 'tokenyard sweep merge'")
    if not h5py.is_hdf5(path):
        raise ResultError(f"{path}: not an HDF5 file; give that of 'tokenyard sweep merge'")
    try:
        with h5py.File(path) as file:
            for group in ("points", "runs"):
                if group not in file:
                    raise ResultError(f"{path}: not a merged sweep (it has no /{group}); make one "
                                      "with 'tokenyard sweep merge DIR --out F.h5'")
            return Sweep(path, file)
    except (OSError, KeyError, ValueError, TypeError, AttributeError, RuntimeError) as error:
        raise ResultError(
            f"{path}: cannot be read ({one_line(error)}); merge the sweep again") from error


class Sweep:
    """The points of a study, a row each, and their runs.

    `points` and `runs` are pandas tables; `axes` and `metrics` name columns of theirs; `units` and
    `long_names` say what columns are.
    """

    def __init__(self, path, file):
        self.path = Path(path)
        self.attributes = {name: plain(value) for name, value in file.attrs.items()}
        self.units, self.long_names = {}, {}
        self.runs = self._table(file["runs"])  # first: their long_names are of one value
        self.points = self._table(file["points"])
        if "point" not in self.points:
            raise ResultError(f"{path}: /points has no column 'point'; merge the sweep again")
        self.points = self.points.set_index("point")
        self._ranked = self.points["rank"] > 0 if "rank" in self.points else None
        study = _study(plain(file["study"][()])) if "study" in file else {}
        self.title = str(self.attributes.get("title") or study.get("name") or self.path.stem)
        self.conditions = _lines(self.attributes.get("feasible_text", study.get("feasible")))
        self.axes = self._axes()
        self._restore_blanks(study.get("axes"))
        self.metrics = self._metrics()
        self.objective = self._objective(
            self.attributes.get("objective_text") or study.get("objective"))

    @property
    def feasible(self):
        """A truth for each point; all points are where the study has no conditions."""
        if "feasible" not in self.points:
            return pd.Series(True, index=self.points.index)
        return self.points["feasible"].astype(str) == "yes"

    @property
    def counts(self):
        """How many runs were done, failed, missing."""
        status = self.runs["status"].astype(str) if "status" in self.runs else []
        return {name: int(np.sum(np.asarray(status) == name))
                for name in ("done", "failed", "missing")}

    @property
    def complete(self):
        """A truth for each point: whether it has all the replications that it should have. Who
        merged the runs knows: what is feasible has a rank then."""
        if self._ranked is not None:
            return (self._ranked | ~self.feasible).reindex(self.points.index)
        if not {"point", "status"} <= set(self.runs):
            return pd.Series(True, index=self.points.index)
        done = self.runs["status"].astype(str) == "done"
        return done.groupby(self.runs["point"]).all().reindex(self.points.index, fill_value=False)

    @property
    def varied(self):
        """The axes that have more than one level."""
        return [axis for axis in self.axes if self.points[axis].astype(str).nunique() > 1]

    def half_width(self, metric):
        """NaN where one replication says nothing of it."""
        name = metric + HALF_WIDTH
        if name not in self.points:
            return pd.Series(np.nan, index=self.points.index)
        return self.points[name].where(np.isfinite(self.points[name]))

    def replications(self, metric):
        """The values of a metric in runs that were done: a row a point, a column a replication."""
        wanted = {"point", "replication", metric}
        if not wanted <= set(self.runs):
            return pd.DataFrame(index=self.points.index)
        done = self.runs
        if "status" in done:
            done = done[done["status"].astype(str) == "done"]
        return (done.pivot_table(index="point", columns="replication", values=metric)
                .reindex(index=self.points.index, columns=sorted(set(self.runs["replication"]))))

    def number(self, name):
        """The column of a name that a user wrote; raises ResultError if it is no number."""
        if name in self.metrics or (name == "objective" and name in self.points):
            return self.points[name]
        if name in self.axes and pd.api.types.is_numeric_dtype(self.points[name]):
            return self.points[name]
        known = self.metrics + (["objective"] if "objective" in self.points else [])
        known += [axis for axis in self.axes if pd.api.types.is_numeric_dtype(self.points[axis])]
        raise ResultError(f"{self.path}: no number '{name}'; there: {', '.join(known) or 'none'}")

    def axis(self, name):
        """The axis that a user named, perhaps by its last words; None if there is none."""
        named = {short: axis for axis, short in short_names(self.axes).items()}
        return name if name in self.axes else named.get(name)

    def where(self, terms):
        """The part of the sweep where axes have levels, like ["scale=2", "racks=GB300"]; its ranks
        are of that part."""
        part = copy(self)
        for term in terms:
            name, _, wanted = term.rpartition("=")
            axis = self.axis(name.strip())
            if axis is None:
                raise ResultError(f"--where {term}: no such axis; write AXIS=LEVEL, with one of "
                                  f"{', '.join(self.axes) or 'no axes'}")
            levels = part.points[axis]
            there = levels.map(lambda value: is_level(value, wanted.strip())).astype(bool)
            if not there.any():
                known = ", ".join(dict.fromkeys(level(value) for value in levels))
                raise ResultError(f"--where {term}: no point is there; levels: {known}")
            part.points = part.points[there]
            part.title += f", {short_names(self.axes)[axis]} = {wanted.strip()}"
        part.runs = self.runs[self.runs["point"].isin(part.points.index)] \
            if "point" in self.runs else self.runs
        if terms:
            part.points = part.points.drop(columns="rank", errors="ignore")
        return part

    def _table(self, group):
        columns = {}
        for member in members(group):
            if not isinstance(group[member], h5py.Dataset) or group[member].ndim != 1:
                continue
            name = unquote(member)
            columns[name] = column(group[member])
            for known, attribute in ((self.units, "units"), (self.long_names, "long_name")):
                if attribute in group[member].attrs:
                    known.setdefault(name, plain(group[member].attrs[attribute]))
        return pd.DataFrame(columns)

    def _axes(self):
        said = self.attributes.get("axes")
        if said is not None:
            axes = [unquote(name) if unquote(name) in self.points else name
                    for name in _lines(said)]
            for name in axes:
                if name not in self.points:
                    raise ResultError(f"{self.path}: /points has no column '{name}', which is an "
                                      "axis; merge the sweep again")
            return axes
        said = [name for name in self.points
                if str(self.long_names.get(name, "")).startswith("axis ")]
        return said or [name for name in self.points
                if name not in FIXED and name != "goal" and not name.endswith(HALF_WIDTH)
                and name + HALF_WIDTH not in self.points]

    def _restore_blanks(self, axes):
        """Names of levels as the study writes them: in the file they have no white space."""
        written = {}
        for text in _texts(axes):
            written.setdefault("_".join(text.split()), set()).add(text)
        names = {short: texts.pop() for short, texts in written.items() if len(texts) == 1}
        for table in (self.points, self.runs):
            for axis in self.axes:
                if axis in table and isinstance(table[axis].dtype, pd.CategoricalDtype):
                    new = [names.get(name, name) for name in table[axis].cat.categories]
                    if len(set(new)) == len(new):
                        table[axis] = table[axis].cat.rename_categories(new)

    def _metrics(self):
        return [name for name in self.points
                if name not in FIXED and name not in self.axes and not name.endswith(HALF_WIDTH)
                and pd.api.types.is_numeric_dtype(self.points[name])]

    def _objective(self, text):
        if not text or "objective" not in self.points:
            return None
        word, _, what = str(text).strip().partition(" ")
        what = what.strip() if word in SENSES else str(text).strip()
        column_name = what if what in self.metrics else "objective"
        self.units.setdefault("objective", self.units.get(what, ""))
        self.long_names.setdefault("objective", what)
        return Objective(str(text).strip(), SENSES.get(word, 1), column_name)


def _study(text):
    try:
        read = yaml.safe_load(text)
    except yaml.YAMLError:
        return {}  # its tables still say the most
    return read if isinstance(read, dict) else {}


def _texts(value):
    """All texts within lists and maps."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [text for part in value for text in _texts(part)]
    return [value] if isinstance(value, str) else []


def _lines(value):
    if value is None:
        return []
    if isinstance(value, list):
        return [str(item) for item in value]
    return [line for line in str(value).split("\n") if line.strip()]
