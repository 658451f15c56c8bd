# SPDX-License-Identifier: Apache-2.0
"""What a condition of a study says of values: `ttft_p99_s <= 2 s and racks == 'GB300'`.

The simulator decides which plans are feasible; this tells which condition a plan fails.
"""

import math
import re

# To the SI unit, or that of the metrics' names.
UNITS = {
    "ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1, "min": 60, "h": 3600, "d": 86400,
    "tokens": 1, "token": 1, "ktokens": 1e3, "Mtokens": 1e6,
    "B": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12, "PB": 1e15,
    "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40, "PiB": 2**50,
    "FLOP": 1, "kFLOP": 1e3, "MFLOP": 1e6, "GFLOP": 1e9, "TFLOP": 1e12, "PFLOP": 1e15,
    "EFLOP": 1e18, "ZFLOP": 1e21,
    "bit/s": 0.125, "kbit/s": 125, "Mbit/s": 125e3, "Gbit/s": 125e6, "Tbit/s": 125e9,
    "mW": 1e-3, "W": 1, "kW": 1e3, "MW": 1e6, "GW": 1e9,
    "USD": 1, "kUSD": 1e3, "MUSD": 1e6, "USD/h": 1, "USD/min": 60, "USD/s": 3600, "USD/d": 1 / 24,
    "USD/kWh": 1, "USD/MWh": 1e-3, "g/kWh": 1, "kg/kWh": 1e3, "kg/MWh": 1,
    "USD/Mtoken": 1, "USD/ktoken": 1e3, "USD/kW-month": 1, "USD/GB": 1, "USD/TB": 1e-3,
    "tokens/s": 1, "ktokens/s": 1e3, "%": 0.01,
    "1/s": 1, "1/min": 1 / 60, "1/h": 1 / 3600, "1/d": 1 / 86400,
    "/s": 1, "/min": 1 / 60, "/h": 1 / 3600, "/d": 1 / 86400,
}
for _unit in ("B", "kB", "MB", "GB", "TB", "PB", "KiB", "MiB", "GiB", "TiB",
              "FLOP", "kFLOP", "MFLOP", "GFLOP", "TFLOP", "PFLOP", "EFLOP"):
    UNITS[_unit + "/s"] = UNITS[_unit]

_UNIT = "|".join(re.escape(unit) for unit in sorted(UNITS, key=len, reverse=True))
_WORD = r"[A-Za-z_](?:\[[^\]]*\]|[\w.])*"
_PIECE = re.compile(
    rf"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?:\s*(?P<unit>{_UNIT})(?![\w./]))?"
    rf"|'(?P<text>[^']*)'|(?P<name>{_WORD})|(?P<sign><=|>=|==|!=|[-+*/()<>]))")
_COMPARE = {"<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b,
            ">=": lambda a, b: a >= b, "==": lambda a, b: a == b, "!=": lambda a, b: a != b}


class NotKnown(Exception):
    """The condition names what the file does not have, or is written in a way not known here."""


def holds(condition, values):
    """True or False, by a mapping of names to numbers and texts; None if that cannot be told."""
    try:
        reader = _Reader(condition, values)
        found = reader.either()
        return None if reader.pieces else bool(found)
    except (NotKnown, TypeError, RecursionError):
        return None


def limit(condition):
    """(name, sign, number) of a condition that is a plain limit, else None."""
    try:
        pieces = _pieces(condition)
    except NotKnown:
        return None
    if len(pieces) == 3 and [kind for kind, _ in pieces] == ["name", "sign", "number"]:
        (_, name), (_, sign), (_, number) = pieces
        return (name, sign, number) if sign in ("<", "<=", ">", ">=") else None
    return None


def _pieces(text):
    pieces, at = [], 0
    text = text.rstrip()
    while at < len(text):
        found = _PIECE.match(text, at)
        if not found:
            raise NotKnown
        kind = "text" if found["text"] is not None else found.lastgroup
        if found["number"]:
            pieces.append(("number", float(found["number"]) * UNITS.get(found["unit"], 1)))
        else:
            pieces.append((kind, found[kind]))
        at = found.end()
    return pieces


class _Reader:
    """Recursive descent: each function is one level of precedence."""

    def __init__(self, text, values):
        self.pieces, self.values = _pieces(text), values

    def either(self):
        found = self.both()
        while self._take("or"):
            found = self.both() or found
        return found

    def both(self):
        found = self.negation()
        while self._take("and"):
            found = self.negation() and found
        return found

    def negation(self):
        return not self.negation() if self._take("not") else self.comparison()

    def comparison(self):
        left = self.sum()
        sign = self._take(*_COMPARE)
        return _COMPARE[sign](left, self.sum()) if sign else left

    def sum(self):
        found = self.product()
        while sign := self._take("+", "-"):
            right = self.product()
            found = found + right if sign == "+" else found - right
        return found

    def product(self):
        found = self.factor()
        while sign := self._take("*", "/"):
            right = self.factor()
            found = found * right if sign == "*" else _divide(found, right)
        return found

    def factor(self):
        if self._take("-"):
            return -self.factor()
        if self._take("("):
            found = self.either()
            if not self._take(")"):
                raise NotKnown
            return found
        if not self.pieces:
            raise NotKnown
        kind, piece = self.pieces.pop(0)
        if kind == "number":
            return piece
        if kind == "text":
            return piece.replace(" ", "_")  # as names of levels are in the file
        if kind == "name" and piece in ("true", "false"):
            return piece == "true"
        if kind == "name" and piece in self.values:
            return self.values[piece]
        raise NotKnown

    def _take(self, *words):
        if self.pieces and self.pieces[0][0] in ("name", "sign") and self.pieces[0][1] in words:
            return self.pieces.pop(0)[1]
        return None


def _divide(left, right):
    if right != 0:
        return left / right
    return math.nan if left == 0 or math.isnan(left) else math.copysign(math.inf, left)
