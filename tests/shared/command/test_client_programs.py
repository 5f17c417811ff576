"""PostgreSQL's client programs: those that fit the server, or one line."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from shared.command import client_programs, postgres
from shared.command.client_programs import first_error
from shared.command.processes import CannotStart

URL = "postgresql://turnout:secret@db.example.org:5433/turnout?sslmode=require"
MachineHas = Callable[[str], Path]


def missing() -> Path:
    raise CannotStart("PostgreSQL is missing")


@pytest.fixture
def machine_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MachineHas:
    """Return a function that puts a pg_dump of a version, or none, on a machine without the wheel."""
    monkeypatch.setattr(postgres, "package", missing)
    monkeypatch.setenv("PATH", str(tmp_path))

    def put(version: str) -> Path:
        program = tmp_path / "pg_dump"
        program.write_text(f"#!/bin/sh\necho 'pg_dump (PostgreSQL) {version}'\n")
        program.chmod(0o700)
        return tmp_path

    return put


def test_the_wheel_has_programs_for_the_server_of_the_wheel() -> None:
    folder = client_programs.client_programs(URL, major=18).folder
    assert folder == postgres.package() / "pginstall18" / "bin"
    assert (folder / "psql").exists()


def test_programs_of_the_machine_serve_a_newer_server_than_the_wheels(
    machine_has: MachineHas, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = machine_has("20.1 (Debian 20.1-1)")
    monkeypatch.undo()
    monkeypatch.setenv("PATH", str(folder))
    assert client_programs.client_programs(URL, major=19).folder == folder


@pytest.mark.parametrize("version", ["18.4", "19beta1", "20.0 (Ubuntu 20.0-1)"])
def test_programs_as_old_as_the_server_fit(machine_has: MachineHas, version: str) -> None:
    folder = machine_has(version)
    assert client_programs.client_programs(URL, major=18).folder == folder


def test_older_programs_are_refused_in_one_line(machine_has: MachineHas) -> None:
    machine_has("17.9")
    with pytest.raises(CannotStart, match="18 or later is needed, and that of PostgreSQL 17 is too old: install"):
        client_programs.client_programs(URL, major=18)


@pytest.mark.usefixtures("machine_has")
def test_a_machine_without_programs_is_told_so_in_one_line() -> None:
    with pytest.raises(CannotStart, match="18 or later is needed, and there is none: install"):
        client_programs.client_programs(URL, major=18)


def test_the_password_is_in_no_command() -> None:
    programs = client_programs.client_programs(URL, major=18)
    assert programs.conninfo == "user=turnout dbname=turnout host=db.example.org port=5433 sslmode=require"
    assert programs.environment["PGPASSWORD"] == "secret"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("psql:<stdin>:12: ERROR:  it is in use\npsql:<stdin>:13: ERROR:  second", "it is in use"),
        ("ERROR:  it is in use", "it is in use"),
        ("pg_dump: error: connection to server failed", "connection to server failed"),
        ("Killed", "Killed"),
        ("", "it said nothing"),
    ],
)
def test_the_first_error_is_what_a_program_says(text: str, line: str) -> None:
    assert first_error(BytesIO(text.encode())) == line
