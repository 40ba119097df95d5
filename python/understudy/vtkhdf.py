"""fields.vtkhdf: all times of a box in one HDF5 file of VTK's format VTKHDF, as the program writes it.

Other files of the format are refused; VTK and ParaView open them.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from .errors import Damaged, NotOurs
from .fields import Array, Coordinate, Field, Fields, Key, coordinate
from .files import AnyPath
from .hdf5 import Hdf5Source, attribute, dataset, has, names, opened, text_unit


class _Rows:
    """A dataset's first rows: those of the steps that the file shows."""

    def __init__(self, path: Path, data: Any, steps: int) -> None:
        self.source = Hdf5Source(path, data)
        self.shape = (steps, *self.source.shape[1:])
        self.dtype = self.source.dtype

    def read(self, key: Key) -> Array:
        first = key[0]
        if isinstance(first, slice):
            first = slice(*first.indices(self.shape[0]))
        return self.source.read((first, *key[1:]))


class VtkHdfSeries:
    """`times` in seconds; `fields`: [time, (z,) y, x], of vectors the last axis is the component."""

    axis, axis_unit = "time", "s"

    def __init__(self, path: AnyPath) -> None:
        self.path = path = Path(path)
        with opened(path) as file:
            if not has(file, "series") or attribute(file["series"], "format") != "understudy series":
                raise NotOurs(f"{path} is no series that this program wrote; VTK and ParaView may open it")
            image = file["VTKHDF"]
            self.at_points = image.get("PointData", getlink=True) is not None
            self.extent = [int(n) for n in image.attrs["WholeExtent"]]
            self.origin = np.array(image.attrs["Origin"], float)
            self.spacing = np.array(image.attrs["Spacing"], float)
            self.names = names(file["series/all"])
            self.times = dataset(file, "VTKHDF/FieldData/TimeValue")[:]
            steps = _steps(path, file)
            rows = [len(self.times), *(len(dataset(file, f"series/all/{n}")) for n in self.names)]
            if not 1 <= steps <= min(rows):
                raise Damaged(f"{path} is damaged: it names {steps} steps and has {min(rows)}")
            self.times = self.times[:steps]

    @property
    def dims(self) -> tuple[str, ...]:
        return ("y", "x") if self.extent[5] == self.extent[4] else ("z", "y", "x")

    @property
    def fields(self) -> Fields:
        place = "corner" if self.at_points else "cell"
        found = {}
        with opened(self.path) as file:
            for name in self.names:
                data = dataset(file, f"series/all/{name}")
                dims: tuple[str, ...] = (self.axis, *self.dims)
                coords = self._coords()
                if data.ndim == len(dims) + 1:
                    dims = (*dims, "component")
                    coords["component"] = coordinate("component", "", ["x", "y", "z"][: data.shape[-1]])
                source = _Rows(self.path, data, len(self.times))
                if source.shape[: len(coords)] != tuple(len(coords[dim]) for dim in dims):
                    raise Damaged(f"{self.path} is damaged: '{name}' has the shape {source.shape}")
                found[name] = Field(name, text_unit(data), dims, source, coords, location=place)
        return Fields(found, str(self.path))

    def _coords(self) -> dict[str, Coordinate]:
        found = {self.axis: coordinate(self.axis, self.axis_unit, self.times)}
        half = 0.0 if self.at_points else 0.5
        for dim in self.dims:
            a = "xyz".index(dim)
            n = self.extent[2 * a + 1] - self.extent[2 * a] + (1 if self.at_points else 0)
            first = self.origin[a] + (self.extent[2 * a] + half) * self.spacing[a]
            found[dim] = coordinate(dim, "m", first + self.spacing[a] * np.arange(n))
        return found

    @property
    def scalars(self) -> Mapping[str, Array]:
        """Numbers that each step has beside its fields (trust, surrogate), over time."""
        with opened(self.path) as file:
            group = file["VTKHDF/FieldData"]
            found = [n for n in names(group) if n != "TimeValue" and not n.startswith("unit:")]
            return {n: dataset(group, n)[: len(self.times)] for n in found}

    def to_xarray(self) -> Any:
        return self.fields.to_xarray()

    def __repr__(self) -> str:
        return f"<VtkHdfSeries {self.path}, {len(self.times)} times: {', '.join(self.names)}>"


def _steps(path: Path, file: Any) -> int:
    """How many steps VTK is shown: the link Steps leads to the table that says so; of one step there is none."""
    link = file["VTKHDF"].get("Steps", getlink=True)
    if link is None:
        return 1
    if not isinstance(link, h5py.SoftLink) or not has(file, link.path):
        raise Damaged(f"{path} is damaged: its steps lead nowhere")
    return int(file[link.path].attrs["NSteps"])
