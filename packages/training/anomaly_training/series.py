"""From readings to windows: what a machine measured in a row, split by time, and what makes it useless for training."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .lake import Readings
from .problems import Problem

Array = np.ndarray

#: Shares of the time that training, the choice of the threshold and the evaluation get, oldest first.
TRAINING, VALIDATION = 0.6, 0.2
#: A pause of so many usual intervals ends a segment: a window does not reach across.
GAP_INTERVALS = 10
#: Windows that do not overlap in training, at least: fewer say little of what is normal.
MIN_WINDOWS = 50
#: A machine is silent when nothing came for this share of the time that the data spans, and 100 intervals.
SILENT_SHARE = 0.1
#: Factor and offset between units that are mixed up: to, from, factor, offset.
CONVERSIONS = (
    ("°F", "°C", 1.8, 32.0),
    ("K", "°C", 1.0, 273.15),
    ("kPa", "bar", 100.0, 0.0),
    ("psi", "bar", 14.5038, 0.0),
    ("Pa", "kPa", 1000.0, 0.0),
    ("psi", "kPa", 0.145038, 0.0),
    ("in/s", "mm/s", 1 / 25.4, 0.0),
)


@dataclass(frozen=True)
class Segment:
    """Samples of one machine without a gap: seconds since 1970, and [count, signals] readings."""

    machine: str
    times: Array
    values: Array


@dataclass(frozen=True)
class Split:
    training: list[Segment]
    validation: list[Segment]
    held_out: list[Segment]
    #: Where the parts begin and the last one ends, seconds since 1970.
    times: tuple[float, float, float, float]


def leave_out_silent(readings: Readings, days: float) -> dict[str, float]:
    """Takes away machines that have sent nothing for longer than so many days: they are gone. Returns how long, in days."""
    newest = max((messages[-1][0] for messages in readings.machines.values()), default=0.0)
    gone = {
        machine: round((newest - messages[-1][0]) / 86_400, 1)
        for machine, messages in sorted(readings.machines.items())
        if newest - messages[-1][0] > days * 86_400
    }
    for machine in gone:
        del readings.machines[machine]
    return gone


def to_segments(readings: Readings, signals: Sequence[str], sample_seconds: float = 0) -> list[Segment]:
    """Segments of all machines. Raises `Problem` for data from which nothing can be learnt."""
    times = {machine: np.array([time for time, _ in messages]) for machine, messages in readings.machines.items()}
    values = {machine: np.array([each for _, each in messages]) for machine, messages in readings.machines.items()}
    _check_silence(times)
    _check_signals(values, signals)
    _check_units(values, signals)
    segments = []
    for machine in sorted(times):
        segments += _segments_of(machine, times[machine], values[machine], sample_seconds)
    return segments


def _segments_of(machine: str, times: Array, values: Array, sample_seconds: float) -> list[Segment]:
    whole = ~np.isnan(values).any(axis=1)
    times, values = times[whole], values[whole]
    if sample_seconds > 0 and len(times) > 0:
        # As the module does with `detector.sample_seconds`: means of the messages in each sample.
        number, inverse = np.unique(np.floor(times / sample_seconds), return_inverse=True)
        count = np.bincount(inverse)
        values = np.stack([np.bincount(inverse, column) / count for column in values.T], axis=1)
        times = number * sample_seconds
    if len(times) < 2:
        return []
    steps = np.diff(times)
    cuts = np.flatnonzero(steps > GAP_INTERVALS * max(float(np.median(steps)), 1e-3)) + 1
    return [
        Segment(machine, part, readings)
        for part, readings in zip(np.split(times, cuts), np.split(values.astype(np.float32), cuts), strict=True)
    ]


def split_by_time(segments: Sequence[Segment], window: int) -> Split:
    """Cuts all machines at the same moments. Raises `Problem` where a part is too short."""
    first = min((segment.times[0] for segment in segments), default=0.0)
    last = max((segment.times[-1] for segment in segments), default=0.0)
    cuts = (
        first,
        first + TRAINING * (last - first),
        first + (TRAINING + VALIDATION) * (last - first),
        math.nextafter(last, math.inf),
    )
    parts = [_between(segments, begin, end) for begin, end in zip(cuts, cuts[1:], strict=False)]
    for name, part, share in zip(
        ("training", "validation", "evaluation"), parts, (TRAINING, VALIDATION, VALIDATION), strict=True
    ):
        needed = math.ceil(MIN_WINDOWS * share / TRAINING)
        windows = sum(len(segment.times) // window for segment in part)
        if windows < needed:
            raise Problem(
                "too-little-data",
                f"{name} has {windows} windows of {window} samples from {_hours(first, last)}; {needed} are needed",
                "Wait for more messages, name a folder with more days, or lower --window.",
            )
    return Split(*parts, times=cuts)


def _hours(first: float, last: float) -> str:
    return f"{(last - first) / 3600:.1f} hours"


def _between(segments: Sequence[Segment], begin: float, end: float) -> list[Segment]:
    parts = []
    for segment in segments:
        inside = (segment.times >= begin) & (segment.times < end)
        if inside.any():
            parts.append(Segment(segment.machine, segment.times[inside], segment.values[inside]))
    return parts


def without(segments: Sequence[Segment], intervals: Sequence[tuple[str, float, float]]) -> list[Segment]:
    """The segments without what is in the intervals (machine, from, to)."""
    parts = list(segments)
    for machine, begin, end in intervals:
        kept = []
        for segment in parts:
            if segment.machine != machine:
                kept.append(segment)
                continue
            for inside in (segment.times < begin, segment.times > end):
                if inside.any():
                    kept.append(Segment(machine, segment.times[inside], segment.values[inside]))
        parts = kept
    return parts


def windows_of(segment: Segment, window: int) -> Array:
    """All windows of a segment, oldest sample first: a view of [count, window, signals]."""
    if len(segment.values) < window:
        return np.zeros((0, window, segment.values.shape[1]), np.float32)
    return np.lib.stride_tricks.sliding_window_view(segment.values, window, axis=0).transpose(0, 2, 1)


def sample_windows(segments: Sequence[Segment], window: int, most: int) -> Array:
    """At most so many windows, evenly over all segments."""
    views = [windows_of(segment, window) for segment in segments]
    stride = max(1, math.ceil(sum(len(view) for view in views) / most))
    return np.concatenate([view[::stride] for view in views]).astype(np.float32)


def _check_silence(times: dict[str, Array]) -> None:
    newest = max(float(each[-1]) for each in times.values())
    oldest = min(float(each[0]) for each in times.values())
    for machine, each in sorted(times.items()):
        interval = float(np.median(np.diff(each))) if len(each) > 1 else 0.0
        quiet = newest - float(each[-1])
        if quiet > max(SILENT_SHARE * (newest - oldest), 100 * interval):
            raise Problem(
                "silent-machine",
                f"{machine} has sent nothing for the last {quiet / 3600:.1f} hours; others have",
                f"See why it is silent, or leave it out: --exclude {machine} (machineLearning.training.excludedMachines)."
                " One that stays silent is left out after --silent-days (silentDays) by itself.",
            )


def _check_signals(values: dict[str, Array], signals: Sequence[str]) -> None:
    for machine, each in sorted(values.items()):
        for index, signal in enumerate(signals):
            column = each[:, index]
            known = column[~np.isnan(column)]
            if len(known) < 0.5 * len(column):
                raise Problem(
                    "missing-signal",
                    f"{machine} has {signal} in {len(known)} of {len(column)} messages",
                    f"Leave out the signal (--signals) or the machine (--exclude {machine}), or see to its sensor.",
                )
            if float(known.max() - known.min()) == 0:
                raise Problem(
                    "constant-signal",
                    f"{signal} of {machine} is {known[0]:g} in all of {len(known)} messages",
                    f"Leave out the signal (--signals) or the machine (--exclude {machine}), or see to its sensor.",
                )


def _check_units(values: dict[str, Array], signals: Sequence[str]) -> None:
    """Compares machines, and the first with the last quarter of each: levels and spreads that a conversion explains."""
    parts = {}
    for machine, each in sorted(values.items()):
        quarter = max(len(each) // 4, 1)
        parts[f"{machine}, first quarter"] = each[:quarter]
        parts[f"{machine}, last quarter"] = each[-quarter:]
    quantiles = {name: np.nanquantile(part, [0.25, 0.5, 0.75], axis=0) for name, part in parts.items()}
    for index, signal in enumerate(signals):
        for one, (low, middle, high) in quantiles.items():
            for other, (other_low, other_middle, other_high) in quantiles.items():
                spread, other_spread = high[index] - low[index], other_high[index] - other_low[index]
                if spread <= 0 or other_spread <= 0:
                    continue
                for unit, base, factor, offset in CONVERSIONS:
                    converted = middle[index] * factor + offset
                    is_far = abs(middle[index] - other_middle[index]) > 5 * max(spread, other_spread)
                    same_level = abs(converted - other_middle[index]) < max(0.1 * abs(converted), other_spread)
                    same_spread = 0.5 < other_spread / (spread * abs(factor)) < 2
                    if is_far and same_level and same_spread:
                        raise Problem(
                            "mixed-units",
                            f"{signal} is around {middle[index]:g} ({one}) and around {other_middle[index]:g} ({other}):"
                            f" the same in {base} and {unit}",
                            "Make all machines send one unit, or train on machines of one unit (--exclude).",
                        )
