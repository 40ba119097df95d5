"""Numbers in tables, and tables in pages."""
import pathlib
import sys


def time_text(seconds):
    for unit, scale in (("s", 1), ("ms", 1e-3), ("us", 1e-6)):
        if seconds >= scale:
            return f"{seconds / scale:.3g} {unit}"
    return "0" if seconds == 0 else f"{seconds / 1e-6:.2g} us"


def size_text(value):
    for unit in ("B", "kB", "MB"):
        if value < 1000:
            return f"{value:.3g} {unit}" if value else "0"
        value /= 1000
    return f"{value:.3g} GB"


def percent(value):
    if value < 5e-4:
        return "0"
    return f"{100 * value:.1f}%" if value < 0.1 else f"{100 * value:.0f}%"


def replace_between(path, source, text):
    """What stands in `path` between the lines `<!-- filled from SOURCE -->` and `<!-- end of SOURCE -->`."""
    begin, end = f"<!-- filled from {source} -->", f"<!-- end of {source} -->"
    old = pathlib.Path(path).read_text()
    if begin not in old or end not in old:
        sys.exit(f"benchmarks/scaling: {path} has no lines {begin} and {end}")
    head, rest = old.split(begin, 1)
    pathlib.Path(path).write_text(head + begin + "\n\n" + text.strip() + "\n\n" + end + rest.split(end, 1)[1])
