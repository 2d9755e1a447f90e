"""A real browser that opens a page, and what came of it."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import override

import pytest

FINDER = Path(__file__).resolve().parent.parent.parent / "scripts" / "browser.sh"
_FLAGS = """--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
    --disable-component-update --disable-sync --virtual-time-budget=10000 --enable-logging=stderr --v=0 --dump-dom"""
_CONSOLE = re.compile(r"^\[[^]]*:CONSOLE[:(].*$", re.MULTILINE)


@dataclass(frozen=True)
class Opened:
    """The document after its scripts have run, and what they and the browser complained of."""

    html: str
    complaints: list[str]


def opened(page: Path, *flags: str) -> Opened:
    """Opens a page. Without a browser the test is skipped, but where `$CI` is set it fails."""
    looked = subprocess.run(["sh", str(FINDER)], capture_output=True, text=True, check=True)
    program = looked.stdout.strip()
    if not program:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(looked.stderr.strip())
    with TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        seen = subprocess.run(
            [program, *_FLAGS.split(), f"--user-data-dir={profile}", *flags, page.resolve().as_uri()],
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
    return Opened(seen.stdout, _CONSOLE.findall(seen.stderr))


def driven(page: Path, script: str, *flags: str) -> Opened:
    """Opens a copy of a page without its policy, with a script after its own; what that says by `out(...)` is kept."""
    html = page.read_text(encoding="utf-8")
    free = re.sub(r"<meta http-equiv=\"Content-Security-Policy\"[^>]*>", "", html, count=1)
    keep = "const out = (...said) => { document.title = said.join('|'); };"
    copy = page.with_name(f"driven-{page.name}")
    copy.write_text(free.replace("</body>", f"<script>{{ {keep} {script} }}</script></body>"), encoding="utf-8")
    return opened(copy, *flags)


def said(seen: Opened) -> list[str]:
    """What a driving script kept."""
    found = re.search(r"<title>(.*?)</title>", seen.html, re.DOTALL)
    return found[1].split("|") if found else []


class Read(HTMLParser):
    """A page as a parser reads it: its elements with their attributes, its text, and its scripts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []
        self.scripts: list[str] = []
        self._within = ""
        self.feed(html)

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        self._within = tag
        if tag == "script":
            self.scripts.append("")

    @override
    def handle_endtag(self, tag: str) -> None:
        self._within = ""

    @override
    def handle_data(self, data: str) -> None:
        if self._within == "script":
            self.scripts[-1] += data
        elif self._within != "style":
            self.texts.append(data.strip())

    def of(self, tag: str) -> list[dict[str, str]]:
        """The attributes of all elements of a kind."""
        return [attributes for name, attributes in self.elements if name == tag]
