# SPDX-License-Identifier: Apache-2.0
"""Columns of result files as numpy and pandas know them."""

import h5py
import numpy as np
import pandas as pd


def members(group):
    """Names in the order of writing, where the file kept it."""
    if not group.id.get_create_plist().get_link_creation_order() & h5py.h5p.CRT_ORDER_TRACKED:
        return list(group)
    names = []
    group.id.links.iterate(lambda name: names.append(name.decode()),
                           idx_type=h5py.h5.INDEX_CRT_ORDER)
    return names


def column(dataset):
    values = dataset[()]
    missing = dataset.attrs.get("_FillValue")
    if "flag_meanings" in dataset.attrs:
        return _categorical(values, dataset.attrs["flag_values"], dataset.attrs["flag_meanings"])
    if missing is not None:
        values = values.astype(float)
        values[values == float(np.ravel(missing)[0])] = np.nan
    return values


def _categorical(codes, flags, meanings):
    names = plain(meanings).split(" ")
    # White space in names became '_', so two names may read alike; a Categorical wants them apart.
    names = [name if names.index(name) == i else f"{name}_{i}" for i, name in enumerate(names)]
    flags = np.ravel(flags)
    order = np.argsort(flags)
    place = np.minimum(np.searchsorted(flags[order], codes), len(flags) - 1)
    known = flags[order][place] == codes
    return pd.Categorical.from_codes(np.where(known, order[place], -1), names)


def plain(value):
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, np.ndarray):
        return [plain(item) for item in value]
    return value.item() if isinstance(value, np.generic) else value


def one_line(error):
    return " ".join(str(error).split())
