"""Tables for people, and what missed its bound."""

from collections.abc import Mapping, Sequence

from accuracy.comparison import Errors, Planted, Summary, summarize
from accuracy.modes import Mode
from accuracy.results import COLUMNS

ABSENT = "-"


def number(value: float) -> str:
    """Microseconds, as exact as is of use."""
    text = f"{value:.1f}" if abs(value) < 10 else f"{value:.0f}"
    return "0" if text in ("-0.0", "0.0", "-0") else text


def cell(summary: Summary | None) -> str:
    """median / p99 / largest of |error|, and the bias."""
    if summary is None:
        return ABSENT
    sizes = (summary.median, summary.p99, summary.largest)
    return f"{' / '.join(number(size) for size in sizes)} ({number(summary.bias)})"


def columns(rows: Sequence[Sequence[str]]) -> str:
    """The first column to the left, the others to the right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = []
    for row in rows:
        first = row[0].ljust(widths[0])
        rest = [text.rjust(width) for text, width in zip(row[1:], widths[1:])]
        lines.append("  ".join([first, *rest]).rstrip())
    return "\n".join(lines)


def mode_table(mode: Mode, tools: Mapping[str, Errors]) -> str:
    """One row a tool, and how many probes it rests on."""
    rows = [["", *COLUMNS, "probes", "left out"]]
    for tool, errors in tools.items():
        summaries = summarize(errors)
        cells = [cell(summaries.get(phase)) for phase in COLUMNS]
        rows.append([tool, *cells, str(errors.compared), str(errors.left_out)])
    title = f"{mode.key}: {mode.title}; error: reported minus wire, us"
    legend = "median / p99 / largest of |error| (median of the signed error)"
    lines = [f"{title}: {legend}", columns(rows)]
    for tool, errors in tools.items():
        for reason, count in errors.reasons.most_common(3):
            lines.append(f"  {tool}: {count} left out: {reason}")
        for phase, count in errors.by_own_clock.items():
            lines.append(f"  {tool}: {phase} by its own clock, and marked so: {count}")
    return "\n".join(lines)


def planted_table(tool: str, planted: Sequence[Planted]) -> str:
    """One row for each phase that was planted in."""
    rows = [[f"{tool}, signed medians moved by, us:", *planted[0].moved]]
    for one in planted:
        cells = [number(by) for by in one.moved.values()]
        rows.append([f"{one.by_us:g} planted in {one.phase}", *cells])
    return columns(rows)


def missed(mode: Mode, errors: Errors) -> list[str]:
    """Where our agent is beyond the bounds, in sentences."""
    found = []
    summaries = summarize(errors)
    for phase, bound in mode.bounds.items():
        if phase == "tls" and mode.scheme == "http":
            continue
        seen = summaries.get(phase)
        if seen is None:
            found.append(f"{mode.key}: no {phase} was compared")
            continue
        if seen.p99 > bound.p99:
            found.append(f"{mode.key}: {phase} p99 {number(seen.p99)} us, more than {bound.p99:g}")
        if bound.median is not None and seen.median > bound.median:
            found.append(
                f"{mode.key}: {phase} median {number(seen.median)} us, more than {bound.median:g}"
            )
    if errors.left_out:
        found.append(f"{mode.key}: {errors.left_out} probes failed or are not on the wire")
    return found


def as_json(errors: Errors) -> dict[str, object]:
    """For --json."""
    return {
        "probes": errors.compared,
        "failed": errors.failed,
        "unmatched": errors.unmatched,
        "wrong_port": errors.wrong_port,
        "by_own_clock": dict(errors.by_own_clock),
        "error_us": {
            name: {
                "median": round(s.median, 2),
                "p99": round(s.p99, 2),
                "max": round(s.largest, 2),
                "bias": round(s.bias, 2),
            }
            for name, s in summarize(errors).items()
        },
    }
