"""How far readings and scores are from those that a model was trained on: the population stability index (PSI) in fixed bins.

The detector does the same on the device, in packages/anomaly-detector/src/models/watch.ts; both take bins and shares from the
model's metadata.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx

from .evaluation import Score
from .series import Segment, windows_of

Array = np.ndarray

#: Bins of a signal, and of scores.
BINS = 10
#: Machines whose shares fit into a model's metadata: the detector reads entries of 64 KB. Others are compared with their first week.
MAX_BYTES = 60_000
#: Seconds of the newest data that are compared, and messages that they must have.
PERIOD, LEAST = 7 * 86_400, 1000
#: A major change, by the usual reading of the index (Siddiqi, Credit Risk Scorecards, 2006).
DRIFTED = 0.25
#: Standard deviations of what is no more than chance: one in a thousand.
CHANCE = 3.09
KEY = "detector.reference"


def reference(segments: Sequence[Segment], scores: Sequence[tuple[str, Array]]) -> dict[str, object]:
    """Edges between bins of equal share over all machines, and the shares of each machine: signals in order, then scores.

    Neighbouring values say the same: `correlation` has how many of them count as one, the most of all machines.
    """
    readings: dict[str, list[Array]] = {}
    for segment in segments:
        readings.setdefault(segment.machine, []).append(segment.values)
    by_machine = {machine: list(np.concatenate(parts).T) for machine, parts in sorted(readings.items())}
    for machine, columns in by_machine.items():
        columns.append(np.concatenate([each for name, each in scores if name == machine] or [np.zeros(0)]))
    quantiles = np.linspace(0, 1, BINS + 1)[1:-1]
    # In six digits, in which the metadata has them; coarse signals have fewer bins.
    edges = [
        sorted({float(f"{edge:.6g}") for edge in np.quantile(np.concatenate(column), quantiles)})
        for column in zip(*by_machine.values(), strict=True)
    ]
    machines = {
        machine: {"samples": len(columns[0]), "shares": [_shares(column, own) for column, own in zip(columns, edges, strict=True)]}
        for machine, columns in by_machine.items()
        if all(len(column) for column in columns)
    }
    correlation = [round(max(correlated(values) for values in column), 1) for column in zip(*by_machine.values(), strict=True)]
    return {"edges": edges, "correlation": correlation, "machines": machines}


def correlated(values: Array) -> float:
    """The integrated autocorrelation time in samples, summed up to five times itself (Sokal 1997), and 1 at least."""
    centred = np.asarray(values, np.float64) - np.mean(values, dtype=np.float64) if len(values) else np.zeros(0)
    if len(centred) < 2 or not centred.any():
        return 1.0
    spectrum = np.abs(np.fft.rfft(centred, 2 * len(centred))) ** 2
    autocorrelation = np.fft.irfft(spectrum)[: len(centred)]
    times = 2 * np.cumsum(autocorrelation / autocorrelation[0]) - 1
    enough = np.flatnonzero(np.arange(len(times)) >= 5 * times)
    return max(1.0, float(times[enough[0]] if len(enough) else times.max()))


def chance(bins: int, expected: float, actual: float) -> float:
    """What the index exceeds once in a thousand times where nothing has changed, with so many independent values.

    It is (1/expected + 1/actual) times a chi-squared with a degree less than bins (Yurdakul 2018), by Wilson and Hilferty.
    """
    degrees = max(bins - 1, 1)
    quantile = degrees * (1 - 2 / (9 * degrees) + CHANCE * (2 / (9 * degrees)) ** 0.5) ** 3
    return quantile * (1 / expected + 1 / actual)


def metadata(value: dict[str, object]) -> str:
    """As the model's metadata have it: as many machines as fit."""
    machines: dict[str, object] = value["machines"]
    kept: dict[str, object] = {}
    size = len(json.dumps({**value, "machines": {}}, separators=(",", ":")))
    for machine, shares in machines.items():
        size += len(json.dumps({machine: shares}, separators=(",", ":"))) + 1
        if size > MAX_BYTES:
            break
        kept[machine] = shares
    return json.dumps({**value, "machines": kept}, separators=(",", ":"))


def stability_index(expected: Sequence[float], actual: Array) -> float:
    """PSI of counts beside shares; half a value is added to each bin, as the detector does."""
    total = float(actual.sum())
    p = (np.asarray(expected) / sum(expected) * total + 0.5) / (total + 0.5 * len(actual))
    q = (actual + 0.5) / (total + 0.5 * len(actual))
    return float(((q - p) * np.log(q / p)).sum())


def drift(content: bytes, score: Score, segments: Sequence[Segment], window: int) -> dict[str, object] | None:
    """PSI of each machine's newest week by signal and of the scores; None where the model says nothing of its training."""
    entries = {entry.key: entry.value for entry in onnx.load_from_string(content).metadata_props}
    if KEY not in entries:
        return None
    known = json.loads(entries[KEY])
    names = [*entries["detector.signals"].split(","), "score"]
    newest = max(float(segment.times[-1]) for segment in segments)
    machines: dict[str, dict[str, float]] = {}
    drifted = []
    for machine, trained in known["machines"].items():
        recent = [
            Segment(machine, each.times[each.times > newest - PERIOD], each.values[each.times > newest - PERIOD])
            for each in segments
            if each.machine == machine and each.times[-1] > newest - PERIOD
        ]
        scores = [score(windows_of(each, window)) for each in recent if len(each.times) >= window]
        count = sum(len(each.times) for each in recent)
        if count < LEAST or not scores:
            continue
        columns = [*np.concatenate([each.values for each in recent]).T, np.concatenate(scores)]
        machines[machine] = {
            name: round(stability_index(expected, _counts(column, edges)), 3)
            for name, column, edges, expected in zip(names, columns, known["edges"], trained["shares"], strict=True)
        }
        limits = [
            max(DRIFTED, chance(len(edges) + 1, trained["samples"] / each, count / each))
            for edges, each in zip(known["edges"], known["correlation"], strict=True)
        ]
        if any(index > limit for index, limit in zip(machines[machine].values(), limits, strict=True)):
            drifted.append(machine)
    return {"machines": machines, "drifted": sorted(drifted)}


def newest_model(out: Path, signals: Sequence[str], window: int) -> Path | None:
    """The model that was trained last for these signals and this window; None where there is none."""
    found = []
    for path in out.glob("models/*/provenance.json"):
        said = json.loads(path.read_text(encoding="utf-8"))
        options = said["options"]
        if list(options["signals"]) == list(signals) and options["window"] == window and (path.parent / "model.onnx").is_file():
            found.append((said["times"][-1], path.parent.name, path.parent / "model.onnx"))
    return max(found)[2] if found else None


def _counts(values: Array, edges: Sequence[float]) -> Array:
    # A value on an edge is below it, as on the device.
    return np.bincount(np.searchsorted(edges, values, side="left"), minlength=len(edges) + 1)


def _shares(values: Array, edges: Sequence[float]) -> list[float]:
    return [round(float(each), 4) for each in _counts(values, edges) / len(values)]
