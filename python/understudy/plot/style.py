"""What all pictures have in common: words on axes, ranges of colours, sizes."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import UnderstudyError
from ..fields import Array, Coordinate

_words = {
    "time": "time", "time_s": "time", "lon": "longitude", "lat": "latitude", "wall_s": "wall time",
    "u": "u", "p_speed_m_s": "P-wave speed", "s_speed_m_s": "S-wave speed", "density_kg_m3": "density",
}
_units = {"degrees_east": "degrees", "degrees_north": "degrees", "1": ""}


def pyplot() -> Any:
    """matplotlib.pyplot; an error that says what to install where it is not there."""
    try:
        from matplotlib import pyplot as plt
    except ImportError as error:
        raise UnderstudyError("drawing needs matplotlib: pip install matplotlib") from error
    return plt


def label(name: str, unit: str) -> str:
    """'u (m/s)'"""
    unit = _units.get(unit, unit)
    words = _words.get(name, name.replace("_", " "))
    return f"{words} ({unit})" if unit else words


def axis_label(c: Coordinate) -> str:
    return label(c.name, c.unit)


def edges(centres: Array) -> Array:
    """Where cells of these centres begin and end."""
    if len(centres) < 2:
        return np.array([centres[0] - 0.5, centres[0] + 0.5])
    middle = (centres[1:] + centres[:-1]) / 2
    first = centres[0] - (middle[0] - centres[0])
    return np.concatenate([[first], middle, [centres[-1] + (centres[-1] - middle[-1])]])


def colours(values: Array, name: str = "", clip: float = 0.0) -> dict[str, Any]:
    """Colour map and range: red and blue around zero where values have both signs.

    `clip`: share of the largest magnitudes that may lie beyond the range (single cells at a body's
    corner would wash out all others).
    """
    known = values[np.isfinite(values)]
    if known.size == 0:
        return {"cmap": "viridis", "vmin": 0.0, "vmax": 1.0}
    low, high = float(known.min()), float(known.max())
    if clip > 0:
        low, high = (float(v) for v in np.quantile(known, [clip, 1 - clip]))
    if low < 0 < high and min(-low, high) > 0.1 * max(-low, high):
        high = max(-low, high)
        return {"cmap": "RdBu_r", "vmin": -high, "vmax": high}
    if high <= low:
        room = abs(low) * 0.01 or 1.0
        low, high = low - room, high + room
    return {"cmap": "inferno" if name.startswith("residual") else "viridis", "vmin": low, "vmax": high}


def colour_bar(axes: Any, image: Any, text: str, **more: Any) -> None:
    """As high as the picture, whatever its shape."""
    axes.figure.colorbar(image, cax=axes.inset_axes([1.03, 0, 0.035, 1]), label=text, **more)


def new_axes(width: float = 6.4, height: float = 4.0) -> tuple[Any, Any]:
    """A figure and its only axes."""
    figure, axes = pyplot().subplots(figsize=(width, height), constrained_layout=True)
    return figure, axes
