"""Starting the program: a deck, settings in place of its own, and the output folder as a Run.

    run = understudy.run("cavity.yaml", {"flow.reynolds": 400}, out="out/re400")
    run.summary["metrics.steps"]

Errors carry the program's message: UserError (the deck is wrong), RunFailed, Stopped.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .cards import plain_value
from .errors import Missing, ProgramError, RunFailed, Stopped, UserError
from .opening import open_run
from .runs import Run

_colour = re.compile(r"\x1b\[[0-9;]*[A-Za-z]|\r")
_special = re.compile(r"[\[\]{}:,#\"'&*!|>%@`]|^\s|\s$")
Settings = Mapping[str, Any]


def find_program(program: str | os.PathLike[str] | None = None) -> list[str]:
    """The command that starts the program.

    `program`, else $UNDERSTUDY_PROGRAM, else `understudy` on the PATH, else the one of the source
    tree that this package lies in.
    """
    given = os.fspath(program) if program else os.environ.get("UNDERSTUDY_PROGRAM", "")
    if given:
        found = shutil.which(given)
        if not found:
            raise Missing(f"there is no program {given}")
        return [found]
    on_path = shutil.which("understudy")
    if on_path:
        return [on_path]
    tree = Path(__file__).resolve().parents[2]
    if (tree / "understudy").is_file() and (tree / "build/bin/understudy").exists():
        return [str(tree / "understudy")]
    raise Missing(
        "the program `understudy` is not on the PATH; set UNDERSTUDY_PROGRAM to it, or give program="
    )


def setting_text(value: Any) -> str:
    """A value as the deck writes it: true, 0.5, [1, 2], {kind: wall}."""
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, np.generic):
        return setting_text(value.item())
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{k}: {_inner(v)}" for k, v in value.items()) + "}"
    if isinstance(value, (Sequence, np.ndarray)) and not isinstance(value, (str, bytes)):
        return "[" + ", ".join(_inner(v) for v in value) + "]"
    return os.fspath(value) if isinstance(value, os.PathLike) else str(value)


def _inner(value: Any) -> str:
    text = setting_text(value)
    # within lists and groups a text must not be taken for a number, or for several entries
    if isinstance(value, str) and (_special.search(value) or not isinstance(plain_value(value), str)):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return text


def command(
    verb: str,
    deck: str | os.PathLike[str],
    settings: Settings | None = None,
    *,
    out: str | os.PathLike[str] | None = None,
    ranks: int = 1,
    threads: int | None = None,
    resume: bool = False,
    program: str | os.PathLike[str] | None = None,
) -> list[str]:
    """The command line of a call, for a job script."""
    start = find_program(program)
    if ranks > 1 and _is_launcher(Path(start[0])):
        start += ["-n", str(ranks)]
    elif ranks > 1:
        start = ["mpirun", "-n", str(ranks), *start]
    line = [*start, verb, os.fspath(deck)]
    for key, value in (settings or {}).items():
        line += ["--set", f"{key}={setting_text(value)}"]
    if out is not None:
        line += ["--out", os.fspath(out)]
    if resume:
        line.append("--resume")
    if threads is not None:
        line += ["--threads", str(threads)]
    return line


def _is_launcher(path: Path) -> bool:
    """Is it the source tree's script, which takes -n itself?"""
    return (path.resolve().parent / "quickstart").exists()


def start(
    verb: str,
    deck: str | os.PathLike[str],
    settings: Settings | None = None,
    *,
    out: str | os.PathLike[str] | None = None,
    ranks: int = 1,
    threads: int | None = None,
    resume: bool = False,
    echo: bool = False,
    program: str | os.PathLike[str] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Run:
    """Calls a verb, waits for its end, and opens what it made.

    `settings`: values by path, in place of the deck's. `out`: the output folder (default:
    out/<deck name>). `echo`: show what the program writes. `environment`: variables, in place of this
    process's.
    """
    folder = Path(out) if out is not None else Path("out") / Path(deck).stem
    line = command(verb, deck, settings, out=folder, ranks=ranks, threads=threads,
                   resume=resume, program=program)
    call(line, echo=echo, environment=environment)
    return open_run(folder)


def run(deck: str | os.PathLike[str], settings: Settings | None = None, **more: Any) -> Run:
    """`understudy run`; see start()."""
    return start("run", deck, settings, **more)


def study(deck: str | os.PathLike[str], settings: Settings | None = None, **more: Any) -> Run:
    """`understudy study`: generate, train, compare; see start()."""
    return start("study", deck, settings, **more)


def check(deck: str | os.PathLike[str], settings: Settings | None = None, **more: Any) -> str:
    """The resolved deck, with every default, unit and help; UserError where the deck is wrong."""
    environment = more.pop("environment", None)
    return call(command("check", deck, settings, **more), environment=environment)


def call(
    line: Sequence[str], echo: bool = False, environment: Mapping[str, str] | None = None
) -> str:
    """Runs a command of the program and returns its standard output."""
    process = subprocess.Popen(
        list(line), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        if echo else subprocess.PIPE, text=True, errors="replace",
        env={**os.environ, **environment} if environment is not None else None,
    )
    try:
        if echo:
            out, err = _shown(process), ""
        else:
            out, err = process.communicate()
    except BaseException:  # an interrupted notebook must not leave a simulation behind
        process.terminate()
        process.wait()
        raise
    if process.returncode != 0:
        raise _error(process.returncode, _colour.sub("", out + err))
    return out


def _shown(process: subprocess.Popen[str]) -> str:
    lines = []
    for text in process.stdout or []:
        sys.stdout.write(text)
        lines.append(text)
    process.wait()
    return "".join(lines)


def _error(code: int, output: str) -> ProgramError:
    found = [line[2:] for line in output.splitlines() if line.startswith("E ")]
    lines = [line for line in output.splitlines() if line.strip()]
    message = "\n".join(dict.fromkeys(found)) or (lines[-1] if lines else f"exit code {code}")
    if code == 2:
        return UserError(message, code, output)
    if code == 3:
        return RunFailed(message, code, output)
    if code > 128 or code < 0:
        return Stopped(lines[-1] if lines else message, code, output)
    return ProgramError(f"{message} (exit code {code})", code, output)
