# SPDX-License-Identifier: Apache-2.0
"""Names and numbers of sweeps as people read them."""

import math
import re

SPOKEN = {"ttft": "TTFT", "tpot": "TPOT", "kv": "KV", "ok": "OK"}
# A metric's name ends in its unit.
ENDINGS = {"s": ["_s"], "USD": ["_usd"], "W": ["_w"], "J": ["_j"], "kg": ["_kg"], "h": ["_h"],
           "B": ["_bytes"], "1/s": ["_per_s"], "1/J": ["_per_j"]}
# Of which more is better; of anything else less is.
MORE = re.compile(r"attainment|goodput|ok_share|availability|tokens_per_(s|j)$|revenue|margin"
                  r"|cached_share|requests_ok")


def short_names(names):
    """Each name by its last words, as many as tell it from the others."""
    parts = {name: re.findall(r"(?:\[[^\]]*\]|[^.\[])+", name) or [name] for name in names}

    def tail(name, words):
        return ".".join(parts[name][-words:])

    short = {}
    for name in names:
        words = 1
        while words < len(parts[name]) and sum(
                tail(other, words) == tail(name, words) for other in names) > 1:
            words += 1
        short[name] = tail(name, words)
    return short


def significant(value, digits=4):
    """A plain decimal number of so many digits, or a power of ten where it would be long."""
    if not math.isfinite(value):
        return "-" if math.isnan(value) else ("inf" if value > 0 else "-inf")
    if value == 0:
        return "0"
    magnitude = math.floor(math.log10(abs(value)))
    if not -5 < magnitude < 9:
        return f"{value:.{digits - 1}e}"
    text = f"{value:,.{max(digits - 1 - magnitude, 0)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def with_half_width(value, half_width):
    """1.234 ±0.012: the half-width has two digits, the value ends where it does."""
    if not math.isfinite(value) or not math.isfinite(half_width):
        return significant(value)
    if half_width < 1e-6 * abs(value) or half_width == 0:
        return significant(value) + " ±0"
    decimals = 1 - math.floor(math.log10(half_width))
    if decimals > 8 or abs(value) >= 1e9:
        return f"{significant(value)} ±{significant(half_width, 2)}"
    return f"{value:,.{max(decimals, 0)}f} ±{half_width:,.{max(decimals, 0)}f}"


def level(value, digits=6):
    """A value of an axis."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return f"{value:.{digits}g}" if math.isfinite(value) else "-"
    return str(value)


def is_level(value, text):
    """Whether a text means that value: '2' is 2.0, as is what `level` shows of it."""
    if level(value) == text or str(value) == text:
        return True
    try:
        return math.isclose(float(value), float(text), rel_tol=1e-9)
    except ValueError:
        return False


def shown_unit(unit):
    return "" if unit in ("", "1", None) else str(unit)


def spoken(name, unit):
    """TTFT p99 [chat] (s) of ttft_p99_s[chat]."""
    whole, bracket, part = name.partition("[")
    for ending in ENDINGS.get(unit, []):
        whole = whole[:-len(ending)] if whole.endswith(ending) else whole
    words = [SPOKEN.get(word, word) for word in whole.split("_") if word]
    text = " ".join(words) + (f" [{part}" if bracket else "")
    text = text[:1].upper() + text[1:]
    return text + (f" ({shown_unit(unit)})" if shown_unit(unit) else "")


def more_is_better(metric):
    return bool(MORE.search(metric.partition("[")[0]))


def counted(number, noun):
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def plain_text(text):
    """For matplotlib, which takes what stands between two dollars for mathematics."""
    return text.replace("$", r"\$")


def shortened(text, length):
    return text if len(text) <= length else text[:length - 1] + "…"
