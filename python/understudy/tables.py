"""Tables: the CSV files of a run, by column, with units.

    forces = run.diagnostics
    forces.names                      # ['time_s', 'flow.drag', ...]
    forces["flow.drag"]               # numpy array
    forces.unit("flow.kinetic_energy")
    print(forces)                     # as text
    forces.to_pandas()                # where pandas is installed
"""

from __future__ import annotations

import csv
import io
import math
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .errors import Damaged, Missing, NotOurs, UnderstudyError, listed
from .fields import Array
from .files import require_file

_heading = re.compile(r"^(?P<name>.*?)\s*\[(?P<unit>[^\[\]]*)\]\s*$")
_suffixes = {
    "_m_s": "m/s",
    "_core_s": "core s",
    "_s": "s",
    "_m": "m",
    "_hz": "Hz",
    "_deg": "degrees",
}


def split_heading(heading: str) -> tuple[str, str]:
    """Name and unit of 'u [m/s]', of 'time_s', or of a name that tells none ('')."""
    match = _heading.match(heading)
    if match:
        return match["name"], match["unit"]
    for suffix, unit in _suffixes.items():
        if heading.endswith(suffix):
            return heading, unit
    return heading, ""


class Table(Mapping[str, Array]):
    """Columns by name. `torn`: the last line has no end (its writer works on, or was stopped; tables of
    others often end so)."""

    def __init__(
        self,
        columns: Mapping[str, Any],
        units: Mapping[str, str] | None = None,
        title: str = "",
        torn: bool = False,
    ) -> None:
        self._columns = {name: np.asarray(values) for name, values in columns.items()}
        self._units = dict(units or {})
        self.title = title
        self.torn = torn

    @property
    def names(self) -> list[str]:
        return list(self._columns)

    @property
    def rows(self) -> int:
        return len(next(iter(self._columns.values()))) if self._columns else 0

    def unit(self, name: str) -> str:
        self[name]
        return self._units.get(name, "")

    def row(self, n: int) -> dict[str, Any]:
        return {name: values[n] for name, values in self._columns.items()}

    def where(self, name: str, value: Any) -> Table:
        """The rows in which a column has this value."""
        chosen = self[name] == value
        columns = {other: values[chosen] for other, values in self._columns.items()}
        return Table(columns, self._units, self.title)

    def __getitem__(self, name: str) -> Array:
        if name not in self._columns:
            where = f"{self.title}: " if self.title else ""
            raise Missing(f"{where}no column '{name}'; there are {listed(self._columns)}")
        return self._columns[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)

    def __str__(self) -> str:
        return as_text(self)

    def __repr__(self) -> str:
        return f"<Table {self.title} {self.rows} rows: {listed(self.names)}>"

    def to_pandas(self) -> Any:
        try:
            import pandas
        except ImportError as e:
            raise UnderstudyError("to_pandas() needs pandas: pip install pandas") from e
        return pandas.DataFrame(dict(self._columns))


_widest = 60


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, (float, np.floating)):
        return "" if math.isnan(value) else f"{value:.6g}"
    text = str(value)
    return text if len(text) <= _widest else text[: _widest - 3] + "..."


def as_text(table: Table, most_rows: int = 40) -> str:
    """Aligned columns; of a long table the first and the last rows, of long texts the start."""
    headings = [n + (f" [{table.unit(n)}]" if table.unit(n) else "") for n in table.names]
    shown: Sequence[int] = range(table.rows)
    if table.rows > most_rows:
        half = most_rows // 2
        shown = [*range(half), -1, *range(table.rows - half, table.rows)]
    lines = [headings]
    for n in shown:
        lines.append(["..." if n < 0 else _cell(table[c][n]) for c in table.names])
    widths = [max(len(line[c]) for line in lines) for c in range(len(headings))]
    texts = [table[c].dtype == object for c in table.names]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if text else cell.rjust(width)
            for cell, width, text in zip(line, widths, texts)
        ).rstrip()
        for line in lines
    )


# Columns of names, whatever the names look like: a contender may be called 24_3, a version 12e4567.
_names = frozenset(
    ("contender", "name", "run", "phase", "policy", "case", "git", "date")
    + ("kokkos_backend", "device", "network_device", "precision", "network_precision")
)


# First columns of the tables that the program writes line by line, each with its end.
_series = frozenset(("time_s", "step", "epoch", "iteration"))


def _number(cell: str) -> float:
    if "_" in cell:  # float() reads 24_3 as 243
        raise ValueError(cell)
    return math.nan if cell == "" else float(cell)


def _is_number(cell: str) -> bool:
    try:
        _number(cell)
    except ValueError:
        return False
    return True


def _column(name: str, cells: list[str], is_name: bool = False) -> Array:
    if name not in _names and not is_name and all(_is_number(cell) for cell in cells):
        return np.array([_number(cell) for cell in cells])
    return np.array(cells, dtype=object)


def read_table(path: str | os.PathLike[str]) -> Table:
    """A CSV file with one line of headings. A last line without an end was cut off, within its last number
    perhaps, and is left out; of a table that is no series of the program's, it is kept where it has all
    cells. Columns are numbers where all cells are, but for those of names (contender, name, run, git and
    their like)."""
    path = Path(path)
    require_file(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotOurs(f"{path} is no text") from error
    lines = [row for row in csv.reader(io.StringIO(text)) if row]
    if not lines:
        raise Damaged(f"{path} is empty: was its writer stopped, or the disk full?")
    headings = [split_heading(h) for h in lines[0]]
    rows = lines[1:]
    torn = not text.endswith("\n")
    if torn and rows:
        whole = len(rows[-1]) == len(headings) and rows[-1][0] != ""
        rows = rows if whole and headings[0][0] not in _series else rows[:-1]
    for n, row in enumerate(rows):
        if len(row) != len(headings):
            raise Damaged(
                f"{path}: row {n + 1} below the headings has {len(row)} cells; "
                f"the headings have {len(headings)}"
            )
    names = _without_doubles([name for name, _ in headings])
    # A model's hash beside its backend; comparisons of inversions number their models.
    hashes = {"model"} if "kokkos_backend" in names else set()
    columns = {
        name: _column(name, [row[n] for row in rows], name in hashes)
        for n, name in enumerate(names)
    }
    units = {name: unit for name, (_, unit) in zip(names, headings)}
    return Table(columns, units, path.name, torn)


def _without_doubles(names: list[str]) -> list[str]:
    seen: dict[str, int] = {}
    found = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        found.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return found
