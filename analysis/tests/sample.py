# SPDX-License-Identifier: Apache-2.0
"""Small result files, as the simulator writes them."""

import json

import h5py
import numpy as np

SCENARIO = {
    "warm_up": 1,
    "workload.tenants": ["chat"],
    "workload.tenants[chat].slo.ttft": 0.45,
    "workload.tenants[chat].slo.tpot": 0.04,
}
STATUS = ["ok", "rejected", "dropped"]


def write_result(path, requests=200, scenario=None):
    with h5py.File(path, "w", track_order=True) as file:
        file.attrs.update({"title": "A sample", "identity": "0123456789abcdef01", "seed": 7,
                           "version": "0.1.0", "commit": "abc1234", "digest": "fedcba9876543210"})
        file["scenario"] = np.bytes_(json.dumps(SCENARIO if scenario is None else scenario))
        _summary(file.create_group("summary", track_order=True), requests)
        _named(file.create_group("pools", track_order=True), "pool", "chat_pool", "utilisation")
        for index in ("region", "provider", "model", "tenant"):
            _named(file.create_group(index + "s", track_order=True), index, "a/" + index, "cost_usd")
        _named(file.create_group("slo_classes", track_order=True), "slo_class", "chat", "goodput")
        if requests:
            _requests(file.create_group("requests", track_order=True), requests)
        _series(file.create_group("series/chat%2Fpool", track_order=True))
    return path


def enumeration(group, name, codes, meanings, missing=None):
    column = group.create_dataset(name, data=np.asarray(codes, dtype=np.uint8))
    column.attrs["flag_values"] = np.arange(len(meanings), dtype=np.uint8)
    column.attrs["flag_meanings"] = np.bytes_(" ".join(meanings))
    if missing is not None:
        column.attrs["_FillValue"] = np.asarray([missing], dtype=np.uint8)


def _summary(group, requests):
    group["run"] = np.asarray([0])
    group["requests_arrived"] = np.asarray([float(requests)])
    group["ttft_mean_s"] = np.asarray([0.1])
    group["ttft_mean_s"].attrs["units"] = np.bytes_("s")


def _named(group, index, name, column):
    enumeration(group, index, [0], [name])
    group[column] = np.asarray([0.5])


def _requests(group, count):
    random = np.random.default_rng(1)
    group["request"] = np.arange(count, dtype=np.uint64)
    group["arrival_s"] = np.linspace(0, 100, count)
    enumeration(group, "tenant", np.zeros(count), ["chat"])
    enumeration(group, "status", np.arange(count) % 10 == 9, STATUS)
    enumeration(group, "pool", np.where(np.arange(count) % 10 == 9, 255, 0), ["chat_pool"], 255)
    group["replica"] = np.where(np.arange(count) % 10 == 9, 4294967295, 3).astype(np.uint32)
    group["replica"].attrs["_FillValue"] = np.asarray([4294967295], dtype=np.uint32)
    for name, scale in (("time_to_first_token_s", 0.1), ("time_per_output_token_s", 0.02),
                        ("end_to_end_s", 2)):
        group[name] = scale * random.lognormal(size=count)


def _series(group):
    group["time_s"] = np.arange(0, 101, 10.0)
    for name in ("requests_waiting", "requests_running", "output_tokens_per_s", "utilisation"):
        group[name] = np.linspace(0, 1, 11)
