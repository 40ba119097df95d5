"""Runs the pages of docs/tutorial/ in one folder, in the order of its README, as the reader would.

What a page may hold, in fences:

    yaml, csv...    a file, whose name is its first line: `# my_deck.yaml`
    console         `$ command` and lines of what it prints, in order; `...` stands for anything. Each command
                    must end with code 0 (`; echo "exit code $?"` shows another one)
    python          a script; a `text` block right behind it has lines of what it prints
    cpp             code from a file of the repository, word for word; its first line names it: `// examples/eos.hpp`

A block below a line `*Not run by the test: REASON*` is left alone. Anything else is a failure, so that no
snippet escapes.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import outputs

mark = "*Not run by the test: "
shims = {
    # The reader's ./understudy and ./quickstart enter the environment, in which the test is already.
    "understudy": """launch=()
if [[ $1 == -n ]]; then launch=(mpirun -n "$2"); shift 2; fi
exec "${{launch[@]}}" "{build}/bin/understudy" "$@"
""",
    "quickstart": """case $1 in
  exec) shift; exec "$@" ;;
  build) shift 2; for target in "$@"; do test -x "{build}/examples/$target"; done ;;
  *) exit 2 ;;
esac
""",
}


class Fault(Exception):
    """What a page promises and does not keep."""


@dataclass
class Block:
    page: Path
    line: int  # of its fence
    kind: str
    text: str
    before: str  # the last line of prose above it

    def fault(self, why: str) -> Fault:
        return Fault(f"{self.page}:{self.line}: {why}")


def blocks(page: Path) -> list[Block]:
    found: list[Block] = []
    inside: Block | None = None
    before = ""
    for number, line in enumerate(page.read_text().split("\n"), 1):
        if inside is None and (fence := re.match(r"```(\S*)", line)):
            inside = Block(page, number, fence[1], "", before)
        elif inside is not None and line == "```":
            found.append(inside)
            inside = None
            before = ""
        elif inside is not None:
            inside.text += line + "\n"
        elif line.startswith("    ") and line.strip():
            raise Fault(f"{page}:{number}: indented code, which nothing runs; put it into a fence")
        elif line.strip():
            before = line
    if inside is not None:
        raise inside.fault("the block does not end")
    return found


def end_of(printed: str) -> str:
    return "\n".join(printed.split("\n")[-40:])


def require_lines(block: Block, shown: list[str], printed: str) -> None:
    """That each line shown is among what was printed, in order."""
    rest = iter(printed.split("\n"))
    for line in shown:
        if not line.strip() or line.strip() == "...":
            continue
        pattern = re.compile(r"\s*" + ".*".join(map(re.escape, line.strip().split("..."))) + r"\s*$")
        if not any(pattern.match(one) for one in rest):
            raise block.fault(f"'{line}' is not in what was printed, at this place:\n{end_of(printed)}")


def called(block: Block, command: list[str], work: Path, name: str) -> str:
    began = time.monotonic()
    done = subprocess.run(command, cwd=work, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    print(f"{time.monotonic() - began:6.1f} s  {name}", flush=True)
    if done.returncode != 0:
        raise block.fault(f"code {done.returncode} of {name}\n{end_of(done.stdout)}")
    return done.stdout


def run_console(block: Block, work: Path) -> None:
    parts = re.split(r"^\$ ", block.text, flags=re.MULTILINE)
    if parts[0].strip() or len(parts) < 2:
        raise block.fault("a block of commands begins with '$ '")
    for part in parts[1:]:
        continued = r"(?:[^\n]*\\\n)*[^\n]*"  # lines that end in a backslash, and the one after them
        command, rest = re.match(rf"({continued})\n?(.*)", part, re.DOTALL).groups()
        printed = called(block, ["bash", "-uo", "pipefail", "-c", command], work, command.split("\n")[0])
        require_lines(block, rest.split("\n"), printed)


def require_word_for_word(block: Block, source: Path) -> None:
    first, _, code = block.text.partition("\n")
    named = re.match(r"// (\S+)$", first)
    if not named or not (source / named[1]).is_file():
        raise block.fault("the first line of code names its file: // examples/...")
    if code.strip("\n") not in (source / named[1]).read_text():
        raise block.fault(f"{named[1]} has other code")


def write_file(block: Block, work: Path) -> None:
    named = re.match(r"# ([\w./-]+\.\w+)\b", block.text)
    if not named:
        raise block.fault(f"a block '{block.kind}' begins with its file's name: # my_deck.yaml")
    (work / named[1]).write_text(block.text)


def run_page(page: Path, source: Path, work: Path) -> None:
    printed: str | None = None  # of the script just before
    for block in blocks(page):
        if block.before.startswith(mark):
            if len(block.before) < len(mark) + 12:
                raise block.fault("no reason is given")
            continue
        if block.kind == "text" and printed is not None:
            require_lines(block, block.text.split("\n"), printed)
            printed = None
            continue
        printed = None
        if block.kind == "console":
            run_console(block, work)
        elif block.kind == "python":
            name = f"{page.name}:{block.line}"
            printed = called(block, [sys.executable, "-c", block.text], work, name)
        elif block.kind == "cpp":
            require_word_for_word(block, source)
        elif block.kind in ("yaml", "csv"):
            write_file(block, work)
        else:
            raise block.fault(f"a block of the kind '{block.kind}', which nothing runs")


def reader_folder(source: Path, build: Path, work: Path) -> None:
    """What the reader has at the top of the checkout."""
    for name in ("inputs", "examples", "python", "docs"):
        (work / name).symlink_to(source / name)
    (work / "build").symlink_to(build)
    for name, text in shims.items():
        script = work / name
        script.write_text("#!/usr/bin/env bash\nset -euo pipefail\n" + text.format(build=build))
        script.chmod(0o755)
    (work / "bin").mkdir()
    (work / "bin" / "python").symlink_to(sys.executable)


def pages_in_order(folder: Path) -> list[str]:
    return re.findall(r"^\| \[[^]]*\]\((\w+)\.md\)", (folder / "README.md").read_text(), re.MULTILINE)


def main() -> int:
    source, build, work = (Path(word).resolve() for word in sys.argv[1:4])
    folder = source / "docs" / "tutorial"
    names = pages_in_order(folder)
    there = {page.stem for page in folder.glob("*.md")} - {"README"}
    if there != set(names):
        print(f"docs/tutorial/README.md lists {names}, and there are {sorted(there)}")
        return 1
    reader_folder(source, build, work)
    os.environ["PATH"] = f"{work / 'bin'}:{os.environ['PATH']}"
    try:
        for name in sys.argv[4:] or names:
            run_page(folder / f"{name}.md", source, work)
        outputs.require_all_named(work / "out", source / "docs" / "outputs.md")
    except (Fault, outputs.Unnamed) as fault:
        print(f"FAILED: {fault}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
