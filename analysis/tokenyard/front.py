# SPDX-License-Identifier: Apache-2.0
"""Which plans no other plan beats in two numbers, and how sure the others are beaten."""

import numpy as np

from .intervals import paired


def front_of(x, y):
    """Numbers of the points that no other has at most as much of both, by rising x.

    Points that are equal in both are all in it. What is no number is left out.
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    order = [i for i in np.lexsort((y, x)) if np.isfinite(x[i]) and np.isfinite(y[i])]
    front, last = [], None
    for i in order:
        if last is None or y[i] < y[last] or (y[i] == y[last] and x[i] == x[last]):
            front.append(int(i))
            last = i
    return front


def surely_beaten(front, x, y):
    """Of each point whether one of the front is, replication by replication, surely better.

    x and y have a row a point and a column a replication, less being better: the 95 % t interval of
    one of the paired differences must lie below 0, the other too or all its differences be 0.
    """
    beaten = np.zeros(len(x), dtype=bool)
    for best in front:
        less = [_less(values, values[best]) for values in (x, y)]
        equal = [_equal(values, values[best]) for values in (x, y)]
        beaten |= (less[0] & less[1]) | (less[0] & equal[1]) | (equal[0] & less[1])
    return beaten


def _less(values, best):
    """Whether `best` surely has less than the row."""
    mean, half_width, count = paired(values, best)
    return (count > 1) & (mean > np.nan_to_num(half_width, nan=np.inf))


def _equal(values, best):
    both = np.isfinite(values) & np.isfinite(best)
    return (both.sum(axis=1) > 1) & np.all(np.where(both, values == best, True), axis=1)
