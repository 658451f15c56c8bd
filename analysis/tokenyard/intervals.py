# SPDX-License-Identifier: Apache-2.0
"""How sure differences between plans are: Student's t, paired over replications."""

import math
from functools import lru_cache

import numpy as np

CONFIDENCE = 0.95  # that of the half-widths in the files


@lru_cache
def t_quantile(degrees, confidence=CONFIDENCE):
    """Student's t within which `confidence` of it lies, by the closed form for whole degrees."""
    low, high = 0.0, math.pi / 2  # of atan(t / sqrt(degrees))
    while True:
        middle = (low + high) / 2
        if middle in (low, high):
            return math.sqrt(degrees) * math.tan(middle)
        low, high = (middle, high) if _within(middle, degrees) < confidence else (low, middle)


def _within(angle, degrees):
    sine, square = math.sin(angle), math.cos(angle) ** 2
    odd = degrees % 2
    term, total = math.cos(angle) if odd else 1.0, 0.0
    for k in range(2 + odd, degrees + 1, 2):
        total += term
        term *= square * (k - 1) / k
    return (angle + sine * total) * 2 / math.pi if odd else sine * total


def interval(values):
    """(mean, half-width, count) of each row, of those values that are numbers."""
    values = np.asarray(values, dtype=float)
    there = np.isfinite(values)
    count = there.sum(axis=1)
    some, spread = np.maximum(count, 1), np.maximum(count - 1, 1)
    mean = np.where(there, values, 0).sum(axis=1) / some
    deviation = np.where(there, values - mean[:, None], 0)
    error = np.sqrt((deviation ** 2).sum(axis=1) / spread / some)
    t = np.array([t_quantile(int(n) - 1) if n > 1 else np.nan for n in count])
    return np.where(count > 0, mean, np.nan), t * error, count


def paired(values, best):
    """(mean, half-width, count) of how much each row lies above the row `best`, by replication."""
    values = np.asarray(values, dtype=float)
    return interval(values - np.asarray(best, dtype=float)[None, :])
