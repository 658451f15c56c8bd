# SPDX-License-Identifier: Apache-2.0
"""What stands below the picture of a front: nothing that was left out is hidden."""

from .words import counted, plain_text, short_names

LINE = 168  # characters


def foot_text(front, bars, without):
    """`bars`: what is said of them; `without`: points of the front that have no label."""
    sweep = front.sweep
    parts = [f"{counted(len(sweep.points), 'point')}, {int(front.feasible.sum()):,} feasible",
             _replications(sweep),
             "runs: " + ", ".join(f"{count:,} {name}" for name, count in sweep.counts.items())]
    parts += ["feasible: " + "; ".join(sweep.conditions)] if sweep.conditions else []
    parts += [bars] + _chance(front) + _labels(front, without)
    if not front.drawn.all():
        parts.append(f"not drawn, for want of a number: {counted((~front.drawn).sum(), 'point')}")
    partial = int((front.drawn & front.feasible & ~sweep.complete.to_numpy()).sum())
    if partial:
        parts.append(f"not on the front, for want of replications: {counted(partial, 'point')}")
    say = sweep.attributes
    parts += [f"{word} {str(say[word if word != 'tokenyard' else 'version'])[:16]}"
              for word in ("tokenyard", "commit", "digest")
              if say.get(word if word != "tokenyard" else "version") not in (None, "")]
    return plain_text(_wrapped(parts))


def _replications(sweep):
    done = sweep.points.get("replications")
    if done is None or not len(done):
        return "replications not known"
    low, high = int(done.min()), int(done.max())
    return f"{counted(high, 'replication')} a point" if low == high else \
        f"{low} to {high} replications a point"


def _chance(front):
    parts = []
    if not front.members:
        parts.append("no feasible point, so no front")
    elif not front.compared:
        parts.append("too few replications to tell chance")
    if front.weak.any():
        parts.append("perhaps by chance: another on the front is surely better in one metric and "
                     "not surely worse in the other (paired 95 % t intervals)")
    if front.near.any():
        parts.append("not told apart: none on the front is so" if front.weak.any() else
                     "not told apart: none on the front is surely better in one metric and not "
                     "surely worse in the other (paired 95 % t intervals)")
    return parts


def _labels(front, without):
    if not front.members:
        return []
    names = short_names(front.sweep.axes)
    of = " / ".join(names[axis] for axis in front.sweep.varied) if front.label == "axes" else ""
    parts = ["labels: " + (of or "numbers of points")]
    if without:
        parts.append(f"without a label, for want of room: {without} of the front's "
                     f"{len(front.members)}")
    return parts


def _wrapped(parts):
    lines = [""]
    for part in parts:
        if lines[-1] and len(lines[-1]) + len(part) + 5 > LINE:
            lines.append("")
        lines[-1] += ("  ·  " if lines[-1] else "") + part
    return "\n".join(lines)
