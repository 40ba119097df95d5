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
from .errors import Missing, ProgramError, RunFailed, Stopped, UnderstudyError, UserError
from .opening import open_run
from .runs import Run

_colour = re.compile(r"\x1b\[[0-9;]*[A-Za-z]|\r")
_control = re.compile(r"[\x00-\x1f\x7f]")
# What a plain text of YAML does not have: anywhere within brackets, as a whole value, and at its begin.
_special = re.compile(r"[\[\]{}:,#\"'&*!|>%@`\x00-\x1f\x7f]|^\s|\s$")
_not_alone = re.compile(r"\s#|:(\s|$)|[\x00-\x1f\x7f]|^\s|\s$")
_begins = re.compile(r"[\[\]{},#\"'&*!|>%@`]|[-?:](\s|$)|---|\.\.\.")
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
    """A value as the deck writes it: true, 0.5, [1, 2], {kind: wall}.

    A text is itself, in quotes where YAML would read something else ('run #2', 'a: b'); one that is a
    list or a group in brackets, a number or a word like true is handed over as it is.
    """
    if isinstance(value, str):
        return value if not _needs_quotes(value) else _quoted(value)
    return _inner(value)


def _inner(value: Any) -> str:
    if isinstance(value, np.generic) or isinstance(value, np.ndarray) and value.ndim == 0:
        value = value.item()
    if value is None:
        raise UnderstudyError("None is no value of a deck; leave the setting out to keep the deck's own")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(str(k))}: {_inner(v)}" for k, v in value.items()) + "}"
    if isinstance(value, (Sequence, np.ndarray)) and not isinstance(value, (str, bytes)):
        return "[" + ", ".join(_inner(v) for v in value) + "]"
    if isinstance(value, (str, bytes, os.PathLike)):
        # a text here must not be taken for a number, or for several entries
        text = os.fsdecode(value)
        return text if _is_plain(text) and isinstance(plain_value(text), str) else _quoted(text)
    return str(value)


def _key(name: str) -> str:
    return name if name and _is_plain(name) else _quoted(name)


def _is_plain(text: str) -> bool:
    """Is it itself in YAML, also within brackets?"""
    return not _special.search(text) and not _begins.match(text)


def _needs_quotes(text: str) -> bool:
    """Of a text that is a whole setting: is it something else to YAML, and not meant to be?"""
    if len(text) > 1 and text[0] + text[-1] in ("[]", "{}", '""', "''"):
        return False
    return bool(_not_alone.search(text) or _begins.match(text))


def _quoted(text: str) -> str:
    text = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + _control.sub(lambda c: f"\\x{ord(c[0]):02x}", text) + '"'


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
        try:
            line += ["--set", f"{key}={setting_text(value)}"]
        except UnderstudyError as error:
            raise UnderstudyError(f"{key}: {error}") from error
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


_without_folder = ("check", "plan", "export", "import", "list", "help")


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
    """Calls a verb, waits for its end, and opens what it made. Those that make no output folder are refused.

    `settings`: values by path, in place of the deck's. `out`: the output folder (default:
    out/<deck name>). `echo`: show what the program writes. `environment`: variables, in place of this
    process's.
    """
    if verb in _without_folder:
        how = f"{verb}(...)" if verb in ("check", "plan") else f"call([*find_program(), {verb!r}, ...])"
        raise UnderstudyError(f"`{verb}` leaves no output folder to be opened; {how} returns what it says")
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


def plan(deck: str | os.PathLike[str], settings: Settings | None = None, **more: Any) -> str:
    """What `understudy plan` says of a study's time, memory and disk, after its pilot of a minute."""
    environment = more.pop("environment", None)
    return call(command("plan", deck, settings, **more), environment=environment)


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
