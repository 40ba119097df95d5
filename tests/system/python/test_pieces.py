"""The parts that need no program: indices, tables, YAML, LZ4, spectra, values of settings."""

from __future__ import annotations

import contextlib
import random
import unittest
import zlib

import numpy as np

import made
from understudy import Damaged, Field, Missing, NotOurs, read_table
from understudy.cards import BadYaml, parse
from understudy.fields import ArraySource, StackedSource, coordinate
from understudy.lz4 import BadBlock, _decompress, decompress
from understudy.program import setting_text
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

    def test_sources_behind_each_other_are_one(self) -> None:
        values = np.arange(7 * 3).reshape(7, 3)
        stacked = StackedSource([ArraySource(values[:2]), ArraySource(values[2:3]), ArraySource(values[3:])])
        one = Field("u", "", ("sample", "x"), stacked)
        for key in (0, 2, -1, slice(1, 6, 2), slice(None, None, -1), slice(3, 3), [6, 0]):
            np.testing.assert_array_equal(one[key], values[key], err_msg=str(key))


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


if __name__ == "__main__":
    unittest.main()
