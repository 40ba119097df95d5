"""Whether docs/outputs.md names every file that a verb left in its folder.

The page's tables have patterns in their first column: `pictures/<field>_<window>.png`, where <...> stands for
anything but a slash, and `dataset/` for everything below it.
"""

from __future__ import annotations

import re
from pathlib import Path


class Unnamed(Exception):
    """Files that the page does not name."""


def patterns(page: Path) -> list[re.Pattern[str]]:
    found = []
    for row in re.findall(r"^\| (`[^|]*) \|", page.read_text(), re.MULTILINE):
        for name in re.findall(r"`([^`]+)`", row):
            words = "[^/]+".join(map(re.escape, re.split(r"<[^>]*>", name)))
            found.append(re.compile(words + (".*" if name.endswith("/") else "") + "$"))
    return found


def require_all_named(out: Path, page: Path) -> None:
    known = patterns(page)
    if not known:
        raise Unnamed(f"{page} has no patterns")
    unnamed, files = [], 0
    for folder in sorted(out.iterdir()):
        for path in sorted(folder.rglob("*")):
            if path.is_dir():
                continue
            files += 1
            name = path.relative_to(folder).as_posix()
            if not any(pattern.match(name) for pattern in known):
                unnamed.append(f"{folder.name}/{name}")
    if unnamed:
        raise Unnamed(f"{page} does not name " + ", ".join(unnamed))
    print(f"{files} files in {out}, each named by {page.name}")
