# SPDX-License-Identifier: Apache-2.0
"""Section 1 of the serving semantics: reads and validates the config and the trace."""
import json
import re
import sys

LIMIT = 2**53


class BadInput(Exception):
    """The user's mistake: one line of text, exit code 2."""


REQUIRED = object()


def count(least):
    return lambda value: type(value) is int and value >= least


def number(value):  # the upper bound also refuses inf, and nan fails both comparisons
    return type(value) in (int, float) and 0 <= value <= sys.float_info.max


def positive(value):
    return number(value) and value > 0


def flag(value):
    return type(value) is bool


def mapping(value):
    return type(value) is dict


def one_of(*names):
    return lambda value: value in names


REPLICA_KEYS = {  # key: (is the value acceptable?, default)
    "policy": (one_of("v1", "v0", "static"), "v1"),
    "max_num_seqs": (count(1), REQUIRED),
    "max_num_batched_tokens": (count(1), REQUIRED),
    "block_size": (count(1), 16),
    "num_blocks": (count(1), REQUIRED),
    "max_inflight": (count(0), 0),
    "t_base": (number, REQUIRED),
    "t_prefill_token": (number, 0),
    "t_decode_seq": (number, 0),
    "t_context_token": (number, 0),
    "t_attn_pair": (number, 0),
    "reserve_full_prompt": (flag, False),
    "disagg": (mapping, None),
}
DISAGG_KEYS = {
    "decode": (mapping, REQUIRED),
    "kv_bytes_per_token": (number, REQUIRED),
    "link_latency_s": (number, REQUIRED),
    "link_bandwidth_Bps": (positive, REQUIRED),
    "contention": (one_of("none", "fair"), "none"),
    "hold_prefill_kv": (flag, True),
    "first_token": (one_of("prefill", "decode"), "prefill"),
}


def read_keys(given, keys, where):
    if not mapping(given):
        raise BadInput(f"{where}: not a JSON object")
    for key in given:
        if key not in keys:
            raise BadInput(f"{where}: {key}: not a known key")
    for key, (acceptable, default) in keys.items():
        if key not in given and default is REQUIRED:
            raise BadInput(f"{where}: {key}: missing")
        if key in given and not acceptable(given[key]):
            raise BadInput(f"{where}: {key}: bad value {json.dumps(given[key])}")
    config = {key: given.get(key, default) for key, (_, default) in keys.items()}
    numbers = [key for key in config if keys[key][0] in (number, positive)]
    return config | {key: float(config[key]) for key in numbers}


def read_replica(given, where):
    config = read_keys(given, REPLICA_KEYS, where)
    if config["max_num_batched_tokens"] < config["max_num_seqs"]:
        raise BadInput(f"{where}: max_num_batched_tokens is below max_num_seqs")
    some_decode_time = config["t_decode_seq"] + config["t_context_token"] > 0
    if not (config["t_base"] > 0 or (config["t_prefill_token"] > 0 and some_decode_time)):
        raise BadInput(f"{where}: an iteration may take zero time")
    return config


def not_json(name):
    raise ValueError(f"{name} is not JSON")


def read_config(path):
    try:
        with open(path, encoding="utf-8") as file:
            given = json.load(file, parse_constant=not_json)
    except (OSError, ValueError, RecursionError) as error:
        raise BadInput(f"{path}: {' '.join(str(error).split())}") from None
    return check_config(given, path)


def check_config(given, path):
    """The config with every default filled in."""
    config = read_replica(given, path)
    if config["disagg"] is not None:
        if config["policy"] != "v1":
            raise BadInput(f"{path}: disagg: needs policy v1")
        disagg = config["disagg"] = read_keys(config["disagg"], DISAGG_KEYS, f"{path}: disagg")
        for key in ("max_inflight", "disagg"):
            if key in disagg["decode"]:
                raise BadInput(f"{path}: disagg.decode.{key}: not allowed here")
        disagg["decode"] = read_replica(disagg["decode"], f"{path}: disagg.decode")
        if disagg["decode"]["policy"] != "v1":
            raise BadInput(f"{path}: disagg.decode.policy: needs policy v1")
    return config


def read_trace(path):
    """One (arrival_s, prompt_tokens, output_tokens) per data row; the row number is the id."""
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror}") from None
    lines = data.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    terminated = [line.removesuffix(b"\r") for line in lines[:-1]]
    lines = terminated + ([lines[-1]] if lines[-1] else [])  # only the last may lack its terminator
    if not lines or lines[0] != b"arrival_s,prompt_tokens,output_tokens":
        raise BadInput(f"{path}:1: the header must be arrival_s,prompt_tokens,output_tokens")
    return [read_row(line, f"{path}:{at}") for at, line in enumerate(lines[1:], start=2)]


def read_row(line, where):
    cells = line.split(b",")
    if len(cells) != 3:
        raise BadInput(f"{where}: {len(cells)} cells instead of 3")
    if not re.fullmatch(rb"([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?", cells[0]):
        raise BadInput(f"{where}: arrival_s is not a finite decimal number >= 0")
    if not all(re.fullmatch(rb"[0-9]+", cell) for cell in cells[1:]):
        raise BadInput(f"{where}: token counts are decimal digits only")
    arrival, prompt, output = float(cells[0]), *(read_count(cell) for cell in cells[1:])
    if max(arrival, prompt, output) > LIMIT:
        raise BadInput(f"{where}: above 2^53")
    if prompt < 1 or output < 1:
        raise BadInput(f"{where}: token counts start at 1")
    return arrival, prompt, output


def read_count(digits):
    significant = digits.lstrip(b"0")
    return int(significant or b"0") if len(significant) <= 16 else LIMIT + 1
