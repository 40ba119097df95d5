"""The YAML that the program writes: model cards, resolved decks, statistics of datasets.

It is a small part of YAML, and so is what is read here: blocks of `key: value`, lists by `- ` or in
brackets, texts in quotes or plain, comments behind ` #`. Anchors, tags and texts of several lines are
refused. Decks are best read by the program itself: understudy.check() gives them resolved.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

from .errors import Damaged, NotOurs
from .files import require_file

_first = "# A model card of Understudy; the last line has its checksum\n"
_last = "# checksum: "
_number = re.compile(r"[-+]?(\d+\.?\d*([eE][-+]?\d+)?|\.\d+([eE][-+]?\d+)?)$")
_escapes = {"n": "\n", "t": "\t", '"': '"', "\\": "\\", "/": "/", "0": "\0", "r": "\r"}


class BadYaml(ValueError):
    """Says the line and what is wrong there."""


def parse(text: str) -> Any:
    """Nested dicts, lists, texts, numbers, True, False, None."""
    lines = []
    for n, line in enumerate(text.splitlines(), 1):
        clean = _without_comment(line).rstrip()
        if clean and clean != "---":
            if "\t" in clean[: len(clean) - len(clean.lstrip())]:
                raise BadYaml(f"line {n}: indented by a tab")
            lines.append((n, len(clean) - len(clean.lstrip()), clean.lstrip()))
    if not lines:
        return {}
    reader = _Blocks(lines)
    value = reader.block(lines[0][1])
    if reader.at < len(lines):
        raise BadYaml(f"line {lines[reader.at][0]}: indented less than what stands above")
    return value


def _without_comment(line: str) -> str:
    quote = ""
    skip = False
    for n, c in enumerate(line):
        if skip:
            skip = False
        elif quote:
            skip = quote == '"' and c == "\\"
            if c == quote:
                quote = ""
        elif c in "\"'" and (n == 0 or line[n - 1] in " [{,:-"):
            quote = c
        elif c == "#" and (n == 0 or line[n - 1] in " \t"):
            return line[:n]
    return line


class _Blocks:
    def __init__(self, lines: list[tuple[int, int, str]]) -> None:
        self.lines = lines
        self.at = 0

    def block(self, indent: int) -> Any:
        if self.lines[self.at][2].startswith("- ") or self.lines[self.at][2] == "-":
            return self.items(indent)
        return self.keys(indent)

    def items(self, indent: int) -> list[Any]:
        found: list[Any] = []
        while self.at < len(self.lines):
            n, own, text = self.lines[self.at]
            if own != indent or not (text.startswith("- ") or text == "-"):
                break
            inner = text[1:].lstrip()
            if _key_of(inner) is None and inner:
                found.append(_scalar(inner, n))
                self.at += 1
                continue
            # `- key: value`: the keys of the item stand where the first of them does
            deeper = indent + len(text) - len(inner)
            if inner:
                self.lines[self.at] = (n, deeper, inner)
            else:
                self.at += 1
                deeper = self.lines[self.at][1] if self.at < len(self.lines) else 0
            found.append(self.block(deeper))
        return found

    def keys(self, indent: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while self.at < len(self.lines):
            n, own, text = self.lines[self.at]
            if own < indent:
                break
            split = _key_of(text)
            if own > indent or split is None:
                raise BadYaml(f"line {n}: `key: value` is wanted, at the indent of its neighbours")
            key, rest = split
            if key in found:
                raise BadYaml(f"line {n}: '{key}' stands there twice")
            self.at += 1
            if rest:
                found[key] = _scalar(rest, n)
                continue
            deeper = self.lines[self.at][1] if self.at < len(self.lines) else -1
            is_list = deeper == indent and self.lines[self.at][2].startswith("- ")
            found[key] = self.block(deeper) if deeper > indent or is_list else None
        return found


def _key_of(text: str) -> tuple[str, str] | None:
    if text[:1] in "[{":
        return None
    if text[:1] == '"':
        key, at = _quoted(text, 0)
    else:
        match = re.match(r"[^\s:#'\"][^:#'\"]*(?=:(\s|$))", text)
        if not match:
            return None
        key, at = match[0].rstrip(), match.end()
    if text[at : at + 1] != ":":
        return None
    return key, text[at + 1 :].strip()


def _scalar(text: str, line: int) -> Any:
    try:
        value, at = _flow(text, 0)
    except (ValueError, IndexError) as error:
        raise BadYaml(f"line {line}: {error}") from error
    if text[at:].strip():
        raise BadYaml(f"line {line}: '{text[at:]}' behind a value")
    return value


def _flow(text: str, at: int) -> tuple[Any, int]:
    at = _skip(text, at)
    if text[at] == "[":
        return _flow_list(text, at + 1)
    if text[at] == "{":
        return _flow_map(text, at + 1)
    if text[at] == '"':
        return _quoted(text, at)
    if text[at] == "'":
        end = text.index("'", at + 1)
        return text[at + 1 : end], end + 1
    if text[at] in "&*!|>%@`":
        raise ValueError(f"'{text[at]}' begins what is not read here")
    end = at
    depth_ends = ",]}" if text[:1] in "[{" else ""
    while end < len(text) and text[end] not in depth_ends:
        end += 1
    return plain_value(text[at:end].strip()), end


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] == " ":
        at += 1
    return at


def _flow_list(text: str, at: int) -> tuple[list[Any], int]:
    found: list[Any] = []
    while True:
        at = _skip(text, at)
        if text[at] == "]":
            return found, at + 1
        value, at = _flow(text, at)
        found.append(value)
        at = _skip(text, at)
        if text[at] == ",":
            at += 1
        elif text[at] != "]":
            raise ValueError("a list has no end")


def _flow_map(text: str, at: int) -> tuple[dict[str, Any], int]:
    found: dict[str, Any] = {}
    while True:
        at = _skip(text, at)
        if text[at] == "}":
            return found, at + 1
        end = text.index(":", at)
        key = text[at:end].strip().strip("\"'")
        found[key], at = _flow(text, end + 1)
        at = _skip(text, at)
        if text[at] == ",":
            at += 1
        elif text[at] != "}":
            raise ValueError("a group in braces has no end")


def _quoted(text: str, at: int) -> tuple[str, int]:
    out = []
    at += 1
    while text[at] != '"':
        if text[at] == "\\":
            at += 1
            if text[at] == "x":
                out.append(chr(int(text[at + 1 : at + 3], 16)))
                at += 2
            else:
                out.append(_escapes[text[at]])
        else:
            out.append(text[at])
        at += 1
    return "".join(out), at + 1


def plain_value(word: str) -> Any:
    """A word without quotes as a number, True, False, None or a text."""
    if word in ("true", "false"):
        return word == "true"
    if word in ("null", "~", ""):
        return None
    if _number.match(word):
        return int(word) if re.match(r"[-+]?\d+$", word) else float(word)
    if word.lower() in ("inf", ".inf", "-inf", "-.inf", "nan", ".nan"):
        return float(word.replace(".", ""))
    return word


def read_card(path: Path) -> dict[str, Any]:
    """A card of a model. Damaged where its checksum does not fit what stands above it."""
    require_file(path)
    text = path.read_bytes().decode("utf-8", "replace")
    if text.startswith(_first):
        at = text.rfind("\n" + _last) + 1
        body = text[len(_first) : at]
        checksum = hashlib.sha256(body.encode()).hexdigest()[:16]
        if at == 0 or text[at:] != f"{_last}{checksum}\n":
            raise Damaged(f"{path}: its checksum does not fit: it was cut off, damaged or edited")
    try:
        card = parse(text)
    except BadYaml as error:
        raise Damaged(f"{path}: {error}") from error
    if not isinstance(card, dict):
        raise NotOurs(f"{path} is no card of a model")
    return card
