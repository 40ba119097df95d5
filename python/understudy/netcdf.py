"""fields.nc: fields on a longitude-latitude grid after the CF conventions, in NetCDF's classic format.

Read are versions 1 (classic), 2 (64-bit offsets) and 5 (64-bit data) of the format; NetCDF-4 files are
HDF5 files, which xarray and h5py open.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from .errors import Damaged, NotOurs
from .fields import Array, Coordinate, Field, Fields, Key, coordinate
from .files import AnyPath, kind_of_bytes, reading, require_file

_types = {
    1: "i1", 2: "S1", 3: ">i2", 4: ">i4", 5: ">f4", 6: ">f8",
    7: "u1", 8: ">u2", 9: ">u4", 10: ">i8", 11: ">u8",
}
_most = 1 << 24  # entries of a list in the header; more is damage


@dataclass
class Variable:
    name: str
    dims: tuple[str, ...]
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    begin: int
    by_record: bool
    attributes: dict[str, Any] = field(default_factory=dict)


class _Header:
    """The header's bytes, one item after the other."""

    def __init__(self, path: Path, raw: bytes) -> None:
        self.path, self.raw, self.at = path, raw, 4
        self.version = raw[3]

    def take(self, form: str) -> int:
        size = struct.calcsize(form)
        if self.at + size > len(self.raw):
            raise Damaged(f"{self.path}: its header ends early; it was cut off")
        (value,) = struct.unpack_from(form, self.raw, self.at)
        self.at += size
        return int(value)

    def count(self) -> int:
        return self.take(">q" if self.version == 5 else ">i")

    def bytes_(self, size: int) -> bytes:
        if size < 0 or self.at + size > len(self.raw):
            raise Damaged(f"{self.path}: its header ends early; it was cut off or is damaged")
        found = self.raw[self.at : self.at + size]
        self.at += (size + 3) // 4 * 4
        return found

    def name(self) -> str:
        return self.bytes_(self.count()).decode("utf-8", "replace")

    def list_length(self) -> int:
        self.take(">i")
        n = self.count()
        if not 0 <= n <= _most:
            raise Damaged(f"{self.path}: a list of {n} entries; the header is damaged")
        return n

    def attributes(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for _ in range(self.list_length()):
            name = self.name()
            kind = self.take(">i")
            count = self.count()
            if kind not in _types:
                raise Damaged(f"{self.path}: attribute '{name}' is of an unknown type {kind}")
            dtype = np.dtype(_types[kind])
            raw = self.bytes_(count * dtype.itemsize)
            if kind == 2:
                found[name] = raw.decode("utf-8", "replace").rstrip("\0")
            else:
                values = np.frombuffer(raw, dtype)
                found[name] = values.item() if count == 1 else values
        return found


class NetcdfFile:
    """A file in the classic format: `variables` by name, `attributes` of the whole."""

    def __init__(self, path: AnyPath) -> None:
        self.path = path = Path(path)
        require_file(path)
        with path.open("rb") as file:
            raw = file.read(1 << 20)
        if raw[:3] != b"CDF" or raw[3:4] not in (b"\x01", b"\x02", b"\x05"):
            kind = kind_of_bytes(raw[:64])
            raise NotOurs(f"{path} is no classic NetCDF file" + (f", but {kind}" if kind else ""))
        head = _Header(path, raw)
        self.records = head.count()
        dims = [(head.name(), head.count()) for _ in range(head.list_length())]
        self.attributes = head.attributes()
        self.variables: dict[str, Variable] = {}
        sizes = []
        for _ in range(head.list_length()):
            variable = self._variable(head, dims)
            sizes.append((variable, self._record_bytes(variable)))
            self.variables[variable.name] = variable
        by_record = [size for variable, size in sizes if variable.by_record]
        self.record_bytes = sum(by_record)
        if len(by_record) == 1:  # the only one is not padded
            only = next(v for v, _ in sizes if v.by_record)
            self.record_bytes = int(np.prod(only.shape[1:], dtype=int)) * only.dtype.itemsize
        if self.records < 0:
            raise Damaged(f"{path}: its number of times is not known; it is being written")

    def _variable(self, head: _Header, dims: list[tuple[str, int]]) -> Variable:
        name = head.name()
        ids = [head.count() for _ in range(head.count())]
        if any(not 0 <= n < len(dims) for n in ids):
            raise Damaged(f"{self.path}: '{name}' has an axis that is not there")
        attributes = head.attributes()
        kind = head.take(">i")
        head.count()  # its size, which follows from shape and type
        begin = head.take(">i" if head.version == 1 else ">q")
        by_record = bool(ids) and dims[ids[0]][1] == 0
        shape = tuple(dims[n][1] or self.records for n in ids)
        if kind not in _types:
            raise Damaged(f"{self.path}: '{name}' is of an unknown type {kind}")
        names = tuple(dims[n][0] for n in ids)
        return Variable(name, names, shape, np.dtype(_types[kind]), begin, by_record, attributes)

    def _record_bytes(self, v: Variable) -> int:
        inner = v.shape[1:] if v.by_record else v.shape
        return (int(np.prod(inner, dtype=int)) * v.dtype.itemsize + 3) // 4 * 4

    def read(self, v: Variable, first: int, last: int) -> Array:
        """Of a variable with records those from `first` to before `last`; else all of it."""
        inner = v.shape[1:] if v.by_record else v.shape
        count = int(np.prod(inner, dtype=object))
        size = count * v.dtype.itemsize
        if count < 0 or size > self.path.stat().st_size:
            raise Damaged(f"{self.path} is shorter than '{v.name}': it was cut off or is damaged")
        with reading(self.path), self.path.open("rb") as file:
            parts = []
            for n in range(first, last) if v.by_record else [0]:
                file.seek(v.begin + (n * self.record_bytes if v.by_record else 0))
                raw = file.read(size)
                if len(raw) != size:
                    raise Damaged(f"{self.path} ends within '{v.name}': it was cut off")
                parts.append(np.frombuffer(raw, v.dtype).reshape(inner))
        if not v.by_record:
            return parts[0]
        return np.stack(parts) if parts else np.empty((0, *inner), v.dtype)

    def values(self, name: str) -> Array:
        v = self.variables[name]
        return self.read(v, 0, v.shape[0] if v.by_record else 0)


class _Source:
    def __init__(self, file: NetcdfFile, v: Variable) -> None:
        self.file, self.v = file, v
        self.shape, self.dtype = v.shape, v.dtype

    def read(self, key: Key) -> Array:
        if not self.v.by_record:
            return self.file.read(self.v, 0, 0)[key]
        first = key[0]
        if isinstance(first, int):
            return np.asarray(self.file.read(self.v, first, first + 1)[0][key[1:]])
        begin, end, step = first.indices(self.shape[0])
        return self.file.read(self.v, begin, end)[(slice(None, None, step), *key[1:])]


class NetcdfFields:
    """fields.nc. `times` (s), `fields` [time, lat, lon], `cell_area` (m2, [lat, lon])."""

    def __init__(self, path: AnyPath) -> None:
        self.path = path = Path(path)
        self.file = NetcdfFile(path)
        self.attributes = self.file.attributes
        variables = self.file.variables
        if "time" not in variables:
            raise NotOurs(f"{path} has no times; fields.nc of this program does")
        self.times = self.file.values("time").astype(float)

    @property
    def fields(self) -> Fields:
        variables = self.file.variables
        dims = {dim for v in variables.values() for dim in v.dims}
        coords: dict[str, Coordinate] = {}
        for dim in sorted(dims & set(variables)):
            unit = "s" if dim == "time" else variables[dim].attributes.get("units", "")
            coords[dim] = coordinate(dim, unit, self.file.values(dim).astype(float))
        found = {}
        for name, v in variables.items():
            if name in dims or "bnds" in v.dims or not v.dims:
                continue
            own = {dim: coords[dim] for dim in v.dims if dim in coords}
            unit, words = v.attributes.get("units", ""), v.attributes.get("long_name", "")
            found[name] = Field(name, unit, v.dims, _Source(self.file, v), own, words)
        return Fields(found, str(self.path))

    def to_xarray(self) -> Any:
        return self.fields.to_xarray()

    def __repr__(self) -> str:
        return f"<NetcdfFields {self.path}, {len(self.times)} times: {', '.join(self.fields)}>"
