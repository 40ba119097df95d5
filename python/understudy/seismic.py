"""Files of waves: gathers, models of the earth, inversions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from .errors import Missing, NotOurs, listed
from .fields import Array, Coordinate, Field, Fields, coordinate
from .files import AnyPath
from .hdf5 import Hdf5Source, attribute, attributes, dataset, has, names, opened, text_unit
from .tables import Table

_not_fields = ("source_positions_m", "receiver_positions_m", "wavelet", "history")
_history = (
    "stage", "iteration", "max_frequency_hz", "misfit", "misfit_ratio", "gradient_norm", "step",
    "evaluations", "wall_s",
)


class Gathers:
    """gathers.h5: `fields` (pressure, velocity_x...) [shot, time, receiver], and where they were.

    `sources` [shot, 3] and `receivers` [receiver, 3]: x, y (0 in a plane), depth, in metres.
    """

    def __init__(self, path: AnyPath) -> None:
        self.path = path = Path(path)
        with opened(path) as file:
            if "record_every_s" not in file.attrs or not has(file, "source_positions_m"):
                raise NotOurs(f"{path} holds no gathers")
            self.record_every_s = float(attribute(file, "record_every_s"))
            self.sources: Array = np.asarray(dataset(file, "source_positions_m")[...])
            self.receivers: Array = np.asarray(dataset(file, "receiver_positions_m")[...])
            self.attributes = attributes(file)
            self.wavelet: Field | None = None
            if has(file, "wavelet"):
                data = dataset(file, "wavelet")
                times = float(attribute(data, "dt_s", 1.0)) * np.arange(data.shape[0])
                coords = {"time": coordinate("time", "s", times)}
                self.wavelet = Field("wavelet", "", ("time",), Hdf5Source(path, data), coords)
            self._fields = {n: self._field(file, n) for n in names(file) if n not in _not_fields}
        if not self._fields:
            raise Missing(f"{path} has positions, but no gathers")

    @property
    def fields(self) -> Fields:
        return Fields(self._fields, str(self.path))

    @property
    def times(self) -> Array:
        samples = next(iter(self._fields.values())).shape[1]
        return self.record_every_s * np.arange(samples)

    def __getitem__(self, name: str) -> Field:
        return self.fields[name]

    def _field(self, file: Any, name: str) -> Field:
        data = dataset(file, name)
        if data.ndim != 3:
            raise NotOurs(f"{self.path}: '{name}' has {data.ndim} axes; gathers have three")
        coords = {
            "time": coordinate("time", "s", self.record_every_s * np.arange(data.shape[1])),
            "source_x": coordinate("source_x", "m", self.sources[:, 0], "shot"),
            "source_depth": coordinate("source_depth", "m", self.sources[:, 2], "shot"),
            "receiver_x": coordinate("receiver_x", "m", self.receivers[:, 0], "receiver"),
            "receiver_depth": coordinate("receiver_depth", "m", self.receivers[:, 2], "receiver"),
        }
        source = Hdf5Source(self.path, data)
        return Field(name, text_unit(data), ("shot", "time", "receiver"), source, coords)

    def __repr__(self) -> str:
        return f"<Gathers {self.path}: {listed(repr(f) for f in self._fields.values())}>"


def _model_field(path: Path, data: Any, name: str, box: tuple[Any, Any] | None) -> Field:
    dims = ("depth", "y", "x")[-data.ndim :] if data.ndim == 3 else ("depth", "x")
    coords: dict[str, Coordinate] = {}
    if box is not None:
        lower, upper = (np.asarray(side, dtype=float) for side in box)
        for axis, dim in enumerate(dims):
            column = {"x": 0, "y": 1, "depth": len(lower) - 1}[dim]
            n = data.shape[axis]
            centres = (np.arange(n) + 0.5) * (upper[column] - lower[column]) / n
            start = 0.0 if dim == "depth" else lower[column]  # depth is below the box's upper side
            coords[dim] = coordinate(dim, "m", start + centres)
    unit = text_unit(data)
    return Field(name, unit, dims, Hdf5Source(path, data), coords)


class EarthModel:
    """model.h5: `fields` p_speed_m_s (s_speed_m_s, density_kg_m3) [depth, (y,) x], row 0 on top."""

    def __init__(self, path: AnyPath) -> None:
        self.path = path = Path(path)
        with opened(path) as file:
            found = [n for n in names(file) if "speed" in n or "density" in n]
            if not found:
                raise NotOurs(f"{path} has no speeds: it is no model of the earth")
            lower, upper = attribute(file, "lower_m"), attribute(file, "upper_m")
            box = None if lower is None or upper is None else (lower, upper)
            self._fields = {n: _model_field(path, dataset(file, n), n, box) for n in found}

    @property
    def fields(self) -> Fields:
        return Fields(self._fields, str(self.path))

    def __getitem__(self, name: str) -> Field:
        return self.fields[name]

    def __repr__(self) -> str:
        return f"<EarthModel {self.path}: {listed(repr(f) for f in self._fields.values())}>"


class Inversion:
    """inversion.h5: where an inversion stands. `speed` (m/s), `history` (a row an iteration)."""

    def __init__(self, path: AnyPath) -> None:
        self.path = path = Path(path)
        with opened(path) as file:
            if attribute(file, "kind") != "understudy_inversion":
                raise NotOurs(f"{path} is no inversion")
            root = attributes(file)
            self.deck = str(root.get("deck", ""))
            self.finished = bool(root.get("finished", False))
            self.stage = int(root["stage"])
            data = dataset(file, "p_speed_m_s")
            self.speed = _model_field(path, data, "p_speed_m_s", None)
            rows = np.asarray(dataset(file, "history")[...]).reshape(-1, 10)
        units = {"max_frequency_hz": "Hz", "wall_s": "s"}
        columns = {name: rows[:, n] for n, name in enumerate(_history)}
        self.history = Table(columns, units, path.name)

    def __repr__(self) -> str:
        state = "finished" if self.finished else f"in stage {self.stage}"
        return f"<Inversion {self.path}, {state}, {self.history.rows} iterations>"
