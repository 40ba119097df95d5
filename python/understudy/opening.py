"""open(): any file or folder of the program as what it is."""

from __future__ import annotations

import builtins
import os
from pathlib import Path
from typing import Any, Union

from .cards import read_card
from .checkpoint import Checkpoint
from .datasets import Dataset, Pairs, Points, Sample
from .errors import Missing, NotOurs, Unfinished, listed
from .files import is_unfinished, kind_of_bytes, reading, require_file
from .hdf5 import attribute, names, opened
from .models import Model
from .netcdf import NetcdfFields
from .runs import Run, Study, is_output_folder
from .safetensors import Tensors
from .segy import SegyFile, is_segy
from .seismic import EarthModel, Gathers, Inversion
from .summary import Summary
from .tables import Table, read_table
from .vtk import VtkSeries
from .vtkhdf import VtkHdfSeries

Opened = Union[
    Run, Dataset, Pairs, Points, Sample, Checkpoint, Gathers, EarthModel, Inversion, Model,
    VtkSeries, VtkHdfSeries, NetcdfFields, Table, Summary, Tensors, "dict[str, Any]",
]


def open(path: str | os.PathLike[str]) -> Opened:  # noqa: A001
    """What lies at `path`.

    Folders: Run or Study (an output folder), Dataset, Pairs, Points, Model. Files: Checkpoint,
    Gathers, EarthModel, Inversion, Sample, Pairs, Points (.h5, .hdf5), VtkSeries (.pvd, .vti, .pvti,
    .vtu, .pvtu), VtkHdfSeries (.vtkhdf), Gathers, EarthModel (.sgy, .segy), NetcdfFields (.nc), Table (.csv),
    Summary (.json), Tensors (.safetensors), dict (card.yaml).

    Missing, NotOurs, Damaged or Unfinished where it is not there, of something else, cut off, or
    being written.
    """
    path = Path(path)
    with reading(path):
        return _open_folder(path) if path.is_dir() else _open_file(path)


def _open_file(path: Path) -> Opened:
    require_file(path)
    if path.suffix in (".pvd", ".vti", ".pvti", ".vtu", ".pvtu"):
        return VtkSeries(path)
    if path.suffix in _by_suffix:
        found: Opened = _by_suffix[path.suffix](path)
        return found
    if path.suffix in (".h5", ".hdf5"):
        return _open_hdf5(path)
    if is_segy(path):
        section = int(SegyFile(path).header("kind")[0]) < 0  # "other": no waves
        return EarthModel(path) if section else Gathers(path)
    with builtins.open(path, "rb") as file:
        kind = kind_of_bytes(file.read(64))
    raise NotOurs(f"{path} is no file that this program writes" + (f", but {kind}" if kind else ""))


_by_suffix: dict[str, Any] = {
    ".nc": NetcdfFields,
    ".vtkhdf": VtkHdfSeries,
    ".csv": read_table,
    ".json": Summary.read,
    ".safetensors": Tensors,
    ".yaml": read_card,
}


def _open_folder(path: Path) -> Opened:
    if (path / "card.yaml").exists():
        return Model(path)
    if is_output_folder(path):
        return Study(path) if (path / "comparison.csv").exists() else Run(path)
    if list(path.glob("pairs_*.h5")):
        return Pairs(path)
    for base in (path, path / "data"):
        if any(list((base / split).glob("*.h*5")) for split in ("train", "valid", "test")):
            return Dataset(path)
    for file in sorted(path.glob("*.h5")):
        if _kind(file) == "understudy_points":
            return Points(path)
    if (path / "model" / "card.yaml").exists():
        return Model(path / "model")
    unfinished = sorted(p.name for p in path.rglob("*") if is_unfinished(p))
    if unfinished:
        raise Unfinished(f"{path} holds nothing that is complete; half-written: {listed(unfinished)}")
    raise NotOurs(
        f"{path} is no folder of this program; it holds {listed(sorted(p.name for p in path.iterdir()))}"
    )


def _kind(path: Path) -> str:
    with opened(path) as file:
        return str(attribute(file, "kind", ""))


def _open_hdf5(path: Path) -> Opened:
    with opened(path) as file:
        kind = str(attribute(file, "kind", ""))
        is_checkpoint = attribute(file, "format") == "understudy checkpoint"
        inside = list(file)
        speeds = any("speed" in name for name in names(file))
    kinds: dict[str, Any] = {
        "understudy_pairs": Pairs,
        "understudy_points": Points,
        "understudy_inversion": Inversion,
    }
    if kind in kinds:
        found: Opened = kinds[kind](path)
        return found
    if is_checkpoint:
        return Checkpoint(path)
    if "source_positions_m" in inside:
        return Gathers(path)
    if "dimensions" in inside:
        return Sample(path)
    if speeds:
        return EarthModel(path)
    raise NotOurs(f"{path} is an HDF5 file of something else; it holds {listed(inside)}")


def open_run(path: str | os.PathLike[str]) -> Run:
    """An output folder, typed; NotOurs where it is something else."""
    found = Path(path)
    if not found.is_dir():
        raise Missing(f"there is no folder {found}")
    return Study(found) if (found / "comparison.csv").exists() else Run(found)
