"""What is written for ParaView beside the series: values at corners, the script that opens a folder, points of a
survey. ParaView itself is not here: a stand-in for paraview.simple keeps what the script asks of it."""

from __future__ import annotations

import py_compile
import re
import runpy
import sys
import types
import unittest
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

import made
import understudy
from understudy import UserError
from understudy.vtk import VtkSeries

quiet = {"output.pictures": False}


class Anything:
    """Takes whatever is done to it, and keeps what is set."""

    def __getattr__(self, name: str) -> Any:
        return lambda *given: Anything()


def opened_by(script: Path) -> tuple[list[Path], list[tuple[str, str]], list[str]]:
    """The files that it opens, what it colours by, titles of scalar bars."""
    files: list[Path] = []
    colours: list[tuple[str, str]] = []
    bars: list[Anything] = []
    spanned: list[float] = []  # times whose values widened the colours' range

    def bar(*_: Any) -> Anything:
        bars.append(Anything())
        return bars[-1]

    def colour_by(_: Any, how: tuple[str, str] | None) -> None:
        if how is None:  # as ParaView 5.13 does where nothing coloured the display before
            raise RuntimeError("invalid association string 'NONE'")
        colours.append(how)

    simple = types.ModuleType("paraview.simple")
    for name in ("GetActiveViewOrCreate", "GetColorTransferFunction", "Hide", "Render", "ResetCamera"):
        setattr(simple, name, lambda *_: Anything())
    scene = Anything()
    vars(scene).update(StartTime=0.0, EndTime=2.0)
    simple.GetAnimationScene = lambda: scene

    def show(*_: Any) -> Anything:
        display = Anything()
        vars(display)["RescaleTransferFunctionToDataRange"] = lambda *_: spanned.append(vars(scene)["AnimationTime"])
        return display

    simple.Show = show
    simple.GetScalarBar = bar
    simple.OpenDataFile = lambda path: files.append(Path(path))
    simple.ColorBy = colour_by
    with mock.patch.dict(sys.modules, {"paraview": types.ModuleType("paraview"), "paraview.simple": simple}):
        runpy.run_path(str(script))
    assert spanned == [0.0, 1.0, 2.0], "colours span the first, middle and last output"
    assert vars(scene)["AnimationTime"] == 2.0, "the last output is shown"
    return files, colours, [vars(one).get("Title", "") for one in bars]


class Script(unittest.TestCase):
    def opened(self, folder: Path) -> tuple[list[str], str, str]:
        script = folder / "open_in_paraview.py"
        py_compile.compile(str(script), cfile=str(made.scratch() / "compiled.pyc"), doraise=True)
        files, colours, titles = opened_by(script)
        for path in files:
            self.assertEqual(path.parent, folder.resolve())
            self.assertTrue(path.exists(), path)
        (place, field), (title,) = colours[0], titles
        series = VtkSeries(files[0])
        self.assertIn(field, series.fields)
        self.assertEqual(place, "POINTS" if series.first.at_points else "CELLS")
        unit = series.fields[field].unit
        self.assertEqual(title, f"{field} [{unit}]" if unit not in ("", "1") else field)
        return [path.name for path in files], field, unit

    def test_opens_the_files_that_are_there(self) -> None:
        self.assertEqual(self.opened(made.folder("wake"))[1:], ("velocity", "m/s"))
        self.assertEqual(self.opened(made.folder("two_ranks"))[1:], ("velocity", "m/s"))
        self.assertEqual(self.opened(made.folder("sphere"))[0][0], "fields.pvd")
        self.assertEqual(self.opened(made.folder("waves")),
                         (["model.pvd", "sources.vtp", "receivers.vtp"], "p_speed", "m/s"))
        self.assertEqual(self.opened(made.folder("inverted")),
                         (["inversion.pvd", "sources.vtp", "receivers.vtp"], "p_speed", "m/s"))

    def test_shows_bodies_in_one_colour(self) -> None:
        out = made.scratch() / "body"
        settings = {"flow.surface.files": True, "swap.policy": "never", "time.end_s": 0.5, "time.output_every": 1}
        understudy.run(made.decks / "wake.yaml", settings, out=out)
        self.assertEqual(self.opened(out), (["fields.pvd", "surface.pvd"], "velocity", "m/s"))

    def test_has_the_waves_of_chosen_shots_first(self) -> None:
        out = made.scratch() / "two_waves"
        settings = {"output.wavefields": [0, 1], "output.wavefield_every_s": 0.2, **quiet}
        understudy.run(made.decks / "waves.yaml", settings, out=out)
        files, field, unit = self.opened(out)
        self.assertEqual(files[:3], ["fields_shot_0.pvd", "fields_shot_1.pvd", "model.pvd"])
        self.assertEqual((field, unit), ("pressure", "Pa"))

    def test_points_of_a_survey_are_where_the_deck_has_them(self) -> None:
        for name, count in (("sources", 2), ("receivers", 12)):
            text = (made.folder("waves") / f"{name}.vtp").read_bytes()
            self.assertIn(f'NumberOfPoints="{count}"'.encode(), re.sub(rb"\s+", b" ", text))
            for array in (b'Name="depth"', b'Name="name"', b'Name="unit:depth"', b"UNITS_LABEL"):
                self.assertIn(array, text)


class Corners(unittest.TestCase):
    def test_are_the_means_of_cells_on_any_number_of_ranks(self) -> None:
        deck = made.decks / "bubble.yaml"
        settings = {"output.vtk_data": "point", "time.end_s": 30}
        runs = {}
        for ranks in (1, 2):
            out = made.scratch() / f"corners_{ranks}"
            runs[ranks] = understudy.run(deck, settings, out=out, ranks=ranks)
        cells = understudy.run(deck, {"time.end_s": 30}, out=made.scratch() / "cells").fields["theta"]
        one, two = (runs[ranks].fields["theta"] for ranks in (1, 2))
        self.assertEqual((one.dims, one.unit, one.location), (cells.dims, cells.unit, "corner"))
        self.assertEqual(one.shape, (cells.shape[0], cells.shape[1] + 1, cells.shape[2] + 1))
        np.testing.assert_allclose(two.values, one.values, rtol=1e-12)
        c, p = cells[-1], one[-1]
        mean = (c[1:, 1:] + c[:-1, 1:] + c[1:, :-1] + c[:-1, :-1]) / 4
        # Where a mean's parts cancel it has the round-off of the parts.
        close = {"rtol": 1e-12, "atol": 1e-15 * np.abs(c).max()}
        np.testing.assert_allclose(p[1:-1, 1:-1], mean, **close)
        np.testing.assert_allclose(p[0, 1:-1], (c[0, 1:] + c[0, :-1]) / 2, **close)  # the ground
        x = cells.coords["x"].values
        np.testing.assert_allclose(one.coords["x"].values[1:-1], (x[1:] + x[:-1]) / 2, rtol=1e-12)

    def test_of_models_and_refused_on_spheres(self) -> None:
        run = understudy.run(made.decks / "waves.yaml", {"output.vtk_data": "point", **quiet},
                             out=made.scratch() / "model_corners")
        self.assertEqual(run.all_series["model"].fields["p_speed"].shape, (1, 31, 31))
        with self.assertRaisesRegex(UserError, r"output\.vtk_data.*is point, and this grid is a sphere"):
            understudy.run(made.decks / "sphere.yaml", {"output.vtk_data": "point"},
                           out=made.scratch() / "sphere_corners")


if __name__ == "__main__":
    unittest.main()
