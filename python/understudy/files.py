"""Files before anything is known of them: there, finished, of what kind, damaged."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Union

from .errors import Damaged, Missing, NotOurs, UnderstudyError, Unfinished

AnyPath = Union[str, "os.PathLike[str]"]

_kinds = (
    (b"version https://git-lfs", "a Git LFS pointer: `git lfs pull` fetches the file"),
    (b"PK\x03\x04", "a zip archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x93NUMPY", "a NumPy file"),
    (b"<!DOCTYPE", "a web page: was a download refused?"),
    (b"<html", "a web page: was a download refused?"),
    (b"CDF", "a classic NetCDF file"),
)


def kind_of_bytes(start: bytes) -> str:
    """What a file that begins so may be, in words; '' if that is not known."""
    for magic, words in _kinds:
        if start.lstrip()[: len(magic)].lower() == magic.lower():
            return words
    return ""


def is_unfinished(path: Path) -> bool:
    """Has it a name under which the program writes before it renames?"""
    return path.suffix in (".part", ".partial")


def require_finished(path: Path) -> None:
    if is_unfinished(path):
        raise Unfinished(
            f"{path} is half-written: its writer works on it, or was stopped; "
            "the program renames such files when they are complete"
        )


def require_file(path: Path) -> None:
    if path.is_dir():
        raise NotOurs(f"{path} is a folder; a file is wanted")
    if not path.exists():
        raise Missing(f"there is no {path}")
    require_finished(path)
    if not path.is_file():  # what it holds may never come
        raise NotOurs(f"{path} is a pipe or a device; a file is wanted")


# What readers meet in files whose bytes are not what was written.
_strange = (
    OSError, RuntimeError, KeyError, ValueError, TypeError, AttributeError, IndexError, OverflowError,
    ArithmeticError, struct.error,
)


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Whatever a reader stumbles over within is damage of this file."""
    try:
        yield
    except UnderstudyError:
        raise
    except _strange as error:
        raise Damaged(f"{path} is damaged: {type(error).__name__}: {short(error)}") from error


def short(error: Exception) -> str:
    """What an error of libHDF5 says, without its trimmings."""
    text = str(error)
    return text[text.find("(") + 1 : text.rfind(")")] if "(" in text else text
