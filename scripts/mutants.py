"""`make mutants`: each patch of tests/mutants/ breaks a law on purpose, and the test it names must turn red.

    python scripts/mutants.py [NAME...]

A patch is caught when its tests pass on the tree as it is and fail on a patched copy of it. A patch that no longer
applies, a test that cannot be collected and a test that passes are all errors: exit 1.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
PATCHES = ROOT / "tests" / "mutants"
AT_ONCE = 2
TIMEOUT_SECONDS = 900
TESTS_FAILED = 1  # pytest: tests ran and some failed; other codes mean that they never ran


@dataclass(frozen=True, slots=True)
class Mutant:
    """A law, the tests that guard it, and a patch that breaks it."""

    patch: Path
    law: str
    tests: tuple[str, ...]

    @property
    def name(self) -> str:
        """What `make mutants` calls it."""
        return self.patch.stem


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a mutant; `problem` is empty when it was caught."""

    mutant: Mutant
    problem: str = ""

    def __str__(self) -> str:
        if self.problem:
            return f"FAILED  {self.mutant.name}: {self.problem}"
        return f"caught  {self.mutant.name}: {self.mutant.law}"


def read(patch: Path) -> Mutant:
    """A mutant from its file: `# law:` and `# test:` lines, then a unified diff.

    Raises: ValueError for a patch without them.
    """
    head = patch.read_text(encoding="utf-8").split("\n--- ", 1)[0]
    laws, tests = (re.findall(rf"^# {word}: (.+)$", head, re.MULTILINE) for word in ("law", "test"))
    if len(laws) != 1 or not tests:
        raise ValueError(f"{patch.name}: needs one line '# law: ...' and at least one '# test: path::name'")
    return Mutant(patch, laws[0].strip(), tuple(test.strip() for test in tests))


def copy_tree(target: Path) -> None:
    """The working tree's files, without what git ignores."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    for name in filter(None, names):
        source = ROOT / name
        if source.is_file():  # a file may be deleted and not yet committed
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target / name)


def run(tree: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs this interpreter on a copy: its packages first on the path, its own caches beside it."""
    caches = tree.parent / f"{tree.name}-caches"
    own = {
        "PYTHONPATH": str(tree),
        "PYTHONDONTWRITEBYTECODE": "1",
        "NUMBA_CACHE_DIR": str(caches / "numba"),
        "XDG_CACHE_HOME": str(caches),
    }
    command = [sys.executable, *arguments]
    environment = {**os.environ, **own}
    return subprocess.run(
        command, cwd=tree, env=environment, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False
    )


def run_tests(tree: Path, tests: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    """Runs the tests on a copy.

    Raises: RuntimeError when python would import another tree's code.
    """
    origin = run(tree, "-c", "import trader_cli; print(trader_cli.__file__)").stdout.strip()
    if not Path(origin or "/").resolve().is_relative_to(tree.resolve()):
        raise RuntimeError(f"the tests would import {origin or 'nothing'}, not the copy")
    return run(tree, "-m", "pytest", "-p", "no:xdist", "-p", "no:cacheprovider", "--tb=no", "-rfE", *tests)


def judge(mutant: Mutant, pristine: Path, workshop: Path) -> Verdict:
    """Patches a copy and looks whether the named tests notice."""
    tree = workshop / mutant.name
    shutil.copytree(pristine, tree)
    fenced = {**os.environ, "GIT_CEILING_DIRECTORIES": str(workshop)}  # the copy is no part of a repository around it
    apply = ["git", "apply", "--whitespace=nowarn", str(mutant.patch)]
    applied = subprocess.run(apply, cwd=tree, env=fenced, capture_output=True, text=True, check=False)
    if applied.returncode != 0:
        return Verdict(mutant, f"the patch does not apply: {_last_line(applied.stderr)}")
    for test in mutant.tests:
        try:
            done = run_tests(tree, (test,))
        except (RuntimeError, subprocess.TimeoutExpired) as error:
            return Verdict(mutant, str(error))
        summary = _last_line(done.stdout)
        if done.returncode == 0:
            return Verdict(mutant, f"{test} does not notice")
        if done.returncode != TESTS_FAILED or re.search(r"\d+ errors?\b", summary):
            return Verdict(mutant, f"{test} did not run: {summary or _last_line(done.stderr)}")
    return Verdict(mutant)


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or [""])[-1]


def unpatched_failures(mutants: list[Mutant], tree: Path) -> str:
    """What pytest says when a named test fails or is missing on the tree as it is; empty when all pass."""
    tests = tuple(sorted({test for mutant in mutants for test in mutant.tests}))
    done = run_tests(tree, tests)
    return "" if done.returncode == 0 else (done.stdout + done.stderr).strip()


def main(names: list[str]) -> int:
    """Judges all mutants, or those named; the exit code says whether every one was caught."""
    patches = {patch.stem: patch for patch in sorted(PATCHES.glob("*.patch"))}
    unknown = sorted(set(names) - patches.keys())
    if unknown or not patches:
        print(f"{PATCHES.relative_to(ROOT)} holds no patch {' '.join(unknown)}")
        return 1
    mutants = [read(patches[name]) for name in names or patches]
    with TemporaryDirectory(prefix="trader-mutants-") as folder:
        workshop = Path(folder)
        pristine = workshop / "as-it-is"
        copy_tree(pristine)
        if failures := unpatched_failures(mutants, pristine):
            print(f"{failures}\nthese tests must pass on the tree as it is before a mutant can break them")
            return 1
        with ThreadPoolExecutor(AT_ONCE) as pool:
            verdicts = []
            for verdict in pool.map(lambda mutant: judge(mutant, pristine, workshop), mutants):
                print(verdict, flush=True)
                verdicts.append(verdict)
    caught = sum(not verdict.problem for verdict in verdicts)
    print(f"{caught} of {len(mutants)} mutants caught")
    return 0 if caught == len(mutants) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
