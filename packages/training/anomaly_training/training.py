"""From a folder of messages to a model that the detector takes, or a reason why there is none."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

from . import __version__
from .drift import KEY as REFERENCE
from .drift import drift, metadata, newest_model, reference
from .evaluation import false_alerts, found_faults, found_intervals, inject_faults, threshold_for
from .lake import OUTCOMES, MessageShape, Readings, read_lake
from .models import Model, Scaling, fit_models
from .onnx_file import OPSET, OnnxScore, to_onnx
from .own_detector import run_detector
from .picture import picture
from .problems import Problem
from .series import Segment, Split, leave_out_silent, sample_windows, split_by_time, to_segments, windows_of, without
from .verdicts import Verdicts, read_verdicts

#: Windows that a model is fitted to at most.
MOST_WINDOWS = 20_000
#: Scores that onnxruntime and numpy both give and that are compared, and how far they may be apart.
COMPARED, TOLERANCE = 500, 1e-3


@dataclass(frozen=True)
class Options:
    data: Path
    out: Path
    shape: MessageShape
    verdicts: Path | None = None
    seed: int = 1
    #: Samples that the model sees at once.
    window: int = 16
    #: Length of a sample; 0: each message is one.
    sample_seconds: float = 0
    #: Share of the faults by which a model must find more than a simpler one.
    margin: float = 0.05
    #: Alerts that a machine without faults may raise in a month.
    false_alerts_per_machine_month: float = 2.0
    exclude: tuple[str, ...] = field(default=())
    #: Days of silence after which a machine is gone, and left out.
    silent_days: float = 14.0
    #: Command line of the detector, which a model is compared with.
    detector: str | None = None


@dataclass(frozen=True)
class Result:
    sha256: str
    folder: Path
    metrics: dict[str, object]


def train(options: Options, say: Callable[[str], None]) -> Result:
    """Trains, measures and writes `out/models/<sha256>/`. Raises `Problem` and writes nothing where a model is no use."""
    say(f"reading {options.data}")
    readings = read_lake(options.data, options.shape)
    for machine in options.exclude:
        readings.machines.pop(machine, None)
    if not readings.machines:
        raise Problem("no-data", "every machine is excluded", "Exclude fewer machines.")
    gone = leave_out_silent(readings, options.silent_days)
    for machine, days in gone.items():
        say(f"{machine} is left out: it has sent nothing for {days:g} days (--silent-days {options.silent_days:g})")
    signals = list(options.shape.signals)
    segments = to_segments(readings, signals, options.sample_seconds)
    verdicts = read_verdicts(options.verdicts)
    normal = without(segments, verdicts.confirmed)
    split = split_by_time(normal, options.window)
    say(f"{readings.lines['used']} messages of {len(readings.machines)} machines, {len(signals)} signals")
    drifted = _drift_of_last(options, segments, say)

    scaling = Scaling.of(np.concatenate([segment.values for segment in split.training]))
    fitted = fit_models(
        sample_windows(split.training, options.window, MOST_WINDOWS),
        sample_windows(split.validation, options.window, MOST_WINDOWS // 4),
        scaling,
        options.seed,
    )
    compared, best, content = _choose(fitted, options, split, segments, verdicts, say)
    metrics = {
        "model": best.kind,
        "window": options.window,
        "signals": signals,
        "sampleSeconds": options.sample_seconds,
        "bytes": len(content),
        "opset": OPSET,
        "margin": options.margin,
        "falseAlertBudget": options.false_alerts_per_machine_month,
        "compared": compared,
        "lines": {outcome: readings.lines[outcome] for outcome in OUTCOMES},
        "machines": {machine: len(each) for machine, each in sorted(readings.machines.items())},
        **({"leftOut": gone} if gone else {}),
        **({"drift": drifted} if drifted is not None else {}),
    }
    return _write(options, content, metrics, split, readings)


def _drift_of_last(options: Options, segments: list[Segment], say: Callable[[str], None]) -> dict[str, object] | None:
    """How far the newest week is from what the last model was trained on, said in one line."""
    path = newest_model(options.out, list(options.shape.signals), options.window)
    if path is None:
        return None
    content = path.read_bytes()
    score = OnnxScore(content, options.window, len(options.shape.signals))
    found = drift(content, score, segments, options.window)
    if found is None:
        return None
    machines: dict[str, dict[str, float]] = found["machines"]
    told = [
        f"{machine} ({', '.join(f'{name} {value}' for name, value in machines[machine].items())})" for machine in found["drifted"]
    ]
    say(f"drift from model {path.parent.name[:12]}: {len(told)} of {len(machines)} machines{': ' + '; '.join(told) if told else ''}")
    return {"model": path.parent.name, **found}


def _choose(
    fitted: list[Model],
    options: Options,
    split: Split,
    segments: list[Segment],
    verdicts: Verdicts,
    say: Callable[[str], None],
) -> tuple[dict[str, dict[str, object]], Model, bytes]:
    """The simplest model that no other one beats by the margin; raises where that is one without relations."""
    scaling = fitted[0].scaling
    faults = inject_faults(split.held_out, options.window, scaling.scale, scaling.median, options.seed)
    if not faults:
        raise Problem(
            "too-little-data",
            "the newest fifth of the data has no stretch long enough for a fault to be put into",
            "Wait for more messages without pauses, or lower --window.",
        )
    compared: dict[str, dict[str, object]] = {}
    best, content = fitted[0], b""
    for model in fitted:
        threshold = threshold_for(model.score, split.validation, options.window, options.false_alerts_per_machine_month)
        scored = [
            (segment.machine, model.score(windows_of(segment, options.window)))
            for segment in split.training
            if len(segment.times) >= options.window
        ]
        known = metadata(reference(split.training, scored))
        made = to_onnx(model, {**_metadata(options, model, threshold, split), REFERENCE: known})
        score = OnnxScore(made, options.window, model.signals)
        _check_same(model, score, split)
        compared[model.kind] = {
            "threshold": round(threshold, 6),
            "faultsFound": found_faults(score, faults, options.window, threshold),
            "falseAlerts": false_alerts(score, split.held_out, options.window, threshold),
            "verdicts": {
                "confirmed": len(verdicts.confirmed),
                "confirmedFound": found_intervals(score, segments, verdicts.confirmed, options.window, threshold),
                "falseAlarms": len(verdicts.false_alarms),
                "falseAlarmsRaised": found_intervals(score, segments, verdicts.false_alarms, options.window, threshold),
            },
        }
        share, before = (_share(compared[kind]) for kind in (model.kind, best.kind))
        found, found_before = (compared[kind]["verdicts"]["confirmedFound"] for kind in (model.kind, best.kind))
        say(
            f"{model.kind}: finds {share:.0%} of {len(faults)} injected faults, {found} of {len(verdicts.confirmed)} confirmed ones"
        )
        if share >= before + options.margin and found >= found_before:
            best, content = model, made
    if options.detector is not None:
        say("running the detector without a model on the same faults")
        compared["detector"] = run_detector(
            options.detector,
            list(options.shape.signals),
            faults,
            [*split.training, *split.validation],
            split.held_out,
            options.false_alerts_per_machine_month,
        )
        say(f"detector: finds {_share(compared['detector']):.0%} of {len(faults)} injected faults")
    if best is fitted[0]:
        raise Problem(
            "not-better",
            f"no model finds {options.margin:.0%} more of the faults than the signals do one by one"
            f" ({', '.join(f'{kind} {_share(each):.0%}' for kind, each in compared.items())})",
            "The detector without a model is as good. More signals, or more days, may have relations that these have not.",
        )
    if "detector" in compared and _share(compared[best.kind]) < _share(compared["detector"]) + options.margin:
        raise Problem(
            "not-better",
            f"{best.kind} finds {_share(compared[best.kind]):.0%} of the faults, the detector without a model"
            f" {_share(compared['detector']):.0%}; {options.margin:.0%} more are needed",
            "The detector without a model is as good. More signals, or more days, may have relations that these have not.",
        )
    alerts = compared[best.kind]["falseAlerts"]
    if alerts["perMachineMonthAtLeast"] > options.false_alerts_per_machine_month:
        raise Problem(
            "too-many-false-alerts",
            f"{alerts['episodes']} false alerts in {alerts['machineDays']} machine-days are more than"
            f" {options.false_alerts_per_machine_month:g} a machine and month",
            "What the machines do has changed, or faults are in the data: write them down with npm run verdict, and wait.",
        )
    return compared, best, content


def _share(compared: dict[str, object]) -> float:
    return compared["faultsFound"]["share"]


def _metadata(options: Options, model: Model, threshold: float, split: Split) -> dict[str, str]:
    begin, _, _, end = (datetime.fromtimestamp(time, UTC).isoformat(timespec="seconds") for time in split.times)
    return {
        "detector.signals": ",".join(options.shape.signals),
        "detector.window": str(options.window),
        "detector.anomalous": "higher",
        **({"detector.sample_seconds": f"{options.sample_seconds:g}"} if options.sample_seconds > 0 else {}),
        # Read by people and by comparisons; the module judges scores by their own past.
        "training.model": model.kind,
        "training.normalisation": "in the graph",
        "training.median": ",".join(f"{each:.7g}" for each in model.scaling.median),
        "training.scale": ",".join(f"{each:.7g}" for each in model.scaling.scale),
        "training.threshold": f"{threshold:.7g}",
        "training.from": begin,
        "training.to": end,
    }


def _check_same(model: Model, score: OnnxScore, split: Split) -> None:
    windows = sample_windows(split.held_out, model.window, COMPARED)
    ours, theirs = model.score(windows), score(windows)
    apart = float((np.abs(ours - theirs) / np.maximum(np.abs(ours), 1.0)).max())
    if apart > TOLERANCE:
        raise Problem(
            "contract",
            f"onnxruntime's scores are {apart:.2g} away from those of training",
            "Report this as an error of the training code.",
        )


def code_hash() -> str:
    """SHA-256 of this package's sources and its pinned packages."""
    root = Path(__file__).parent
    digest = hashlib.sha256()
    for path in [*sorted(root.glob("*.py")), root.parent / "requirements.txt"]:
        digest.update(f"{path.name}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _write(options: Options, content: bytes, metrics: dict[str, object], split: Split, readings: Readings) -> Result:
    sha256 = hashlib.sha256(content).hexdigest()
    folder = options.out / "models" / sha256
    folder.mkdir(parents=True, exist_ok=True)
    provenance = {
        "sha256": sha256,
        "code": code_hash(),
        "package": __version__,
        "seed": options.seed,
        "times": [datetime.fromtimestamp(time, UTC).isoformat(timespec="seconds") for time in split.times],
        "options": {
            **asdict(options.shape),
            "window": options.window,
            "sampleSeconds": options.sample_seconds,
            "exclude": list(options.exclude),
        },
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "onnx": onnx.__version__,
            "onnxruntime": onnxruntime.__version__,
        },
        "files": readings.files,
    }
    best = str(metrics["model"])
    compared: dict[str, dict[str, object]] = metrics["compared"]
    score = OnnxScore(content, options.window, len(options.shape.signals))
    scored = [
        (segment.machine, segment.times[options.window - 1 :], score(windows_of(segment, options.window)))
        for segment in split.held_out
        if len(segment.times) >= options.window
    ]
    drawn = picture(
        f"{best}, {sha256[:12]}",
        scored,
        compared[best]["threshold"],
        {kind: each["faultsFound"]["byKind"] for kind, each in compared.items()},
    )
    (folder / "model.onnx").write_bytes(content)
    (folder / "picture.svg").write_text(drawn, encoding="utf-8")
    for name, value in (("metrics.json", metrics), ("provenance.json", provenance)):
        (folder / name).write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")
    return Result(sha256, folder, metrics)
