"""summary.json: what a verb measured, with provenance and the machine.

    summary = run.summary
    summary["metrics.flow.strouhal"]       # a number, by its path
    summary.metrics                        # nested dicts
    print(summary.table())                 # every number and text, a row each
    summary.verbs["train"]                 # what each verb of the folder measured last
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from .errors import Damaged, Missing, NotOurs, listed
from .files import AnyPath, require_file
from .tables import Table


def flattened(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """('metrics.error.u.rel_l2_mean', 0.01)...; lists are kept whole."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from flattened(inner, f"{path}.{name}" if path else str(name))
    else:
        yield path, value


class Summary(Mapping[str, Any]):
    """By key, or by a path of keys with dots between them."""

    def __init__(self, content: Mapping[str, Any], where: str) -> None:
        self.content = content
        self.where = where

    @classmethod
    def read(cls, path: AnyPath) -> Summary:
        path = Path(path)
        require_file(path)
        try:
            content = json.loads(path.read_text(encoding="utf-8", errors="replace"))
        except ValueError as error:
            raise Damaged(f"{path} is no JSON ({error}): was it cut off?") from error
        if not isinstance(content, dict) or "verb" not in content:
            raise NotOurs(f"{path} is JSON, but no summary of a verb")
        return cls(content, str(path))

    def __getitem__(self, path: str) -> Any:
        value: Any = self.content
        left = path
        while left:
            if not isinstance(value, Mapping):
                self._refuse(path)
            # names of quantities may hold dots themselves: the longest that fits
            names = [n for n in value if left == n or left.startswith(n + ".")]
            if not names:
                self._refuse(path)
            name = max(names, key=len)
            value, left = value[name], left[len(name) + 1 :]
        return value

    def _refuse(self, path: str) -> None:
        top = {name: value for name, value in self.content.items() if name != "verbs"}
        known = [name for name, _ in flattened(top)]
        last = path.rsplit(".", 1)[-1]
        near = [name for name in known if last in name] or list(self.content)
        raise Missing(f"{self.where} has no '{path}'; there are {listed(near)}")

    def __iter__(self) -> Iterator[str]:
        return iter(self.content)

    def __len__(self) -> int:
        return len(self.content)

    @property
    def verb(self) -> str:
        return str(self.content["verb"])

    @property
    def app(self) -> str:
        return str(self.content.get("app", ""))

    @property
    def metrics(self) -> Mapping[str, Any]:
        return dict(self.content.get("metrics", {}))

    @property
    def timing(self) -> Mapping[str, Any]:
        return dict(self.content.get("timing", {}))

    @property
    def provenance(self) -> Mapping[str, Any]:
        return dict(self.content.get("provenance", {}))

    @property
    def verbs(self) -> dict[str, Summary]:
        """What each verb of the folder measured last."""
        sections = self.content.get("verbs") or {self.verb: self.content}
        return {n: Summary(one, f"{self.where}, verb {n}") for n, one in sections.items()}

    def table(self) -> Table:
        """Metrics and times, a row each: name, value."""
        parts = {n: self.content.get(n, {}) for n in ("metrics", "timing")}
        rows = [(name, value) for name, value in flattened(parts) if not isinstance(value, list)]
        values = np.empty(len(rows), dtype=object)
        values[:] = [np.nan if value is None else value for _, value in rows]
        names = np.array([name for name, _ in rows], dtype=object)
        return Table({"name": names, "value": values}, title=self.where)

    def __repr__(self) -> str:
        return f"<Summary of {self.verb}, app {self.app}: {listed(self.metrics)}>"
