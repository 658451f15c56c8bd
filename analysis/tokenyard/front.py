# SPDX-License-Identifier: Apache-2.0
"""Which plans no other plan beats in two numbers, and which of them may be so by chance."""

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


def beaten(front, x, y):
    """Of each point whether one of the front is surely better in one number, and in the other not
    surely worse.

    x and y have a row a point and a column a replication, less being better. Sure is what the 95 %
    t interval of the differences by replication says; so fewer than two in common say nothing.
    """
    found = np.zeros(len(x), dtype=bool)
    for best in front:
        less, more = zip(*(_sure(values, values[best]) for values in (x, y)))
        found |= (less[0] & ~more[1]) | (less[1] & ~more[0])
    return found


def comparable(front, x, y):
    """Of each point whether it has two replications in common with one of the front."""
    found = np.zeros(len(x), dtype=bool)
    for best in front:
        found |= np.minimum(*(paired(values, values[best])[2] for values in (x, y))) > 1
    return found


def _sure(values, best):
    """Whether `best` surely has less than the row, and whether it surely has more."""
    mean, half_width, _ = paired(values, best)
    half_width = np.nan_to_num(half_width, nan=np.inf)
    return mean > half_width, mean < -half_width
