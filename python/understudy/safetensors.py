"""Weights: named arrays in Hugging Face's safetensors format, and the checksum that ours have."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from .errors import Damaged, Missing, NotOurs, listed
from .fields import Array
from .files import AnyPath, reading, require_file

_types = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2",
    "I8": "i1", "U8": "u1", "BOOL": "?", "BF16": "<u2",
}
_longest_header = 100_000_000
_mask = (1 << 64) - 1


class Tensors(Mapping[str, Array]):
    """Arrays by name, each read when it is asked for; `texts`: what the file says beside them.

    BF16, which NumPy lacks, comes as float32.
    """

    def __init__(self, path: AnyPath) -> None:
        self.path = path = Path(path)
        require_file(path)
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(8)
            length = struct.unpack("<Q", start)[0] if len(start) == 8 else 0
            if not 2 <= length <= min(_longest_header, size - 8):
                raise NotOurs(f"{path} is no safetensors file, or was cut off")
            head = file.read(length)
        try:
            entries: dict[str, Any] = json.loads(head)
            self.texts: dict[str, str] = entries.pop("__metadata__", {})
            self._data_at = 8 + length
            self._entries = {name: _entry(e, size - self._data_at) for name, e in entries.items()}
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Damaged(f"{path}: its header is damaged: {error}") from error

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def shape(self, name: str) -> tuple[int, ...]:
        return self._find(name)[1]

    def __getitem__(self, name: str) -> Array:
        kind, shape, _, _ = self._find(name)
        values = np.frombuffer(self._bytes(name), _types[kind])
        if kind == "BF16":
            values = (values.astype("<u4") << 16).view("<f4")
        return values.reshape(shape)

    def verify(self) -> None:
        """Damaged where the checksum in the file is not that of its content; of files without one
        nothing is known."""
        written = self.texts.get("checksum")
        if written is None:
            return
        found = _Checksum()
        for name in self._entries:
            kind, shape, _, _ = self._entries[name]
            found.add(name.encode())
            found.add(kind.encode())
            found.add(np.asarray(shape, "<i8").tobytes())
            found.add(self._bytes(name))
        for name in sorted(self.texts, key=lambda text: text.encode()):
            if name != "checksum":
                found.add(name.encode())
                found.add(self.texts[name].encode())
        if f"{found.value:016x}" != written:
            raise Damaged(f"{self.path} is damaged: its checksum does not fit its content")

    def _find(self, name: str) -> tuple[str, tuple[int, ...], int, int]:
        if name not in self._entries:
            raise Missing(f"{self.path} has no array '{name}'; it has {listed(self._entries)}")
        return self._entries[name]

    def _bytes(self, name: str) -> bytes:
        _, _, begin, end = self._entries[name]
        with reading(self.path), self.path.open("rb") as file:
            file.seek(self._data_at + begin)
            return file.read(end - begin)

    def __repr__(self) -> str:
        return f"<Tensors {self.path}: {len(self)} arrays>"


def _entry(entry: Any, room: int) -> tuple[str, tuple[int, ...], int, int]:
    kind, shape = entry["dtype"], tuple(int(n) for n in entry["shape"])
    begin, end = (int(n) for n in entry["data_offsets"])
    wanted = int(np.prod(shape, dtype=object)) * np.dtype(_types[kind]).itemsize
    if not 0 <= begin <= end <= room or end - begin != wanted or any(n < 0 for n in shape):
        raise ValueError("an array lies outside the file")
    return kind, shape, begin, end


class _Checksum:
    """FNV-1a over words of 8 bytes, the rest byte by byte, as core of the format's writer has it."""

    def __init__(self) -> None:
        self.value = 14695981039346656037

    def add(self, raw: bytes) -> None:
        value = self._step(self.value, len(raw))
        whole = len(raw) // 8 * 8
        words: list[int] = list(map(int, np.frombuffer(raw[:whole], "<u8")))
        for word in words:
            value = ((value ^ word) * 1099511628211) & _mask
            value ^= value >> 32
        for byte in raw[whole:]:
            value = self._step(value, byte)
        self.value = value

    @staticmethod
    def _step(value: int, word: int) -> int:
        value = ((value ^ word) * 1099511628211) & _mask
        return value ^ (value >> 32)
