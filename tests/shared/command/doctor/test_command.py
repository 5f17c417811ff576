"""`turnout doctor`: what it prints, and its status."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from shared.command import main
from shared.command.doctor.checks import CHECKS, OF_DOMAIN
from shared.config import Settings
from tests.support.processes import environment

OPERATING = Path(__file__).parents[4] / "docs" / "operating.md"


@pytest.fixture
def doctor(settings: Settings, monkeypatch: pytest.MonkeyPatch):
    """Return a function that runs the doctor on an installation at a database without worker and web tier."""

    def run(*options: str, **variables: str) -> Result:
        for name, value in {**environment(settings), **variables}.items():
            monkeypatch.setenv(name, value)
        return CliRunner().invoke(main, ["doctor", *options])

    return run


def test_each_fault_is_a_line_and_the_status_is_1(doctor) -> None:
    result = doctor()
    lines = result.stdout.splitlines()
    assert (result.exit_code, result.stderr) == (1, "")
    assert "ok      database" in lines
    assert "wrong   worker                no worker has ever run: start `turnout worker`" in lines
    assert lines[-1] == "Skipped until the rest is well: emails."
    assert len(lines) >= len(CHECKS)


def test_with_wrong_settings_these_are_the_fault(doctor) -> None:
    result = doctor("--email", SECRET_KEY="short")
    assert (result.exit_code, result.stderr) == (1, "")
    assert result.stdout.startswith("wrong   settings              SECRET_KEY: each key must have at least 32 char")
    assert result.stdout.endswith(f"{', '.join(check.name for check in OF_DOMAIN)}.\n")


def test_with_json_each_check_is_an_object(doctor) -> None:
    outcomes = [json.loads(line) for line in doctor("--json").stdout.splitlines()]
    assert [outcome["name"] for outcome in outcomes] == [check.name for check in CHECKS]
    worker = next(outcome for outcome in outcomes if outcome["name"] == "worker")
    assert worker == {
        "name": "worker",
        "faults": [{"wrong": "no worker has ever run", "act": "start `turnout worker`"}],
        "needs": "",
        "error": "",
        "is_well": False,
    }


def test_without_an_installation_it_cannot_look_and_the_status_is_2(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    result = CliRunner().invoke(main, ["doctor"])
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert "no Turnout runs on" in result.stderr


def test_every_check_is_in_the_docs() -> None:
    section = OPERATING.read_text(encoding="utf-8").partition("## The doctor")[2].partition("\n## ")[0]
    assert re.findall(r"^\| ([^|]+?) \|", section, re.MULTILINE)[1:] == [check.name for check in (*CHECKS, *OF_DOMAIN)]
