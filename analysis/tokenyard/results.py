# SPDX-License-Identifier: Apache-2.0
"""A result file as pandas tables."""

import json
from functools import cached_property
from pathlib import Path
from urllib.parse import quote, unquote

import h5py
import pandas as pd

from .columns import column, members, one_line, plain


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
        raise ResultError(f"{path}: cannot be read ({one_line(error)})") from error
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
        return self._read(lambda file: {name: plain(value) for name, value in file.attrs.items()})

    @cached_property
    def scenario(self):
        """Every value of the scenario that was run, defaults too: dotted path to value."""
        text = self._read(lambda file: plain(file["scenario"][()]))
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
                                           for name in members(file["summary"]) if name != "run"})
        return {name: plain(values[0]) for name, values in columns.items() if len(values) == 1}

    @cached_property
    def summary_units(self):
        return self._read(lambda file: {name: plain(file["summary"][name].attrs.get("units", ""))
                                        for name in file["summary"]})

    @cached_property
    def tenants(self):
        """Names of the tenants, in the order of the scenario."""
        return list(self.scenario.get("workload.tenants", []))

    @cached_property
    def pools_with_series(self):
        return self._read(lambda file: [unquote(name) for name in members(file["series"])]
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
        names = self._read(lambda file: members(file["series"]))
        return next((name for name in names if unquote(name) == pool), quote(pool))

    def _table(self, group, index):
        def read(file):
            if group not in file:
                return pd.DataFrame()
            columns = {name: column(file[group][name]) for name in members(file[group])}
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
            raise ResultError(f"{self.path}: damaged ({one_line(error)}); run it again") from error
