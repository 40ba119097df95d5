"""SEG-Y: what the program writes read here, and what an independent writer writes read by the program."""

from __future__ import annotations

import random
import unittest
from pathlib import Path

import numpy as np

import made
import segy_writer
import understudy
from understudy import Damaged, NotOurs, UnderstudyError, UserError
from understudy.segy import SegyFile, from_ibm

deck = made.decks / "waves.yaml"
quiet = {"output.vtk": False, "output.pictures": False}


def headers_of(gathers: understudy.Gathers) -> list[dict[str, int]]:
    """In centimetres, sources below a surface at 10 m under elevation 0."""
    found = []
    for shot, source in enumerate(gathers.sources):
        for r, receiver in enumerate(gathers.receivers):
            found.append({
                "record": 100 + shot, "number": r + 1, "kind": 1, "scalar": -100, "elevation_scalar": -100,
                "source_x": round(100 * source[0]), "receiver_x": round(100 * receiver[0]),
                "receiver_elevation": -round(100 * receiver[2]), "surface_elevation": -1000,
                "source_depth": round(100 * source[2]) - 1000,
            })
    return found


def written(gathers: understudy.Gathers, name: str, form: int = 5) -> Path:
    path = made.scratch() / name
    values = gathers["pressure"].values
    traces = values.transpose(0, 2, 1).reshape(-1, values.shape[1])
    segy_writer.write(path, traces, 8000, headers_of(gathers), form)
    return path


class Numbers(unittest.TestCase):
    def test_of_ibm_are_the_published_ones(self) -> None:
        bits = np.array([0xC276A000, 0x41100000, 0, 0x7FFFFFFF, 0x00100000], dtype=">u4")
        wanted = [-118.625, 1, 0, (1 - 2.0**-24) * 2.0**252, 2.0**-260]
        np.testing.assert_array_equal(from_ibm(bits), wanted)
        np.testing.assert_array_equal(np.frombuffer(segy_writer.ibm([-118.625, 1]), ">u4"), bits[:2])


class Program(unittest.TestCase):
    def test_writes_what_is_read_here(self) -> None:
        for numbers, bits in (("ieee", 24), ("ibm", 21)):
            out = made.scratch() / f"segy_{numbers}"
            settings = {"output.gathers": "both", "output.models": "both", "output.segy_numbers": numbers}
            run = understudy.run(deck, {**quiet, **settings}, out=out)
            found, exact = understudy.open(out / "gathers_pressure.sgy"), run.gathers
            self.assertIsInstance(found, understudy.Gathers)
            self.assertEqual((found["pressure"].dims, found["pressure"].unit), (("shot", "time", "receiver"), "Pa"))
            np.testing.assert_array_equal(found.sources, exact.sources)
            np.testing.assert_array_equal(found.receivers, exact.receivers)
            np.testing.assert_array_equal(found.times, exact.times)
            np.testing.assert_allclose(found["pressure"].values, exact["pressure"].values, rtol=2.0**-bits, atol=1e-45)
            self.assertIn("SHOT GATHERS, pressure IN Pa", found.attributes["text"])
            section, model = understudy.open(out / "model.sgy"), run.earth_model
            self.assertIsInstance(section, understudy.EarthModel)
            speed, wanted = section["p_speed_m_s"], model["p_speed_m_s"]
            self.assertEqual((speed.dims, speed.unit), (wanted.dims, wanted.unit))
            np.testing.assert_allclose(speed.values, wanted.values, rtol=2.0**-bits)
            for axis in ("depth", "x"):
                np.testing.assert_allclose(speed.coords[axis].values, wanted.coords[axis].values, rtol=1e-12)

    def test_inverts_what_an_independent_writer_wrote(self) -> None:
        gathers = made.run("waves").gathers
        misfits = [understudy.open_run(made.folder("inverted")).iterations["misfit"]]
        observed = {"observed.h5": made.folder("waves") / "gathers.h5",
                    "ieee.sgy": written(gathers, "ieee.sgy"), "ibm.segy": written(gathers, "ibm.segy", 1)}
        for name, path in observed.items():
            out = made.scratch() / f"inverted_{name}"
            understudy.start("invert", deck, {**quiet, "inversion.observed": str(path)}, out=out)
            misfits.append(understudy.open_run(out).iterations["misfit"])
        np.testing.assert_allclose(misfits[2], misfits[1], rtol=1e-4)
        np.testing.assert_allclose(misfits[3], misfits[1], rtol=1e-4)

    def test_takes_a_section_of_an_independent_writer(self) -> None:
        speeds = made.run("waves").earth_model["p_speed_m_s"].values  # [depth, x]
        path = made.scratch() / "section.sgy"
        # 20 m: 20000 mm, x in dm from 5 km on
        headers = [{"record": 1, "number": i + 1, "kind": 1, "scalar": -10, "ensemble_x": 50000 + 200 * i}
                   for i in range(speeds.shape[1])]
        for form in (1, 5):
            segy_writer.write(path, speeds.T, 20000, headers, form)
            model = {"kind": "file", "file": {"path": str(path)}}
            run = understudy.run(deck, {**quiet, "seismic.model": model}, out=made.scratch() / f"section_{form}")
            np.testing.assert_allclose(run.earth_model["p_speed_m_s"].values, speeds, rtol=2.0**-20)
        segy_writer.write(path, speeds.T, 10000, headers)
        with self.assertRaisesRegex(UserError, "samples are 10000 mm apart"):
            understudy.run(deck, {**quiet, "seismic.model": model}, out=made.scratch() / "section_refused")

    def test_refuses_places_that_are_not_the_decks(self) -> None:
        path = written(made.run("waves").gathers, "moved.sgy")
        raw = bytearray(path.read_bytes())
        raw[3600 + 80 : 3600 + 84] = (2600).to_bytes(4, "big")  # receiver 0 of shot 0: x 26 m
        for n in (0, 12):
            at = 3600 + n * (240 + 4 * 51) + 80
            raw[at : at + 4] = (2600).to_bytes(4, "big")
        path.write_bytes(bytes(raw))
        with self.assertRaisesRegex(UserError, r"receiver 0 is at \(x 26, y 0, depth 570\) m, but the survey's"):
            understudy.start("invert", deck, {**quiet, "inversion.observed": str(path)},
                             out=made.scratch() / "moved")


class Refused(unittest.TestCase):
    def test_what_is_damaged_or_of_others(self) -> None:
        whole = written(made.run("waves").gathers, "whole.sgy").read_bytes()
        path = made.scratch() / "bad.sgy"
        for kind, words, raw in (
            (Damaged, "cut off: it has 3000 bytes", whole[:3000]),
            (Damaged, "no whole number of traces of 51 samples", whole[:-1]),
            (Damaged, "no whole number of traces", whole[:3600]),
            (NotOurs, "little-endian", whole[:3224] + b"\x05\x00" + whole[3226:]),
            (NotOurs, "of sample format 4", whole[:3224] + b"\x00\x04" + whole[3226:]),
            (NotOurs, "revision 2", whole[:3500] + b"\x02\x00" + whole[3502:]),
            (NotOurs, "different lengths", whole[:3714] + b"\x00\x09" + whole[3716:]),
            (NotOurs, "different intervals", whole[:3716] + b"\x00\x09" + whole[3718:]),
            (NotOurs, "the same receivers", whole[:3680] + b"\x00\x00\x0a\x28" + whole[3684:]),
            (Damaged, "not finite", whole[:3840] + b"\x7f\x80\x00\x00" + whole[3844:]),
            (Damaged, "extended textual headers", whole[:3504] + b"\xff\xff" + whole[3506:]),
            (NotOurs, "a zip archive", b"PK\x03\x04..."),
        ):
            path.write_bytes(raw)
            with self.assertRaisesRegex(kind, words):
                understudy.open(path)

    def test_random_damage_is_damage(self) -> None:
        whole = written(made.run("waves").gathers, "random.sgy").read_bytes()
        path, pick = made.scratch() / "damaged.sgy", random.Random(7)
        for _ in range(100):
            raw = bytearray(whole[: pick.randrange(len(whole))] if pick.random() < 0.2 else whole)
            for _ in range(pick.choice([1, 5, 40]) if raw else 0):
                raw[pick.randrange(min(len(raw), 5000))] = pick.randrange(256)
            path.write_bytes(bytes(raw))
            with np.errstate(all="ignore"):
                try:
                    self.assertTrue(np.all(np.isfinite(SegyFile(path).traces)))
                    understudy.open(path)
                except UnderstudyError:
                    pass


if __name__ == "__main__":
    unittest.main()
