"""What can go wrong, as exceptions that say what was found, where, and what would do."""

from __future__ import annotations


class UnderstudyError(Exception):
    """Of everything that this package raises."""


class Missing(UnderstudyError, KeyError):
    """A file, a field or a key that is not there; the message lists what is."""

    def __str__(self) -> str:  # KeyError's own is in quotes
        return str(self.args[0]) if self.args else ""


class NotOurs(UnderstudyError):
    """A file or folder of something else."""


class Damaged(UnderstudyError):
    """A file of ours whose content cannot be what was written."""


class Unfinished(UnderstudyError):
    """A file that is being written, or whose writer was stopped."""


class ProgramError(UnderstudyError):
    """The program ended with an error; the text is its message.

    `code`: its exit code. `output`: all that it wrote.
    """

    def __init__(self, message: str, code: int, output: str) -> None:
        super().__init__(message)
        self.code = code
        self.output = output


class UserError(ProgramError):
    """Code 2: the deck, a file or the command line is wrong; nothing was computed."""


class RunFailed(ProgramError):
    """Code 3: the run failed (a state that is not finite...); the last checkpoint is kept."""


class Stopped(ProgramError):
    """Code 128 + n: stopped by signal n, with a checkpoint written."""


def listed(names: object, most: int = 20) -> str:
    """'a, b, c' for a message; 'none' if there are none."""
    all_names = [str(name) for name in names]  # type: ignore[attr-defined]
    if not all_names:
        return "none"
    text = ", ".join(all_names[:most])
    return text if len(all_names) <= most else f"{text}... ({len(all_names)} in all)"
