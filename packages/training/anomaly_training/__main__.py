"""Command line of the training: `npm run train -- --data DIR --out DIR`, and what the pipeline's step runs."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

# One thread: sums come in one order, so that a seed gives the same model to the bit. Read when numpy is imported.
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

from .problems import EXIT_CODES, Problem  # noqa: E402

# The detector's own defaults: DEFAULT_DESIRED in packages/detector-contract/index.ts; a test compares them.
DEFAULT_SIGNALS = "temperature=machine.temperature,pressure=machine.pressure,vibration=machine.vibration"


def _signals(text: str) -> dict[str, str]:
    pairs = [part.split("=", 1) for part in text.split(",") if part]
    if not pairs or any(len(pair) != 2 or not all(pair) for pair in pairs):
        raise argparse.ArgumentTypeError("NAME=PATH,NAME=PATH: names and paths of the detector's twin")
    if len({name for name, _ in pairs}) != len(pairs):
        raise argparse.ArgumentTypeError("each name once")
    return dict(pairs)


def _number(kind: type, low: float, high: float):  # noqa: ANN202
    def parse(text: str) -> float:
        value = kind(text)
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{low:g} to {high:g}")
        return value

    parse.__name__ = kind.__name__
    return parse


def parser() -> argparse.ArgumentParser:
    codes = "\n".join(f"  {code:>3}  {kind}" for kind, code in EXIT_CODES.items())
    made = argparse.ArgumentParser(
        prog="npm run train --",
        description="Train a model on what IoT Hub wrote to the lake, and write it with its metrics, a picture and what it was\n"
        "trained on to OUT/models/<sha256>/. Nothing is written where the model is no use.",
        epilog=f"exit codes:\n    0  a model was written\n    2  invalid arguments\n{codes}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--data", type=Path, required=True, help="folder with the hub's JSON lines, in any number of files")
    made.add_argument("--out", type=Path, required=True, help="folder to write to")
    made.add_argument("--verdicts", type=Path, help="folder with operators' verdicts (npm run verdict)")
    made.add_argument(
        "--signals", type=_signals, default=_signals(DEFAULT_SIGNALS), metavar="NAME=PATH,…", help=f"default: {DEFAULT_SIGNALS}"
    )
    made.add_argument(
        "--machine-id-path", default="", metavar="PATH", help="where a message names its machine; default: the device"
    )
    made.add_argument(
        "--time-path", default="timeCreated", metavar="PATH", help="where a message has its time; default: timeCreated"
    )
    made.add_argument("--exclude", action="append", default=[], metavar="MACHINE", help="leave a machine out; may be repeated")
    made.add_argument(
        "--silent-days",
        type=_number(float, 0.1, 90),
        default=14.0,
        metavar="N",
        help="leave out a machine that has sent nothing for so long; default: 14",
    )
    made.add_argument("--window", type=_number(int, 2, 1000), default=16, help="samples that the model sees at once; default: 16")
    made.add_argument(
        "--sample-seconds",
        type=_number(float, 0, 86_400),
        default=0.0,
        metavar="S",
        help="length of a sample; default: each message is one",
    )
    made.add_argument(
        "--margin",
        type=_number(float, 0, 1),
        default=0.05,
        help="share of the faults that a model must find more than a simpler one; default: 0.05",
    )
    made.add_argument(
        "--false-alerts",
        type=_number(float, 0.1, 1000),
        default=2.0,
        metavar="N",
        help="budget for a machine and month; default: 2",
    )
    made.add_argument(
        "--detector",
        metavar="COMMAND",
        help="command line of the detector: a model must find --margin more than it does without one; default: not compared",
    )
    made.add_argument(
        "--seed", type=_number(int, 0, 2**31 - 1), default=1, help="the same seed and data give the same file; default: 1"
    )
    made.add_argument("--register", action="store_true", help="register the model in the workspace of the job that this runs in")
    made.add_argument(
        "--model-name", default="anomaly-detector", metavar="NAME", help="its name there; default: anomaly-detector"
    )
    made.add_argument("--json", action="store_true", help="print the result as JSON")
    return made


def main() -> int:
    arguments = parser().parse_args()
    try:
        from .lake import MessageShape
        from .registration import register
        from .training import Options, train
    except ModuleNotFoundError as error:
        print(
            f"packages-missing: Python has no {error.name}\n"
            "  pip install -r packages/training/requirements.txt (Python 3.11 or later)",
            file=sys.stderr,
        )
        return EXIT_CODES["packages-missing"]
    options = Options(
        data=arguments.data,
        out=arguments.out,
        shape=MessageShape(arguments.signals, arguments.machine_id_path, arguments.time_path),
        verdicts=arguments.verdicts,
        seed=arguments.seed,
        window=arguments.window,
        sample_seconds=arguments.sample_seconds,
        margin=arguments.margin,
        false_alerts_per_machine_month=arguments.false_alerts,
        exclude=tuple(arguments.exclude),
        silent_days=arguments.silent_days,
        detector=arguments.detector,
    )
    try:
        result = train(options, lambda text: print(text, file=sys.stderr, flush=True))
        if arguments.register:
            version = register(arguments.model_name, result.sha256, result.metrics)
            print(f"registered {arguments.model_name}:{version}", file=sys.stderr)
    except Problem as problem:
        print(problem, file=sys.stderr)
        return problem.exit_code
    told = {"sha256": result.sha256, "folder": str(result.folder), "model": result.metrics["model"], "window": options.window}
    print(json.dumps(told) if arguments.json else f"{result.folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
