"""What operators said of alerts: JSON lines, written by `npm run verdict`."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from .lake import SUFFIXES
from .problems import Problem

#: A machine and the seconds since 1970 from which and to which something was, or was not, wrong with it.
Interval = tuple[str, float, float]


@dataclass
class Verdicts:
    confirmed: list[Interval] = field(default_factory=list)
    false_alarms: list[Interval] = field(default_factory=list)


def read_verdicts(folder: Path | None) -> Verdicts:
    """Reads all files of a folder; of two verdicts on one episode the later line counts. None where nobody said anything."""
    said: dict[tuple[str, str], tuple[str, Interval]] = {}
    paths = sorted(folder.rglob("*")) if folder is not None and folder.is_dir() else []
    for path in paths:
        if path.suffix not in SUFFIXES:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
                kind, machine = row["verdict"], row["machineId"]
                begin, end = (datetime.fromisoformat(row[key]).timestamp() for key in ("from", "to"))
                if kind not in ("confirmed", "falseAlarm") or not isinstance(machine, str) or end < begin:
                    raise ValueError
            except (ValueError, KeyError, TypeError) as error:
                raise Problem(
                    "bad-verdicts",
                    f"line {number} of {path} is no verdict",
                    'Each line is {"verdict": "confirmed" or "falseAlarm", "machineId", "from", "to"}: see npm run verdict -- --help',
                ) from error
            said[machine, row.get("episodeId") or f"{begin}"] = (kind, (machine, begin, end))
    verdicts = Verdicts()
    for kind, interval in said.values():
        (verdicts.confirmed if kind == "confirmed" else verdicts.false_alarms).append(interval)
    return verdicts
