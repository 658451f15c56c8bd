# SPDX-License-Identifier: Apache-2.0
"""A result file as pandas tables."""

import json
from functools import cached_property
from pathlib import Path
from urllib.parse import quote, unquote

import h5py
import numpy as np
import pandas as pd


class ResultError(Exception):
    """The file cannot be read, or is not a result file. The text is one line."""


def open_result(path):
    """Opens a result file; raises ResultError if it is not one."""
    path = Path(path)
    if not path.is_file():
        raise ResultError(f"{path}: no such file; give the .h5 file of a run")
    if not h5py.is_hdf5(path):
        raise ResultError(f"{path}: not an HDF5 file; give the .h5 file of a run")
    try:
        with h5py.File(path) as file:
            missing = [name for name in ("scenario", "summary", "pools") if name not in file]
    except OSError as error:
        raise ResultError(f"{path}: cannot be read ({_one_line(error)})") from error
    if missing:
        raise ResultError(
            f"{path}: not a result of 'tokenyard run' (it has no /{missing[0]}); "
            "make one with run and --out")
    return Result(path)


class Result:
    """One run. Tables are read from the file when they are first asked for, then kept."""

    def __init__(self, path):
        self.path = Path(path)
        self._series = {}

    @cached_property
    def attributes(self):
        """title, identity, seed, version, commit, digest and what else the root says."""
        return self._read(lambda file: {name: _plain(value) for name, value in file.attrs.items()})

    @cached_property
    def scenario(self):
        """Every value of the scenario that was run, defaults too: dotted path to value."""
        text = self._read(lambda file: _plain(file["scenario"][()]))
        try:
            return json.loads(text)
        except ValueError as error:
            raise ResultError(f"{self.path}: /scenario is not JSON ({error})") from error

    @cached_property
    def requests(self):
        """One row a request, by request id; empty if the run kept none."""
        return self._table("requests", "request")

    @cached_property
    def slo_classes(self):
        return self._table("slo_classes", "slo_class")

    @cached_property
    def pools(self):
        return self._table("pools", "pool")

    @cached_property
    def tenant_accounts(self):
        """What each tenant used, paid and earned; regions, providers and models likewise."""
        return self._table("tenants", "tenant")

    @cached_property
    def regions(self):
        return self._table("regions", "region")

    @cached_property
    def providers(self):
        return self._table("providers", "provider")

    @cached_property
    def models(self):
        return self._table("models", "model")

    @cached_property
    def summary(self):
        """Name to value, in the order of the file."""
        columns = self._read(lambda file: {name: file["summary"][name][()]
                                           for name in _members(file["summary"]) if name != "run"})
        return {name: _plain(values[0]) for name, values in columns.items() if len(values) == 1}

    @cached_property
    def summary_units(self):
        return self._read(lambda file: {name: _plain(file["summary"][name].attrs.get("units", ""))
                                        for name in file["summary"]})

    @cached_property
    def tenants(self):
        """Names of the tenants, in the order of the scenario."""
        return list(self.scenario.get("workload.tenants", []))

    @cached_property
    def pools_with_series(self):
        return self._read(lambda file: [unquote(name) for name in _members(file["series"])]
                          if "series" in file else [])

    def series(self, pool):
        """What the pool did over time, by simulated time in seconds."""
        if pool not in self._series:
            if pool not in self.pools_with_series:
                known = ", ".join(self.pools_with_series) or "none"
                raise ResultError(f"{self.path}: no series of pool '{pool}'; there: {known}")
            self._series[pool] = self._table("series/" + self._member(pool), "time_s")
        return self._series[pool]

    def _member(self, pool):
        names = self._read(lambda file: _members(file["series"]))
        return next((name for name in names if unquote(name) == pool), quote(pool))

    def _table(self, group, index):
        def read(file):
            if group not in file:
                return pd.DataFrame()
            columns = {name: _column(file[group][name]) for name in _members(file[group])}
            table = pd.DataFrame(columns)
            if index not in table:
                raise ResultError(f"{self.path}: /{group} has no column '{index}'")
            return table.set_index(index)

        return self._read(read)

    def _read(self, how):
        try:
            with h5py.File(self.path) as file:
                return how(file)
        except ResultError:
            raise
        except (OSError, KeyError, ValueError) as error:
            raise ResultError(f"{self.path}: damaged ({_one_line(error)}); run it again") from error


def _members(group):
    """Names in the order of writing, where the file kept it."""
    if not group.id.get_create_plist().get_link_creation_order() & h5py.h5p.CRT_ORDER_TRACKED:
        return list(group)
    names = []
    group.id.links.iterate(lambda name: names.append(name.decode()),
                           idx_type=h5py.h5.INDEX_CRT_ORDER)
    return names


def _column(dataset):
    values = dataset[()]
    missing = dataset.attrs.get("_FillValue")
    if "flag_meanings" in dataset.attrs:
        return _categorical(values, dataset.attrs["flag_values"], dataset.attrs["flag_meanings"])
    if missing is not None:
        values = values.astype(float)
        values[values == float(np.ravel(missing)[0])] = np.nan
    return values


def _categorical(codes, flags, meanings):
    names = _plain(meanings).split(" ")
    # White space in names became '_', so two names may read alike; a Categorical wants them apart.
    names = [name if names.index(name) == i else f"{name}_{i}" for i, name in enumerate(names)]
    flags = np.ravel(flags)
    order = np.argsort(flags)
    place = np.minimum(np.searchsorted(flags[order], codes), len(flags) - 1)
    known = flags[order][place] == codes
    return pd.Categorical.from_codes(np.where(known, order[place], -1), names)


def _plain(value):
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, np.ndarray):
        return [_plain(item) for item in value]
    return value.item() if isinstance(value, np.generic) else value


def _one_line(error):
    return " ".join(str(error).split())
