"""The page of the API: each installed header with its leading comment and what it documents.

Which headers are installed says cmake/install.cmake: of the rooms below, all but torch_*.hpp, and the faces
for other programs and plugins (more of the room apps is installed, for plugins; they include it through these). A declaration is listed where a comment of three slashes stands above it or behind it.
"""

from __future__ import annotations

import html
import re
from pathlib import Path

rooms = ["core", "mesh", "solvers", "surrogates", "pinn"]
faces = ["understudy/understudy.hpp", "understudy/stepper.hpp", "understudy/understudy.h", "understudy.f90"]


def leading_comment(text: str) -> str:
    """The lines of // (or of Fortran's !) with which a file begins; or its first /* */."""
    block = re.match(r"/\*(.*?)\*/", text, re.DOTALL)
    if block:
        return "\n".join(line.strip(" *") for line in block[1].strip().split("\n"))
    lines = []
    for line in text.split("\n"):
        mark = re.match(r"(//+|!+) ?(.*)", line)
        if not mark:
            break
        lines.append(mark[2])
    return "\n".join(lines)


def declaration(lines: list[str], first: int) -> str:
    """From a line on, up to its body, semicolon or comma."""
    text = ""
    for line in lines[first : first + 8]:
        text += " " + line.split("///")[0].split("//")[0].strip()
        if re.search(r"[;{]\s*(}.*)?$", text):
            break
    return re.sub(r"\s+", " ", re.split(r"[{;]", text)[0]).strip()


def documented(text: str) -> list[tuple[str, str]]:
    """Declarations and what is said of them; not of private members, whose names end in _."""
    lines, said, found = text.split("\n"), [], []
    for n, line in enumerate(lines):
        before, mark, words = line.partition("///")
        if not mark:
            if said and line.strip() and not line.strip().startswith(("template", "//", "[[")):
                found.append((declaration(lines, n), " ".join(said)))
                said = []
            continue
        words = words.lstrip("<").strip()
        if before.strip():
            name = re.split(r"[;{]", before)[0].strip()
            found.append((name, words))
        else:
            said.append(words)
    return [(name, words) for name, words in found if name and not re.search(r"_\b", name.split("=")[0])]


def section(name: str, text: str) -> str:
    """One header's. Comments are shown as they are written: formulas and snippets hang on their columns."""
    page = f"### {name}\n\n"
    comment = leading_comment(text)
    if comment:
        page += "".join(f"    {line}".rstrip() + "\n" for line in comment.split("\n")) + "\n"
    for declared, words in documented(text):
        page += f"- `` {declared} ``: {plain(words)}\n"
    return page + "\n"


def plain(words: str) -> str:
    """Not to be read as HTML or emphasis; what stands in backticks is code already."""
    parts = words.split("`")
    for n in range(0, len(parts), 2):
        parts[n] = re.sub(r"([*_\[\]\\])", r"\\\1", html.escape(parts[n], quote=False))
    return "`".join(parts)


def page(source: Path) -> str:
    text = (
        "# API\n\nThe headers that `cmake --install` installs below `understudy/`, with their leading comments and "
        "what they document; made from the sources when the site is built. [library.md](library.md) says how a "
        "program uses them.\n\n## Faces for other programs and plugins\n\n"
    )
    for face in faces:
        text += section(f"understudy/{Path(face).name}", (source / "surrogates/interface" / face).read_text())
    text += section("understudy/apps/plugin.hpp", (source / "apps/plugin.hpp").read_text())
    for room in rooms:
        text += f"## {room}/\n\n"
        for header in sorted((source / room).rglob("*.hpp")):
            if header.name.startswith("torch_") or "interface" in header.parts:
                continue
            text += section(f"understudy/{header.relative_to(source)}", header.read_text())
    return text
