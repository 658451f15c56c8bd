# SPDX-License-Identifier: Apache-2.0
"""The command line: python3 -m tokenyard summary, figure, rank, pareto, validate."""

import argparse
import sys

from .results import ResultError, open_result
from .sweep import open_sweep
from .validate import ValidationError, validate


def draw(options):
    from .figure import figure, save  # matplotlib takes a second to load

    save(figure(open_result(options.file)), options.out)


def summary(options):
    result = open_result(options.file)
    print(result.attributes.get("title", ""))
    for name, value in result.summary.items():
        print(f"  {name:38}{value:>16,.6g} {result.summary_units.get(name, '')}".rstrip())
    for title, table in (("pools", result.pools), ("SLO classes", result.slo_classes)):
        print(f"\n{title}")
        print(table.T.to_string(float_format=lambda value: f"{value:,.6g}"))


def _sweep(options):
    return open_sweep(options.file).where(options.where or [])


def ranked(options):
    from .rank_table import write

    write(_sweep(options), options)


def front(options):
    from .pareto import draw_front

    draw_front(_sweep(options), options)


def compare(options):
    validate(options.measured, options.tokenyard, options.home, options.out)


def parser():
    top = argparse.ArgumentParser(
        prog="python3 -m tokenyard",
        description="Reads the result files of Tokenyard (.h5): figures, tables, comparisons.",
        epilog="Exit codes: 0 done, 1 failed, 2 bad input.")
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    one = commands.add_parser("figure", help="draw latencies and load of a run as one PNG",
                              description="Draws the latency distributions of the requests that "
                                          "ended ok, and the load of the pools over time.",
                              epilog="Example: python3 -m tokenyard figure chat.h5 --out chat.png")
    one.add_argument("file", metavar="FILE.h5", help="a result of 'tokenyard run --out'")
    one.add_argument("--out", required=True, metavar="FILE.png", help="where to write the picture")
    one.set_defaults(run=draw)

    one = commands.add_parser("summary", help="print the summary of a run as tables",
                              description="Prints the summary, the pools and the SLO classes.")
    one.add_argument("file", metavar="FILE.h5", help="a result of 'tokenyard run --out'")
    one.set_defaults(run=summary)

    add_rank(commands)
    add_pareto(commands)

    one = commands.add_parser("validate", help="compare simulated with measured serving times",
                              description="Simulates each measured point that has a scenario, and "
                                          "prints how far TPOT and TTFT are from the measured "
                                          "ones, by system and model.")
    one.add_argument("--measured", required=True, metavar="CSV",
                     help="table of measured points; see analysis/README.md for its columns")
    one.add_argument("--tokenyard", required=True, metavar="BINARY", help="the simulator")
    one.add_argument("--home", required=True, metavar="DIR",
                     help="folder with platforms/catalog and workloads/models")
    one.add_argument("--out", metavar="YAML", help="write the medians, as a list for the catalogue")
    one.set_defaults(run=compare)
    return top


def add_where(one):
    one.add_argument("--where", action="append", metavar="AXIS=LEVEL",
                     help="only the points there, as scale=2; may be repeated")


def add_rank(commands):
    one = commands.add_parser(
        "rank", help="the points of a merged sweep, the best first",
        description="Lists the points of a sweep by the study's objective, feasible ones first, "
                    "and marks those that the replications do not tell apart from the best: the "
                    "95 % t interval of the difference, paired by replication, holds 0.",
        epilog="Example: python3 -m tokenyard rank study.h5 --out study.csv")
    one.add_argument("file", metavar="F.h5", help="what 'tokenyard sweep merge' wrote")
    add_where(one)
    one.add_argument("--top", type=int, metavar="N",
                     help="so many points (default: 20 on the terminal, all in files; 0: all)")
    one.add_argument("--metrics", metavar="A,B",
                     help="show these metrics instead of all that were kept")
    one.add_argument("--out", metavar="FILE", help="write a .csv, .md or .txt instead of printing")
    one.set_defaults(run=ranked)


def add_pareto(commands):
    one = commands.add_parser(
        "pareto", help="draw two metrics of a merged sweep and their Pareto front",
        description="Draws all points of a sweep by two metrics with 95 % half-widths, and the "
                    "front of the feasible ones: those that no other one beats in both.",
        epilog="Example: python3 -m tokenyard pareto study.h5 --x cost_usd --y ttft_p99_s "
               "--out front.svg")
    one.add_argument("file", metavar="F.h5", help="what 'tokenyard sweep merge' wrote")
    add_where(one)
    one.add_argument("--x", metavar="METRIC", help="default: that of the objective")
    one.add_argument("--y", metavar="METRIC", help="default: the first one in 'feasible'")
    for name in ("x", "y"):
        one.add_argument(f"--{name}-better", choices=["low", "high"],
                         help="which end is better (default: as the study has it, else by name)")
    one.add_argument("--colour", metavar="AXIS", help="axis shown by colour; 'none' for none")
    one.add_argument("--marker", metavar="AXIS", help="axis shown by marker; 'none' for none")
    one.add_argument("--label", choices=["axes", "point"], default="axes",
                     help="what stands beside points of the front (default: their axes)")
    one.add_argument("--out", required=True, metavar="FILE", help="a .png, .svg or .pdf")
    one.set_defaults(run=front)


def main(arguments=None):
    options = parser().parse_args(arguments)
    try:
        options.run(options)
    except (ResultError, ValidationError) as error:
        print(error, file=sys.stderr)
        return 2
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    except OSError as error:
        print(f"{error.filename or 'tokenyard'}: {error.strerror or error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
