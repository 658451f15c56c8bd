#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fits measured round trips of round_trips.csv by the great-circle distance of the regions' sites.

Least squares of the relative error: errors of the short ways, where clients of a region are, count
as those of the long ones. sim/fleet/client_network.cpp has the two figures; a test compares them.
"""
import csv
import math
import pathlib

import yaml

HERE = pathlib.Path(__file__).resolve().parent
EARTH_RADIUS_KM = 6371.0


def great_circle_km(a, b):
    points = []
    for site in (a, b):
        north, east = math.radians(site["latitude"]), math.radians(site["longitude"])
        points.append((math.cos(north) * math.cos(east), math.cos(north) * math.sin(east),
                       math.sin(north)))
    return 2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.dist(*points) / 2))


def measured():
    """(km, ms) of every row that somebody measured."""
    regions = yaml.safe_load((HERE / "catalog" / "regions.yaml").read_text())["regions"]
    lines = [line for line in (HERE / "round_trips.csv").read_text().splitlines()
             if not line.startswith("#")]
    return [(great_circle_km(regions[row["from"]], regions[row["to"]]), float(row["rtt_ms"]))
            for row in csv.DictReader(lines) if row["source"] != "assumed"]


def fit(rows):
    """(ms, ms per km) that minimise the sum of (fitted / measured - 1)^2: the normal equations."""
    w, wx, wxx, v, vx = (sum(f(x, y) for x, y in rows) for f in (
        lambda x, y: 1 / y ** 2, lambda x, y: x / y ** 2, lambda x, y: x * x / y ** 2,
        lambda x, y: 1 / y, lambda x, y: x / y))
    determinant = w * wxx - wx * wx
    return (v * wxx - vx * wx) / determinant, (w * vx - wx * v) / determinant


def main():
    rows = measured()
    constant, slope = fit(rows)
    errors = sorted(abs((constant + slope * x) / y - 1) for x, y in rows)
    glass_km_per_ms = 299.792458 / 1.468
    print(f"{len(rows)} rows, {min(rows)[0]:.0f} to {max(rows)[0]:.0f} km")
    print(f"round trip = {constant:.3f} ms + {1e3 * slope:.3f} ms / 1,000 km, "
          f"{slope / 2 * glass_km_per_ms:.2f} times the great circle in glass")
    print(f"relative error: median {errors[len(errors) // 2]:.3f}, nine of ten below "
          f"{errors[len(errors) * 9 // 10]:.3f}, root of the mean square "
          f"{math.sqrt(sum(e * e for e in errors) / len(errors)):.3f}, worst {errors[-1]:.2f}")


if __name__ == "__main__":
    main()
