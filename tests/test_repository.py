"""What must be true of the repository itself, whatever the code does."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
LOCK_OF_CLUSTERS = ROOT / "requirements-clusters.lock"
# Written in pieces, so that this file does not name them itself.
MACHINE_PATHS = [rf"/{folder}/[A-Za-z0-9_.]" for folder in ("work", "root", "home", "Users")]
PACKAGE_HOSTS = [
    rf"{name}\.(?:org|io|com)\b" for name in ("pypi", "pythonhosted", "test\\.pypi", "jfrog", "artifactory")
]


def tracked_files() -> list[Path]:
    """Every file git knows, but those deleted in the working tree."""
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [path for name in listing.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def text_of(path: Path) -> str:
    """A file's text; nothing for data that is none."""
    return "" if path.suffix in {".parquet", ".gz", ".png"} else path.read_text(encoding="utf-8", errors="replace")


def modules() -> list[Path]:
    """The modules of the package, but package markers, which may be empty."""
    return sorted(path for path in (ROOT / "trader_cli").rglob("*.py") if path.name != "__init__.py")


def pages() -> list[Path]:
    """What people read."""
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "tests").rglob("*.md")])


def plain(name: str) -> str:
    """A distribution's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("pattern", MACHINE_PATHS + PACKAGE_HOSTS)
def test_no_tracked_file_names_a_machine_path_or_a_package_host(pattern: str) -> None:
    found = [str(path.relative_to(ROOT)) for path in tracked_files() if re.search(pattern, text_of(path))]
    assert not found


@pytest.mark.parametrize("lock", [LOCK, LOCK_OF_CLUSTERS], ids=lambda path: path.name)
def test_every_line_of_a_lock_is_pinned_and_hashed(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"^\s*-(?!-hash=)", text, re.MULTILINE), "options such as an index have no place in a lock"
    entries = re.split(r"\n(?=\S)", text.strip())
    for entry in entries:
        assert re.match(r"[A-Za-z0-9._-]+==\S+", entry), entry.splitlines()[0]
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry.splitlines()[0]


def test_the_lock_holds_every_direct_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    names = {plain(re.match(r"[A-Za-z0-9._-]+", each)[0]) for each in wanted}  # type: ignore[index]
    locked = {
        plain(name) for name in re.findall(r"^([A-Za-z0-9._-]+)==", LOCK.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert names <= locked
    assert "trader-cli" not in locked, "the project itself is installed from its folder"


def test_the_lock_of_clusters_adds_the_extras_and_changes_nothing() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = project["project"]["optional-dependencies"]
    wanted = {plain(re.match(r"[A-Za-z0-9._-]+", each)[0]) for some in extras.values() for each in some}  # type: ignore[index]
    small, large = (
        set(re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", lock.read_text(encoding="utf-8"), re.MULTILINE))
        for lock in (LOCK, LOCK_OF_CLUSTERS)
    )
    assert small <= large
    assert wanted <= {plain(name) for name, _ in large}
    assert not wanted & {plain(name) for name, _ in small}


def test_an_exact_pin_of_the_project_is_the_locks() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    for name, version in re.findall(r"([\w-]+)==([\w.]+)", " ".join(project["project"]["dependencies"])):
        assert f"{name}=={version}" in LOCK.read_text(encoding="utf-8")


@pytest.mark.parametrize("module", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_says_what_it_is(module: Path) -> None:
    docstring = ast.get_docstring(ast.parse(module.read_text(encoding="utf-8")))
    assert docstring
    assert docstring.splitlines()[0].endswith((".", ":", "?"))


def test_every_decision_is_numbered_once_and_in_the_index() -> None:
    folder = ROOT / "docs" / "adr"
    names = sorted(path.name for path in folder.glob("*.md") if path.name != "README.md")
    index = (folder / "README.md").read_text(encoding="utf-8")
    assert names
    assert all(re.fullmatch(r"\d{3}-[a-z0-9-]+\.md", name) for name in names)
    assert len({name[:3] for name in names}) == len(names)
    assert re.findall(r"\]\(([^)]+\.md)\)", index) == names


def test_contributing_names_every_target_of_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    named = set(
        re.findall(r"^\| `make ([a-z]+)`", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert named == targets
    phony = re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    assert phony
    assert set(phony[1].split()) == targets, "a file of that name must not shadow a target"


def test_contributing_and_the_first_decision_draw_the_layers_that_are_checked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    drawn = " > ".join(project["tool"]["importlinter"]["contracts"][0]["layers"])
    for page in ("CONTRIBUTING.md", "docs/adr/001-layers-and-sections.md"):
        assert drawn in (ROOT / page).read_text(encoding="utf-8")


def test_pre_commit_calls_make_and_nothing_from_elsewhere() -> None:
    config = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    assert re.findall(r"repo: (\S+)", config) == ["local"]
    assert re.findall(r"entry: (.+)", config) == ["make fmt", "make lint", "make types", "make layers"]


@pytest.mark.parametrize("page", pages(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_between_our_pages_leads_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text(encoding="utf-8"))
    missing = [target for target in targets if not (page.parent / target).exists()]
    assert not missing
