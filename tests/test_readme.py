"""Every block of the README runs as written and prints what it says it prints."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONSOLE = re.findall(r"```console\n(.*?)```", README, re.DOTALL)
SHELL = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)


def steps() -> list[tuple[str, str]]:
    """Each command of the tour and the text the README shows below it."""
    found = []
    for block in CONSOLE:
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, shown = part.partition("\n")
            found.append((command, shown.rstrip()))
    return found


def plain(text: str) -> str:
    """Without the spaces at the ends of lines, which no reader sees, and the ids of runs: each version has its own."""
    text = re.sub(r"(\brun |\d:)[0-9a-f]{12}\b", r"\1ID", text)
    return "\n".join(line.rstrip() for line in text.splitlines()).strip("\n")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh user's folder: what the repository ships, and nothing else."""
    desk = tmp_path_factory.mktemp("desk")
    for folder in ("variants", "samples"):
        shutil.copytree(ROOT / folder, desk / folder)
    return desk


def test_the_tour_runs_as_written(desk: Path) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {"PATH": path, "HOME": str(desk / "home"), "TRADER_HOME": str(desk / "state"), "LANG": "C.UTF-8"}
    assert len(steps()) >= 6
    for command, shown in steps():
        ran = subprocess.run(
            ["bash", "-c", command], cwd=desk, env=environment, capture_output=True, text=True, timeout=300, check=False
        )
        assert "Traceback" not in ran.stderr
        assert plain(ran.stdout + ran.stderr) == plain(shown), command


def test_every_make_target_it_names_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = set(re.findall(r"\bmake ([a-z]+)", "\n".join(SHELL)))
    assert {"demo", "test"} <= named
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in named)


def test_the_test_command_it_names_is_what_ci_calls() -> None:
    assert re.search(r"^make test$", (ROOT / ".ci" / "run").read_text(encoding="utf-8"), re.MULTILINE)


def test_every_page_it_links_to_is_there() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", README)
    assert links
    assert [link for link in links if "://" not in link and not (ROOT / link).exists()] == []
