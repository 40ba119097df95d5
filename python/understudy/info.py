"""`python -m understudy info PATH`: what it is, what it holds, whether it is whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .checkpoint import Checkpoint
from .comparison import Comparison
from .datasets import Dataset, Sample
from .errors import UnderstudyError
from .fields import Field
from .files import is_unfinished
from .models import Model
from .opening import open as open_anything
from .runs import Run
from .safetensors import Tensors
from .summary import Summary, flattened
from .tables import Table, as_text

_parts = (
    "fields", "map", "diagnostics", "probes", "training", "history", "iterations", "dataset",
    "model", "checkpoint", "gathers", "earth_model", "inversion", "comparison",
)


def describe(path: Path, verify: bool = False) -> str:
    """The text of `info`. `verify`: checksums of all values are computed, too."""
    found = open_anything(path)
    lines = [repr(found) if not isinstance(found, Mapping) or isinstance(found, Table) else str(path)]
    if isinstance(found, Run):
        lines += _run(found)
    elif isinstance(found, (Table, Summary)):
        lines = [as_text(found if isinstance(found, Table) else found.table())]
    elif isinstance(found, Dataset):
        lines += ["", as_text(found.table())]
    elif isinstance(found, Model):
        lines += _model(found)
    elif isinstance(found, Tensors):
        lines += [f"  {name} {found.shape(name)}" for name in found]
    elif isinstance(found, dict):
        lines += [f"  {name}: {value}" for name, value in flattened(found)]
    else:
        lines += _fields(getattr(found, "fields", {}))
    if isinstance(found, Sample):
        lines += [f"  {n} = {v:.6g}" for n, v in found.parameters.items()]
        lines += [f"  side {side}: {kind}" for side, kind in found.boundaries.items()]
    if verify:
        lines += list(_verified(found))
    return "\n".join(lines)


def _fields(fields: Any) -> list[str]:
    if isinstance(fields, Mapping):
        return [f"  {one!r}" for one in fields.values() if isinstance(one, Field)]
    return []


def _run(run: Run) -> list[str]:
    lines = []
    if run.finished:
        summary = run.summary
        provenance = summary.provenance
        lines.append(f"  deck {summary.get('deck', '?')}, hash {provenance.get('deck_hash', '?')}")
        lines.append(f"  version {summary.get('version')} ({summary.get('git')}), "
                     f"started {provenance.get('started')} on {provenance.get('host')}")
        lines.append(f"  verbs: {', '.join(summary.verbs)}")
    for name in _parts:
        lines += _part(run, name)
    waiting = [p for p in run.path.rglob("*") if is_unfinished(p)]
    lines += [f"  half-written: {p.relative_to(run.path)}" for p in sorted(waiting)]
    if run.finished:
        lines += ["", as_text(run.summary.table(), most_rows=80)]
    return lines


def _part(run: Run, name: str) -> list[str]:
    files = {  # one of these, or of a pattern
        "fields": ("fields.pvd", "fields.vtkhdf"), "map": ("fields.nc",), "diagnostics": ("diagnostics.csv",),
        "probes": ("probes.csv",), "training": ("training.csv",), "history": ("history.csv",),
        "iterations": ("inversion.csv", "assimilation.csv"), "dataset": ("dataset",),
        "model": ("model/card.yaml",), "checkpoint": ("checkpoint.h5",),
        "gathers": ("gathers.h5", "gathers_*[a-z].sgy"), "earth_model": ("model.h5", "model.sgy"),
        "inversion": ("inversion.h5",), "comparison": ("comparison.csv",),
    }
    if not any(any(run.path.glob(pattern)) for pattern in files[name]):
        return []
    try:
        found = getattr(run, name)
        if name in ("fields", "map"):
            times = found.times if name == "map" else run.times
            head = f"  .{name}: {len(times)} times, {times[0]:.6g} to {times[-1]:.6g} s"
            return [head, *("  " + line for line in _fields(found.fields if name == "map" else found))]
        notes = []
        if isinstance(found, Comparison):
            notes = [f"    {speedup}: {note}" for speedup, note in found.notes.items()]
        several = {"gathers": "all_gathers", "earth_model": "all_earth_models"}.get(name)
        if several:  # of SEG-Y a file each
            notes = [f"    {one!r}" for one in getattr(run, several)[1:]]
        return [f"  .{name}: {found!r}", *notes]
    except UnderstudyError as error:
        return [f"  .{name}: {error}"]


def _model(model: Model) -> list[str]:
    lines = [f"  {n}: {model.card[n]}" for n in ("verdict", "created", "dataset_hash") if model.card.get(n)]
    for table in (model.fields, model.errors):
        if table.rows:
            lines += ["", as_text(table)]
    return lines


def _verified(found: Any) -> Iterator[str]:
    things = [found]
    if isinstance(found, Run):
        parts = {"checkpoint": "checkpoint.h5", "model": "model/card.yaml"}
        things = [getattr(found, name) for name, file in parts.items() if found.has(file)]
    for thing in things:
        if isinstance(thing, (Checkpoint, Model, Tensors)):
            thing.verify()
            yield f"verified: {thing.path}"
        for one in getattr(thing, "fields", {}).values() if isinstance(thing, Sample) else []:
            one.values  # noqa: B018  (HDF5 compares the checksums as it reads)
            yield f"verified: {one.name}"
