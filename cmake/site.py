"""What mkdocs.yml adds to docs/ when the site is built.

The README is the first page; api.md lists the installed headers (cmake/site_api.py); a file outside docs/ that
a page links to is a part of the site, below repository/, so that no link leads out of it. Markdown is read
here by Python-Markdown, which wants an empty line before a list and four spaces before a nested one: pages
keep the form that other readers know, and are brought into this one.
"""

from __future__ import annotations

import posixpath
import re
import sys
from pathlib import Path

from mkdocs.structure.files import File

source = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(source / "cmake"))

import site_api  # noqa: E402

link = re.compile(r"(?<=\]\()(?!https?:|mailto:|#)([^)#\s]+)(#[^)\s]*)?(?=\))")
of_site: dict[str, str] = {}  # a page's address in the site -> its path in the repository


def slug(heading: str, separator: str) -> str:
    """As GitHub names a heading, for pages are read there, too."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", separator)


def address(path: str) -> str:
    """Where the site has a file of the repository."""
    if path == "README.md":
        return "index.md"
    return path[len("docs/"):] if path.startswith("docs/") else f"repository/{path}"


def outside_code(text: str):
    """Lines with whether they are prose: neither fenced nor indented."""
    fence = ""
    for line in text.split("\n"):
        mark = re.match(r" {0,3}(```+|~~~+)", line)
        if mark and not fence:
            fence = mark[1]
            yield line, False
        elif fence:
            fence = "" if line.strip() == fence else fence
            yield line, False
        else:
            yield line, not line.startswith("    ")


def rewritten(text: str, path: str) -> str:
    """A page's text with its links as the site has them."""
    here = posixpath.dirname(path)

    def turn(found: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(here, found[1]))
        if (source / target).is_dir():
            target = posixpath.join(target, "README.md")
        to = posixpath.relpath(address(target), posixpath.dirname(address(path)) or ".")
        return to + (found[2] or "")

    return "\n".join(link.sub(turn, line) if prose else line for line, prose in outside_code(text))


def spaced(text: str) -> str:
    """With an empty line before each list, nested lists four spaces deep, and no \\| in code within tables."""
    lines: list[str] = []
    item = re.compile(r"( *)([-*]|\d+\.) ")
    for line, prose in outside_code(text):
        found = item.match(line)
        if prose and found and lines and lines[-1].strip() and not item.match(lines[-1]):
            if not lines[-1].startswith(" "):  # else the item above goes on
                lines.append("")
        if prose and found and 0 < len(found[1]) < 4:
            line = "    " + line.lstrip()
        if prose and line.startswith("|"):
            line = re.sub(r"`[^`]*`", lambda code: code[0].replace("\\|", "|"), line)
        lines.append(line)
    return "\n".join(lines)


def on_config(config):
    config.mdx_configs.setdefault("toc", {})["slugify"] = slug
    return config


def linked_from(path: str) -> set[str]:
    """Files outside docs/ that a page leads to."""
    here = posixpath.dirname(path)
    found = set()
    prose = (line for line, is_prose in outside_code((source / path).read_text()) if is_prose)
    for to in link.finditer("\n".join(prose)):
        target = posixpath.normpath(posixpath.join(here, to[1]))
        if (source / target).is_dir():
            target = posixpath.join(target, "README.md")
        if not target.startswith("docs/") and target != "README.md" and (source / target).is_file():
            found.add(target)
    return found


def on_files(files, *, config):
    of_site.update({file.src_uri: f"docs/{file.src_uri}" for file in files if file.is_documentation_page()})
    of_site["index.md"] = "README.md"
    files.append(File.generated(config, "index.md", content=(source / "README.md").read_text()))
    files.append(File.generated(config, "api.md", content=site_api.page(source)))
    wanted, known = [path for path in of_site.values()], set()
    while wanted:
        for path in linked_from(wanted.pop()) - known:
            known.add(path)
            if path.endswith(".md"):
                of_site[address(path)] = path
                wanted.append(path)
            files.append(File.generated(config, address(path), abs_src_path=str(source / path)))
    return files


def on_page_markdown(markdown, *, page, config, files):
    path = of_site.get(page.file.src_uri)
    return spaced(rewritten(markdown, path) if path else markdown)
