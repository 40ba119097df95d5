"""The figures of a run, by kind: what `python -m understudy plot RUN` draws."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ..datasets import Sample
from ..errors import Missing, NotOurs, listed
from ..fields import Field, Fields
from ..opening import open as open_anything
from ..runs import Run
from ..seismic import EarthModel, Gathers
from ..spectra import Spectrum, frequency_spectrum, row_spectrum, shell_spectrum
from ..tables import Table
from ..vtk import VtkSeries
from ..vtkhdf import VtkHdfSeries
from . import curves, images
from .style import pyplot

Figures = Iterator[tuple[str, Any]]


@dataclass
class Wishes:
    """What of a run is drawn. `fields`: names (all where none is given); `time`: None is the last."""

    fields: list[str] = field(default_factory=list)
    time: float | None = None
    shots: list[int] = field(default_factory=lambda: [0])


def _chosen(fields: Fields, wishes: Wishes) -> dict[str, Field]:
    if wishes.fields:
        return {name: fields[name] for name in wishes.fields}
    skipped = ("mask", "cell_area", "surrogate", "trust")
    return {
        n: f for n, f in fields.items()
        if n not in skipped and "component" not in f.dims and f.ndim > 1
    }


def _field_figures(fields: Fields, wishes: Wishes) -> Figures:
    mask = fields["mask"] if "mask" in fields else None
    for name, one in _chosen(fields, wishes).items():
        yield f"field_{name}", images.draw_field(one, time=wishes.time, mask=mask)


def _fields(run: Run, wishes: Wishes) -> Figures:
    # of a sphere the map, where there is one
    yield from _field_figures(run.map.fields if run.has("fields.nc") else run.fields, wishes)


def _table_names(table: Table, forces: bool) -> list[str]:
    names = [n for n in table.names if n != "time_s" and table[n].dtype != object]
    return [n for n in names if curves.is_force(n) == forces]


def _diagnostics(run: Run, wishes: Wishes) -> Figures:
    table = run.diagnostics
    names = [n for n in _table_names(table, False) if not n.startswith("swap.")]
    if names:
        yield "diagnostics", curves.draw_series(table, names)


def _forces(run: Run, wishes: Wishes) -> Figures:
    table = run.diagnostics
    names = _table_names(table, True)
    if names:
        yield "forces", curves.draw_series(table, names, title=_force_words(run))


def _force_words(run: Run) -> str:
    flow = run.summary.metrics.get("flow", {}) if run.finished else {}
    words = {"drag_mean": "mean drag", "lift_amplitude": "lift amplitude", "strouhal": "Strouhal number"}
    known = [f"{w} {flow[n]:.4g}" for n, w in words.items() if isinstance(flow.get(n), (int, float))]
    return ", ".join(known)


def _probes(run: Run, wishes: Wishes) -> Figures:
    table = run.probes
    yield "probes", curves.draw_series(table, [n for n in table.names if n != "time_s"])


def _lines(run: Run, wishes: Wishes) -> Figures:
    times = run.line_times
    for name, tables in run.lines.items():
        known = [n for n in tables[0].names if n not in ("x_m", "y_m", "z_m")]
        for one in [n for n in known if n in wishes.fields] or known:
            yield f"line_{name}_{one}", curves.draw_lines(tables, times, name, one)


def _spectra(run: Run, wishes: Wishes) -> Figures:
    if run.has("diagnostics.csv"):
        names = _table_names(run.diagnostics, True)
        yield from _frequencies(run.diagnostics, names, "spectrum_forces")
    if run.has("probes.csv"):
        names = [n for n in run.probes.names if n != "time_s"]
        yield from _frequencies(run.probes, names, "spectrum_probes")
    if (run.has("fields.pvd") or run.has("fields.vtkhdf")) and run.has("checkpoint.h5") and run.checkpoint.is_box:
        yield from _wave_numbers(run, wishes)


def _frequencies(table: Table, names: list[str], title: str) -> Figures:
    found: dict[str, Spectrum] = {}
    times = table["time_s"]
    for name in names:
        if len(times) >= 8:  # the second half, as the program's own Strouhal number
            middle = (times[0] + times[-1]) / 2
            found[name] = frequency_spectrum(times, table[name], middle)
    if found:
        words = curves.short(found)
        found = {words[name]: spectrum for name, spectrum in found.items()}
        y = "power spectral density (unit$^2$/Hz)"
        yield title, curves.draw_spectra(found, "frequency (Hz)", y, "second half of the time")


def _wave_numbers(run: Run, wishes: Wishes) -> Figures:
    fields = run.fields
    components = [n for n in ("u", "v", "w") if n in fields]
    if not components:
        return
    now = {n: fields[n].isel(time=-1) if wishes.time is None else fields[n].sel(time=wishes.time)
           for n in components}
    one = now[components[0]]
    spacings = [float(np.diff(one.coords[dim].values[:2])[0]) for dim in one.dims]
    if one.shape[-1] < 8:
        return  # columns side by side are no row of waves
    periodic = run.checkpoint.periodic
    title = f"time {float(one.coords['time'].values):.4g} s"
    if all(periodic["xyz".index(dim)] for dim in one.dims):
        spectrum = shell_spectrum([f.values for f in now.values()], spacings)
        words = " + ".join(components)
        yield "spectrum_energy", curves.draw_spectra(
            {words: spectrum}, "wave number (rad/m)", "mean square in a shell (m$^2$/s$^2$)", title
        )
        return
    rows = {n: row_spectrum(f.values, spacings[-1], periodic[0]) for n, f in now.items()}
    yield "spectrum_rows", curves.draw_spectra(
        rows, "wave number along x (rad/m)", "mean square (m$^2$/s$^2$)", title
    )


def _gathers(run: Run, wishes: Wishes) -> Figures:
    for gathers in run.all_gathers:
        yield from _gather_figures(gathers, wishes)


def _gather_figures(gathers: Gathers, wishes: Wishes) -> Figures:
    for name in gathers.fields:
        for shot in wishes.shots:
            yield f"gather_{name}_shot_{shot}", images.draw_gather(gathers, shot, name)


def _models(run: Run, wishes: Wishes) -> Figures:
    for model in run.all_earth_models:
        yield from _model_figures(model)


def _model_figures(model: EarthModel) -> Figures:
    for name, one in model.fields.items():
        yield f"model_{name}", images.draw_field(one, cmap="viridis")


def _errors(run: Run, wishes: Wishes) -> Figures:
    comparison = run.comparison
    if "way" in comparison.curves:  # of inversions: a course a way
        yield from _courses(run)
        return
    yield "errors", curves.draw_errors(comparison)
    names = list(comparison.quantities)
    shown = [n for n in names if curves.is_force(n)] + [n for n in names if "energy" in n]
    if shown or names:
        yield "quantities", curves.draw_quantities(comparison, shown or names[:4])
    yield "costs", curves.draw_costs(comparison)


def _courses(run: Run) -> Figures:
    table = run.comparison.curves
    ways = run.comparison.way_names
    first = table.where("model", table["model"][0])
    columns: dict[str, Any] = {"wall_s": first["wall_s"]}
    for n in np.unique(first["way"]).astype(int):
        name = ways[n] if n < len(ways) else f"way {n}"
        columns[name] = np.where(first["way"] == n, first["rel_l2"], np.nan)
    courses = Table(columns, {"wall_s": "s"}, "courses")
    yield "errors", curves.draw_logarithmic(
        courses, "wall_s", [n for n in courses.names if n != "wall_s"],
        "relative L2 error of the model", f"model {first['model'][0]:.0f}",
    )


def _training(run: Run, wishes: Wishes) -> Figures:
    for path in sorted(run.path.glob("training*.csv")):
        if ".before_" in path.name:  # another deck's, set aside
            continue
        table = run.table(path.name)
        names = [n for n in ("loss", "validation_rel_l2") if n in table.names]
        yield path.stem, curves.draw_logarithmic(table, "epoch", names, "loss, relative L2 error")


def _history(run: Run, wishes: Wishes) -> Figures:
    table = run.history
    losses = [n for n in table.names if n.startswith("loss")]
    yield "losses", curves.draw_logarithmic(table, "step", losses, "loss")
    errors = [n for n in table.names if n.startswith("error:")]
    if errors:
        yield "errors", curves.draw_logarithmic(table, "step", errors, "relative L2 error")
    parameters = [n for n in table.names if n.startswith("parameter:")]
    if parameters:
        yield "parameters", curves.draw_series(table, parameters, x="step")


def _inversion(run: Run, wishes: Wishes) -> Figures:
    table = run.iterations
    if "stage" not in table.names:
        yield from _assimilation(table)
        return
    every = "iterations of all stages"  # each stage counts its own anew
    columns = {**dict(table), every: np.arange(table.rows, dtype=float)}
    columns["misfit / its stage's start"] = table["misfit_ratio"]
    columns["model error (relative L2)"] = table["model_rel_l2"]
    names = list(columns)[-2:]
    figure = curves.draw_logarithmic(Table(columns, {}, table.title), every, names, "")
    for n in np.flatnonzero(np.diff(table["stage"])) + 1:
        figure.axes[0].axvline(n - 0.5, color="0.6", linewidth=0.8)
    yield "inversion", figure


def _assimilation(table: Table) -> Figures:
    """Of an inversion of a flow: its misfit, and the numbers that it looks for."""
    course = ["misfit", "background", "gradient_norm"]
    yield "inversion", curves.draw_logarithmic(table, "iteration", course, "")
    numbers = [n for n in table.names if n not in ("iteration", *course, "evaluations", "wall_s")]
    if numbers:
        yield "inversion_numbers", curves.draw_series(table, numbers, x="iteration")


Drawing = Callable[[Run, Wishes], Figures]
# Kind, the file that it needs (one of several, or of a pattern), what draws it.
kinds: dict[str, tuple[tuple[str, ...], Drawing]] = {
    "fields": (("fields.pvd", "fields.vtkhdf", "fields.nc"), _fields),
    "diagnostics": (("diagnostics.csv",), _diagnostics),
    "forces": (("diagnostics.csv",), _forces),
    "probes": (("probes.csv",), _probes),
    "lines": (("lines/times.csv",), _lines),
    "spectra": (("diagnostics.csv", "probes.csv"), _spectra),
    "gathers": (("gathers.h5", "gathers_*[a-z].sgy"), _gathers),
    "models": (("model.h5", "model.sgy"), _models),
    "errors": (("comparison.csv",), _errors),
    "training": (("training.csv", "training_inversion.csv", "training_forward.csv"), _training),
    "history": (("history.csv",), _history),
    "inversion": (("inversion.csv", "assimilation.csv"), _inversion),
}


def figures(path: Path, what: list[str] | None = None, wishes: Wishes | None = None) -> Figures:
    """Name and figure of everything that is asked for (None: of all that is there), one by one."""
    wishes = wishes or Wishes()
    found = open_anything(path)
    if isinstance(found, Run):
        yield from _run_figures(found, what, wishes)
    elif isinstance(found, (VtkSeries, VtkHdfSeries, Sample)):
        yield from _field_figures(found.fields, wishes)
    elif isinstance(found, Gathers):
        yield from _gather_figures(found, wishes)
    elif isinstance(found, EarthModel):
        yield from _model_figures(found)
    elif isinstance(found, Table) and "time_s" in found.names:
        yield path.stem, curves.draw_series(found, [n for n in found.names if n != "time_s"])
    elif hasattr(found, "fields") and isinstance(found.fields, Fields):
        yield from _field_figures(found.fields, wishes)
    else:
        raise NotOurs(f"{path} is of a kind that has no picture: {type(found).__name__}")


def _run_figures(run: Run, what: list[str] | None, wishes: Wishes) -> Figures:
    for kind in what or []:
        if kind not in kinds:
            raise Missing(f"there is no kind of figure '{kind}'; there are {listed(kinds)}")
    for kind, (files, draw) in kinds.items():
        there = any(any(run.path.glob(name)) for name in files)
        if what is None and not there or what is not None and kind not in what:
            continue
        if not there:
            raise Missing(f"{run.path} has no {' or '.join(files)}, which {kind} are drawn from")
        yield from draw(run, wishes)


def save(
    path: Path, folder: Path, what: list[str] | None = None, wishes: Wishes | None = None,
    form: str = "png", dpi: int = 150,
) -> list[Path]:
    """Every figure as a file of the folder; their paths."""
    written = []
    for name, figure in figures(path, what, wishes):
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / (re.sub(r"[^\w.-]+", "_", name) + f".{form}")
        figure.savefig(file, dpi=dpi)
        pyplot().close(figure)
        written.append(file)
    return written
