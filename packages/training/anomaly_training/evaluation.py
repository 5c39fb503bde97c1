"""How good a model is: faults found at a budget of false alerts, on data that it has not seen."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from .series import Segment, windows_of

Array = np.ndarray
#: Scores of [count, window, signals] readings.
Score = Callable[[Array], Array]

SECONDS_A_MONTH = 30.4 * 86_400
#: Windows that a fault lasts.
FAULT_WINDOWS = 6
#: Sizes of a bias in robust standard deviations, and of what a gain loses.
SIZES = (0.4, 0.2, 0.1, 0.05)
#: Places where each fault is put into the held-out data.
PLACES = 8
FAULT_KINDS = ("bias", "gain", "stuck", "decoupled")
#: Share of the largest scores that the tail is fitted to.
TAIL = 0.05


@dataclass(frozen=True)
class Fault:
    """Readings with a fault from `begin` on, and the kind and signal of it."""

    kind: str
    signal: int
    values: Array
    begin: int
    #: Whose readings they are.
    machine: str = ""


def threshold_for(score: Score, segments: Sequence[Segment], window: int, per_month: float) -> float:
    """The score that normal data reaches `per_month` times a machine and month.

    The largest score of each window's length is taken, since neighbouring scores say the same; the rarest of them fall off
    as a power (Hill's estimate), and the threshold is where that line meets the budget.
    """
    maxima, seconds = [], 0.0
    for segment in segments:
        scores = score(windows_of(segment, window))
        blocks = len(scores) // window
        maxima.append(scores[: blocks * window].reshape(blocks, window).max(axis=1))
        seconds += float(segment.times[-1] - segment.times[0])
    highest = np.sort(np.concatenate(maxima).astype(np.float64))[::-1]
    count = min(max(math.ceil(TAIL * len(highest)), 10), len(highest) - 1)
    start = highest[count]
    fall = float(np.log(highest[:count] / start).mean())
    # Blocks in a machine's month, so the share of them that may be above.
    allowed = per_month / (len(highest) * SECONDS_A_MONTH / max(seconds, 1.0))
    return float(start * math.exp(fall * max(math.log(count / len(highest) / allowed), 0.0)))


def episodes(over: Array, window: int) -> int:
    """Runs of scores over the threshold; a pause shorter than a window does not end one."""
    hits = np.flatnonzero(over)
    return int(len(hits) > 0) + int((np.diff(hits) > window).sum())


def false_alerts(score: Score, segments: Sequence[Segment], window: int, threshold: float) -> dict[str, float]:
    """Episodes on data without known faults, and what that says of a month."""
    count = sum(episodes(score(windows_of(segment, window)) > threshold, window) for segment in segments)
    months = sum(float(segment.times[-1] - segment.times[0]) for segment in segments) / SECONDS_A_MONTH
    return summary_of_false_alerts(count, months)


def summary_of_false_alerts(count: int, months: float) -> dict[str, float]:
    """Episodes in so many machine-months, and what they say of the rate."""
    return {
        "episodes": count,
        "machineDays": round(months * 30.4, 2),
        "perMachineMonth": round(count / months, 2),
        # With few days one episode says little: the rate is at least this, with 99 % confidence.
        "perMachineMonthAtLeast": round(_poisson_lower(count) / months, 2),
    }


def _poisson_lower(count: int, confidence: float = 0.99) -> float:
    """The smallest mean with which so many events or more are not rarer than 1 - confidence."""
    low, high = 0.0, float(count)
    for _ in range(60):
        mean = (low + high) / 2
        below = sum(math.exp(-mean) * mean**k / math.factorial(k) for k in range(min(count, 150)))
        low, high = (mean, high) if 1 - below < 1 - confidence else (low, mean)
    return low


def inject_faults(segments: Sequence[Segment], window: int, scale: Array, median: Array, seed: int) -> list[Fault]:
    """Faults that leave each signal in its usual range and change how it goes with the others.

    bias: shifted by 0.8 robust standard deviations of its operating range. gain: its deviation from the median halved.
    stuck: the value before. decoupled: its own values of another time.
    """
    random = np.random.default_rng(seed + 1)
    length = FAULT_WINDOWS * window
    usable = [segment for segment in segments if len(segment.values) >= length + 2 * window]
    faults = []
    for kind in FAULT_KINDS:
        for signal in range(len(scale)):
            for place in range(PLACES if usable else 0):
                segment = usable[place % len(usable)]
                source = segment.values
                begin = int(random.integers(window, len(source) - length))
                values = source[begin - window : begin + length].copy()
                column = values[window:, signal]
                size = SIZES[place % len(SIZES)]
                if kind == "bias":
                    wrong = column + size * scale[signal] * random.choice((-1, 1))
                elif kind == "gain":
                    wrong = median[signal] + (1 - size) * (column - median[signal])
                elif kind == "stuck":
                    wrong = np.full(length, values[window - 1, signal])
                else:
                    other = (begin + len(source) // 2) % (len(source) - length)
                    wrong = source[other : other + length, signal]
                # A sensor sticks at once; all else grows, as wear does, so that no step gives it away.
                grown = 1.0 if kind == "stuck" else np.minimum(np.arange(length) / (length / 2), 1)
                column += grown * (wrong - column)
                faults.append(Fault(kind, signal, values, window, segment.machine))
    return faults


def found_faults(score: Score, faults: Sequence[Fault], window: int, threshold: float) -> dict[str, object]:
    """Share of the faults found while they last, by kind and in all, and the samples until then."""
    by_kind: dict[str, list[bool]] = {kind: [] for kind in FAULT_KINDS}
    delays = []
    for fault in faults:
        segment = Segment("", np.arange(len(fault.values)), fault.values)
        # The first window that has a faulty sample in it is the one that ends there.
        hits = np.flatnonzero(score(windows_of(segment, window))[fault.begin - window + 1 :] > threshold)
        by_kind[fault.kind].append(len(hits) > 0)
        if len(hits) > 0:
            delays.append(int(hits[0]) + 1)
    return {
        "share": round(float(np.mean([hit for hits in by_kind.values() for hit in hits])), 4),
        "byKind": {kind: round(float(np.mean(hits)), 4) for kind, hits in by_kind.items() if hits},
        "medianSamplesUntilFound": float(np.median(delays)) if delays else None,
    }


def found_intervals(
    score: Score, segments: Sequence[Segment], intervals: Sequence[tuple[str, float, float]], window: int, threshold: float
) -> int:
    """How many intervals (machine, from, to) have a score over the threshold."""
    found = 0
    for machine, begin, end in intervals:
        for segment in segments:
            if segment.machine != machine or len(segment.times) < window:
                continue
            ends = segment.times[window - 1 :]
            inside = (ends >= begin) & (ends <= end)
            if inside.any() and (score(windows_of(segment, window)[inside]) > threshold).any():
                found += 1
                break
    return found
