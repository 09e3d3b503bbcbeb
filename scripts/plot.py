"""Small pictures for docs/: SVG written by hand, so that no plotting library is needed."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

SIZE, EDGE = 360, 48
BINS = 10
LINES = (0, 0.2, 0.4, 0.6, 0.8, 1)
_STYLE = (
    "<style>text{font:12px sans-serif;fill:#444}.grid{stroke:#8884;fill:none}"
    ".line{stroke:#2563a8;fill:none;stroke-width:2}"
    ".dot{fill:#2563a8}.ideal{stroke:#888;stroke-dasharray:4 4}"
    "@media(prefers-color-scheme:dark){text{fill:#ccc}.line{stroke:#7db3ec}.dot{fill:#7db3ec}}</style>"
)


def binned(confidence: NDArray[np.float64], answers: NDArray[np.float64]) -> list[tuple[float, float, int]]:
    """(mean confidence, share that answers, count) of each of ten equally wide bins that is not empty."""
    number = np.minimum((confidence * BINS).astype(int), BINS - 1)
    held = [number == i for i in range(BINS) if (number == i).any()]
    return [(float(confidence[rows].mean()), float(answers[rows].mean()), int(rows.sum())) for rows in held]


def calibration_error(confidence: NDArray[np.float64], answers: NDArray[np.float64]) -> float:
    """Expected calibration error (Naeini et al. 2015): the mean gap of the bins, each weighed by its count."""
    return sum(count * abs(share - mean) for mean, share, count in binned(confidence, answers)) / len(confidence)


def reliability(confidence: NDArray[np.float64], answers: NDArray[np.float64]) -> str:
    """The reliability plot: of the pairs in each bin of confidence, the share in which the document answers."""
    dots = "".join(
        f'<circle class="dot" cx="{_x(mean):.1f}" cy="{_y(share):.1f}" r="{2 + count**0.5:.1f}" fill-opacity=".55">'
        f"<title>{count} pairs: confidence {mean:.2f}, answered {share:.2f}</title></circle>"
        for mean, share, count in binned(confidence, answers)
    )
    title = f"Reliability of the confidence, {len(confidence)} pairs left out of the fit"
    body = f'<line class="ideal" x1="{_x(0)}" y1="{_y(0)}" x2="{_x(1)}" y2="{_y(1)}"/>{dots}'
    return _chart((title, "confidence", "share that answers"), body, [(v, f"{v:g}") for v in LINES])


def curve(title: str, across: str, points: Sequence[tuple[float, float, str]]) -> str:
    """A line through points (x, y, label); x and y run from 0 to 1, labels stand below."""
    path = " ".join(f"{_x(x):.1f},{_y(y):.1f}" for x, y, _ in points)
    dots = "".join(
        f'<circle class="dot" cx="{_x(x):.1f}" cy="{_y(y):.1f}" r="3"/>'
        f'<text x="{_x(x):.1f}" y="{_y(y) - 9:.1f}" text-anchor="middle">{y:.2f}</text>'
        for x, y, _ in points
    )
    body = f'<polyline class="line" points="{path}"/>{dots}'
    return _chart((title, across, "share right"), body, [(x, label) for x, _, label in points])


def series(title: str, axes: tuple[str, str], points: Sequence[tuple[float, float]], length: float) -> str:
    """A line over time through points (x, y) in their own units, from 0; `axes`: what runs across, what runs up."""
    across, up = axes
    most = _round(max(y for _, y in points))
    path = " ".join(f"{_x(x / length):.1f},{_y(y / most):.1f}" for x, y in points)
    ticks = [(share, f"{share * length:.3g}") for share in LINES]
    return _chart((title, across, up), f'<polyline class="line" points="{path}"/>', ticks, most)


def _round(value: float) -> float:
    """The next number above that is one digit and zeros."""
    unit = 10.0 ** math.floor(math.log10(value))
    return math.ceil(value / unit) * unit


def _x(value: float) -> float:
    return EDGE + value * SIZE


def _y(value: float) -> float:
    return EDGE + (1 - value) * SIZE


def _chart(words: tuple[str, str, str], body: str, ticks: Sequence[tuple[float, str]], most: float = 1) -> str:
    """`words`: title, what runs across, what runs up; `ticks`: (x, label); `most`: what the highest line stands for."""
    title, across, up = words
    side = SIZE + 2 * EDGE
    marks = "".join(
        f'<line class="grid" x1="{_x(0)}" x2="{_x(1)}" y1="{_y(v):.1f}" y2="{_y(v):.1f}"/>'
        f'<text x="{_x(0) - 6}" y="{_y(v) + 4:.1f}" text-anchor="end">{v * most:.4g}</text>'
        for v in LINES
    )
    marks += "".join(
        f'<text x="{_x(x):.1f}" y="{_y(0) + 16}" text-anchor="middle">{label}</text>' for x, label in ticks
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" role="img" aria-label="{title}">{_STYLE}'
        f'<text x="{side / 2}" y="20" text-anchor="middle">{title}</text>{marks}{body}'
        f'<text x="{side / 2}" y="{side - 10}" text-anchor="middle">{across}</text>'
        f'<text transform="translate(14 {side / 2}) rotate(-90)" text-anchor="middle">{up}</text></svg>\n'
    )
