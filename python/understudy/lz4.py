"""Blocks compressed by LZ4, as VTK's writers make them (the block format of Collet 2011).

In pure Python; the package `lz4`, where it is installed, does the same faster.
"""

from __future__ import annotations

try:
    import lz4.block as _fast
except ImportError:
    _fast = None


class BadBlock(ValueError):
    """The bytes are no such block."""


def decompress(block: bytes, size: int) -> bytes:
    """The `size` bytes that were compressed."""
    if size > 255 * len(block) + 64:  # the most that the format can pack
        raise BadBlock(f"{size} bytes cannot have been packed into {len(block)}")
    if _fast is not None:
        try:
            return bytes(_fast.decompress(block, uncompressed_size=size))
        except Exception as error:
            raise BadBlock(str(error)) from error
    try:
        out = _decompress(block, size)
    except IndexError as error:
        raise BadBlock("it ends within a sequence") from error
    if len(out) != size:
        raise BadBlock(f"it holds {len(out)} bytes; {size} are wanted")
    return bytes(out)


def _decompress(block: bytes, size: int) -> bytearray:
    # Sequences: a token (lengths of literals and match), literals, the match's distance back.
    out = bytearray()
    at, end = 0, len(block)
    while at < end:
        token = block[at]
        at += 1
        length = token >> 4
        if length == 15:
            length, at = _longer(block, at, length)
        if at + length > end:
            raise BadBlock("its literals go beyond its end")
        out += block[at : at + length]
        at += length
        if at >= end:
            break
        distance = block[at] | block[at + 1] << 8
        at += 2
        length = token & 15
        if length == 15:
            length, at = _longer(block, at, length)
        length += 4
        begin = len(out) - distance
        if distance == 0 or begin < 0 or len(out) + length > size:
            raise BadBlock("a match lies outside what was decompressed")
        if length <= distance:
            out += out[begin : begin + length]
        else:  # it overlaps itself: a pattern, repeated
            pattern = out[begin:]
            out += (pattern * (length // distance + 1))[:length]
    return out


def _longer(block: bytes, at: int, length: int) -> tuple[int, int]:
    while True:
        more = block[at]
        at += 1
        length += more
        if more != 255:
            return length, at
