"""`make mutants` must not be fooled: each way in which a mutant can slip through is an error."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).resolve().parent.parent

ANSWER = "def answer() -> int:\n    return 42\n"
TESTS = """from trader_cli import answer

def test_answer():
    assert answer() == 42

def test_blind():
    assert answer() > 0
"""
PATCH = """# law: the answer is 42
# test: {test}

--- a/trader_cli/__init__.py
+++ b/trader_cli/__init__.py
@@ -1,2 +1,2 @@
 def answer() -> int:
-    return {before}
+    return {after}
"""


@pytest.fixture(scope="module")
def mutants() -> ModuleType:
    spec = importlib.util.spec_from_file_location("mutants", ROOT / "scripts" / "mutants.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["mutants"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def verdict(mutants: ModuleType, folder: Path, *, test: str, before: str = "42", after: str = "41") -> str:
    """What is said of a patch to a tree of two files."""
    tree = folder / "tree"
    (tree / "trader_cli").mkdir(parents=True)
    (tree / "trader_cli" / "__init__.py").write_text(ANSWER, encoding="utf-8")
    (tree / "test_answer.py").write_text(TESTS, encoding="utf-8")
    patch = folder / "answer.patch"
    patch.write_text(PATCH.format(test=test, before=before, after=after), encoding="utf-8")
    return str(mutants.judge(mutants.read(patch), tree, folder))


def test_a_mutant_its_test_notices_is_caught(mutants: ModuleType, tmp_path: Path) -> None:
    said = verdict(mutants, tmp_path, test="test_answer.py::test_answer")
    assert said == "caught  answer: the answer is 42"


def test_a_mutant_its_test_does_not_notice_is_an_error(mutants: ModuleType, tmp_path: Path) -> None:
    said = verdict(mutants, tmp_path, test="test_answer.py::test_blind")
    assert said == "FAILED  answer: test_answer.py::test_blind does not notice"


def test_a_patch_that_no_longer_applies_is_an_error(mutants: ModuleType, tmp_path: Path) -> None:
    assert "the patch does not apply" in verdict(mutants, tmp_path, test="test_answer.py::test_answer", before="7")


def test_a_mutant_that_cannot_be_imported_has_not_been_noticed(mutants: ModuleType, tmp_path: Path) -> None:
    assert "import" in verdict(mutants, tmp_path, test="test_answer.py::test_answer", after="(")


def test_a_test_that_does_not_exist_is_an_error(mutants: ModuleType, tmp_path: Path) -> None:
    assert "did not run" in verdict(mutants, tmp_path, test="test_answer.py::test_nothing")


def test_a_patch_says_its_law_and_its_test(mutants: ModuleType, tmp_path: Path) -> None:
    patch = tmp_path / "silent.patch"
    patch.write_text("--- a/x\n+++ b/x\n", encoding="utf-8")
    with pytest.raises(ValueError, match="law"):
        mutants.read(patch)


def test_the_copy_is_what_the_tests_import(mutants: ModuleType, tmp_path: Path) -> None:
    tree = tmp_path / "bare"
    tree.mkdir()
    with pytest.raises(RuntimeError, match="not the copy"):
        mutants.run_tests(tree, ("test_answer.py",))
