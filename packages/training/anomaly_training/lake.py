"""Reads device messages as IoT Hub writes them to storage: JSON lines, one message each, in any number of files.

A line has `EnqueuedTimeUtc`, `Properties`, `SystemProperties` and `Body`. The body is JSON where the message said
`contentType` application/json and `contentEncoding` utf-8, and base64 otherwise
(learn.microsoft.com/azure/iot-hub/iot-hub-devguide-messages-d2c).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .problems import Problem

#: Share of lines that may be damaged before the files are not trusted.
MAX_DAMAGED = 0.02
#: What becomes of a line.
OUTCOMES = ("used", "otherMessage", "repeated", "halfWritten", "damaged")
SUFFIXES = {".json", ".jsonl", ".ndjson"}


@dataclass(frozen=True)
class MessageShape:
    """Where a message carries what: the same paths as in the detector's twin."""

    signals: Mapping[str, str]
    machine_id_path: str = ""
    time_path: str = "timeCreated"


@dataclass
class Readings:
    """Messages of each machine: seconds since 1970, and a value for each signal (NaN where there is none), by time."""

    machines: dict[str, list[tuple[float, tuple[float, ...]]]] = field(default_factory=dict)
    #: Lines by what became of them.
    lines: Counter[str] = field(default_factory=Counter)
    #: SHA-256 of each file by its path in the folder.
    files: dict[str, str] = field(default_factory=dict)


def read_lake(folder: Path, shape: MessageShape) -> Readings:
    """Reads all files of a folder. Raises `Problem` where there is none, or nothing in it can be used."""
    if not folder.is_dir():
        raise Problem(
            "no-container",
            f"{folder} is not a folder",
            "Name the folder, or the mounted container, that the hub writes telemetry to; check routing.telemetryToLake.",
        )
    readings = Readings()
    paths = sorted(path for path in folder.rglob("*") if path.suffix in SUFFIXES and path.is_file())
    for path in paths:
        content = path.read_bytes()
        readings.files[path.relative_to(folder).as_posix()] = hashlib.sha256(content).hexdigest()
        for outcome, machine, time, values in _read_lines(content, shape):
            readings.lines[outcome] += 1
            if outcome == "used":
                readings.machines.setdefault(machine, []).append((time, values))
    _check_lines(folder, len(paths), readings)
    for machine, messages in readings.machines.items():
        # Delivery is at least once, and batches come in any order.
        unique = dict(sorted(messages, key=lambda message: message[0])[::-1])
        readings.lines["repeated"] += len(messages) - len(unique)
        readings.machines[machine] = sorted(unique.items())
    readings.lines["used"] -= readings.lines["repeated"]
    return readings


def _check_lines(folder: Path, files: int, readings: Readings) -> None:
    lines = readings.lines
    total = sum(lines.values())
    if total == 0:
        raise Problem(
            "no-data",
            f"{folder} has {files} files and no message",
            "Wait until devices have sent messages; the hub writes them within routing.batchSeconds.",
        )
    if lines["damaged"] > MAX_DAMAGED * total:
        raise Problem(
            "damaged-files",
            f"{lines['damaged']} of {total} lines in {folder} are no messages of an IoT Hub",
            "Point --data at the container that the hub writes as JSON, and nothing else writes to.",
        )
    if lines["used"] == 0:
        raise Problem(
            "missing-signal",
            f"none of {total} messages in {folder} carries a signal at its path",
            "Give --signals the names and paths that the detector has in the environment's configuration.",
        )


def _read_lines(content: bytes, shape: MessageShape) -> Iterator[tuple[str, str, float, tuple[float, ...]]]:
    nothing: tuple[str, float, tuple[float, ...]] = ("", 0.0, ())
    lines = content.split(b"\n")
    for index, line in enumerate(lines):
        if not line.strip():
            continue
        try:
            message = json.loads(line)
            if not isinstance(message, dict) or "Body" not in message:
                raise ValueError
            body = _body(message["Body"])
        except ValueError:
            # The hub may still be writing the file that is read.
            is_last = index == len(lines) - 1
            yield ("halfWritten" if is_last else "damaged", *nothing)
            continue
        values = tuple(_number(_at(body, path)) for path in shape.signals.values())
        if all(math.isnan(value) for value in values):
            yield ("otherMessage", *nothing)
            continue
        machine = _machine(message, body, shape)
        time = _time(_at(body, shape.time_path)) or _time(_enqueued(message))
        if machine is None or time is None:
            yield ("damaged", *nothing)
            continue
        yield ("used", machine, time, values)


def _body(body: Any) -> Any:
    if not isinstance(body, str):
        return body
    try:
        return json.loads(base64.b64decode(body, validate=True))
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return json.loads(body)


def _at(value: Any, path: str) -> Any:
    for key in path.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _number(value: Any) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and abs(value) <= 1e30 else math.nan


def _machine(message: Mapping[str, Any], body: Any, shape: MessageShape) -> str | None:
    system = message.get("SystemProperties")
    device = system.get("connectionDeviceId") if isinstance(system, dict) else None
    named = _at(body, shape.machine_id_path) if shape.machine_id_path else device
    return str(named) if isinstance(named, str | int) and str(named) else None


def _enqueued(message: Mapping[str, Any]) -> Any:
    system = message.get("SystemProperties")
    inner = system.get("enqueuedTime") if isinstance(system, dict) else None
    return message.get("EnqueuedTimeUtc") or inner


def _time(value: Any) -> float | None:
    """Seconds since 1970 of an ISO 8601 time with a zone, or of a number in milliseconds."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value / 1000
    if not isinstance(value, str):
        return None
    try:
        time = datetime.fromisoformat(value)
    except ValueError:
        return None
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
