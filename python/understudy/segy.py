"""SEG-Y revision 1 by numpy: traces of one length behind headers of 240 bytes, all big-endian."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from .errors import Damaged, NotOurs
from .fields import Array
from .files import kind_of_bytes, require_file

_head = 3600
_samples = {1: ">u4", 2: ">i4", 3: ">i2", 5: ">f4", 8: ">i1"}
# name, first byte from 1, type
_places = (
    ("record", 9, ">i4"), ("source_point", 17, ">i4"), ("kind", 29, ">i2"),
    ("receiver_elevation", 41, ">i4"), ("surface_elevation", 45, ">i4"), ("source_depth", 49, ">i4"),
    ("elevation_scalar", 69, ">i2"), ("scalar", 71, ">i2"), ("source_x", 73, ">i4"),
    ("source_y", 77, ">i4"), ("receiver_x", 81, ">i4"), ("receiver_y", 85, ">i4"),
    ("samples", 115, ">u2"), ("interval", 117, ">u2"), ("middle_x", 181, ">i4"), ("unit", 203, ">i2"),
)
_suffixes = (".sgy", ".segy")


def is_segy(path: Path) -> bool:
    return path.suffix.lower() in _suffixes


def from_ibm(bits: Array) -> Array:
    """IBM's floats of four bytes as float64."""
    words = bits.astype(np.uint32)
    exponent = 4 * ((words >> 24 & 0x7F).astype(np.int32) - 64) - 24
    value = np.ldexp((words & 0xFFFFFF).astype(np.float64), exponent)
    return np.where(words >> 31 == 1, -value, value)


class SegyFile:
    """Headers and traces of a file. `text` (40 lines), `interval` as it stands in the header,
    `traces` [trace, sample] as float64, and by trace, in metres: `sources`, `receivers` [trace, 3] (x, y,
    depth below elevation 0), `middle_x`; `header(name)` has what else is read.
    """

    def __init__(self, path: Path) -> None:
        require_file(path)
        self.path = path
        raw = path.read_bytes()
        if len(raw) < _head:
            kind = kind_of_bytes(raw[:64])
            words = f"no SEG-Y file, but {kind}" if kind else f"cut off: it has {len(raw)} bytes"
            raise (NotOurs if kind else Damaged)(f"{path} is {words}")
        start = raw[:3200]
        text = start.decode("latin-1" if start[:1] in (b"C", b"(") else "cp037")
        self.text = [text[80 * n : 80 * n + 80] for n in range(40)]
        form, revision, extended = self._number(raw, 3225), self._number(raw, 3501), self._number(raw, 3505)
        if form not in _samples or not 0 <= revision < 0x0200:
            little = form >> 8 in _samples and form & 0xFF == 0
            words = "little-endian" if little else f"of sample format {form}, revision {revision / 256:g}"
            raise NotOurs(f"{path} is no SEG-Y that is read here: it is {words}")
        self._headers, samples = self._cut(raw, form, self._after_text(raw, extended))
        self.traces: Array = from_ibm(samples) if form == 1 else samples.astype(np.float64)
        if not np.all(np.isfinite(self.traces)):
            raise Damaged(f"{path} has samples that are not finite")
        self.interval = self._number(raw, 3217, ">u2") or int(self.header("interval")[0])
        if not self.interval or np.any((self.header("interval") != self.interval) & (self.header("interval") != 0)):
            raise NotOurs(f"{path} has an interval of 0, or traces of different intervals")
        self._length = 0.3048 if self._number(raw, 3255) == 2 else 1.0
        zero = np.zeros(len(self.traces))
        across, up = self._scale("scalar"), self._scale("elevation_scalar")
        h = self.header
        depth = (h("source_depth") - h("surface_elevation").astype(float)) * up
        self.sources: Array = np.stack([h("source_x") * across, h("source_y") * across, depth], axis=1)
        self.receivers: Array = np.stack(
            [h("receiver_x") * across, h("receiver_y") * across, zero - h("receiver_elevation") * up], axis=1
        )
        self.middle_x: Array = h("middle_x") * across

    def header(self, name: str) -> Array:
        return np.asarray(self._headers[name])

    @staticmethod
    def _number(raw: bytes, place: int, kind: str = ">i2") -> int:
        return int(np.frombuffer(raw, kind, 1, place - 1)[0])

    def _after_text(self, raw: bytes, extended: int) -> int:
        if extended >= 0:
            return _head + 3200 * extended
        for end in range(_head + 3200, len(raw) + 1, 3200):
            block = raw[end - 3200 : end]
            if any("((seg: endtext))" in block.decode(code).lower() for code in ("latin-1", "cp037")):
                return end
        raise Damaged(f"{self.path} is cut off in its extended textual headers")

    def _cut(self, raw: bytes, form: int, begin: int) -> tuple[Array, Array]:
        count = self._number(raw, 3221, ">u2")
        if count == 0 and len(raw) >= begin + 240:
            count = self._number(raw, begin + 115, ">u2")
        size = 240 + count * np.dtype(_samples[form]).itemsize
        if count == 0 or len(raw) <= begin or (len(raw) - begin) % size != 0:
            raise Damaged(
                f"{self.path} has {len(raw) - begin} bytes behind its headers, no whole number of traces of "
                f"{count} samples: it is cut off, or its traces have different lengths"
            )
        layout = np.dtype({
            "names": [*(name for name, _, _ in _places), "values"],
            "formats": [*(kind for _, _, kind in _places), (_samples[form], (count,))],
            "offsets": [*(place - 1 for _, place, _ in _places), 240],
            "itemsize": size,
        })
        headers = np.frombuffer(raw, layout, offset=begin)
        if np.any((headers["samples"] != count) & (headers["samples"] != 0)):
            raise NotOurs(f"{self.path} has traces of different lengths")
        return headers, np.asarray(headers["values"])

    def _scale(self, name: str) -> Any:
        scalar = self.header(name).astype(float)
        scale = np.where(scalar > 0, scalar, 1.0)
        return self._length * np.divide(1.0, -scalar, out=scale, where=scalar < 0)

    def shots(self) -> list[Array]:
        """The traces of each shot, by their places in the file."""
        for name in ("record", "source_point"):
            if np.any(self.header(name) != 0):
                keys = self.header(name).reshape(-1, 1)
                break
        else:
            keys = self.sources
        _, first, which = np.unique(keys, axis=0, return_index=True, return_inverse=True)
        which = which.reshape(-1)
        found = [np.flatnonzero(which == n) for n in np.argsort(first)]
        same = all(
            len(one) == len(found[0]) and np.array_equal(self.receivers[one], self.receivers[found[0]])
            for one in found
        )
        if not same:
            raise NotOurs(f"{self.path}: its shots do not have the same receivers")
        return found
