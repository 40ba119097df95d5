"""What is missing, not ours, half-written or damaged, and what the program refuses."""

from __future__ import annotations

import contextlib
import os
import random
import re
import unittest
from pathlib import Path

import h5py
import numpy as np

import made
import understudy
from understudy import Damaged, Missing, NotOurs, RunFailed, Unfinished, UserError


def flip(path: Path, at: int) -> None:
    raw = bytearray(path.read_bytes())
    raw[at] ^= 0x10
    path.write_bytes(bytes(raw))


def cut(path: Path, share: float) -> None:
    raw = path.read_bytes()
    path.write_bytes(raw[: int(share * len(raw))])


class Files(unittest.TestCase):
    def refuse(self, kind: type[Exception], words: str, path: Path) -> None:
        with self.assertRaisesRegex(kind, words):
            found = understudy.open(path)
            for field in getattr(found, "fields", {}).values():
                field.values  # noqa: B018
            for name in found if isinstance(found, understudy.Tensors) else []:
                found[name]

    def test_of_others(self) -> None:
        folder = made.scratch()
        for name, content, words in (
            ("a.h5", b"version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer"),
            ("b.h5", b"PK\x03\x04....", "no HDF5 file, but a zip archive"),
            ("c.nc", b"\x89HDF\r\n\x1a\n", "no classic NetCDF file"),
            ("d.vti", b"<html>", "no VTK file"),
            ("e.txt", b"hello", "no file that this program writes"),
            ("f.safetensors", b"\x00" * 20, "no safetensors file"),
            ("g.json", b'{"a": 1}', "no summary of a verb"),
            ("h.vtu", b'<?xml version="1.0"?><!DOCTYPE a []><VTKFile>', "XML entities"),
        ):
            (folder / name).write_bytes(content)
            self.refuse(NotOurs, words, folder / name)
        with h5py.File(folder / "i.h5", "w") as file:
            file["temperature"] = np.zeros(3)
        self.refuse(NotOurs, "something else; it holds temperature", folder / "i.h5")
        (folder / "empty").mkdir(exist_ok=True)
        self.refuse(NotOurs, "no folder of this program; it holds none", folder / "empty")
        self.refuse(Missing, "there is no", folder / "nowhere.h5")
        os.mkfifo(folder / "pipe.csv")
        self.refuse(NotOurs, "a pipe or a device", folder / "pipe.csv")

    def test_half_written(self) -> None:
        folder = made.scratch()
        for name in ("checkpoint.h5.4711.part", "member_000.hdf5.partial"):
            (folder / name).write_bytes(b"x")
            self.refuse(Unfinished, "half-written", folder / name)
        samples = made.copy(made.folder("wake") / "dataset", "unfinished")
        for path in samples.rglob("*.hdf5"):
            path.rename(path.with_suffix(".hdf5.partial"))
        self.refuse(Unfinished, "half-written: member_000.hdf5.partial", samples)
        run = made.copy(made.folder("wake"), "at_work")
        (run / "summary.json").unlink()
        found = understudy.open_run(run)
        self.assertFalse(found.finished)
        self.assertEqual(found.fields["u"].shape[0], 5)
        with self.assertRaisesRegex(Missing, "a verb writes it when it ends"):
            found.summary  # noqa: B018

    def test_cut_off(self) -> None:
        wake, waves = made.folder("wake"), made.folder("waves")
        for path, words in (
            (wake / "checkpoint.h5", "cannot be opened: .*Was it cut off"),
            (waves / "gathers.h5", "cannot be opened"),
            (wake / "fields/fields_000001.vti", "cut off"),
            (made.folder("sphere") / "fields.nc", "cut off"),
            (made.folder("sphere") / "fields/fields_000001.vtu", "cut off"),
            (wake / "summary.json", "no JSON"),
            (wake / "model/weights.safetensors", "damaged|cut off"),
            (wake / "fields.pvd", "cut off"),
        ):
            broken = made.copy(path, path.name)
            cut(broken, 0.6)
            self.refuse(Damaged, words, broken)
            broken.write_bytes(b"")
            self.refuse(understudy.UnderstudyError, "", broken)

    def test_flipped_bits_are_found_by_checksums(self) -> None:
        checkpoint = made.copy(made.folder("wake") / "checkpoint.h5", "flipped.h5")
        with h5py.File(checkpoint) as file:
            at = file["fields/u"].id.get_offset()
        self.assertIsNotNone(at)
        flip(checkpoint, at + 100)
        with self.assertRaisesRegex(Damaged, "the values of field 'u'"):
            understudy.open(checkpoint).verify()
        with h5py.File(made.copy(made.folder("wake") / "checkpoint.h5", "moved.h5"), "a") as file:
            file.attrs["time_s"] = 4.5
            moved = Path(file.filename)
        with self.assertRaisesRegex(Damaged, "time, step, scalars or attributes"):
            understudy.open(moved).verify()
        model = made.copy(made.folder("wake") / "model", "model")
        flip(model / "weights.safetensors", (model / "weights.safetensors").stat().st_size - 3)
        with self.assertRaisesRegex(Damaged, "one of the two was exchanged"):
            understudy.open(model).verify()
        with self.assertRaisesRegex(Damaged, "checksum does not fit its content"):
            understudy.open(model / "weights.safetensors").verify()
        card = model / "card.yaml"
        card.write_text(card.read_text().replace("window_s: 0.5", "window_s: 0.4"))
        with self.assertRaisesRegex(Damaged, "checksum does not fit"):
            understudy.open(model)
        sample = made.copy(made.folder("wake") / "dataset/train/member_000.hdf5", "sample.hdf5")
        with h5py.File(sample) as file:
            at = file["t0_fields/u"].id.get_chunk_info(0).byte_offset
        flip(sample, at + 40)
        self.refuse(Damaged, "is damaged", sample)

    def test_random_damage_is_damage_and_no_fault_of_the_reader(self) -> None:
        wake, sphere = made.folder("wake"), made.folder("sphere")
        # Not HDF5's: on some of them libHDF5 itself never ends or takes all memory.
        tries = int(os.environ.get("UNDERSTUDY_DAMAGE_TRIES", "15"))
        pick = random.Random(5)
        for path in (
            wake / "fields/fields_000001.vti", sphere / "fields/fields_000001.vtu", wake / "fields.pvd",
            sphere / "fields.nc", wake / "model/weights.safetensors", wake / "diagnostics.csv",
            wake / "summary.json", wake / "model/card.yaml", wake / "dataset/stats.yaml",
        ):
            whole = path.read_bytes()
            broken = made.scratch() / f"random{path.suffix}"
            for n in range(tries):
                raw = bytearray(whole[: pick.randrange(len(whole))] if n % 5 == 0 else whole)
                # structure stands at the start of most
                most = min(len(raw), pick.choice([600, 4000, len(raw) or 1]))
                for _ in range(pick.choice([1, 3, 30]) if most else 0):
                    raw[pick.randrange(most)] = pick.randrange(256)
                broken.write_bytes(bytes(raw))
                with contextlib.suppress(understudy.UnderstudyError):  # nothing else may come out
                    self.look(broken)

    @staticmethod
    def look(path: Path) -> None:
        """Everything that is read from it."""
        with np.errstate(all="ignore"):
            found = understudy.open(path)
            for field in getattr(found, "fields", {}).values():
                if field.size < 1e6:
                    field.values  # noqa: B018
            for name in found if isinstance(found, understudy.Tensors) else []:
                found[name]

    def test_values_in_other_files_are_not_followed(self) -> None:
        secret = made.scratch() / "secret.h5"
        with h5py.File(secret, "w") as file:
            file["pressure"] = np.zeros((1, 2, 3))
        linked = made.copy(made.folder("waves") / "gathers.h5", "linked.h5")
        with h5py.File(linked, "a") as file:
            del file["pressure"]
            file["pressure"] = h5py.ExternalLink(str(secret), "/pressure")
        self.refuse(Missing, "no gathers", linked)
        with h5py.File(linked, "a") as file:
            del file["pressure"]
            layout = h5py.VirtualLayout(shape=(2, 51, 12), dtype="f8")
            layout[:1, :2, :3] = h5py.VirtualSource(str(secret), "pressure", shape=(1, 2, 3))
            file.create_virtual_dataset("pressure", layout)
        self.refuse(NotOurs, "lie in other files", linked)
        series = made.scratch() / "outside.pvd"
        one = '<DataSet timestep="0" file="../../etc/x.vti"/>'
        series.write_text(f"<VTKFile><Collection>{one}</Collection></VTKFile>")
        self.refuse(understudy.UnderstudyError, "outside its folder", series)

    def test_names_that_are_not_there(self) -> None:
        run = made.run("bubble")
        with self.assertRaisesRegex(Missing, "no field 'T'; there are u, w, theta, density"):
            run.fields["T"]
        with self.assertRaisesRegex(Missing, "no comparison.csv: `compare` or `study` writes it"):
            run.comparison  # noqa: B018
        self.assertFalse("T" in run.fields)
        self.assertIsNone(run.summary.get("metrics.nothing"))


class Program(unittest.TestCase):
    deck = made.decks / "bubble.yaml"

    def test_its_message_is_the_exceptions(self) -> None:
        out = made.scratch() / "refused"
        with self.assertRaises(UserError) as caught:
            understudy.run(self.deck, {"time.end": 3}, out=out)
        self.assertRegex(str(caught.exception), r"time\.end.*end_s")
        self.assertEqual(caught.exception.code, 2)
        self.assertFalse(out.exists())

    def test_runs_that_fail_are_told_from_wrong_decks(self) -> None:
        with self.assertRaises(RunFailed) as caught:
            understudy.run(self.deck, {"time.max_abs_value": 1e-3}, out=made.scratch() / "failed")
        self.assertRegex(str(caught.exception), "u|w|theta")

    def test_ends_by_signals_are_told_apart(self) -> None:
        error = understudy.program._error(143, "I working\nW stopped by signal 15; --resume goes on\n")
        self.assertIsInstance(error, understudy.Stopped)
        self.assertIn("--resume", str(error))

    def test_check_gives_the_resolved_deck(self) -> None:
        text = understudy.check(self.deck, {"grid.cells": [16, 8]})
        self.assertEqual(understudy.cards.parse(text)["grid"]["cells"], [16, 8])
        bubble = {"quantity": "temperature", "amplitude_k": -5, "center_m": [0, 1500], "radius_m": [2e3, 1e3]}
        text = understudy.check(self.deck, {"moist_box.initial.bubbles": [bubble]})
        found = understudy.cards.parse(text)["moist_box"]["initial"]["bubbles"]
        self.assertEqual({name: found[0][name] for name in bubble}, bubble)
        sides = {"flow.initial.velocity_m_s": ["1", "max(0, y)"]}
        flow = understudy.cards.parse(understudy.check(made.decks / "wake.yaml", sides))
        self.assertEqual(flow["flow"]["initial"]["velocity_m_s"], ["1", "max(0, y)"])

    def test_is_found_or_asked_for(self) -> None:
        with self.assertRaisesRegex(Missing, "no program /nowhere/understudy"):
            understudy.run(self.deck, program="/nowhere/understudy")
        line = understudy.command("run", "a.yaml", {"flow.reynolds": 1e3}, ranks=2, resume=True, out="o")
        self.assertEqual(line[:3], ["mpirun", "-n", "2"])
        wanted = "run a.yaml --set flow.reynolds=1000.0 --out o --resume"
        self.assertEqual(line[4:], wanted.split())

    def test_goes_on_where_it_stopped(self) -> None:
        out = made.scratch() / "longer"
        understudy.run(self.deck, {"time.end_s": 30}, out=out)
        run = understudy.run(self.deck, {"time.end_s": 60}, out=out, resume=True)
        np.testing.assert_allclose(run.fields["theta"].values, made.run("bubble").fields["theta"].values)
        self.assertTrue(re.match(r"\d{4}-", run.summary.provenance["started"]))


if __name__ == "__main__":
    unittest.main()
