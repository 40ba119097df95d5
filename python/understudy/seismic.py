"""Files of waves: gathers, models of the earth, inversions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from .errors import Missing, NotOurs, listed
from .fields import Array, ArraySource, Coordinate, Field, Fields, Source, coordinate
from .files import AnyPath
from .hdf5 import Hdf5Source, attribute, attributes, dataset, has, names, opened, text_unit
from .segy import SegyFile, is_segy
from .tables import Table

_not_fields = ("source_positions_m", "receiver_positions_m", "wavelet", "history")
_history = (
    "stage", "iteration", "max_frequency_hz", "misfit", "misfit_ratio", "gradient_norm", "step",
    "evaluations", "wall_s", "simulations", "of_all_shots", "spent",
)


class Gathers:
    """gathers.h5: `fields` (pressure, velocity_x...) [shot, time, receiver], and where they were.

    Of SEG-Y the one field that a file holds: pressure, velocity, or samples (without a unit).
    `sources` [shot, 3] and `receivers` [receiver, 3]: x, y (0 in a plane), depth, in metres.
    """

    def __init__(self, path: AnyPath) -> None:
        self.path = path = Path(path)
        self.wavelet: Field | None = None
        self.attributes: dict[str, Any] = {}
        if is_segy(path):
            self._fields = self._of_segy(SegyFile(path))
            return
        with opened(path) as file:
            if "record_every_s" not in file.attrs or not has(file, "source_positions_m"):
                raise NotOurs(f"{path} holds no gathers")
            self.record_every_s = float(attribute(file, "record_every_s"))
            self.sources: Array = np.asarray(dataset(file, "source_positions_m")[...])
            self.receivers: Array = np.asarray(dataset(file, "receiver_positions_m")[...])
            self.attributes = attributes(file)
            if has(file, "wavelet"):
                data = dataset(file, "wavelet")
                times = float(attribute(data, "dt_s", 1.0)) * np.arange(data.shape[0])
                coords = {"time": coordinate("time", "s", times)}
                self.wavelet = Field("wavelet", "", ("time",), Hdf5Source(path, data), coords)
            self._fields = {n: self._of_hdf5(file, n) for n in names(file) if n not in _not_fields}
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

    def _of_hdf5(self, file: Any, name: str) -> Field:
        data = dataset(file, name)
        if data.ndim != 3:
            raise NotOurs(f"{self.path}: '{name}' has {data.ndim} axes; gathers have three")
        return self._field(name, text_unit(data), Hdf5Source(self.path, data))

    def _field(self, name: str, unit: str, source: Source) -> Field:
        coords = {
            "time": coordinate("time", "s", self.record_every_s * np.arange(source.shape[1])),
            "source_x": coordinate("source_x", "m", self.sources[:, 0], "shot"),
            "source_depth": coordinate("source_depth", "m", self.sources[:, 2], "shot"),
            "receiver_x": coordinate("receiver_x", "m", self.receivers[:, 0], "receiver"),
            "receiver_depth": coordinate("receiver_depth", "m", self.receivers[:, 2], "receiver"),
        }
        return Field(name, unit, ("shot", "time", "receiver"), source, coords)

    def _of_segy(self, file: SegyFile) -> dict[str, Field]:
        shots = file.shots()
        self.record_every_s = file.interval * 1e-6
        self.sources, self.receivers = file.sources[[one[0] for one in shots]], file.receivers[shots[0]]
        self.attributes = {"text": "\n".join(line.rstrip() for line in file.text)}
        kind, unit = int(file.header("kind")[0]), int(file.header("unit")[0])
        name, si = ("pressure", "Pa") if kind == 11 or unit == 1 else ("samples", "")
        if unit == 6:
            words = file.text[0].split()
            named = "SHOT" in words and len(words) > 4 and words[4].startswith("velocity_")
            name, si = (words[4] if named else "velocity"), "m/s"
        values = np.stack([file.traces[one].T for one in shots])
        return {name: self._field(name, si, ArraySource(values))}

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


_sections = {
    "P SPEED": ("p_speed_m_s", "m/s"), "S SPEED": ("s_speed_m_s", "m/s"),
    "DENSITY": ("density_kg_m3", "kg/m3"),
}


def _section(file: SegyFile) -> dict[str, Field]:
    """What `output.models: segy` writes: the interval is a height in millimetres, or metres (line 4)."""
    said = next((key for key in _sections if f", {key} IN" in file.text[0]), "P SPEED")
    name, unit = _sections[said]
    height = file.interval * (1.0 if file.text[3].rstrip().endswith(" M") else 1e-3)
    values = file.traces.T
    coords = {
        "depth": coordinate("depth", "m", (np.arange(len(values)) + 0.5) * height),
        "x": coordinate("x", "m", file.middle_x),
    }
    return {name: Field(name, unit, ("depth", "x"), ArraySource(values), coords)}


class EarthModel:
    """model.h5: `fields` p_speed_m_s (s_speed_m_s, density_kg_m3) [depth, (y,) x], row 0 on top.

    Of SEG-Y (model.sgy, a section) the one that the file holds.
    """

    def __init__(self, path: AnyPath) -> None:
        self.path = path = Path(path)
        if is_segy(path):
            self._fields = _section(SegyFile(path))
            return
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
            rows = np.asarray(dataset(file, "history")[...])
            if rows.ndim != 2 or rows.shape[1] not in (10, len(_history)):
                raise ValueError(f"history is {rows.shape}, not [records, {len(_history)}]")
        units = {"max_frequency_hz": "Hz", "wall_s": "s"}
        # Those of earlier versions end with wall_s, and a column of zeros.
        names = _history if rows.shape[1] == len(_history) else _history[:9]
        columns = {name: rows[:, n] for n, name in enumerate(names)}
        self.history = Table(columns, units, path.name)

    def __repr__(self) -> str:
        state = "finished" if self.finished else f"in stage {self.stage}"
        return f"<Inversion {self.path}, {state}, {self.history.rows} iterations>"
