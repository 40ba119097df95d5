"""VTK files as the program writes them: .vti, .pvti (boxes), .vtu, .pvtu (spheres) and .pvd series.

Read are files of VTK's XML format with appended raw data, compressed by LZ4, zlib or not, with cell data
on one image or on quadrilaterals, or point data on one image. ParaView and VTK's own readers open the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from .errors import Damaged, Missing, NotOurs, UnderstudyError
from .fields import Array, Coordinate, Field, Fields, Key, coordinate
from .files import AnyPath, reading, require_file
from .vtk_piece import cells_of, integers, points_of, read_piece, read_xml


class VtkFile:
    """One time: a .vti or .vtu file, or the header (.pvti, .pvtu) over the pieces of several ranks."""

    def __init__(self, path: AnyPath) -> None:
        self.path = path = Path(path)
        if path.suffix in (".pvti", ".pvtu"):
            root, _ = read_xml(path)
            body = root.find(root.get("type", ""))
            found = [] if body is None else body.findall("Piece")
            sources = [one.get("Source", "") for one in found]
            if not sources or any("/" in s or "\\" in s for s in sources):
                raise NotOurs(f"{path} names no pieces beside it")
            self.pieces = [read_piece(path.parent / source) for source in sources]
            self.extent = integers(body.get("WholeExtent", "")) if body is not None else ()
        else:
            self.pieces = [read_piece(path)]
            self.extent = self.pieces[0].extent
        self.is_box = self.pieces[0].kind == "ImageData"
        if self.is_box:
            cells = np.prod(cells_of(self.extent), dtype=object)
            if len(self.extent) != 6 or cells != sum(piece.cells for piece in self.pieces):
                raise Damaged(f"{path}: its pieces do not make up the whole")

    @property
    def names(self) -> list[str]:
        return list(self.pieces[0].arrays)

    @property
    def dims(self) -> tuple[str, ...]:
        if not self.is_box:
            return ("cell",)
        flat = self.extent[5] == self.extent[4]
        return ("y", "x") if flat else ("z", "y", "x")

    @property
    def shape(self) -> tuple[int, ...]:
        if not self.is_box:
            return (sum(piece.cells for piece in self.pieces),)
        return tuple(self._counts()[-len(self.dims) :])

    @property
    def at_points(self) -> bool:
        """Do the values stand at corners of cells?"""
        return self.pieces[0].at_points

    def _counts(self) -> list[int]:
        return points_of(self.extent) if self.at_points else cells_of(self.extent)

    def number(self, name: str, otherwise: float = float("nan")) -> float:
        """Of what the file says beside its fields: TimeValue, trust..."""
        place = self.pieces[0].moment.get(name)
        if place is None:
            return otherwise
        with reading(self.path):
            return float(self.pieces[0].read(place)[0])

    def unit(self, name: str) -> str:
        place = self.pieces[0].moment.get(f"unit:{name}")
        return "" if place is None else self.pieces[0].text(place)

    def components(self, name: str) -> int:
        return self.pieces[0].arrays[name].components

    def dtype(self, name: str) -> np.dtype[Any]:
        return np.dtype(self.pieces[0].arrays[name].dtype)

    def read(self, name: str) -> Array:
        """[(z,) y, x] or [cell]; of a vector with its component as the last axis."""
        parts = []
        for piece in self.pieces:
            if name not in piece.arrays:
                raise Missing(f"{piece.path} has no '{name}'; other files of the series have it")
            values = piece.read(piece.arrays[name])
            wanted = int(np.prod(piece.counts(), dtype=object)) if self.is_box else piece.cells
            if len(values) != wanted or piece.at_points != self.at_points:
                raise Damaged(
                    f"{piece.path} is damaged: '{name}' has {len(values)} values "
                    f"for {wanted} {'corners' if piece.at_points else 'cells'}"
                )
            parts.append(values)
        if not self.is_box:
            return np.concatenate(parts)
        tail = parts[0].shape[1:]
        whole = np.empty((*self._counts(), *tail), parts[0].dtype)
        for piece, values in zip(self.pieces, parts):
            block = tuple(
                slice(piece.extent[2 * a] - self.extent[2 * a],
                      piece.extent[2 * a] - self.extent[2 * a] + n)
                for a, n in zip((2, 1, 0), piece.counts())
            )
            whole[block] = values.reshape(*piece.counts(), *tail)
        return whole.reshape(*self.shape, *tail)

    def coords(self) -> dict[str, Coordinate]:
        """Centres of cells, or corners: along the axes in metres, on a sphere as longitude and latitude."""
        if not self.is_box:
            with reading(self.path):
                return self._sphere_coords()
        piece = self.pieces[0]
        found = {}
        for dim in self.dims:
            a = "xyz".index(dim)
            n = self.shape[self.dims.index(dim)]
            half = 0.0 if self.at_points else 0.5
            first = piece.origin[a] + (self.extent[2 * a] + half) * piece.spacing[a]
            found[dim] = coordinate(dim, "m", first + piece.spacing[a] * np.arange(n))
        return found

    def _sphere_coords(self) -> dict[str, Coordinate]:
        parts = []
        for piece in self.pieces:
            points = piece.read(piece.grid["Points"])
            corners = piece.read(piece.grid["connectivity"]).reshape(-1, 4)
            if len(corners) and not 0 <= corners.min() <= corners.max() < len(points):
                raise Damaged(f"{piece.path} is damaged: a cell has corners that are not there")
            parts.append(points[corners].mean(axis=1))
        x, y, z = np.concatenate(parts).T
        lon = np.degrees(np.arctan2(y, x)) % 360
        lat = np.degrees(np.arctan2(z, np.hypot(x, y)))
        return {
            "lon": coordinate("lon", "degrees_east", lon, "cell"),
            "lat": coordinate("lat", "degrees_north", lat, "cell"),
        }


@lru_cache(maxsize=4)
def _read_cached(path: Path, stamp: tuple[int, int], name: str) -> Array:
    with reading(path):
        return VtkFile(path).read(name)


# --- series ---------------------------------------------------------------------------------------


class _SeriesSource:
    """[time, cells..., (component)] over the files of a series."""

    def __init__(self, series: VtkSeries, name: str) -> None:
        first = series.first
        self.series, self.name = series, name
        self.cells = first.shape
        tail = (first.components(name),) if first.components(name) > 1 else ()
        self.shape = (len(series.files), *first.shape, *tail)
        self.dtype = first.dtype(name)

    def read(self, key: Key) -> Array:
        when, rest = key[0], key[1:]
        if isinstance(when, int):
            return self._one(when)[rest]
        places = range(*when.indices(self.shape[0]))
        if not places:
            return np.empty((0, *self.shape[1:]), self.dtype)[(slice(None), *rest)]
        return np.stack([self._one(n)[rest] for n in places])

    def _one(self, n: int) -> Array:
        path = self.series.files[n]
        require_file(path)
        stat = path.stat()
        values = _read_cached(path, (stat.st_mtime_ns, stat.st_size), self.name)
        if values.shape != self.shape[1:]:
            raise Damaged(f"{path}: other cells than the first file of its series")
        return values


class VtkSeries:
    """A .pvd file with its times, or one file as a series of one. `times` in seconds.

    `fields`: [time, (z,) y, x], on a sphere [time, cell]; of vectors the last axis is the component.
    """

    def __init__(self, path: AnyPath) -> None:
        self.path = path = Path(path)
        if path.suffix == ".pvd":
            self.times, self.files = _index(path)
        else:
            self.files = [path]
            self.times = np.array([VtkFile(path).number("TimeValue", 0.0)])
        if not self.files:
            raise Damaged(f"{path} names no files")
        self.first = VtkFile(self.files[0])
        # an inversion's models: one an iteration
        self.axis, self.axis_unit = ("iteration", "") if path.stem == "inversion" else ("time", "s")

    @property
    def fields(self) -> Fields:
        coords = {self.axis: coordinate(self.axis, self.axis_unit, self.times)}
        coords.update(self.first.coords())
        found = {}
        for name in self.first.names:
            dims: tuple[str, ...] = (self.axis, *self.first.dims)
            own = dict(coords)
            if self.first.components(name) > 1:
                dims = (*dims, "component")
                labels = ["x", "y", "z"][: self.first.components(name)]
                own["component"] = coordinate("component", "", labels)
            unit = self.first.unit(name)
            place = "corner" if self.first.at_points else "cell"
            found[name] = Field(name, unit, dims, _SeriesSource(self, name), own, location=place)
        return Fields(found, str(self.path))

    @property
    def scalars(self) -> Mapping[str, Array]:
        """Numbers that each file has beside its fields (trust, surrogate), over time."""
        names = [n for n in self.first.pieces[0].moment if not n.startswith("unit:")]
        files = [VtkFile(path) for path in self.files]
        return {n: np.array([f.number(n) for f in files]) for n in names if n != "TimeValue"}

    def to_xarray(self) -> Any:
        return self.fields.to_xarray()

    def __repr__(self) -> str:
        return f"<VtkSeries {self.path}, {len(self.times)} times: {', '.join(self.first.names)}>"


def _index(path: Path) -> tuple[Array, list[Path]]:
    root, _ = read_xml(path)
    times, files = [], []
    for one in root.iter("DataSet"):
        name = Path(one.get("file", ""))
        if name.is_absolute() or ".." in name.parts:
            raise UnderstudyError(f"{path} names a file outside its folder: {name}")
        try:
            times.append(float(one.get("timestep", "")))
        except ValueError as error:
            raise Damaged(f"{path}: '{one.get('timestep')}' is no time") from error
        files.append(path.parent / name)
    return np.array(times), files
