"""The detector without a model, on the same faults and by the same measure as models: its command line runs on recorded data."""

from __future__ import annotations

import csv
import json
import shlex
import subprocess
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from .evaluation import FAULT_KINDS, SECONDS_A_MONTH, Fault, summary_of_false_alerts
from .problems import Problem
from .series import Segment

#: Samples of a machine that the detector sees before a fault: it learns on what it scores.
HISTORY = 3000
#: Seconds that it may take.
TIMEOUT = 1800


def run_detector(
    command: str, signals: Sequence[str], faults: Sequence[Fault], before: Sequence[Segment], held_out: Sequence[Segment], budget: float
) -> dict[str, object]:
    """What the detector finds of the faults, and raises without one. Raises `Problem` where it does not run.

    Each fault is a machine of its own, which ran without one before: the last samples that the fault's machine had before the
    held-out data. Machines without a fault go on into the held-out data as they are.
    """
    longest = {}
    for segment in before:
        if segment.machine not in longest or len(segment.times) > len(longest[segment.machine].times):
            longest[segment.machine] = segment
    with tempfile.TemporaryDirectory() as folder:
        data, settings = Path(folder) / "faults.csv", Path(folder) / "settings.json"
        settings.write_text(
            json.dumps(
                {
                    "signals": {name: name for name in signals},
                    "machineIdPath": "machine",
                    "timePath": "time",
                    "falseAlertsPerMachineMonth": budget,
                    "maxMachines": max(2000, len(faults) + len(held_out)),
                }
            )
        )
        begins = _write(data, signals, faults, longest, held_out)
        opened = _run(command, settings, data)
    found: dict[str, list[bool]] = {kind: [] for kind in FAULT_KINDS}
    for index, fault in enumerate(faults):
        found[fault.kind].append(any(time >= begins[f"fault-{index}"] for time in opened.get(f"fault-{index}", [])))
    episodes, seconds = 0, 0.0
    for index, segment in enumerate(held_out):
        episodes += sum(time >= begins[f"normal-{index}"] for time in opened.get(f"normal-{index}", []))
        seconds += float(segment.times[-1] - segment.times[0])
    return {
        "faultsFound": {
            "share": round(float(np.mean([hit for hits in found.values() for hit in hits])), 4),
            "byKind": {kind: round(float(np.mean(hits)), 4) for kind, hits in found.items() if hits},
        },
        "falseAlerts": summary_of_false_alerts(episodes, seconds / SECONDS_A_MONTH),
    }


def _write(
    path: Path, signals: Sequence[str], faults: Sequence[Fault], histories: dict[str, Segment], held_out: Sequence[Segment]
) -> dict[str, float]:
    """Writes the machines one after another; returns when what counts begins, by machine."""
    begins = {}
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["time", "machine", *signals])

        def machine(name: str, source: Segment, values: np.ndarray, begin: int) -> None:
            history = source.values[-HISTORY:]
            step = float(np.median(np.diff(source.times)))
            for index, row in enumerate(np.concatenate([history, values])):
                time = datetime.fromtimestamp(source.times[0] + step * index, UTC)
                rows.writerow([time.isoformat(timespec="milliseconds"), name, *(f"{value:.7g}" for value in row)])
            begins[name] = float(source.times[0]) + step * (len(history) + begin)

        for index, fault in enumerate(faults):
            machine(f"fault-{index}", histories[fault.machine], fault.values, fault.begin)
        for index, segment in enumerate(held_out):
            if segment.machine in histories:
                machine(f"normal-{index}", histories[segment.machine], segment.values, 0)
            else:
                begins[f"normal-{index}"] = float("inf")
    return begins


def _run(command: str, settings: Path, data: Path) -> dict[str, list[float]]:
    """Times at which episodes of machines open."""
    opened: dict[str, list[float]] = {}
    arguments = [*shlex.split(command), "--config", str(settings), "--format", "csv", "--quiet", str(data)]
    try:
        with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
            for line in running.stdout or ():
                # Scores are most of what it prints.
                if '"anomalyOutput"' not in line:
                    continue
                alert = json.loads(line)
                if alert.get("phase") == "opened":
                    time = datetime.fromisoformat(alert["eventTime"]).timestamp()
                    opened.setdefault(alert["machineId"], []).append(time)
            errors = running.stderr.read() if running.stderr else ""
            status = running.wait(TIMEOUT)
    except OSError as error:
        raise _not_run(command, str(error)) from error
    if status != 0:
        raise _not_run(command, f"status {status}: {errors.strip()[-300:]}")
    return opened


def _not_run(command: str, reason: str) -> Problem:
    return Problem(
        "detector",
        f"the detector does not run ({command}): {reason}",
        "Give --detector the command line of the detector, for example npm run -s detect --, or leave it out: then it is not compared.",
    )
