"""What can be wrong with data and models, each with the exit code that a schedule shows as failed."""

from __future__ import annotations

#: Exit codes. 0: a model was written. 2: arguments, as argparse has it.
EXIT_CODES = {
    "packages-missing": 3,
    "no-container": 10,
    "no-data": 11,
    "too-little-data": 12,
    "missing-signal": 13,
    "constant-signal": 14,
    "silent-machine": 15,
    "mixed-units": 16,
    "damaged-files": 17,
    "bad-verdicts": 18,
    "detector": 19,
    "not-better": 20,
    "too-many-false-alerts": 21,
    "contract": 22,
    "registration": 23,
}


class Problem(Exception):
    """A reason to stop: nothing is written and nothing is registered."""

    def __init__(self, kind: str, what: str, remedy: str) -> None:
        super().__init__(what)
        self.kind = kind
        self.what = what
        self.remedy = remedy

    @property
    def exit_code(self) -> int:
        return EXIT_CODES[self.kind]

    def __str__(self) -> str:
        return f"{self.kind}: {self.what}\n  {self.remedy}"
