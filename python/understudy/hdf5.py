"""Opening HDF5 files: what is not ours, half-written or damaged is said in words.

A file is open only while something of it is read. Links and virtual datasets that lead into other
files are not followed: files are passed on, and none may read what else lies on the reader's disk.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from .errors import Damaged, Missing, NotOurs, listed
from .fields import Array, Key
from .files import kind_of_bytes, reading, require_file, short

_signature = b"\x89HDF\r\n\x1a\n"


def require_hdf5(path: Path) -> None:
    require_file(path)
    with path.open("rb") as file:
        start = file.read(64)
    if not start:
        raise Damaged(f"{path} is empty: was its writer stopped, or the disk full?")
    if not start.startswith(_signature):
        kind = kind_of_bytes(start)
        raise NotOurs(f"{path} is no HDF5 file" + (f", but {kind}" if kind else ""))


@contextmanager
def opened(path: str | os.PathLike[str]) -> Iterator[Any]:
    """The file, for reading, as h5py.File."""
    path = Path(path)
    require_hdf5(path)
    try:
        file = h5py.File(path, "r")
    except OSError as error:
        raise Damaged(f"{path} cannot be opened: {short(error)}. Was it cut off?") from error
    try:
        with reading(path):
            yield file
    finally:
        file.close()


def has(group: Any, name: str) -> bool:
    """Is there such an object in this file itself?"""
    part: Any = group
    for step in name.strip("/").split("/"):
        if not isinstance(part, h5py.Group) or step not in part:
            return False
        if not isinstance(part.get(step, getlink=True), h5py.HardLink):
            return False
        part = part[step]
    return True


def dataset(file: Any, name: str) -> Any:
    """The dataset of this name; an error where there is none, or its values lie elsewhere."""
    if not has(file, name) or not isinstance(file[name], h5py.Dataset):
        raise Missing(f"{file.filename} has no dataset '{name}'; it has: {listed(names(file))}")
    found = file[name]
    if found.is_virtual or found.external:
        raise NotOurs(f"{file.filename}: the values of '{name}' lie in other files; not read")
    return found


def names(group: Any) -> list[str]:
    """Of the datasets directly in a group."""
    return [n for n in group if has(group, n) and isinstance(group[n], h5py.Dataset)]


def plain(value: Any) -> Any:
    """An attribute as Python's own type, or an array of more than one number."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, np.ndarray):
        if value.dtype.kind in "OSU":
            return [plain(v) for v in value.ravel().tolist()]
        return value
    if isinstance(value, np.generic):
        return value.item()
    return value


def attribute(thing: Any, name: str, otherwise: Any = None) -> Any:
    return plain(thing.attrs[name]) if name in thing.attrs else otherwise


def attributes(thing: Any) -> dict[str, Any]:
    return {name: plain(value) for name, value in thing.attrs.items()}


def text_unit(thing: Any) -> str:
    """The unit that a dataset says it has; '' if none."""
    for name in ("unit", "units"):
        unit = attribute(thing, name)
        if isinstance(unit, str):
            return unit
    return ""


class Hdf5Source:
    """A dataset, read piece by piece. `permute`: the order of its axes in which it is shown."""

    def __init__(self, path: Path, data: Any, permute: tuple[int, ...] | None = None) -> None:
        self.path = path
        self.name = str(data.name)
        self.permute = permute or tuple(range(data.ndim))
        self.shape = tuple(int(data.shape[n]) for n in self.permute)
        self.dtype = data.dtype

    def read(self, key: Key) -> Array:
        stored: list[Any] = [0] * len(self.permute)
        for place, axis in enumerate(self.permute):
            stored[axis] = key[place]
        with opened(self.path) as file:
            values = np.asarray(dataset(file, self.name)[tuple(stored)])
        kept = [axis for axis in self.permute if isinstance(stored[axis], slice)]
        return values.transpose([sorted(kept).index(axis) for axis in kept])
