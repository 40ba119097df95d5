"""What `compare` and `study` found: errors over time, quantities of both sides, speed-ups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from .cards import parse
from .errors import Missing
from .fields import Array
from .summary import Summary
from .tables import Table


class Sides(NamedTuple):
    """A quantity over time, of the simulation and of what stood in for it."""

    simulation: Array
    replacement: Array


class Comparison:
    """`times` (s), `errors`, `persistence` and `climatology` (relative L2, by field), `quantities`
    (by name), `speedups`, `classical`, `contenders`, `verdicts`; `curves`: comparison.csv as it is."""

    def __init__(self, curves: Table, summary: Summary, backends: Table | None) -> None:
        self.curves = curves
        self.summary = summary
        self.backends = backends

    @property
    def times(self) -> Array:
        return self.curves["time_s"]

    @property
    def errors(self) -> dict[str, Array]:
        """Relative L2 error over time, by field."""
        return self._ending(" rel_l2")

    @property
    def persistence(self) -> dict[str, Array]:
        """The same of a state that stays as it was at the start."""
        return self._ending(" persistence")

    @property
    def climatology(self) -> dict[str, Array]:
        """The same of the training samples' mean; empty where there was no dataset."""
        return self._ending(" climatology")

    @property
    def quantities(self) -> dict[str, Sides]:
        """Drag, energy... over time."""
        others = self._ending(" replacement")
        return {n: Sides(t, others[n]) for n, t in self._ending(" simulation").items()}

    @property
    def speedups(self) -> dict[str, float]:
        """same_grid, equal_error, break_even_runs; NaN where it is not known. equal_error_own_method where
        another method competes."""
        found = self.summary.metrics.get("speedup", {})
        names = ("same_grid", "equal_error", "equal_error_own_method", "break_even_runs")
        return {n: _number(found.get(n)) for n in names if n in found}

    @property
    def notes(self) -> dict[str, str]:
        """What is to be known of a speed-up: a bound only, its range over repeats, why it is none."""
        found = self.summary.metrics.get("speedup", {})
        notes = {}
        for name in ("same_grid", "equal_error", "equal_error_own_method", "break_even_runs"):
            parts = ["a bound: at most"] if found.get(f"{name}_at_most") is True else []
            if isinstance(found.get(f"{name}_range"), list):
                parts.append("{:.3g} to {:.3g} in repeats".format(*map(_number, found[f"{name}_range"])))
            if found.get(f"{name}_reason"):
                parts.append(str(found[f"{name}_reason"]))
            if parts:
                notes[name] = "; ".join(parts)
        return notes

    @property
    def classical(self) -> Table:
        """Coarser and looser classical runs: name, cost_s, error, speedup."""
        return _table(self.summary.metrics.get("classical", []), "classical runs")

    @property
    def contenders(self) -> Table:
        """The models that were compared: name, mean error, speed-ups."""
        metrics = self.summary.metrics
        rows = [_row("the replacement", metrics)]
        rows += [_row(n, one) for n, one in metrics.get("contenders", {}).items()]
        return _table(rows, "contenders")

    @property
    def way_names(self) -> list[str]:
        """Of an inversion: what the numbers in the column `way` of the curves stand for."""
        deck = parse(str(self.summary.provenance.get("deck", "")))
        return [str(name) for name in (deck.get("compare") or {}).get("ways", [])]

    @property
    def ways(self) -> Table:
        """Of an inversion: each way's model error, misfit, time."""
        ways = self.summary.metrics.get("seismic", {}).get("ways")
        if ways is None:
            raise Missing(f"{self.summary.where}: only studies of inversions compare ways")
        rows = []
        for name, one in ways.items():
            row = {"way": name, **{n: v for n, v in one.items() if not isinstance(v, Mapping)}}
            row.update({f"model_error.{n}": v for n, v in one.get("model_error", {}).items()})
            rows.append(row)
        return _table(rows, "ways")

    def _ending(self, end: str) -> dict[str, Array]:
        return {n[: -len(end)]: v for n, v in self.curves.items() if n.endswith(end)}

    def __repr__(self) -> str:
        factors = ", ".join(f"{name} {value:.3g}" for name, value in self.speedups.items())
        return f"<Comparison over {self.curves.rows} rows; speed-ups: {factors or 'none'}>"


def _number(value: Any) -> float:
    return float(value) if isinstance(value, (int, float)) else float("nan")


def _row(name: str, metrics: Mapping[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = {"name": name}
    row["error_mean"] = _number(metrics.get("error", {}).get("mean"))
    for speedup in ("same_grid", "equal_error", "break_even_runs"):
        row[speedup] = _number(metrics.get("speedup", {}).get(speedup))
    return row


def _table(rows: list[dict[str, Any]], title: str) -> Table:
    names = sorted(dict.fromkeys(n for row in rows for n in row), key=lambda n: n not in ("name", "way"))
    columns: dict[str, Any] = {}
    for name in names:
        values = [row.get(name) for row in rows]
        numbers = all(v is None or isinstance(v, (int, float)) for v in values)
        columns[name] = (
            np.array([_number(v) for v in values]) if numbers else np.array(values, dtype=object)
        )
    return Table(columns, title=title)
