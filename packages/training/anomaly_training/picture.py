"""A picture of what a model does on the data that it has not seen: scores over time, and the faults that each model finds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from html import escape

import numpy as np

from .evaluation import FAULT_KINDS

WIDTH, LEFT, RIGHT = 880, 64, 20
TOP, HEIGHT = 56, 180
BARS_TOP, BAR, BARS_GAP = 300, 12, 18
COLORS = {"detector": "#d98e04", "single": "#9aa5b1", "linear": "#4c8dd6", "autoencoder": "#1f7a4d"}
#: Points that a line has at most: the largest score of each stretch is drawn.
POINTS = 800


def picture(
    title: str,
    scores: Sequence[tuple[str, np.ndarray, np.ndarray]],
    threshold: float,
    found: Mapping[str, Mapping[str, float]],
) -> str:
    """An SVG; `scores` are machine, seconds and scores, `found` the shares of faults by model and kind."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {_height(found)}" role="img" '
        'font-family="system-ui, sans-serif" font-size="12" fill="#1c2733">',
        f"<title>{escape(title)}</title>",
        '<rect width="100%" height="100%" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="24" font-size="16" font-weight="600">{escape(title)}</text>',
        f'<text x="{LEFT}" y="44">Score on the newest fifth of the data (logarithmic); dashed: threshold of the alert budget</text>',
        *_scores(scores, threshold),
        *_bars(found),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _height(found: Mapping[str, Mapping[str, float]]) -> int:
    return BARS_TOP + 40 + len(FAULT_KINDS) * (len(found) * BAR + BARS_GAP)


def _scores(scores: Sequence[tuple[str, np.ndarray, np.ndarray]], threshold: float) -> list[str]:
    first = min(float(times[0]) for _, times, _ in scores)
    last = max(float(times[-1]) for _, times, _ in scores)
    lowest = np.log10(max(min(float(each.min()) for _, _, each in scores), 1e-3))
    highest = np.log10(max(threshold, *(float(each.max()) for _, _, each in scores))) + 0.1

    def x(time: float) -> float:
        return LEFT + (time - first) / max(last - first, 1e-9) * (WIDTH - LEFT - RIGHT)

    def y(score: float) -> float:
        return TOP + HEIGHT * (highest - np.log10(max(score, 1e-3))) / max(highest - lowest, 1e-9)

    lines = []
    for machine, times, values in scores:
        stride = max(1, len(values) // POINTS)
        count = len(values) // stride
        largest = values[: count * stride].reshape(count, stride).max(axis=1)
        points = " ".join(f"{x(t):.1f},{y(v):.1f}" for t, v in zip(times[::stride], largest, strict=False))
        lines.append(
            f'<polyline points="{points}" fill="none" stroke="{COLORS["autoencoder"]}" stroke-width="1" stroke-opacity="0.7">'
            f"<title>{escape(machine)}</title></polyline>"
        )
    at = y(threshold)
    lines.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at:.1f}" y2="{at:.1f}" stroke="#b3261e" stroke-dasharray="6 4"/>')
    lines.append(f'<text x="{LEFT - 6}" y="{at + 4:.1f}" text-anchor="end">{threshold:.3g}</text>')
    for time, anchor in ((first, "start"), (last, "end")):
        told = datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%d %H:%M")
        lines.append(f'<text x="{x(time):.1f}" y="{TOP + HEIGHT + 18}" text-anchor="{anchor}">{told}</text>')
    return lines


def _bars(found: Mapping[str, Mapping[str, float]]) -> list[str]:
    lines = [f'<text x="{LEFT}" y="{BARS_TOP - 12}">Faults found at that budget, by kind</text>']
    y = BARS_TOP
    width = WIDTH - LEFT - RIGHT - 200
    for kind in FAULT_KINDS:
        lines.append(f'<text x="{LEFT}" y="{y + BAR + 4}">{kind}</text>')
        for model, shares in found.items():
            share = shares[kind]
            lines.append(
                f'<rect x="{LEFT + 90}" y="{y}" width="{max(width * share, 1):.1f}" height="{BAR - 2}" fill="{COLORS[model]}"/>'
            )
            lines.append(f'<text x="{LEFT + 96 + width * share:.1f}" y="{y + BAR - 2}" font-size="11">{share:.0%} {model}</text>')
            y += BAR
        y += BARS_GAP
    return lines
