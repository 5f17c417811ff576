"""The stages of `make test` leave no test out."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")


@pytest.mark.parametrize("mark", ["chaos", "alone"])
def test_the_files_that_a_stage_reads_have_all_of_its_tests(mark: str) -> None:
    listed = re.findall(rf"^{mark.upper()} \+?= (.+)$", MAKEFILE, re.MULTILINE)
    read = [ROOT / path for line in listed for path in line.split()]
    files = (ROOT / "tests").rglob("test_*.py")
    marked = [path for path in files if re.search(rf"pytest\.mark\.{mark}\b", path.read_text("utf-8"))]
    assert marked
    assert [path for path in marked if not any(path.is_relative_to(folder) for folder in read)] == []
    assert [path for path in read if not any(file.is_relative_to(path) for file in marked)] == []


def test_no_stage_of_several_processes_has_a_test_that_compares_times() -> None:
    expressions = re.findall(r'\$\(PYTEST\) -m "(.+?)"', MAKEFILE)
    assert len(expressions) == 5
    assert [expression for expression in expressions if "not alone" not in expression] == []


@pytest.mark.parametrize("target", ["test", "test-all"])
def test_the_scanners_own_tests_are_run_too(target: str) -> None:
    recipe = re.search(rf"^{target}:.*\n((?:\t.*\n)+)", MAKEFILE, re.MULTILINE)
    assert recipe
    assert "scripts/npm run --silent test\n" in recipe[1]
