"""The parts that need no program: indices, tables, YAML, LZ4, spectra, values of settings."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import random
import unittest
import zlib
from pathlib import Path

import numpy as np

import made
import segy_writer
from understudy import (
    Damaged,
    Field,
    Fields,
    Missing,
    NotOurs,
    Run,
    UnderstudyError,
    plot,
    read_table,
    start,
)
from understudy.__main__ import main
from understudy.cards import BadYaml, parse
from understudy.fields import ArraySource, Coordinate, StackedSource, coordinate
from understudy.info import describe
from understudy.lz4 import BadBlock, _decompress, decompress
from understudy.plot import curves
from understudy.program import command, setting_text
from understudy.spectra import frequency_spectrum, row_spectrum, shell_spectrum


def field(shape: tuple[int, ...] = (5, 4, 6)) -> Field:
    values = np.arange(np.prod(shape), dtype=float).reshape(shape)
    dims = ("time", "y", "x")[-len(shape) :]
    coords = {d: coordinate(d, "m", 10.0 * np.arange(n)) for d, n in zip(dims, shape)}
    return Field("u", "m/s", dims, ArraySource(values), coords)


class Indices(unittest.TestCase):
    def test_are_those_of_numpy(self) -> None:
        pick = random.Random(1)

        def one(n: int) -> object:
            return pick.choice(
                [pick.randrange(-n, n), slice(None), slice(1, None), slice(None, None, -1),
                 slice(-1, 0, -2), slice(2, 2), slice(None, None, 3)]
            )

        u = field()
        for _ in range(300):
            key = tuple(one(n) for n in u.shape[: pick.randrange(1, 4)])
            np.testing.assert_array_equal(u[key], u.values[key], err_msg=str(key))

    def test_arrays_belong_to_the_caller(self) -> None:
        u = field()
        first = u[0]
        first[:] = -1
        self.assertEqual(u[0, 0, 1], 1)

    def test_lists_select_along_their_own_axes(self) -> None:
        u = field()
        np.testing.assert_array_equal(u[[0, 3], :, [1, 5]], u.values[[0, 3]][:, :, [1, 5]])
        np.testing.assert_array_equal(u[:, np.array([True, False, True, False])], u.values[:, [0, 2]])
        np.testing.assert_array_equal(u[2, [0, 3], ::2], u.values[2, [0, 3], ::2])

    def test_outside_is_an_error(self) -> None:
        with self.assertRaisesRegex(IndexError, "axis y of length 4"):
            field()[0, 4]
        with self.assertRaises(IndexError):
            field()[0, 0, 0, 0]

    def test_selections_are_lazy_and_may_be_repeated(self) -> None:
        u = field()
        part = u.isel(time=-1, x=slice(None, None, -2)).sel(y=slice(5, 25))
        self.assertEqual(part.dims, ("y", "x"))
        np.testing.assert_array_equal(part.values, u.values[-1, 1:3, ::-2])
        np.testing.assert_array_equal(part.coords["x"].values, [50, 30, 10])
        self.assertEqual(float(part.coords["time"].values), 40)
        np.testing.assert_array_equal(u.sel(x=31.0).values, u.values[:, :, 3])
        with self.assertRaisesRegex(Missing, "no axis 'z'; it has time, y, x"):
            u.isel(z=0)

    def test_lists_and_masks_that_cannot_be_taken_are_errors(self) -> None:
        u = field()
        for places in ([0, 3], np.array([True] * 6), True):
            with self.assertRaisesRegex(UnderstudyError, r"x is selected by .*field\[:, :, \[...\]\] takes"):
                u.isel(x=places)
        with self.assertRaisesRegex(UnderstudyError, "y is selected by one value or a slice"):
            u.sel(y=[10.0, 20.0])
        with self.assertRaisesRegex(UnderstudyError, "of y has no step"):
            u.sel(y=slice(0, 30, 2))
        for mask in ([True, False], [True] * 5, np.ones((4, 6), dtype=bool), True):
            with self.assertRaisesRegex(IndexError, "axis y of length 4"):
                u[:, mask]
        self.assertEqual(u[:, []].shape, (5, 0, 6))

    def test_coordinates_of_one_axis_are_taken_together(self) -> None:
        x, depth = np.array([0.0, 0, 100, 100, 200]), np.array([0.0, 50, 0, 50, 0])
        coords = {
            "receiver_x": coordinate("receiver_x", "m", x, "receiver"),
            "receiver_depth": coordinate("receiver_depth", "m", depth, "receiver"),
            "angle": coordinate("angle", "rad", x, "receiver"),
        }
        p = Field("pressure", "Pa", ("receiver",), ArraySource(np.arange(5.0)), coords)
        self.assertEqual(p.sel(receiver_x=90, receiver_depth=40).values, 3)
        self.assertEqual(p.sel(receiver_depth=40, receiver_x=90).values, 3)
        self.assertEqual(p.sel(receiver_x=180, receiver_depth=slice(40, None)).values, 3)
        np.testing.assert_array_equal(p.sel(receiver_x=slice(50, 150)).values, [2, 3])
        both = p.sel(receiver_x=slice(50, 150), receiver_depth=slice(40, 60))
        np.testing.assert_array_equal(both.values, [3])
        with self.assertRaisesRegex(UnderstudyError, r"not side by side.*; field\[np.flatnonzero"):
            p.sel(receiver_depth=slice(40, 60))
        with self.assertRaisesRegex(UnderstudyError, "different units"):
            p.sel(receiver_depth=0, angle=0)
        with self.assertRaisesRegex(UnderstudyError, "no place along receiver where"):
            p.sel(receiver_x=0, receiver_depth=slice(60, None))

    def test_places_on_a_sphere_are_near_by_the_great_circle(self) -> None:
        lon, lat = np.array([1.0, 90, 180, 270, 355]), np.array([40.0, 85, 0, 85, 0])
        coords = {
            "lon": coordinate("lon", "degrees_east", lon, "cell"),
            "lat": coordinate("lat", "degrees_north", lat, "cell"),
        }
        depth = Field("depth", "m", ("cell",), ArraySource(np.arange(5)), coords)
        self.assertEqual(depth.sel(lon=2, lat=2).values, 4)
        self.assertEqual(depth.sel(lat=88, lon=250).values, 3)
        self.assertEqual(depth.sel(lon=359.5).values, 0)

    def test_sources_behind_each_other_are_one(self) -> None:
        values = np.arange(7 * 3).reshape(7, 3)
        stacked = StackedSource([ArraySource(values[:2]), ArraySource(values[2:3]), ArraySource(values[3:])])
        one = Field("u", "", ("sample", "x"), stacked)
        for key in (0, 2, -1, slice(1, 6, 2), slice(None, None, -1), slice(3, 3), [6, 0]):
            np.testing.assert_array_equal(one[key], values[key], err_msg=str(key))


def staggered() -> Fields:
    """p at centres of [x, y], u at faces of x, s at corners; u of `lower` at as many faces as cells."""
    found = {}
    for name, location, nx, ny in (("u", "face_x", 4, 2), ("p", "cell", 3, 2), ("v", "face_y", 3, 3),
                                   ("s", "corner", 4, 3), ("lower", "face_x", 3, 2), ("q", "cell", 3, 2)):
        ends = [location in (f"face_{dim}", "corner") for dim in "xy"]
        coords: dict[str, Coordinate] = {
            dim: coordinate(dim, "m", np.arange(n) + (0.0 if end else 0.5))
            for dim, n, end in zip("xy", (nx, ny), ends)
        }
        found[name] = Field(name, "", ("x", "y"), ArraySource(np.zeros((nx, ny))), coords, location=location)
    return Fields(found, "here")


class Staggered(unittest.TestCase):
    def test_axes_have_names_of_their_own(self) -> None:
        fields = staggered()
        apart = fields.apart()
        dims = {name: field.dims for name, field in apart.items()}
        self.assertEqual(dims, {
            "u": ("x_face", "y"), "p": ("x", "y"), "v": ("x", "y_face"), "s": ("x_face", "y_face"),
            "lower": ("x_face_3", "y"), "q": ("x", "y"),
        })
        self.assertEqual(list(apart["u"].coords), ["x_face", "y"])
        np.testing.assert_array_equal(apart["u"].coords["x_face"].values, [0, 1, 2, 3])
        self.assertEqual(apart["u"].coords["x_face"].dims, ("x_face",))
        self.assertEqual(apart["u"].sel(x_face=2.2, y=0.5).shape, ())
        alone = Fields({"u": fields["u"]}, "here").apart()
        self.assertEqual(alone["u"].dims, ("x", "y"))

    @unittest.skipUnless(importlib.util.find_spec("xarray"), "xarray is not installed")
    def test_xarray_has_all_places_and_no_others(self) -> None:
        whole = staggered().to_xarray()
        self.assertEqual(whole["u"].shape, (4, 2))
        self.assertEqual(whole["p"].shape, (3, 2))
        self.assertFalse(bool(whole["p"].isnull().any()))


class Tables(unittest.TestCase):
    def write(self, text: str) -> object:
        path = made.scratch() / "table.csv"
        path.write_text(text)
        return path

    def test_have_units_and_gaps(self) -> None:
        table = read_table(self.write('time_s,a u [m/s],phase\n0,1e-3,"adam, first"\n0.5,,soap\n'))
        self.assertEqual(table.names, ["time_s", "a u", "phase"])
        self.assertEqual([table.unit(n) for n in table.names], ["s", "m/s", ""])
        np.testing.assert_array_equal(table["a u"], [1e-3, np.nan])
        self.assertEqual(list(table["phase"]), ["adam, first", "soap"])
        self.assertEqual(table.where("phase", "soap").rows, 1)
        self.assertIn("a u [m/s]", str(table))
        with self.assertRaisesRegex(Missing, "no column 'b'; there are time_s, a u, phase"):
            table["b"]

    def test_keep_names_that_look_like_numbers(self) -> None:
        rows = "1e3,12e4567,24_3,0.5\ninf,7654321,48_3,inf\n"
        table = read_table(self.write("contender,git,grid,error\n" + rows))
        self.assertEqual(list(table["contender"]), ["1e3", "inf"])
        self.assertEqual(list(table["git"]), ["12e4567", "7654321"])
        self.assertEqual(list(table["grid"]), ["24_3", "48_3"])
        np.testing.assert_array_equal(table["error"], [0.5, np.inf])
        self.assertEqual(table.where("contender", "1e3").rows, 1)
        hashes = read_table(self.write("kokkos_backend,model\nSerial,12e456789012\n"))
        self.assertEqual(list(hashes["model"]), ["12e456789012"])
        numbers = read_table(self.write("model,error\n3,0.5\n"))
        self.assertEqual(list(numbers["model"]), [3.0])

    def test_leave_out_a_last_line_that_was_cut_off(self) -> None:
        table = read_table(self.write("time_s,u\n0,1\n1,2\n2"))
        self.assertTrue(table.torn)
        self.assertEqual(table.rows, 2)
        self.assertFalse(read_table(self.write("time_s,u\n0,1\n")).torn)
        within_a_number = read_table(self.write("time_s,u\n0,1.25\n1,2.2"))
        self.assertEqual((within_a_number.torn, within_a_number.rows), (True, 1))
        self.assertTrue(read_table(self.write("time_s,u")).torn)
        of_others = read_table(self.write("height,u\n0,1.25\n1,2.2"))
        self.assertEqual((of_others.torn, of_others.rows), (True, 2))

    def test_refuse_rows_of_another_length(self) -> None:
        with self.assertRaisesRegex(Damaged, "row 1 below the headings has 3 cells; the headings have 2"):
            read_table(self.write("time_s,u\n0,1,5\n1,2\n"))
        with self.assertRaisesRegex(Damaged, "is empty"):
            read_table(self.write(""))
        path = made.scratch() / "binary.csv"
        path.write_bytes(b"\xff\xfe\x00\x01")
        with self.assertRaises(NotOurs):
            read_table(path)


class Yaml(unittest.TestCase):
    def test_is_read_as_the_program_writes_it(self) -> None:
        text = (
            "# a card\napp: flow   # words\nnumbers: [1, 2.5, -3e-4]\ntext: \"a # b: \\\"c\\\" \\x09\"\n"
            "grid:\n  cells: [64, 32]\n  none: []\nlist:\n  - name: u\n    unit: m/s\n  - name: v\n"
            "deep:\n  more:\n    yes: true\nafter: {kind: wall, at: [0, 1]}\nplain:\n  - a\n  - 2\n"
        )
        self.assertEqual(
            parse(text),
            {
                "app": "flow", "numbers": [1, 2.5, -3e-4], "text": 'a # b: "c" \t',
                "grid": {"cells": [64, 32], "none": []},
                "list": [{"name": "u", "unit": "m/s"}, {"name": "v"}], "deep": {"more": {"yes": True}},
                "after": {"kind": "wall", "at": [0, 1]}, "plain": ["a", 2],
            },
        )

    def test_refuses_what_it_does_not_know(self) -> None:
        for text in ("a: &x 1", "a: [1, 2", "a: 1\na: 2", "a: |\n  b", "\ta: 1", "a: 1\n   b: 2", 'a: "x'):
            with self.assertRaises(BadYaml, msg=text):
                parse(text)


class Blocks(unittest.TestCase):
    def test_of_literals_and_matches(self) -> None:
        self.assertEqual(decompress(b"\x30abc", 3), b"abc")
        # 'ab', then 18 bytes from 2 before: a match that overlaps itself; then the last literals
        block, whole = b"\x2eab\x02\x00\xc0" + b"cdefghijklmn", b"ab" * 10 + b"cdefghijklmn"
        self.assertEqual(decompress(block, len(whole)), whole)
        self.assertEqual(bytes(_decompress(block, len(whole))), whole)
        # a length of 15 + 255 + 3 literals
        self.assertEqual(decompress(b"\xf0\xff\x03" + b"x" * 273, 273), b"x" * 273)

    def test_that_are_damaged_are_errors_and_never_hang(self) -> None:
        pick = random.Random(2)
        good = b"\x26ab\x02\x00\x10c"
        for _ in range(2000):
            bad = bytearray(good)
            bad[pick.randrange(len(bad))] = pick.randrange(256)
            with contextlib.suppress(BadBlock, IndexError):
                self.assertLessEqual(len(_decompress(bytes(bad), 13)), 13 + 16)
        with self.assertRaises(BadBlock):
            decompress(zlib.compress(b"x" * 100), 100)


class Spectra(unittest.TestCase):
    def test_sum_to_the_variance(self) -> None:
        draw = np.random.default_rng(3)
        for n in (32, 33):
            rows = draw.normal(size=(5, n))
            variance = np.mean((rows - rows.mean(axis=1, keepdims=True)) ** 2)
            self.assertAlmostEqual(row_spectrum(rows, 0.1, True).values.sum(), variance, places=12)

    def test_of_a_wave_stand_at_its_number(self) -> None:
        x = (np.arange(16) + 0.5) / 16
        z, y, x = np.meshgrid(x, x, x, indexing="ij")
        u = 3 * np.sin(2 * np.pi * (3 * x + 4 * y))
        spectrum = shell_spectrum([u, 0 * u], [1 / 16] * 3)
        self.assertEqual(int(np.argmax(spectrum.values)), 5)
        self.assertAlmostEqual(spectrum.values.sum(), 4.5, places=12)
        self.assertAlmostEqual(float(spectrum.at[5]), 5 * 2 * np.pi, places=12)

    def test_of_a_tone_have_its_frequency_and_power(self) -> None:
        times = np.linspace(0, 40, 801)
        found = frequency_spectrum(times, 2 + 0.5 * np.sin(2 * np.pi * 1.25 * times), from_s=8)
        self.assertAlmostEqual(float(found.at[np.argmax(found.values)]), 1.25, delta=0.03)
        self.assertAlmostEqual(float(found.values.sum() * found.at[1]), 0.125, delta=0.002)


class Settings(unittest.TestCase):
    def test_are_written_as_the_deck_has_them(self) -> None:
        cases = [
            (True, "true"), (400, "400"), (1e-3, "0.001"), ("auto", "auto"), ([1, 2.5], "[1, 2.5]"),
            (np.float64(0.1), "0.1"), (np.arange(3), "[0, 1, 2]"), (["1", "sin(x)"], '["1", sin(x)]'),
            ({"kind": "wall", "at": ["max(1, x)", "", "no"]}, '{kind: wall, at: ["max(1, x)", "", no]}'),
        ]
        for value, text in cases:
            self.assertEqual(setting_text(value), text)

    def test_texts_are_texts(self) -> None:
        cases = [
            ("run #2", '"run #2"'), ("a: b", '"a: b"'), ("a:b#c", "a:b#c"), ("- a", '"- a"'), ("-y", "-y"),
            (" a", '" a"'), ("*a", '"*a"'), ("x * 2", "x * 2"), ("a\nb", '"a\\x0ab"'), ("", ""), ("1", "1"),
            ("max(1, x)", "max(1, x)"), ("[1, 2]", "[1, 2]"), ("{kind: wall}", "{kind: wall}"),
            ('"a: b"', '"a: b"'),
            (Path("/data/run #2"), '"/data/run #2"'), (Path("a/b.h5"), "a/b.h5"), (Path("400"), '"400"'),
            ([Path("a, b"), Path("c")], '["a, b", c]'), (["- a", "a\tb"], '["- a", "a\\x09b"]'),
            ({"a: b": 1, "c": Path("[d]")}, '{"a: b": 1, c: "[d]"}'), (np.array(2.5), "2.5"),
        ]
        for value, text in cases:
            self.assertEqual(setting_text(value), text)

    def test_none_is_no_value(self) -> None:
        for value in (None, [1, None], {"a": None}):
            with self.assertRaisesRegex(UnderstudyError, "^flow.x: None is no value of a deck"):
                command("run", "a.yaml", {"flow.x": value}, program="sh")

    def test_verbs_without_a_folder_are_refused_before_they_are_called(self) -> None:
        with self.assertRaisesRegex(UnderstudyError, r"`plan` leaves no output folder.*plan\(...\) returns"):
            start("plan", "a.yaml", program="/nowhere")
        with self.assertRaisesRegex(UnderstudyError, "find_program"):
            start("list", "a.yaml", program="/nowhere")


class Names(unittest.TestCase):
    def test_of_diagnostics_lose_what_all_of_them_have(self) -> None:
        names = ["flow.drag_coefficient", "flow.body1.drag_coefficient", "flow.body2.drag_coefficient"]
        words = ["drag coefficient", "body1.drag coefficient", "body2.drag coefficient"]
        self.assertEqual(list(curves.short(names).values()), words)
        for kept in (["p1.0 u", "p1.5 u"], ["a.b u"], ["one.energy", "two.energy"], ["u_error"]):
            self.assertEqual(list(curves.short(kept).values()), kept)


@unittest.skipUnless(importlib.util.find_spec("matplotlib"), "matplotlib is not installed")
class Pictures(unittest.TestCase):
    def setUp(self) -> None:
        import matplotlib

        matplotlib.use("Agg")
        from matplotlib import pyplot

        self.addCleanup(pyplot.close, "all")

    def run_of(self, name: str, files: dict[str, str]) -> Run:
        folder = made.scratch() / "pieces" / name
        folder.mkdir(parents=True)
        for file, text in files.items():
            (folder / file).write_text(text)
        return Run(folder)

    def drawn(self, run: Run, kind: str) -> dict[str, list[str]]:
        """The words of each figure's curves."""
        found = plot.figures(run.path, [kind])
        lines = {name: [line for axes in figure.axes for line in axes.lines] for name, figure in found}
        return {name: [str(one.get_label()) for one in ones] for name, ones in lines.items()}

    def test_curves_of_one_last_name_stay_apart(self) -> None:
        names = ["flow.drag_coefficient", "flow.body1.drag_coefficient", "flow.body2.drag_coefficient"]
        rows = "".join(f"{0.1 * n:.1f},{n % 3},{n % 2},{n}\n" for n in range(30))
        run = self.run_of("bodies", {
            "diagnostics.csv": ",".join(["time_s", *names]) + "\n" + rows,
            "probes.csv": "time_s,p1.0 u [m/s],p2.0 u [m/s],p2.5 u [m/s]\n" + rows,
        })
        spectra = self.drawn(run, "spectra")
        words = ["drag coefficient", "body1.drag coefficient", "body2.drag coefficient"]
        self.assertEqual(spectra["spectrum_forces"], words)
        self.assertEqual(spectra["spectrum_probes"], ["p1.0 u", "p2.0 u", "p2.5 u"])
        self.assertEqual(self.drawn(run, "probes")["probes"], ["p1.0 u", "p2.0 u", "p2.5 u"])
        self.assertEqual(self.drawn(run, "forces")["forces"], words)

    def test_masks_lie_as_the_fields_do(self) -> None:
        shape = {"time": 2, "x": 5, "y": 4, "z": 3}

        from matplotlib import pyplot

        def one(name: str, dims: tuple[str, ...], values: object = 1.0, **more: int) -> Field:
            counts = {**shape, **more}
            coords = {d: coordinate(d, "m", np.arange(counts[d])) for d in dims}
            return Field(name, "", dims, ArraySource(np.full([counts[d] for d in dims], values)), coords)

        def hidden(field: Field, mask: Field) -> object:
            figure = plot.draw_field(field, mask=mask)
            values = figure.axes[0].collections[0].get_array()
            pyplot.close(figure)
            return np.ma.getmaskarray(np.ma.masked_invalid(values)).reshape(4, -1)

        across = (np.arange(5) != 1).astype(float)  # a body at x 1
        wanted = np.zeros((4, 5), dtype=bool)
        wanted[:, 1] = True
        masks = [
            one("mask", ("x", "y"), across[:, None]), one("mask", ("y", "x"), across),
            one("mask", ("time", "x", "y"), across[:, None]), one("mask", ("z", "y", "x"), across),
            one("mask", ("x", "y", "z"), across[:, None, None]),
            one("mask", ("time", "x", "y", "z"), across[:, None, None]),
        ]
        for mask in masks:
            for dims in (("x", "y"), ("time", "y", "x"), ("time", "x", "y", "z"), ("z", "y", "x")):
                np.testing.assert_array_equal(hidden(one("p", dims), mask), wanted, err_msg=f"{mask} {dims}")
            self.assertFalse(np.any(hidden(one("u", ("time", "y", "x"), x=6), mask)))
        self.assertFalse(np.any(hidden(one("p", ("y", "x")), one("mask", ("time", "x")))))

    def test_segy_is_drawn_and_told(self) -> None:
        run = self.run_of("segy", {"diagnostics.csv": "time_s,a\n0,1\n"})
        wave = np.sin(np.arange(20.0)).reshape(2, 10)
        for kind, file in ((1, "gathers_pressure.sgy"), (1, "gathers_velocity_x.sgy"), (-1, "model.sgy"),
                           (-1, "model_density.sgy"), (1, "gathers_pressure.before_1.sgy"),
                           (1, "gathers_velocity_y.before_1.sgy")):
            same = {"record": 1, "kind": kind, "scalar": 1}
            headers = [{**same, "receiver_x": 10 * n, "ensemble_x": 10 * n} for n in range(2)]
            segy_writer.write(run.path / file, wave + 3, 8000, headers)
        self.assertEqual(len(run.all_gathers), 2)
        self.assertEqual(len(run.all_earth_models), 2)
        self.assertEqual(run.gathers.path.name, "gathers_pressure.sgy")
        self.assertIn("gather_samples_shot_0", self.drawn(run, "gathers"))
        self.assertIn("model_p_speed_m_s", self.drawn(run, "models"))
        text = describe(run.path)
        for file in ("gathers_pressure.sgy", "gathers_velocity_x.sgy", "model.sgy", "model_density.sgy"):
            self.assertIn(file, text)
        self.assertNotIn("before_", text)

    def test_inversions_of_flows_are_drawn_and_told(self) -> None:
        rows = "".join(f"{n},{1 / (n + 1)},0.1,{2.0**-n},{n},{n},{1 + n}\n" for n in range(4))
        heads = "iteration,misfit,background,gradient_norm,evaluations,wall_s,flow.viscosity [m2/s]\n"
        run = self.run_of("assimilated", {"assimilation.csv": heads + rows})
        found = self.drawn(run, "inversion")
        self.assertEqual(found["inversion"], ["misfit", "background", "gradient_norm"])
        self.assertEqual(list(found), ["inversion", "inversion_numbers"])
        self.assertIn(".iterations: <Table assimilation.csv 4 rows", describe(run.path))

    def test_places_that_cannot_be_written_are_one_line(self) -> None:
        table = "time_s,a u\n0,1\n1,2\n"
        run = self.run_of("nowhere", {"probes.csv": table, "diagnostics.csv": table})
        file = run.path / "figures"
        file.write_text("")
        said = io.StringIO()
        with contextlib.redirect_stderr(said):
            self.assertEqual(main(["plot", str(run.path / "probes.csv"), "--out", str(file)]), 2)
        self.assertRegex(said.getvalue(), rf"^E {file}: File exists\n$")


if __name__ == "__main__":
    unittest.main()
