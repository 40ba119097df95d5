"""Model folders: what was trained, within which envelope, how well, and the weights as arrays."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np

from .cards import read_card
from .errors import Damaged, Missing
from .files import AnyPath
from .safetensors import Tensors
from .tables import Table


class Model:
    """`card` (nested dicts), `weights` (arrays by name), `kind`, `errors`.

    `kind`: fields (a State advanced by a window), points (a function of rows), arrays (a map between
    arrays) or pinn (a solution of a problem).
    """

    def __init__(self, path: AnyPath) -> None:
        self.path = path = Path(path)
        if not (path / "card.yaml").exists():
            raise Missing(f"no model in {path}: card.yaml is missing; `understudy train` writes it")
        self.card: dict[str, Any] = read_card(path / "card.yaml")

    @property
    def kind(self) -> str:
        if "problem" in self.card:
            return "pinn"
        if "engine" in self.card:
            return "points"
        return "arrays" if "input_scale" in self.card else "fields"

    @property
    def name(self) -> str:
        return str(self.card.get("name", self.card.get("problem", "")))

    @property
    def weights(self) -> Tensors:
        if self._program:
            raise Missing(f"the model in {self.path} is a program ({self._program.name}), imported by "
                          "`understudy import`: its weights are not known by name")
        path = self.path / "weights.safetensors"
        if not path.exists():
            raise Missing(f"{path} is missing: a folder of an earlier version has weights.pt, which "
                          "`understudy import --convert` turns into it")
        return Tensors(path)

    @property
    def members(self) -> list[Model]:
        """The other networks of an ensemble of fields; this one is the first."""
        found: list[Model] = []
        while (self.path / f"member_{len(found) + 2}" / "card.yaml").exists():
            found.append(Model(self.path / f"member_{len(found) + 2}"))
        return found

    @property
    def errors(self) -> Table:
        """What the card says of errors on held-out data, a row a field."""
        if self.kind == "arrays":
            numbers = self.card.get("errors", {})
            rows = [{"name": self.card["output"]["name"], **numbers}]
        else:
            rows = self.card.get("validation") or self.card.get("errors") or []
        names = list(rows[0]) if rows else []
        columns = {n: [row.get(n, np.nan) for row in rows] for n in names}
        return Table({n: _column(values) for n, values in columns.items()}, title=str(self.path))

    @property
    def fields(self) -> Table:
        """A row a channel (or feature): name, unit, mean, std, lowest, highest."""
        groups = {"fields": ("fields", "fixed"), "points": ("inputs", "outputs")}
        rows = []
        for group in groups.get(self.kind, ()):
            rows += [{"role": group, **row} for row in self.card.get(group) or []]
        names = ("role", "name", "unit", "mean", "std", "lowest", "highest")
        return Table({n: _column([row.get(n) for row in rows]) for n in names}, title=str(self.path))

    @property
    def _program(self) -> Path | None:
        """The file of an imported model of fields."""
        if (self.card.get("network") or {}).get("kind") != "imported":
            return None
        names = {"torchscript": "model.pt", "aoti": "model.pt2", "onnx": "model.onnx"}
        return self.path / names[self.card["imported"]["engine"]]

    def verify(self) -> None:
        """Damaged where weights or program are not those that the card was written with."""
        if self._program:
            self._verify_program(self._program)
            return
        written = self.card.get("weights_hash", "")
        found = hashlib.sha256(self.weights.path.read_bytes()).hexdigest()[:16]
        if written and written != found:
            raise Damaged(
                f"{self.weights.path} has the hash {found}, and the card beside it was written "
                f"for weights of hash {written}: one of the two was exchanged"
            )
        self.weights.verify()

    def _verify_program(self, path: Path) -> None:
        if not path.exists():
            raise Missing(f"{path} is missing, the program that was imported")
        written = self.card["imported"]["file_hash"]
        found = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
        if written != found:
            raise Damaged(f"{path} has the hash {found}, and the card beside it was written for a "
                          f"program of hash {written}: one of the two was exchanged")

    def __repr__(self) -> str:
        count = self.card.get("weight_count", "?")
        what = "imported program" if self._program else f"{count} weights"
        return f"<Model {self.path}: {self.kind}, {self.name}, {what}>"


def _column(values: list[Any]) -> Any:
    if all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in values):
        return np.array(values, dtype=float)
    return np.array(values, dtype=object)
