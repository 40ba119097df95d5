"""A SEG-Y revision 1 writer of its own, by numpy, as others would write one: byte positions of the standard."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

# first byte of the field, from 1, and its length
_trace = {
    "sequence": (5, 4), "record": (9, 4), "number": (13, 4), "kind": (29, 2), "receiver_elevation": (41, 4),
    "surface_elevation": (45, 4), "source_depth": (49, 4), "elevation_scalar": (69, 2),
    "scalar": (71, 2), "source_x": (73, 4), "source_y": (77, 4), "receiver_x": (81, 4),
    "receiver_y": (85, 4), "samples": (115, 2), "interval": (117, 2), "ensemble_x": (181, 4),
}


def ibm(values: Any) -> bytes:
    """By the hexadecimal digits of |value| = 0.d1 d2 ... d6 times 16^n, cut off behind the sixth."""
    out = b""
    for value in np.ravel(values):
        left, power = abs(float(value)), 0
        while left >= 1:
            left, power = left / 16, power + 1
        while 0 < left < 1 / 16:
            left, power = left * 16, power - 1
        sign = 128 if value < 0 else 0
        out += bytes([sign + 64 + power if left else 0]) + int(left * 2**24).to_bytes(3, "big")
    return out


def header(count: int, fields: dict[str, tuple[int, int]], values: dict[str, int]) -> bytes:
    out = bytearray(count)
    for name, value in values.items():
        place, length = fields[name]
        out[place - 1 : place - 1 + length] = int(value).to_bytes(length, "big", signed=value < 0)
    return bytes(out)


def write(path: Path, traces: Any, interval: int, headers: list[dict[str, int]], form: int = 5) -> None:
    """traces [trace, sample]; headers: what each trace's has beside samples and interval."""
    traces = np.asarray(traces)
    lines = ["C 1 MADE BY AN INDEPENDENT WRITER".ljust(80)] + [f"C{n:2d}".ljust(80) for n in range(2, 41)]
    binary = bytearray(400)
    for place, value in ((3217, interval), (3221, traces.shape[1]), (3225, form), (3501, 256), (3503, 1)):
        binary[place - 3201 : place - 3199] = value.to_bytes(2, "big")
    body = b""
    for n, (trace, extra) in enumerate(zip(traces, headers)):
        all_of_it = {"sequence": n + 1, "samples": len(trace), "interval": interval, **extra}
        body += header(240, _trace, all_of_it)
        body += ibm(trace) if form == 1 else trace.astype(">f4").tobytes()
    path.write_bytes("".join(lines).encode("cp037") + bytes(binary) + body)
