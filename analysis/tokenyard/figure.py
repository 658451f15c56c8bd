# SPDX-License-Identifier: Apache-2.0
"""One picture of a run: how long requests took, and how loaded the pools were."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

# Okabe and Ito: told apart with any colour vision.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"]
LATENCIES = [("time_to_first_token_s", "ttft", "Time to first token (TTFT)"),
             ("time_per_output_token_s", "tpot", "Time per output token (TPOT)"),
             ("end_to_end_s", "end_to_end", "End to end")]
CURVE_POINTS = 2000


def figure(result):
    """The figure of a result, 1600 x 1200 pixels when saved with `save`."""
    drawing = Figure(figsize=(16, 12), dpi=100, layout="constrained")
    drawing.get_layout_engine().set(w_pad=0.12, h_pad=0.08, hspace=0.02, wspace=0.02)
    drawing.suptitle(_short(str(result.attributes.get("title") or result.path.name), 90),
                     fontsize=20)
    above, below = drawing.subfigures(2, 1, height_ratios=[1, 1.25])
    _latencies(above, result)
    _load(below, result)
    drawing.supxlabel(_footer(result), fontsize=10, color="0.35")
    return drawing


def save(drawing, path):
    """Writes the PNG; the same figure gives the same bytes on any day."""
    drawing.savefig(path, format="png", dpi=100, metadata={"Software": None})


def _footer(result):
    say = result.attributes
    parts = [f"identity {str(say.get('identity', 'unknown'))[:16]}",
             f"tokenyard {say.get('version', 'unknown')}"]
    parts += [f"{name} {str(say[name])[:16]}" for name in ("commit", "seed", "digest")
              if say.get(name) not in (None, "")]
    return "   ·   ".join(parts)


def _latencies(area, result):
    curves = _groups(result)
    ended = sum(len(table) for _, table, _ in curves)
    warm_up = float(result.scenario.get("warm_up") or 0)
    after = f" that arrived after the warm-up of {_seconds(warm_up)}" if warm_up > 0 else ""
    area.suptitle(f"Latency of the {ended:,} requests with status ok{after} (● p50, ◆ p99)",
                  fontsize=14)
    for axes, (column, limit, title) in zip(area.subplots(1, 3), LATENCIES):
        axes.set_title(title, fontsize=13)
        drawn = [_curve(axes, name, table[column].to_numpy(), colour)
                 for (name, table, _), colour in zip(curves, COLOURS) if column in table]
        limits = [_limit(axes, result, tenants, limit, colour)
                  for (_, _, tenants), colour in zip(curves, COLOURS)]
        _finish_latency(axes, [h for h in drawn if h], [h for h in limits if h])


def _groups(result):
    """(name, requests, tenants) of each curve: one a tenant if the colours suffice, else one."""
    table = result.requests
    if len(table) == 0:
        return [("no requests", table, [])]
    warm_up = float(result.scenario.get("warm_up") or 0)
    ok = table[(table["status"] == "ok") & (table["arrival_s"] >= warm_up)]
    tenants = list(table["tenant"].cat.categories)
    if not 1 < len(tenants) <= 4:
        return [("requests", ok, result.tenants)]
    return [(known, ok[ok["tenant"] == tenant], [known])
            for tenant, known in zip(tenants, result.tenants)]


def _curve(axes, name, values, colour):
    """Draws the share of requests at or below each latency; the handle for the legend."""
    values = np.sort(values[np.isfinite(values) & (values > 0)])
    if len(values) == 0:
        return None
    # The smallest value that this share of requests does not exceed, as in the summary.
    p50, p99 = np.quantile(values, [0.5, 0.99], method="inverted_cdf")
    shares = np.arange(1, len(values) + 1) / len(values)
    if len(values) > CURVE_POINTS:
        pick = np.unique(np.linspace(0, len(values) - 1, CURVE_POINTS).astype(int))
        values, shares = values[pick], shares[pick]
    axes.step(np.r_[values[0], values], np.r_[0, shares], where="post", color=colour, linewidth=2)
    axes.plot([p50], [0.5], "o", color=colour, markersize=8)
    axes.plot([p99], [0.99], "D", color=colour, markersize=8)
    return Line2D([], [], color=colour, linewidth=2,
                  label=f"{_short(name, 20)}: p50 {_seconds(p50)}, p99 {_seconds(p99)}")


def _limit(axes, result, tenants, limit, colour):
    """A dashed line at the tightest SLO limit of the tenants, if one is set."""
    found = [result.scenario.get(f"workload.tenants[{tenant}].slo.{limit}") for tenant in tenants]
    found = [float(value) for value in found
             if isinstance(value, (int, float)) and np.isfinite(value) and value > 0]
    if not found:
        return None
    colour = "0.2" if len(result.tenants) == 1 else colour
    axes.axvline(min(found), color=colour, linestyle="--", linewidth=1.6)
    which = f" of {_short(tenants[0], 14)}" if len(result.tenants) > 1 and len(tenants) == 1 else ""
    return Line2D([], [], color=colour, linestyle="--", linewidth=1.6,
                  label=f"SLO limit{which}: {_seconds(min(found))}")


def _finish_latency(axes, curves, limits):
    axes.set_xscale("log")
    axes.set_ylim(0, 1.03)
    axes.grid(which="major", color="0.88")
    axes.set_axisbelow(True)
    if not curves:
        axes.set_xticks([])
        axes.text(0.5, 0.5, "no such request", ha="center", va="center", transform=axes.transAxes,
                  color="0.35", fontsize=13)
        return
    low, high = axes.dataLim.x0, axes.dataLim.x1
    if high < 1.5 * low:
        low, high = low / 1.5, high * 1.5
    axes.set_xlim(low / 1.15, high * 1.3)
    decades = np.log10(high / low)
    subs = (1, 1.5, 2, 3, 4, 5, 7) if decades < 0.8 else (1, 2, 5) if decades < 2.2 else (1,)
    axes.xaxis.set_major_locator(LogLocator(subs=subs))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: _seconds(value)))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_ylabel("share of requests")
    axes.legend(handles=curves + limits, loc="upper center", fontsize=11, frameon=False,
                bbox_to_anchor=(0.5, -0.09), ncols=1)


def _load(area, result):
    pools = result.pools_with_series[:len(COLOURS)]
    hidden = len(result.pools_with_series) - len(pools)
    more = f" (the first {len(pools)} of {len(pools) + hidden} pools)" if hidden else ""
    area.suptitle(f"Load over time{more}", fontsize=14)
    rows = area.subplots(3, 1, sharex=True)
    span = max([result.series(pool).index.max() for pool in pools] or [0])
    scale, unit = next(((s, u) for s, u in ((86400, "days"), (3600, "h"), (60, "min"))
                        if span >= 3 * s), (1, "s"))
    for pool, colour in zip(pools, COLOURS):
        _pool(rows, result.series(pool), scale, colour)
    warm_up = float(result.scenario.get("warm_up") or 0) / scale
    for axes, label in zip(rows, ("requests", "output tokens/s", "utilisation")):
        axes.set_ylabel(label)
        axes.grid(color="0.88")
        axes.set_axisbelow(True)
        axes.set_ylim(0, 1.03 if label == "utilisation" else max(axes.get_ylim()[1], 1))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.4g}"))
        axes.set_xlim(0, max(span / scale, 1e-9))
        if warm_up > 0:
            axes.axvspan(0, warm_up, color="0.93", zorder=0)
    area.align_ylabels(rows)
    rows[-1].set_xlabel(f"simulated time ({unit})")
    _load_legend(rows[0], pools, warm_up)


def _pool(rows, series, scale, colour):
    time = series.index.to_numpy() / scale
    for axes, column, style in ((rows[0], "requests_running", "-"),
                                (rows[0], "requests_waiting", ":"),
                                (rows[1], "output_tokens_per_s", "-"),
                                (rows[2], "utilisation", "-")):
        if column not in series:
            continue
        values = series[column].to_numpy()
        if column.startswith("requests"):
            axes.plot(time, values, style, color=colour, linewidth=1.8)
        else:  # a rate belongs to the interval that ends at its row
            values = np.r_[values[1:2], values[1:]]
            axes.step(time[:len(values)], values, style, where="pre", color=colour, linewidth=1.8)


def _load_legend(axes, pools, warm_up):
    handles = [Line2D([], [], color=colour, linewidth=2, label=_short(pool, 18))
               for pool, colour in zip(pools, COLOURS)]
    handles += [Line2D([], [], color="0.4", linestyle="-", label="running"),
                Line2D([], [], color="0.4", linestyle=":", label="waiting")]
    if warm_up > 0:
        handles.append(Line2D([], [], color="0.9", linewidth=8, label="warm-up"))
    axes.legend(handles=handles, loc="lower right", bbox_to_anchor=(1, 1), fontsize=11,
                frameon=False, ncols=5 if len(handles) > 7 else len(handles))


def _seconds(value):
    for scale, unit in ((1, "s"), (1e-3, "ms"), (1e-6, "µs")):
        if value >= scale * 0.9995:
            return f"{value / scale:,.3g} {unit}" if value < 999.5 else f"{value:,.0f} s"
    return f"{value:.3g} s"


def _short(text, length):
    return text if len(text) <= length else text[:length - 1] + "…"
