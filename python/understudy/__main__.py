"""python -m understudy info PATH | plot RUN"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from .errors import UnderstudyError
from .info import describe


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m understudy", description="Looks at what the program wrote, and draws it."
    )
    verbs = parser.add_subparsers(dest="verb", required=True)
    info = verbs.add_parser("info", help="what a file or folder is and holds")
    info.add_argument("path", type=Path)
    info.add_argument("--verify", action="store_true", help="compute the checksums of all values")
    plot = verbs.add_parser("plot", help="draw a run, a study or a file")
    plot.add_argument("path", type=Path, metavar="RUN")
    plot.add_argument("--what", default="", metavar="KIND[,KIND...]",
                      help="fields, diagnostics, forces, probes, lines, spectra, gathers, models, errors, "
                      "training, history, inversion (default: all that are there)")
    plot.add_argument("--field", default="", metavar="NAME[,NAME...]", help="which fields (default: all)")
    plot.add_argument("--time", type=float, metavar="S", help="of the fields (default: the last)")
    plot.add_argument("--shot", default="0", metavar="N[,N...]", help="which gathers (default: 0)")
    plot.add_argument("--out", type=Path, metavar="DIR", help="default: RUN/figures")
    plot.add_argument("--format", default="png", choices=("png", "pdf", "svg"))
    plot.add_argument("--dpi", type=int, default=150)
    plot.add_argument("--show", action="store_true", help="open windows and write nothing")
    return parser


def _plot(arguments: argparse.Namespace) -> None:
    try:
        import matplotlib
    except ImportError as error:
        raise UnderstudyError("drawing needs matplotlib: pip install matplotlib") from error
    if not arguments.show:
        matplotlib.use("Agg")
    from . import plot

    what = [word for word in arguments.what.split(",") if word] or None
    try:
        shots = [int(n) for n in arguments.shot.split(",")]
    except ValueError as error:
        raise UnderstudyError(f"--shot {arguments.shot}: whole numbers are wanted") from error
    wishes = plot.Wishes([n for n in arguments.field.split(",") if n], arguments.time, shots)
    path: Path = arguments.path
    if arguments.show:
        list(plot.figures(path, what, wishes))
        from matplotlib import pyplot

        pyplot.show()
        return
    folder = arguments.out or (path if path.is_dir() else path.parent) / "figures"
    written = plot.save(path, folder, what, wishes, arguments.format, arguments.dpi)
    for file in written:
        print(file)
    if not written:
        raise UnderstudyError(f"{path} holds nothing that can be drawn")


def main(words: list[str] | None = None) -> int:
    arguments = _parser().parse_args(words)
    try:
        if arguments.verb == "info":
            print(describe(arguments.path, arguments.verify))
        else:
            _plot(arguments)
    except UnderstudyError as error:
        print(f"E {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        return 0
    except OSError as error:  # --out is a file, the disk is full...
        place = f"{error.filename}: " if error.filename else ""
        print(f"E {place}{error.strerror or error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
