"""Curves: diagnostics, forces, probes, lines, spectra, errors, trainings, inversions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import numpy as np

from ..comparison import Comparison
from ..errors import UnderstudyError
from ..fields import Array
from ..spectra import Spectrum
from ..tables import Table
from .style import label, new_axes, pyplot

_forces = re.compile(r"(^|[._ ])(drag|lift|force|moment|torque)([._ ]|$)", re.IGNORECASE)


def is_force(name: str) -> bool:
    return _forces.search(name) is not None


_diagnostic = re.compile(r"[A-Za-z]\w*\.[\w.]+")


def short(names: Iterable[str]) -> dict[str, str]:
    """'drag coefficient' of 'flow.drag_coefficient': diagnostics without the solver that all of them are of.

    Whatever else is among them (a probe's 'p1.0 u') keeps its name.
    """
    names = list(names)
    first = {name.split(".")[0] for name in names if _diagnostic.fullmatch(name)}
    cut = f"{first.pop()}." if len(first) == 1 else ""
    return {
        name: name[len(cut) :].replace("_", " ") if cut and _diagnostic.fullmatch(name) else name
        for name in names
    }


def _panels(count: int, x: str) -> tuple[Any, list[Any]]:
    """A figure of one column of panels, or of two where they are many. `x`: below the lowest."""
    columns = 1 if count <= 4 else 2
    rows = -(-count // columns)
    figure, all_axes = pyplot().subplots(
        rows, columns, sharex=True, squeeze=False, constrained_layout=True,
        figsize=(6.4 if columns == 1 else 10.0, 1.2 + 1.9 * rows),
    )
    flat = list(all_axes.T.ravel())
    for axes in flat[count:]:
        axes.remove()
    for n in range(count):
        if (n + 1) % rows == 0 or n + 1 == count:
            flat[n].set_xlabel(x)
            flat[n].tick_params(labelbottom=True)
    return figure, flat[:count]


def draw_series(table: Table, names: Iterable[str], x: str = "time_s", title: str = "") -> Any:
    """Columns over another, a panel for those of one unit (and, without units, one each)."""
    panels: dict[str, list[str]] = {}
    names = list(names)
    words = short(names)
    for name in names:
        unit = table.unit(name)
        panels.setdefault(unit if unit not in ("", "1") else name, []).append(name)
    if not panels:
        raise UnderstudyError(f"{table.title} has no columns to draw")
    figure, all_axes = _panels(len(panels), label(x, table.unit(x)))
    for axes, columns in zip(all_axes, panels.values()):
        for name in columns:
            known = np.isfinite(table[name])
            axes.plot(table[x][known], table[name][known], label=words[name])
        unit = table.unit(columns[0])
        axes.set_ylabel(label(words[columns[0]], unit) if len(columns) == 1 else unit)
        if len(columns) > 1:
            axes.legend(fontsize="small")
        axes.grid(alpha=0.3)
    if title:
        figure.suptitle(title)
    return figure


def draw_lines(tables: list[Table], times: Array, name: str, field: str) -> Any:
    """A field along a line, a curve an output time."""
    figure, axes = new_axes()
    cmap = pyplot().get_cmap("viridis")
    for n, (table, time) in enumerate(zip(tables, times)):
        start = np.array([table[c][0] for c in ("x_m", "y_m", "z_m")])
        points = np.stack([table[c] for c in ("x_m", "y_m", "z_m")], axis=1)
        along = np.linalg.norm(points - start, axis=1)
        axes.plot(along, table[field], color=cmap(n / max(1, len(tables) - 1)),
                  label=f"{time:.4g} s")
    axes.set_xlabel("distance along the line (m)")
    axes.set_ylabel(label(field, tables[0].unit(field)))
    axes.set_title(f"{field} along {name}")
    axes.legend(fontsize="small", ncols=2)
    axes.grid(alpha=0.3)
    return figure


def draw_spectra(spectra: dict[str, Spectrum], x: str, y: str, title: str = "") -> Any:
    """Spectra on logarithmic axes; what is 0 is left out."""
    figure, axes = new_axes()
    for name, spectrum in spectra.items():
        shown = (spectrum.at > 0) & (spectrum.values > 0)
        axes.loglog(spectrum.at[shown], spectrum.values[shown], label=name)
    high = max((float(s.values.max()) for s in spectra.values() if s.values.size), default=0.0)
    if high > 0:  # below is round-off
        axes.set_ylim(bottom=max(axes.get_ylim()[0], 1e-16 * high))
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.set_title(title)
    if len(spectra) > 1:
        axes.legend(fontsize="small")
    axes.grid(alpha=0.3, which="both")
    return figure


def draw_errors(comparison: Comparison, title: str = "") -> Any:
    """Relative L2 errors over time, and (dashed) those of a state that does not change."""
    figure, axes = new_axes()
    for name, error in comparison.errors.items():
        shown = error > 0
        (line,) = axes.semilogy(comparison.times[shown], error[shown], label=name)
        persistence = comparison.persistence.get(name)
        if persistence is not None:
            shown = persistence > 0
            axes.semilogy(comparison.times[shown], persistence[shown], "--",
                          color=line.get_color(), alpha=0.6)
    axes.set_xlabel("time (s)")
    axes.set_ylabel("relative L2 error")
    axes.set_title(title or "replacement (solid), unchanged state (dashed)")
    axes.legend(fontsize="small")
    axes.grid(alpha=0.3, which="both")
    return figure


def draw_quantities(comparison: Comparison, names: Iterable[str]) -> Any:
    """Quantities of both sides over time, a panel each."""
    names = list(names)
    words = short(names)
    figure, all_axes = _panels(len(names), "time (s)")
    for axes, name in zip(all_axes, names):
        sides = comparison.quantities[name]
        axes.plot(comparison.times, sides.simulation, label="simulation")
        axes.plot(comparison.times, sides.replacement, "--", label="replacement")
        axes.set_ylabel(words[name].replace("_", " "))
        axes.grid(alpha=0.3)
    all_axes[0].legend(fontsize="small")
    return figure


def draw_costs(comparison: Comparison) -> Any:
    """Error against cost: the replacement, and classical runs that are coarser or looser."""
    table = comparison.classical
    figure, axes = new_axes()
    if table.rows:
        axes.loglog(table["cost_s"], table["error"], "o", label="classical runs")
        for n in range(table.rows):
            axes.annotate(str(table["name"][n]), (table["cost_s"][n], table["error"][n]),
                          fontsize=7, xytext=(-3, 3), textcoords="offset points", ha="right")
    cost = comparison.summary.timing.get("replacement_s")
    error = comparison.summary.metrics.get("error", {}).get("mean")
    if cost and error:
        axes.loglog([cost], [error], "*", markersize=14, label="replacement")
    axes.set_xlabel("wall time (s)")
    axes.set_ylabel("mean relative L2 error")
    axes.set_title("without the cost of data and training")
    axes.legend(fontsize="small")
    axes.grid(alpha=0.3, which="both")
    return figure


def draw_logarithmic(table: Table, x: str, names: Iterable[str], y: str, title: str = "") -> Any:
    """Columns of positive numbers on a logarithmic axis; what is not known is left out."""
    figure, axes = new_axes()
    for name in names:
        values = table[name]
        if values.dtype == object:
            continue
        shown = np.isfinite(values) & (values > 0)
        if shown.any():
            axes.semilogy(table[x][shown], values[shown], ".-", markersize=3, label=name)
    axes.set_xlabel(label(x, table.unit(x)))
    axes.set_ylabel(y)
    axes.set_title(title)
    axes.legend(fontsize="small")
    axes.grid(alpha=0.3, which="both")
    return figure
