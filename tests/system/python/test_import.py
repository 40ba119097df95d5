"""`understudy import` of models of fields: PyTorch to swap, exports that come back, what is refused."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import unittest
from functools import lru_cache
from pathlib import Path

import numpy as np

import made
import understudy
from understudy.program import call, find_program

script = made.source / "examples/imported_unet/train_unet.py"
one_window = {"swap.policy": "always", "time.end_s": 0.5, "time.output_every": 1}


@lru_cache(maxsize=1)
def folder() -> Path:
    """<study> with the wake's dataset; a list of trusted programs of the tests' own."""
    out = made.scratch() / "import" / "study"
    out.mkdir(parents=True)
    (out / "dataset").symlink_to(made.folder("wake") / "dataset")
    os.environ["UNDERSTUDY_TRUSTED_PROGRAMS"] = str(out.parent / "trusted")
    return out


def take(file: Path, card: Path, out: Path, *more: str) -> None:
    call([*find_program(), "import", str(file), "--card", str(card), "--out", str(out), *more])


def refused(*words: str) -> str:
    done = subprocess.run([*find_program(), *words], capture_output=True, text=True)
    assert done.returncode == 2, done.stderr
    return done.stderr


@lru_cache(maxsize=1)
def trained() -> Path:
    """What the example makes of the wake's samples: unet.pt and card.yaml."""
    out = made.scratch() / "import" / "unet"
    subprocess.run([sys.executable, str(script), str(folder() / "dataset"), str(out)], check=True)
    return out


def identity(name: str, **keys: str) -> Path:
    """A card for exported models: their functions' arguments, and `keys`."""
    card = made.scratch() / "import" / f"{name}.yaml"
    text = {"takes": "fields", "dataset": str(folder() / "dataset"), **keys}
    card.write_text("".join(f"{key}: {value}\n" for key, value in text.items()))
    return card


def last_u(out: Path) -> np.ndarray:
    """One window of the model in <out>/model from the wake's start."""
    return np.asarray(understudy.run(made.decks / "wake.yaml", one_window, out=out).fields["u"][-1])


def has_onnx() -> bool:
    listed = subprocess.run([*find_program(), "list"], capture_output=True, text=True, check=True).stdout
    return "ONNX Runtime" in listed


class Imported(unittest.TestCase):
    @unittest.skipUnless(importlib.util.find_spec("torch"), "python3-torch is not installed")
    def test_unet_of_pytorch_to_swap(self) -> None:
        out, model = folder(), folder() / "model"
        take(trained() / "unet.pt", trained() / "card.yaml", model)
        self.assertTrue((model / "model.pt").exists())
        self.assertIn("kind: imported", (model / "card.yaml").read_text())
        taken = understudy.Model(model)
        taken.verify()
        self.assertEqual(set(taken.errors["field"]), {"u", "v", "p"})
        with self.assertRaisesRegex(understudy.Missing, "is a program"):
            _ = taken.weights
        other = shutil.copytree(model, out.parent / "exchanged")
        (other / "model.pt").write_bytes((model / "model.pt").read_bytes() + b"more")
        with self.assertRaisesRegex(understudy.Damaged, "for a program of hash"):
            understudy.Model(other).verify()
        self.assertIn("that of its import; for another one import it anew", refused(
            "run", str(made.decks / "wake.yaml"), "--out", str(out), "--set", "swap.policy=gate"))
        understudy.start("calibrate", made.decks / "wake.yaml", out=out)
        self.assertTrue((model / "trust.safetensors").exists())
        run = understudy.run(made.decks / "wake.yaml", {"swap.policy": "gate"}, out=out)
        accepted = run.summary["metrics.swap.accepted_fraction"]
        self.assertGreaterEqual(accepted, 0)
        self.assertLessEqual(accepted, 1)
        always = understudy.run(made.decks / "wake.yaml", {"swap.policy": "always"}, out=out)
        self.assertEqual(always.summary["metrics.swap.accepted_fraction"], 1)
        # No other program trains, exports or moves it to another grid.
        deck = str(made.decks / "wake.yaml")
        file = str(out.parent / "again.pt")
        self.assertIn("it is a program already", refused(
            "export", str(model), "--to", "torchscript", "--out", file))
        self.assertIn("is not trained here", refused(
            "train", deck, "--out", str(out), "--set", "network.kind=imported", "--set", "contenders=[]"))
        self.assertIn("import one for this deck", refused(
            "run", deck, "--out", str(out), "--set", "swap.policy=always", "--set", "grid.cells=[48,16]",
            "--set", "grid.upper_m=[10,2]"))
        self.assertIn("--overwrite replaces", refused(
            "import", str(trained() / "unet.pt"), "--card", str(trained() / "card.yaml"),
            "--out", str(model)))

    @unittest.skipUnless(importlib.util.find_spec("torch"), "python3-torch is not installed")
    def test_gates_are_calibrated_on_the_dataset_of_the_import(self) -> None:
        out = made.scratch() / "import" / "another"
        out.mkdir()
        (out / "dataset").symlink_to(folder() / "dataset")
        more = shutil.copytree(folder() / "dataset", out / "one_sample_more")
        first = min((more / "train").glob("*.hdf5"))
        shutil.copy(first, first.with_name("member_099.hdf5"))
        card = out / "card.yaml"
        written = (trained() / "card.yaml").read_text()
        card.write_text(re.sub(r"(?m)^dataset: .*$", f"dataset: {more}", written))
        take(trained() / "unet.pt", card, out / "model")
        self.assertIn("import it anew for this dataset", refused(
            "calibrate", str(made.decks / "wake.yaml"), "--out", str(out)))

    @unittest.skipUnless(importlib.util.find_spec("torch"), "python3-torch is not installed")
    def test_somebody_elses_folder_is_refused_until_it_is_trusted(self) -> None:
        out = made.scratch() / "import" / "theirs"
        take(trained() / "unet.pt", trained() / "card.yaml", out / "model")
        mine = os.environ["UNDERSTUDY_TRUSTED_PROGRAMS"]
        os.environ["UNDERSTUDY_TRUSTED_PROGRAMS"] = str(out / "nothing_yet")
        try:
            words = ("run", str(made.decks / "wake.yaml"), "--out", str(out))
            self.assertIn("understudy import --trust", refused(*words, "--set", "swap.policy=always"))
            call([*find_program(), "import", "--trust", str(out / "model")])
            understudy.run(made.decks / "wake.yaml", one_window, out=out)
        finally:
            os.environ["UNDERSTUDY_TRUSTED_PROGRAMS"] = mine

    def test_exports_come_back(self) -> None:
        folder()
        out = made.scratch() / "import" / "round"
        out.mkdir()
        (out / "dataset").symlink_to(made.folder("wake") / "dataset")
        small = {"network.kind": "unet", "network.width": 4, "network.levels": 1, "training.epochs": 1,
                 "contenders": []}
        understudy.start("train", made.decks / "wake.yaml", small, out=out)
        wanted = last_u(out)
        for engine in ("torchscript", "onnx"):
            if engine == "onnx" and not has_onnx():
                continue
            with self.subTest(engine):
                file = out / f"exported.{engine}"
                call([*find_program(), "export", str(out / "model"), "--to", engine, "--out", str(file)])
                again = made.scratch() / "import" / f"again_{engine}"
                card = identity(engine, engine=engine, fixed="array", parameters_as="array",
                                parameters="[{name: flow.reynolds}]")
                take(file, card, again / "model")
                found = last_u(again)
                self.assertLessEqual(np.abs(found - wanted).max(), 1e-5 * np.abs(wanted).max())

    def test_cards_that_do_not_serve(self) -> None:
        folder()
        file = made.scratch() / "import" / "nothing.pt"
        file.write_bytes(b"not a model")
        out = made.scratch() / "import" / "refused"
        for card, message in (
            (identity("points", takes="points"), "fields"),
            (identity("misspelt", chanels="[]"), "channels"),
            (identity("field", channels="[{name: w}]"), "'w' is no field of the dataset; there are u, v, p"),
            (identity("engine", engine="keras"), "torchscript"),
            (identity("kept", conserve="[w]"), "conserve: 'w' is no field at cells of the dataset"),
            (identity("late", skip_windows="1000"), "skip_windows 1000"),
            (identity("coarse", stride="1000"), "a stride of 1000"),
            (identity("nowhere", dataset="none_such"), "none_such"),
            (identity("file"), "is no TorchScript file"),
        ):
            with self.subTest(card.stem):
                self.assertIn(message, refused("import", str(file), "--card", str(card), "--out", str(out)))
                self.assertFalse(out.exists())
        card = made.scratch() / "import" / "without.yaml"
        card.write_text("takes: fields\n")
        self.assertIn("dataset", refused("import", str(file), "--card", str(card), "--out", str(out)))


if __name__ == "__main__":
    unittest.main()
