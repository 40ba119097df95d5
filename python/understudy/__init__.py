"""Understudy in Python: its results as arrays, and the program at hand.

    import understudy

    run = understudy.open("out/cavity")
    u = run.fields["u"]                       # [time, y, x], lazy; u.unit, u.coords["x"]
    again = understudy.run("cavity.yaml", {"flow.reynolds": 400}, out="out/re400")

    python -m understudy info out/cavity
    python -m understudy plot out/cavity

docs/python.md has examples for everything.
"""

from .checkpoint import Checkpoint
from .comparison import Comparison
from .datasets import Dataset, Pairs, Points, Sample
from .errors import (
    Damaged,
    Missing,
    NotOurs,
    ProgramError,
    RunFailed,
    Stopped,
    UnderstudyError,
    Unfinished,
    UserError,
)
from .fields import Coordinate, Field, Fields
from .models import Model
from .netcdf import NetcdfFields
from .opening import open, open_run  # noqa: A004
from .program import call, check, command, find_program, plan, run, start, study
from .runs import Run, Study
from .safetensors import Tensors
from .seismic import EarthModel, Gathers, Inversion
from .summary import Summary
from .tables import Table, read_table
from .vtk import VtkSeries
from .vtkhdf import VtkHdfSeries

__version__ = "0.2.0"

__all__ = [
    "Checkpoint", "Comparison", "Coordinate", "Damaged", "Dataset", "EarthModel", "Field", "Fields",
    "Gathers", "Inversion", "Missing", "Model", "NetcdfFields", "NotOurs", "Pairs", "Points",
    "ProgramError", "Run", "RunFailed", "Sample", "Stopped", "Study", "Summary", "Table", "Tensors",
    "UnderstudyError", "Unfinished", "UserError", "VtkHdfSeries", "VtkSeries", "call", "check",
    "command", "find_program", "open", "open_run", "plan", "read_table", "run", "start", "study",
]
