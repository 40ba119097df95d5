"""checkpoint.h5: every field of a run at one time, from which --resume goes on.

Fields lie at cells or on the faces of a staggered grid (`field.location`); face i is the lower side of
cell i, and an axis that is not periodic has one face more than cells. [component, z, y, x] in the file;
axes of one entry (component, and z of a plane) are left out here.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np

from .errors import Damaged, NotOurs
from .fields import Array, Coordinate, Field, Fields, Key, coordinate
from .files import AnyPath
from .hdf5 import Hdf5Source, attribute, attributes, dataset, opened, text_unit

_format = "understudy checkpoint"


class _WithoutAxes:
    """A source without its axes of one entry."""

    def __init__(self, source: Hdf5Source, dropped: tuple[int, ...]) -> None:
        self.source, self.dropped = source, dropped
        kept = [n for n in range(len(source.shape)) if n not in dropped]
        self.shape = tuple(source.shape[n] for n in kept)
        self.dtype = source.dtype

    def read(self, key: Key) -> Array:
        rest = list(key)
        for n in self.dropped:
            rest.insert(n, 0)
        return self.source.read(tuple(rest))


class Checkpoint:
    """`time_s`, `step`, `fields`, `scalars`, `attributes` (the deck among them), `deck`."""

    def __init__(self, path: AnyPath) -> None:
        self.path = path = Path(path)
        with opened(path) as file:
            if attribute(file, "format") != _format:
                raise NotOurs(f"{path} is an HDF5 file, but no checkpoint")
            root = attributes(file)
            self.scalars: dict[str, float] = attributes(file["scalars"])
            self.attributes: dict[str, str] = attributes(file["attributes"])
            self.version = int(root["format_version"])
            self.precision = str(root["precision"])
            self.time_s = float(root["time_s"])
            self.step = int(root["step"])
            self.cells = tuple(int(n) for n in root["cells"])
            self.periodic = tuple(bool(p) for p in root["periodic"])
            self.radius_m = None if "radius_m" not in root else float(np.ravel(root["radius_m"])[0])
            self.lower_m = root.get("lower_m")
            self.upper_m = root.get("upper_m")
            self._fields = {name: self._field(file, name) for name in file["fields"]}

    @property
    def fields(self) -> Fields:
        return Fields(self._fields, str(self.path))

    @property
    def deck(self) -> str:
        """The resolved deck; '' in the checkpoint of a program of somebody's own."""
        return self.attributes.get("deck", "")

    @property
    def is_box(self) -> bool:
        return self.lower_m is not None

    def _field(self, file: Any, name: str) -> Field:
        data = dataset(file, f"fields/{name}")
        location = str(attribute(data, "location", "cell"))
        flat = self.is_box and self.cells[2] == 1
        dims = ["component", "z" if self.is_box else "panel", "y", "x"]
        dropped = tuple(n for n in (0, 1) if (n == 0 and data.shape[0] == 1) or (n == 1 and flat))
        kept = tuple(dim for n, dim in enumerate(dims) if n not in dropped)
        coords = {}
        for axis, dim in enumerate(reversed(dims[1:])):
            if dim in kept:
                length = int(data.shape[3 - axis])
                coords[dim] = self._coordinate(dim, axis, length, location)
        source = _WithoutAxes(Hdf5Source(self.path, data), dropped)
        return Field(name, text_unit(data), kept, source, coords, "", location)

    def _coordinate(self, dim: str, axis: int, length: int, location: str) -> Coordinate:
        on_face = location == f"face_{dim}"
        if self.lower_m is not None and self.upper_m is not None:
            lower, upper = float(self.lower_m[axis]), float(self.upper_m[axis])
            unit = "m"
        elif dim == "panel":
            return coordinate(dim, "", np.arange(length))
        else:
            lower, upper, unit = -np.pi / 4, np.pi / 4, "rad"
        spacing = (upper - lower) / self.cells[axis]
        places = np.arange(length) + (0.0 if on_face else 0.5)
        return coordinate(dim, unit, lower + spacing * places)

    def verify(self) -> None:
        """Damaged where a field's values do not have the checksum that was written with them."""
        with opened(self.path) as file:
            sums = {}
            for name in file["fields"]:
                data = dataset(file, f"fields/{name}")
                sums[name] = _checksum(np.asarray(data[...]))
                if sums[name] != int(attribute(data, "checksum", -1)):
                    raise Damaged(f"{self.path} is damaged: the values of field '{name}'")
            written = attribute(file, "checksum")
            geometry = {
                n: np.ravel(attribute(file, n))
                for n in ("lower_m", "upper_m", "radius_m")
                if n in file.attrs
            }
        if self.version > 1 and written != self._text_checksum(geometry, sums):
            raise Damaged(f"{self.path} is damaged: its time, step, scalars or attributes")

    def _text_checksum(self, geometry: dict[str, Array], sums: dict[str, int]) -> str:
        lines = [f"{self.precision} {_hex(self.time_s)} {self.step}"]
        for cells, periodic in zip(self.cells, self.periodic):
            lines.append(f"{cells} {'true' if periodic else 'false'}")
        for name in sorted(geometry):
            lines += [f"{name} {_hex(value)}" for value in geometry[name]]
        for name in sorted(self.scalars, key=str.encode):
            lines.append(f"{name} {_hex(self.scalars[name])}")
        for name in sorted(sums, key=str.encode):
            lines.append(f"{name} {sums[name]}")
        for name in sorted(self.attributes, key=str.encode):
            value = self.attributes[name]
            lines.append(f"{name} {len(value.encode())} {value}")
        return hashlib.sha256(("\n".join(lines) + "\n").encode()).hexdigest()[:16]

    def __repr__(self) -> str:
        return f"<Checkpoint {self.path} at {self.time_s:.6g} s: {', '.join(self._fields)}>"


def _hex(value: float) -> str:
    """As the {:a} of C++ writes it: 1.8p+3."""
    text = float(value).hex().replace("0x", "")
    mantissa, _, exponent = text.partition("p")
    if not exponent:
        return text
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return f"{mantissa}p{exponent}"


def _checksum(values: Array) -> int:
    """A sum over all values of a hash (the finaliser of SplitMix64) of place and bits."""
    bits = np.ascontiguousarray(values).ravel().view(f"<u{values.dtype.itemsize}").astype("u8")
    place = np.arange(1, len(bits) + 1, dtype="u8")
    with np.errstate(over="ignore"):
        x = bits + np.uint64(0x9E3779B97F4A7C15) * place
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        x = x ^ (x >> np.uint64(31))
    return int(np.sum(x, dtype="u8")) & ((1 << 48) - 1)
