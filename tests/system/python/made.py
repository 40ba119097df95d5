"""What the tests read: small decks, run once by the built program into a folder of their own."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

import understudy

decks = Path(__file__).resolve().parent / "decks"
source = Path(__file__).resolve().parents[3]
os.environ.setdefault("OMP_NUM_THREADS", "1")


@lru_cache(maxsize=1)
def scratch() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="understudy_python_"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _wake(out: Path) -> None:
    understudy.study(decks / "wake.yaml", out=out)
    understudy.run(decks / "wake.yaml", {"swap.policy": "never"}, out=out)


def _two_ranks(out: Path) -> None:
    settings = {"swap.policy": "never", "time.end_s": 2.0}
    understudy.run(decks / "wake.yaml", settings, out=out, ranks=2)


_assimilation = source / "inputs/flow/taylor_green_assimilation.yaml"
_few_steps = {
    "grid.cells": [12, 12], "time.end_s": 0.5, "assimilation.twin.points": 100, "assimilation.iterations": 2,
}

_makers = {
    "wake": _wake,
    "two_ranks": _two_ranks,
    "waves": lambda out: understudy.run(decks / "waves.yaml", out=out),
    "inverted": lambda out: understudy.start("invert", decks / "waves.yaml", out=out),
    "assimilated": lambda out: understudy.start("invert", _assimilation, _few_steps, out=out),
    "pairs": lambda out: understudy.study(decks / "pairs.yaml", out=out),
    "points": lambda out: understudy.run(decks / "points.yaml", out=out),
    "burgers": lambda out: understudy.start("pinn", decks / "burgers.yaml", out=out),
    "sphere": lambda out: understudy.run(decks / "sphere.yaml", out=out),
    "bubble": lambda out: understudy.run(decks / "bubble.yaml", out=out),
    "box": lambda out: understudy.run(decks / "box.yaml", out=out),
}


@lru_cache(maxsize=1)
def _all() -> dict[str, Path]:
    folders = {name: scratch() / "out" / name for name in _makers}
    with ThreadPoolExecutor(2) as pool:  # the test asks for two cores
        calls = [pool.submit(make, folders[name]) for name, make in _makers.items()]
        for call in calls:
            call.result()
    return folders


def folder(name: str) -> Path:
    return _all()[name]


def run(name: str) -> understudy.Run:
    return understudy.open_run(folder(name))


def copy(path: Path, name: str) -> Path:
    """Of a file or folder, to be damaged."""
    to = scratch() / "copies" / name
    to.parent.mkdir(exist_ok=True)
    if to.is_dir():
        shutil.rmtree(to)
    if path.is_dir():
        shutil.copytree(path, to)
    else:
        shutil.copy(path, to)
    return to
