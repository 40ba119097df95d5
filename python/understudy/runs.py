"""Output folders: everything that the verbs of one deck left in `--out`.

    run = understudy.open("out/cavity")
    run.times, run.fields["u"]          # what output.vtk wrote
    run.diagnostics["flow.kinetic_energy"]
    run.probes, run.lines["middle"]     # CSV as tables
    run.summary["metrics.steps"]
    run.checkpoint, run.model, run.dataset, run.gathers, run.earth_model
    run.comparison.errors["u"]          # after compare or study
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .checkpoint import Checkpoint
from .comparison import Comparison
from .datasets import Dataset, Pairs
from .errors import Missing, NotOurs, listed
from .fields import Array, Coordinate, Field, Fields
from .files import AnyPath
from .models import Model
from .netcdf import NetcdfFields
from .seismic import EarthModel, Gathers, Inversion
from .summary import Summary
from .tables import Table, read_table
from .vtk import VtkSeries
from .vtkhdf import VtkHdfSeries

# What tells of an output folder, even of a run that has not ended.
_marks = (
    "summary.json", "checkpoint.h5", "diagnostics.csv", "fields.pvd", "fields.vtkhdf", "fields.nc",
    "gathers.h5", "inversion.h5", "inversion.csv", "assimilation.h5", "assimilation.csv", "history.csv",
    "training.csv",
)


def is_output_folder(path: Path) -> bool:
    return any((path / name).exists() for name in _marks)


class Run:
    """An output folder. What it lacks is an error that says which verb or key of the deck makes it.

    `finished`: is there a summary? Without one the verb is at work, or was stopped; files that are
    there are whole.
    """

    def __init__(self, path: AnyPath) -> None:
        self.path = path = Path(path)
        if not is_output_folder(path):
            found = sorted(p.name for p in path.iterdir()) if path.is_dir() else []
            raise NotOurs(f"{path} is no output folder; it holds {listed(found)}")

    # --- the whole

    @property
    def finished(self) -> bool:
        return (self.path / "summary.json").exists()

    @property
    def summary(self) -> Summary:
        path = self._require("summary.json", "a verb writes it when it ends: is one at work?")
        return Summary.read(path)

    @property
    def app(self) -> str:
        return self.summary.app if self.finished else ""

    @property
    def deck(self) -> str:
        """The resolved deck of the last verb, with every default."""
        return str(self.summary.provenance.get("deck", ""))

    @property
    def files(self) -> list[str]:
        """All files of the folder, relative to it."""
        return sorted(
            str(p.relative_to(self.path)) for p in self.path.rglob("*") if p.is_file()
        )

    # --- fields

    @property
    def series(self) -> VtkSeries | VtkHdfSeries:
        """fields.pvd or fields.vtkhdf, as output.format says; where both are there, the later one."""
        both = [path for path in (self.path / "fields.pvd", self.path / "fields.vtkhdf") if path.exists()]
        last = max(both, key=lambda path: path.stat().st_mtime_ns, default=None)
        if last is not None and last.suffix == ".vtkhdf":
            return VtkHdfSeries(last)
        return VtkSeries(self._require("fields.pvd", "output.vtk: true writes it"))

    @property
    def all_series(self) -> dict[str, VtkSeries]:
        """Every .pvd file of fields by its name: fields, statistics, of waves model, fields_shot_0..."""
        paths = sorted(self.path.glob("*.pvd"))
        return {path.stem: VtkSeries(path) for path in paths if path.stem != "surface"}

    @property
    def map(self) -> NetcdfFields:
        """Fields on a longitude-latitude grid."""
        return NetcdfFields(self._require("fields.nc", "output.netcdf: true writes it"))

    @property
    def _shown(self) -> VtkSeries | VtkHdfSeries | NetcdfFields:
        if not self.has("fields.pvd") and not self.has("fields.vtkhdf") and self.has("fields.nc"):
            return self.map
        return self.series

    @property
    def times(self) -> Array:
        """Of the fields, in seconds."""
        return self._shown.times

    @property
    def fields(self) -> Fields:
        """Of fields.pvd or fields.vtkhdf; where neither is there, of fields.nc.

        The axes of a physics-informed network's fields are its problem's inputs (time among them) as
        x, y, z, without a unit: the files do not name them.
        """
        fields = self._shown.fields
        if self.app != "pinn":
            return fields
        return Fields({n: f.with_coords(_without_units(f)) for n, f in fields.items()}, str(self.path))

    @property
    def checkpoint(self) -> Checkpoint:
        return Checkpoint(self._require("checkpoint.h5", "`understudy run` writes it"))

    @property
    def statistics(self) -> Checkpoint:
        """Averages over time: fields <name>_mean and <name>_rms, scalars from_s, duration_s, samples."""
        return Checkpoint(self._require("statistics.h5", "output.statistics of the deck writes it"))

    def to_xarray(self) -> Any:
        return self.fields.to_xarray()

    # --- tables

    @property
    def diagnostics(self) -> Table:
        return self._table("diagnostics.csv", "`run` of a simulation writes it")

    @property
    def probes(self) -> Table:
        return self._table("probes.csv", "flow.probes of the deck writes it")

    @property
    def training(self) -> Table:
        return self._table("training.csv", "`train` writes it")

    @property
    def history(self) -> Table:
        """Of a physics-informed network: losses, errors, parameters by step."""
        return self._table("history.csv", "`pinn` writes it")

    @property
    def iterations(self) -> Table:
        """Of an inversion: misfit and model error (of a flow: the unknown numbers) by iteration."""
        name = "assimilation.csv" if self.has("assimilation.csv") else "inversion.csv"
        return self._table(name, "`invert` writes it")

    @property
    def lines(self) -> dict[str, list[Table]]:
        """By name, a table an output time (`line_times`)."""
        folder = self._require("lines", "flow.lines of the deck writes it")
        found: dict[str, list[Table]] = {}
        for path in sorted(folder.glob("*_[0-9]*.csv")):
            found.setdefault(path.stem.rsplit("_", 1)[0], []).append(read_table(path))
        return found

    @property
    def line_times(self) -> Array:
        return self._table("lines/times.csv", "flow.lines of the deck writes it")["time_s"]

    @property
    def surfaces(self) -> list[Table]:
        """Pressure and friction along bodies, a table an output time (`surface_times`)."""
        folder = self._require("surface", "flow.surface.files of the deck writes it")
        return [read_table(path) for path in sorted(folder.glob("surface_*.csv"))]

    @property
    def surface_times(self) -> Array:
        return self._table("surface/times.csv", "flow.surface.files of the deck writes it")["time_s"]

    def table(self, name: str) -> Table:
        """Any CSV file of the folder."""
        return self._table(name, f"there are {listed(p.name for p in self.path.glob('*.csv'))}")

    # --- what was learned, and from what

    @property
    def dataset(self) -> Dataset | Pairs:
        folder = self._require("dataset", "`generate` writes it")
        return Pairs(folder) if list(folder.glob("pairs_*.h5")) else Dataset(folder)

    @property
    def model(self) -> Model:
        return Model(self._require("model", "`train`, `study` or `pinn` writes it"))

    @property
    def comparison(self) -> Comparison:
        curves = self._table("comparison.csv", "`compare` or `study` writes it")
        verbs = self.summary.verbs
        summary = verbs.get("compare") or verbs.get("study") or self.summary
        if "study" in verbs and _started(verbs["study"]) > _started(summary):
            summary = verbs["study"]
        backends = self.path / "backends.csv"
        return Comparison(curves, summary, read_table(backends) if backends.exists() else None)

    # --- waves

    @property
    def gathers(self) -> Gathers:
        """gathers.h5; where output.gathers is segy, the first of gathers_*.sgy."""
        return Gathers(self._gather_files()[0])

    @property
    def all_gathers(self) -> list[Gathers]:
        """gathers.h5; where output.gathers is segy, every gathers_*.sgy: one a quantity."""
        return [Gathers(path) for path in self._gather_files()]

    @property
    def earth_model(self) -> EarthModel:
        """model.h5; where output.models is segy, model.sgy (the P-wave speed)."""
        return EarthModel(self._model_files()[0])

    @property
    def all_earth_models(self) -> list[EarthModel]:
        """model.h5; where output.models is segy, model.sgy, model_s_speed.sgy and model_density.sgy."""
        return [EarthModel(path) for path in self._model_files()]

    def _gather_files(self) -> list[Path]:
        segy = sorted(self.path.glob("gathers_*[a-z].sgy"))  # not what was set aside, .before_1.sgy
        if segy and not self.has("gathers.h5"):
            return segy
        return [self._require("gathers.h5", "`run` of a survey writes it")]

    def _model_files(self) -> list[Path]:
        names = ("model.sgy", "model_s_speed.sgy", "model_density.sgy")
        if self.has("model.sgy") and not self.has("model.h5"):
            return [self.path / name for name in names if self.has(name)]
        return [self._require("model.h5", "`run` of a survey, or `invert`, writes it")]

    @property
    def inversion(self) -> Inversion:
        return Inversion(self._require("inversion.h5", "`invert` writes it"))

    def has(self, name: str) -> bool:
        """Is there such a file or folder?"""
        return (self.path / name).exists()

    def _require(self, name: str, how: str) -> Path:
        if not (self.path / name).exists():
            raise Missing(f"{self.path} has no {name}: {how}")
        return self.path / name

    def _table(self, name: str, how: str) -> Table:
        return read_table(self._require(name, how))

    def __repr__(self) -> str:
        state = "" if self.finished else ", not finished"
        about = f" of app {self.app}, verb {self.summary.verb}" if self.finished else ""
        return f"<{type(self).__name__} {self.path}{about}{state}>"


class Study(Run):
    """An output folder with a comparison in it."""


def _without_units(field: Field) -> dict[str, Coordinate]:
    return {n: Coordinate(n, "", c.values, c.dims) for n, c in field.coords.items()}


def _started(summary: Summary) -> str:
    return str(summary.provenance.get("started", ""))
