# SPDX-License-Identifier: Apache-2.0
"""Puts texts beside points so that they cover nothing."""

import numpy as np

# Where around a point: right above first, as people draw it.
DIRECTIONS = [(1, 1), (1, -1), (-1, 1), (-1, -1), (0, 1), (0, -1), (1, 0), (-1, 0)]
DISTANCES = [1.8, 2.3, 3.6, 5, 7]  # in radii of the markers


class Places:
    """Boxes (left, bottom, right, top) in pixels that are taken already, and where labels fit."""

    def __init__(self, inside, radius):
        self.inside, self.radius = inside, radius
        self.taken = np.empty((0, 4))

    def take(self, boxes):
        self.taken = np.vstack([self.taken, np.reshape(boxes, (-1, 4))])

    def take_points(self, points, factor=1.0):
        points, radius = np.reshape(points, (-1, 2)), self.radius * factor
        self.take(np.hstack([points - radius, points + radius]))

    def take_line(self, points):
        """A line of horizontal and vertical pieces."""
        for (x0, y0), (x1, y1) in zip(points, points[1:]):
            self.take([min(x0, x1) - 1, min(y0, y1) - 1, max(x0, x1) + 1, max(y0, y1) + 1])

    def find(self, point, size):
        """The box for a text of a size, the nearest to the point that is free; None if none is."""
        for distance in DISTANCES:
            for direction in DIRECTIONS:
                box = self._box(point, size, direction, distance * self.radius)
                if self._free(box):
                    self.take(box)
                    return box
        return None

    def _box(self, point, size, direction, distance):
        (x, y), (width, height), (right, up) = point, size, direction
        # At corners a text begins within the width of the point: nearer than by its own corner.
        aside = distance * (0.75 if right and up else 1)
        left = x + aside if right > 0 else x - aside - width if right < 0 else x - width / 2
        bottom = y + aside if up > 0 else y - aside - height if up < 0 else y - height / 2
        return np.array([left, bottom, left + width, bottom + height])

    def _free(self, box):
        left, bottom, right, top = self.inside
        if box[0] < left or box[1] < bottom or box[2] > right or box[3] > top:
            return False
        apart = ((box[2] < self.taken[:, 0]) | (box[0] > self.taken[:, 2]) |
                 (box[3] < self.taken[:, 1]) | (box[1] > self.taken[:, 3]))
        return bool(apart.all())
