"""A hydraulic unit: flow and pressure wander on their own, and the motor's power follows their product."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

SIGNALS = {"flow": "machine.flow", "pressure": "machine.pressure", "power": "machine.power"}
START, INTERVAL = 1_767_600_000, 10


def wander(count: int, random: np.random.Generator) -> np.ndarray:
    level, levels = 0.0, np.zeros(count)
    for index in range(count):
        level = 0.99 * level + 0.14 * random.standard_normal()
        levels[index] = level
    return 1 + 0.5 * np.tanh(levels)


def readings(count: int, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    flow, pressure = wander(count, random), wander(count, random)
    noise = random.standard_normal((count, 3)) * (0.3, 0.03, 0.05)
    return np.stack([60 * flow, 5 * pressure, 8 * flow * pressure], axis=1) + noise


def line(machine: str, index: int, values: dict[str, object], encoded: bool = False) -> str:
    time = datetime.fromtimestamp(START + INTERVAL * index, UTC).isoformat().replace("+00:00", "Z")
    body: object = {"machine": values, "timeCreated": time}
    if encoded:
        body = base64.b64encode(json.dumps(body).encode()).decode()
    system = {"connectionDeviceId": machine, "enqueuedTime": time}
    return json.dumps({"EnqueuedTimeUtc": time, "Properties": {}, "SystemProperties": system, "Body": body})


def write_lake(folder: Path, machines: dict[str, np.ndarray], encoded: bool = False) -> None:
    """One file an hour, as the hub makes them."""
    for machine, rows in machines.items():
        lines = [
            line(machine, index, dict(zip(SIGNALS, map(float, row), strict=True)), encoded) for index, row in enumerate(rows)
        ]
        for begin in range(0, len(lines), 360):
            path = folder / f"hub/2026/01/05/{begin // 360:03}/{machine}.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("\n".join(lines[begin : begin + 360]) + "\n")
