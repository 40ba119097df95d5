"""Datasets: The Well's files of simulations, pairs of arrays, and points.

    data = understudy.open("out/wake/dataset")
    data.train[0].fields["u"]          # [time, x, y], lazy
    data.train[0].parameters           # {"reynolds": 80.0}
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from .cards import BadYaml, parse
from .errors import Damaged, Missing, NotOurs, listed
from .fields import Array, Coordinate, Field, Fields, Source, StackedSource, coordinate
from .files import AnyPath
from .hdf5 import Hdf5Source, attribute, attributes, dataset, has, opened, text_unit
from .tables import Table

_splits = ("train", "valid", "test")
_split_names = ("train", "validation", "test")


def provenance_of(root: Mapping[str, Any]) -> dict[str, str]:
    """Version, git, deck, deck_hash, host... of a file's attributes."""
    start = "provenance."
    return {name[len(start) :]: str(v) for name, v in root.items() if name.startswith(start)}


class Sample:
    """A file of The Well's layout: one simulation (or several trajectories of one length).

    `fields`: [time, x, y (, z)], on a cubed sphere [time, panel, y, x]; with several trajectories the
    first axis is `sample`. Fields on faces of a staggered grid have the lower face of each cell; the
    face that closes an axis is in `closing_faces`.
    """

    def __init__(self, path: AnyPath) -> None:
        self.path = path = Path(path)
        with opened(path) as file:
            if not has(file, "dimensions") or "spatial_dims" not in file["dimensions"].attrs:
                raise NotOurs(f"{path} has no dimensions: it is no file of The Well's layout")
            root = attributes(file)
            dims = attribute(file["dimensions"], "spatial_dims")
            self.dims = tuple(dims if isinstance(dims, list) else [dims])
            self.times: Array = _numbers(file, "dimensions/time").ravel()
            self.name = str(root.get("dataset_name", path.stem))
            self.grid_type = str(root.get("grid_type", "cartesian"))
            self.window_s = float(root.get("window_s", np.diff(self.times[:2]).sum()))
            self.cost_core_s = root.get("cost_core_s")
            self.provenance = provenance_of(root)
            self.attributes = root
            self.lower_m, self.upper_m = root.get("lower_m"), root.get("upper_m")
            self.radius_m = root.get("radius_m")
            self._axes = {dim: _numbers(file, f"dimensions/{dim}") for dim in self.dims}
            self.parameters = _parameters(file, root)
            self.boundaries = _boundaries(file)
            self._fields = self._group(file, "t0_fields") | self._group(file, "t1_fields")
            self._closing = self._group(file, "closing_faces")
            for name, face in self._closing.items():
                if name in self._fields:
                    face.unit, face.location = self._fields[name].unit, self._fields[name].location

    @property
    def fields(self) -> Fields:
        return Fields(self._fields, str(self.path))

    @property
    def closing_faces(self) -> Fields:
        return Fields(self._closing, f"{self.path}, closing faces")

    def _group(self, file: Any, group: str) -> dict[str, Field]:
        found = {}
        for name in file[group] if has(file, group) else []:
            if has(file[group], name):
                found[name] = self._field(dataset(file, f"{group}/{name}"), group, name)
        return found

    def _field(self, data: Any, group: str, name: str) -> Field:
        vector = ("component",) if group == "t1_fields" else ()
        lead = []
        if attribute(data, "sample_varying", True):
            lead.append("sample")
        if attribute(data, "time_varying", True):
            lead.append("time")
        names = (*lead, *self.dims, *vector)
        if len(names) != data.ndim:
            raise Damaged(f"{self.path}: '{data.name}' has {data.ndim} axes; {names} are wanted")
        source: Source = Hdf5Source(self.path, data)
        location = str(attribute(data, "location", "cell"))
        coords = {dim: self._coordinate(dim, location) for dim in self.dims}
        if group == "closing_faces":
            coords = {d: c for n, (d, c) in enumerate(coords.items())
                      if len(c.values) == data.shape[len(lead) + n]}
        if "time" in lead:
            coords["time"] = coordinate("time", "s", self.times)
        words = str(attribute(data, "description", ""))
        field = Field(name, text_unit(data), names, source, coords, words, location)
        return field.isel(sample=0) if "sample" in lead and data.shape[0] == 1 else field

    def _coordinate(self, dim: str, location: str) -> Coordinate:
        values = self._axes[dim]
        if location == f"face_{dim}" and len(values) > 1:
            values = values - (values[1] - values[0]) / 2
        sphere = self.grid_type == "cubed_sphere"
        unit = "" if dim == "panel" else "rad" if sphere else "m"
        return coordinate(dim, unit, values)

    def __repr__(self) -> str:
        parameters = ", ".join(f"{name} {value:.6g}" for name, value in self.parameters.items())
        return f"<Sample {self.path}, {len(self.times)} times, {parameters or 'no parameters'}>"


def _numbers(file: Any, name: str) -> Array:
    return np.asarray(dataset(file, name)[...], dtype=float)


def _parameters(file: Any, root: Mapping[str, Any]) -> dict[str, float]:
    names = root.get("simulation_parameters", [])
    found = {}
    for name in names if isinstance(names, list) else []:
        value = root.get(name)
        if value is not None and np.size(value) == 1:
            found[str(name)] = float(np.ravel(value)[0])
    return found


def _boundaries(file: Any) -> dict[str, str]:
    """The kind of each side, by its name: x_lower, x_upper..."""
    found = {}
    group = file["boundary_conditions"] if has(file, "boundary_conditions") else {}
    for name in group:
        one = group[name]
        kind = str(attribute(one, "kind", attribute(one, "bc_type", "")))
        side = str(name)
        for end in ("_" + str(attribute(one, "bc_type", "")).lower(),):
            side = side[: -len(end)] if side.endswith(end) else side
        found[side] = kind
    return found


class Dataset:
    """A folder of samples: `train`, `valid`, `test`, each a list of Sample, and `statistics`."""

    def __init__(self, path: AnyPath) -> None:
        self.path = path = Path(path)
        base = path / "data" if (path / "data" / "train").is_dir() else path
        self.splits: dict[str, list[Path]] = {}
        for split in _splits:
            folder = base / split
            files = sorted(folder.glob("*.hdf5")) + sorted(folder.glob("*.h5"))
            if files:
                self.splits[split] = files
        self.unfinished = sorted(base.glob("*/*.partial"))
        if not self.splits:
            extra = f"; {len(self.unfinished)} are half-written" if self.unfinished else ""
            raise Missing(f"{path} has no samples in train, valid or test{extra}")

    def samples(self, split: str) -> list[Sample]:
        return [Sample(path) for path in self.splits.get(split, [])]

    @property
    def train(self) -> list[Sample]:
        return self.samples("train")

    @property
    def valid(self) -> list[Sample]:
        return self.samples("valid")

    @property
    def test(self) -> list[Sample]:
        return self.samples("test")

    @property
    def statistics(self) -> dict[str, Any]:
        """stats.yaml: mean, std, rms of fields and of their changes, over the training samples."""
        path = self.path / "stats.yaml"
        if not path.exists():
            raise Missing(f"{self.path} has no stats.yaml; `understudy generate` writes it")
        try:
            return dict(parse(path.read_text()))
        except BadYaml as error:
            raise Damaged(f"{path}: {error}") from error

    def table(self) -> Table:
        """A row a sample: split, name, frames, parameters."""
        rows = [(split, s) for split in self.splits for s in self.samples(split)]
        columns: dict[str, Any] = {
            "split": np.array([split for split, _ in rows], dtype=object),
            "sample": np.array([s.path.stem for _, s in rows], dtype=object),
            "frames": np.array([len(s.times) for _, s in rows]),
        }
        for name in rows[0][1].parameters:
            columns[name] = np.array([s.parameters.get(name, np.nan) for _, s in rows])
        return Table(columns, title=str(self.path))

    def __repr__(self) -> str:
        counts = ", ".join(f"{len(files)} {split}" for split, files in self.splits.items())
        return f"<Dataset {self.path}: {counts}>"


class Pairs:
    """A folder (or file) of pairs of arrays: `inputs`, `outputs` [pair, ...], `split`, `index`."""

    def __init__(self, path: AnyPath) -> None:
        self.path = path = Path(path)
        self.files = sorted(path.glob("pairs_*.h5")) if path.is_dir() else [path]
        if not self.files:
            raise Missing(f"{path} has no pairs (pairs_*.h5)")
        parts: dict[str, list[Source]] = {"inputs": [], "outputs": []}
        index, split = [], []
        for one in self.files:
            with opened(one) as file:
                if attribute(file, "kind") != "understudy_pairs":
                    raise NotOurs(f"{one} holds no pairs")
                self._root = attributes(file)
                for side, sources in parts.items():
                    sources.append(Hdf5Source(one, dataset(file, side)))
                index.append(np.asarray(dataset(file, "index")[...]))
                split.append(np.asarray(dataset(file, "split")[...]))
        self.name = str(self._root["name"])
        self.index: Array = np.concatenate(index)
        self.split: Array = np.array([_split_names[n] for n in np.concatenate(split)])
        self.inputs = self._side("input", parts["inputs"])
        self.outputs = self._side("output", parts["outputs"])
        self.provenance = provenance_of(self._root)

    def _side(self, side: str, parts: list[Source]) -> Field:
        axes = self._root[f"{side}_axes"]
        dims = ("pair", *(axes if isinstance(axes, list) else [axes]))
        coords = {"pair": coordinate("pair", "", self.index)}
        name, unit = str(self._root[f"{side}_name"]), str(self._root[f"{side}_unit"])
        return Field(name, unit, dims, StackedSource(parts), coords)

    def where(self, split: str) -> Array:
        """Places of the pairs of a split: train, validation or test."""
        return np.flatnonzero(self.split == split)

    def __repr__(self) -> str:
        return f"<Pairs {self.path}: {len(self.index)} of {self.inputs!r} and {self.outputs!r}>"


class Points:
    """Collected points of a sub-model: tables `inputs` and `outputs`, a row a point."""

    def __init__(self, path: AnyPath) -> None:
        self.path = path = Path(path)
        self.files = sorted(path.glob("*.h5")) if path.is_dir() else [path]
        self.unfinished = sorted(path.glob("*.h5*.part")) if path.is_dir() else []
        if not self.files:
            raise Missing(f"{path} has no files of points (*.h5)")
        sides: dict[str, list[Array]] = {"input": [], "output": []}
        for one in self.files:
            with opened(one) as file:
                if attribute(file, "kind") != "understudy_points":
                    raise NotOurs(f"{one} holds no points")
                root = attributes(file)
                for side, parts in sides.items():
                    rows = dataset(file, f"{side}s")[: int(root["points"])]
                    parts.append(np.asarray(rows))
        self.name = str(root["name"])
        self.provenance = provenance_of(root)
        self.inputs, self.outputs = (
            _table_of(np.concatenate(parts), root, side, self.path) for side, parts in sides.items()
        )

    def __repr__(self) -> str:
        ins, outs = listed(self.inputs), listed(self.outputs)
        return f"<Points {self.path}: {self.inputs.rows} of {ins} to {outs}>"


def _table_of(rows: Array, root: Mapping[str, Any], side: str, path: Path) -> Table:
    names, units = root[f"{side}_names"], root[f"{side}_units"]
    names, units = (v if isinstance(v, list) else [v] for v in (names, units))
    columns = {str(name): rows[:, n] for n, name in enumerate(names)}
    return Table(columns, dict(zip(columns, map(str, units))), f"{path}, {side}s")
