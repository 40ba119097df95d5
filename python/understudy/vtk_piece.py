"""A VTK file's header, and the arrays behind it: what vtk.py builds on."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np

from .errors import Damaged, NotOurs
from .fields import Array
from .files import reading, require_file
from .lz4 import BadBlock, decompress

_types = {
    "Float64": "f8", "Float32": "f4", "Int64": "i8", "UInt64": "u8", "Int32": "i4", "UInt32": "u4",
    "Int16": "i2", "UInt16": "u2", "Int8": "i1", "UInt8": "u1", "String": "u1",
}
_longest_header = 1 << 24
_most_packed = 1100  # no compressor makes a byte of more


@dataclass(frozen=True)
class ArrayPlace:
    """An array of a piece: its type, numbers a cell and place behind the header."""

    dtype: str
    components: int
    offset: int


@dataclass
class Piece:
    """What the header of a .vti or .vtu file says."""

    path: Path
    kind: str  # ImageData or UnstructuredGrid
    header_type: str
    compressor: str
    order: str  # < or >
    data_at: int
    extent: tuple[int, ...] = ()
    origin: tuple[float, ...] = ()
    spacing: tuple[float, ...] = ()
    cells: int = 0
    at_points: bool = False  # values stand at the corners of cells (output.vtk_data: point)
    arrays: dict[str, ArrayPlace] = field(default_factory=dict)
    grid: dict[str, ArrayPlace] = field(default_factory=dict)  # Points, connectivity
    moment: dict[str, ArrayPlace] = field(default_factory=dict)  # TimeValue, unit:<field>...

    def counts(self) -> list[int]:
        """Numbers of values along z, y, x."""
        return points_of(self.extent) if self.at_points else cells_of(self.extent)

    def read(self, place: ArrayPlace) -> Array:
        """All values, [cell] or [cell, component]."""
        dtype = np.dtype(self.order + place.dtype)
        with reading(self.path), self.path.open("rb") as file:
            file.seek(self.data_at + place.offset)
            raw = _raw(file, self)
        if len(raw) % (dtype.itemsize * place.components):
            raise Damaged(f"{self.path} is damaged: an array has {len(raw)} bytes")
        values = np.frombuffer(raw, dtype)
        return values.reshape(-1, place.components) if place.components > 1 else values

    def text(self, place: ArrayPlace) -> str:
        return bytes(self.read(place)).split(b"\0")[0].decode("utf-8", "replace")


def _numbers(file: Any, count: int, piece: Piece) -> list[int]:
    dtype = np.dtype(piece.order + piece.header_type)
    raw = file.read(count * dtype.itemsize)
    if len(raw) != count * dtype.itemsize:
        raise Damaged(f"{piece.path} ends before its data do: it was cut off")
    return [int(n) for n in np.frombuffer(raw, dtype)]


def _raw(file: Any, piece: Piece) -> bytes:
    if not piece.compressor:
        (size,) = _numbers(file, 1, piece)
        return _exactly(file, size, piece)
    (blocks,) = _numbers(file, 1, piece)
    size, last = _numbers(file, 2, piece)
    left = piece.path.stat().st_size
    if blocks > left:  # each has a size in the header
        raise Damaged(f"{piece.path} is damaged: an array of {blocks} blocks")
    packed = _numbers(file, blocks, piece)
    parts = []
    for n, length in enumerate(packed):
        wanted = last if n == blocks - 1 and last else size
        block = _exactly(file, length, piece)
        try:
            if piece.compressor == "vtkLZ4DataCompressor":
                parts.append(decompress(block, wanted))
            else:
                parts.append(zlib.decompressobj().decompress(block, wanted))
        except (BadBlock, zlib.error) as error:
            raise Damaged(f"{piece.path} is damaged: a compressed block: {error}") from error
    return b"".join(parts)


def _exactly(file: Any, size: int, piece: Piece) -> bytes:
    left = piece.path.stat().st_size - file.tell()
    if size > left:
        raise Damaged(f"{piece.path} ends before its data do: it was cut off")
    return bytes(file.read(size))


# --- headers ------------------------------------------------------------------------------------


def read_xml(path: Path) -> tuple[ElementTree.Element, int]:
    """The XML up to the appended data, and where these begin (0: there are none)."""
    require_file(path)
    with path.open("rb") as file:
        head = file.read(1 << 14)
        while b"<AppendedData" not in head[:-200] and len(head) < _longest_header:
            more = file.read(len(head))
            if not more:
                break
            head += more
    if b"<VTKFile" not in head[:4096]:
        raise NotOurs(f"{path} is no VTK file in XML")
    if b"<!" in head[: head.find(b"<VTKFile")]:
        raise NotOurs(f"{path} declares XML entities: not read")
    at = head.find(b"<AppendedData")
    data_at = 0
    if at >= 0:
        begin = head.find(b"_", head.find(b">", at))
        if b"raw" not in head[at : head.find(b">", at)]:
            raise NotOurs(f"{path}: its appended data are not raw; VTK's own readers open it")
        data_at = begin + 1
        head = head[:at] + b"</VTKFile>"
    try:
        return ElementTree.fromstring(head), data_at
    except ElementTree.ParseError as error:
        raise Damaged(f"{path} is damaged: {error}. Was it cut off?") from error


def _places(parent: ElementTree.Element | None, path: Path) -> dict[str, ArrayPlace]:
    found: dict[str, ArrayPlace] = {}
    for one in parent if parent is not None else []:
        name, kind = one.get("Name", ""), one.get("type", "")
        if kind not in _types or one.get("format") != "appended":
            raise NotOurs(
                f"{path}: array '{name}' is of type {kind}, format {one.get('format')}; "
                "read are numbers that are appended"
            )
        places = int(one.get("NumberOfComponents", "1"))
        found[name] = ArrayPlace(_types[kind], places, int(one.get("offset", "0")))
    return found


def _floats(text: str) -> tuple[float, ...]:
    return tuple(float(word) for word in text.split())


def integers(text: str) -> tuple[int, ...]:
    return tuple(int(word) for word in text.split())


def read_piece(path: Path) -> Piece:
    """The header of a .vti or .vtu file; no values."""
    root, data_at = read_xml(path)
    kind = root.get("type", "")
    body = root.find(kind) if kind in ("ImageData", "UnstructuredGrid") else None
    if body is None or data_at == 0:
        raise NotOurs(f"{path}: a VTK file of type {kind or 'unknown'}; read are .vti and .vtu")
    pieces = body.findall("Piece")
    compressor = root.get("compressor", "")
    if len(pieces) != 1 or compressor not in ("", "vtkLZ4DataCompressor", "vtkZLibDataCompressor"):
        raise NotOurs(f"{path}: {len(pieces)} pieces, compressor '{compressor}'; not read")
    piece = Piece(
        path, kind, _types.get(root.get("header_type", "UInt32"), "u4"), compressor,
        ">" if root.get("byte_order") == "BigEndian" else "<", data_at,
        arrays=_places(pieces[0].find("CellData"), path),
        moment=_places(body.find("FieldData"), path),
    )
    if not piece.arrays and kind == "ImageData":
        piece.arrays = _places(pieces[0].find("PointData"), path)
        piece.at_points = bool(piece.arrays)
    if kind == "ImageData":
        piece.extent = integers(pieces[0].get("Extent", ""))
        piece.origin = _floats(body.get("Origin", "0 0 0"))
        piece.spacing = _floats(body.get("Spacing", "1 1 1"))
        piece.cells = int(np.prod(cells_of(piece.extent), dtype=object))
    else:
        piece.cells = int(pieces[0].get("NumberOfCells", "0"))
        piece.grid = _places(pieces[0].find("Points"), path)
        piece.grid.update(_places(pieces[0].find("Cells"), path))
    if not 0 <= piece.cells <= _most_packed * path.stat().st_size:
        raise Damaged(f"{path} is damaged: {piece.cells} cells do not fit into it")
    return piece


def points_of(extent: tuple[int, ...]) -> list[int]:
    """Numbers of corners along z, y, x."""
    return [extent[2 * a + 1] - extent[2 * a] + 1 for a in (2, 1, 0)]


def cells_of(extent: tuple[int, ...]) -> list[int]:
    """Numbers of cells along z, y, x; an axis without extent has one."""
    return [max(1, extent[2 * a + 1] - extent[2 * a]) for a in (2, 1, 0)]
