"""`understudy export`: files that PyTorch and ONNX Runtime load, against what the program predicts."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import subprocess
import unittest
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

import made
import understudy
from understudy.program import call, find_program

kinds = {
    "unet": {"network.width": 4, "network.levels": 1},
    "fno": {"network.width": 4, "network.modes": [4], "network.layers": 2},
    "conv_autoencoder": {"network.width": 4, "network.levels": 1, "network.latent_size": 2},
    "pod": {"network.latent_size": 4, "network.latent_map": "mlp"},
    "dmd": {"network.latent_size": 4},
}


def has(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


@lru_cache(maxsize=1)
def models() -> dict[str, Path]:
    """A model folder of every kind, trained for one epoch on the wake's few samples; one of points."""
    out = made.scratch() / "export" / "study"
    out.mkdir(parents=True)
    (out / "dataset").symlink_to(made.folder("wake") / "dataset")
    found = {}
    for kind, settings in kinds.items():
        wanted = {"network.kind": kind, "training.epochs": 1, "contenders": [], **settings}
        understudy.start("train", made.decks / "wake.yaml", wanted, out=out)
        found[kind] = (out / "model").rename(out / f"model_{kind}")
    deck = out.parent / "reaction.yaml"
    points = made.folder("points") / "sub_models/reaction/dataset"
    deck.write_text(
        f"app: points\npoints: {{dataset: {points}}}\nnetwork: {{width: 8, depth: 1}}\n"
        "training: {members: 2, epochs: 2, threads: 1}\n")
    understudy.start("train", deck, out=out.parent / "reaction")
    found["points"] = out.parent / "reaction" / "model"
    return found


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Without what Debian's ONNX Runtime says of every operator that it finds registered already."""
    kept, nothing = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nothing)


def export(model: Path, to: str, *more: str) -> Path:
    file = made.scratch() / "export" / f"{model.parent.name}_{model.name}.{to}"
    call([*find_program(), "export", str(model), "--to", to, "--out", str(file), "--overwrite", *more])
    return file


def samples_of(model: Path, to: str) -> tuple[Path, dict[str, np.ndarray]]:
    """The file, and inputs and predictions by name."""
    path = made.scratch() / "export" / "samples.safetensors"
    file = export(model, to, "--samples", str(path))
    return file, {name: np.asarray(array) for name, array in understudy.Tensors(path).items()}


def parts_of(output: dict[str, Any]) -> list[tuple[int, int, int]]:
    """What is measured by itself: the channels, or the closing faces of each; begin, end, channel."""
    if "faces" not in output:
        return [(n, n + 1, n) for n in range(output["shape"][1])]
    return [(f["first"], f["first"] + int(np.prod(f["shape"])), f["channel"]) for f in output["faces"]]


class Exported(unittest.TestCase):
    def agree(self, card: dict[str, Any], found: list[np.ndarray], samples: dict[str, np.ndarray],
              count: int) -> None:
        self.assertEqual(len(found), len(card["outputs"]))
        for array, output in zip(found, card["outputs"]):
            wanted = samples[output["name"]][:count]
            self.assertEqual(array.shape, wanted.shape)
            for begin, end, channel in parts_of(output):
                # Closing faces at walls are 0 to rounding: the size is that of their field.
                sizes = (wanted[:, begin:end], samples["state_after"][:, channel]) \
                    if "faces" in output else (wanted[:, begin:end],)
                largest = max(np.abs(size).max() for size in sizes)
                miss = np.abs(array[:, begin:end] - wanted[:, begin:end]).max()
                self.assertLessEqual(miss, 1e-5 * largest, output["name"])

    @unittest.skipUnless(has("torch"), "python3-torch is not installed")
    def test_torch_predicts_what_the_program_does(self) -> None:
        import torch

        for kind, model in models().items():
            with self.subTest(kind):
                file, samples = samples_of(model, "torchscript")
                module = torch.jit.load(str(file))
                card = json.loads(module.card)
                for count in (1, 2):  # states in a batch
                    inputs = [torch.tensor(samples[i["name"]][:count]) for i in card["inputs"]]
                    with torch.jit.optimized_execution(False):  # compiling takes longer than the call
                        found = module(*inputs)
                    arrays = [found] if torch.is_tensor(found) else list(found)
                    self.agree(card, [a.numpy() for a in arrays], samples, count)

    @unittest.skipUnless(has("onnxruntime"), "python3-onnxruntime is not installed")
    def test_onnx_runtime_predicts_what_the_program_does(self) -> None:
        with quiet():
            import onnxruntime

        for kind, model in models().items():
            with self.subTest(kind):
                file, samples = samples_of(model, "onnx")
                with quiet():
                    session = onnxruntime.InferenceSession(
                        str(file), providers=["CPUExecutionProvider"])
                card = json.loads(session.get_modelmeta().custom_metadata_map["card"])
                names = [i["name"] for i in card["inputs"]]
                self.assertEqual(names, [i.name for i in session.get_inputs()])
                self.assertEqual([o["name"] for o in card["outputs"]],
                                 [o.name for o in session.get_outputs()])
                for count in (1, 2):
                    found = session.run(None, {name: samples[name][:count] for name in names})
                    self.agree(card, found, samples, count)

    def test_card_says_what_goes_in(self) -> None:
        _, samples = samples_of(models()["unet"], "torchscript")
        self.assertEqual(samples["state"].shape[1:], samples["state_after"].shape[1:])
        weights = understudy.Tensors(export(models()["unet"], "safetensors"))
        self.assertIn("flow.reynolds", weights.texts["card"])
        ours = understudy.open(models()["unet"]).weights
        self.assertEqual(sorted(weights), sorted(ours))
        for name in ours:
            np.testing.assert_array_equal(np.asarray(weights[name]), np.asarray(ours[name]))

    def test_refusals(self) -> None:
        model, file = models()["unet"], made.scratch() / "export" / "refused"
        for words, message in (
            ([str(model), "--to", "keras", "--out", str(file)], "torchscript"),
            ([str(model), "--out", str(file)], "--to is required"),
            ([str(model), "--to", "onnx"], "--out is required"),
            ([str(model.parent), "--to", "onnx", "--out", str(file)], "card.yaml is missing"),
            ([str(model), "--to", "onnx", "--out", str(model / "README.md")], "--overwrite replaces it"),
            ([str(model), "--to", "onnx", "--out", str(model / "card.yaml")], "belongs to the model"),
        ):
            done = subprocess.run([*find_program(), "export", *words], capture_output=True, text=True)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn(message, done.stderr)
            self.assertFalse(file.exists())


if __name__ == "__main__":
    unittest.main()
