"""The folder of one installation, its logs and its certificate."""

import json
import re
from dataclasses import fields
from datetime import timedelta
from pathlib import Path

import click
import pytest
import time_machine

from shared import clock
from shared.command.certificate import LIFE, RENEWED, certificate_for, fingerprint
from shared.command.home import Home
from shared.command.logs import Log
from shared.command.processes import CannotStart, wait_until
from shared.command.tour import Tour, lines, steps


def test_the_secret_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    secret = Home(tmp_path / "data").secret()
    assert len(secret) >= 32
    assert Home(tmp_path / "data").secret() == secret
    assert Home(tmp_path / "other").secret() != secret
    assert (tmp_path / "data" / "secret").stat().st_mode & 0o077 == 0


def test_only_one_holds_the_lock_and_it_is_free_again_after(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with home.lock("http://first"), pytest.raises(CannotStart, match="http://first"):
        home.lock("http://second")
    home.lock("http://third").close()


def test_a_log_is_json_and_does_not_grow_without_end(tmp_path: Path) -> None:
    log = Log(tmp_path, "it", limit=2000)
    for number in range(100):
        log.write(event=f"line {number}")
    files = sorted(tmp_path.iterdir())
    assert [path.name for path in files] == ["it.log", "it.log.1"]
    assert max(path.stat().st_size for path in files) < 2100
    assert json.loads(files[0].read_text().splitlines()[-1])["event"] == "line 99"


def test_what_a_part_says_becomes_json_unless_it_is(tmp_path: Path) -> None:
    output = tmp_path / "said"
    output.write_bytes(b'plain \xff\n\n{"event": "ours"}\n{"event": "it died"}\n')
    log = Log(tmp_path, "it")
    log.follow(output.open("rb"))
    assert wait_until(lambda: log.last() == "it died", lambda: True, 10)
    written = [json.loads(line)["event"] for line in (tmp_path / "it.log").read_text().splitlines()]
    assert written == ["plain \N{REPLACEMENT CHARACTER}", "ours", "it died"]


def test_a_certificate_is_kept_until_the_address_changes_or_it_is_about_to_end(tmp_path: Path) -> None:
    first = certificate_for(tmp_path, "192.0.2.7")
    assert certificate_for(tmp_path, "192.0.2.7") == first
    moved = certificate_for(tmp_path, "192.0.2.8")
    assert moved != first
    with time_machine.travel(clock.now() + LIFE - RENEWED + timedelta(days=1)):
        assert certificate_for(tmp_path, "192.0.2.8") != moved
    assert (tmp_path / "key.pem").stat().st_mode & 0o077 == 0
    assert len(fingerprint(first).split(":")) == 32


def test_the_tour_shows_only_what_is_known_and_survives_the_pipe() -> None:
    tour = Tour(event="http://127.0.0.1:8000/en/e/italk-7", sign_in="http://127.0.0.1:8000/account/sign-in")
    assert Tour.from_json(tour.to_json()) == tour
    assert [what for what, _, _ in steps(tour, command="turnout demo evening")] == ["Event", "Organizer"]
    assert [line.split()[0] for line in lines(tour, command="turnout demo evening")[::2]] == ["1", "2"]
    assert lines(Tour(), command="turnout demo evening") == []


def test_each_step_of_the_tour_has_blanks_before_its_address_or_command() -> None:
    tour = Tour(**{field.name: f"http://{field.name}" for field in fields(Tour)})
    printed = [click.unstyle(line) for line in lines(tour, command="turnout demo evening")[::2]]
    numbered = [re.fullmatch(r"  (\d)  (\w[\w ]+?)  +(\S.*)", line) for line in printed]
    assert [step and step.groups() for step in numbered] == [
        ("1", "Event", "http://event"),
        ("2", "Mailbox", "http://mailbox"),
        ("3", "Organizer", "http://sign_in"),
        ("4", "Door", "http://door"),
        ("5", "Live", "http://live"),
        ("6", "Evening", "turnout demo evening"),
        ("7", "Report", "http://report"),
        ("8", "Your own", "http://own"),
    ]


def test_an_unwritable_folder_is_reported_in_one_line() -> None:
    with pytest.raises(CannotStart, match=r"^/proc/turnout cannot be written: choose another folder with --data$"):
        Home(Path("/proc/turnout"))
