"""One JSON object a line, from us and from libraries."""

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.conftest import make_settings

PROGRAM = """
import logging, structlog
from shared import logs
from shared.config import Settings
logs.configure(Settings.model_validate_json({settings!r}))
{body}
"""


def lines(body: str, **overrides: Any) -> list[dict[str, Any]]:
    # A process of its own: logging is configured once for a whole process.
    settings = make_settings("postgresql://nowhere/nothing", "unix:///nowhere", **overrides).model_dump_json()
    program = PROGRAM.format(settings=settings, body=body)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_our_lines_and_those_of_libraries_look_alike() -> None:
    ours, theirs = lines(
        "structlog.get_logger().info('came', людей=3)\nlogging.getLogger('library').warning('slow %s', 'socket')"
    )
    assert (ours["event"], ours["людей"], ours["level"]) == ("came", 3, "info")
    assert (theirs["event"], theirs["level"]) == ("slow socket", "warning")
    assert ours["at"].endswith("+00:00")


@pytest.mark.parametrize("log", ["structlog.get_logger().exception", "logging.getLogger('library').exception"])
def test_a_stack_comes_without_the_values_of_variables(log: str) -> None:
    (line,) = lines(f"password = 'hidden ' + 'value'\ntry:\n    1 / 0\nexcept ZeroDivisionError:\n    {log}('broke')")
    assert "ZeroDivisionError" in json.dumps(line)
    assert "hidden value" not in json.dumps(line)


def test_the_level_is_a_setting() -> None:
    assert lines("structlog.get_logger().info('quiet')", turnout_log_level="warning") == []


def test_values_on_further_lines_of_an_error_are_not_logged() -> None:
    message = "null value\\nDETAIL:  Failing row contains (7, Visitor)"
    (line,) = lines(
        f"try:\n    try:\n        raise ValueError('{message}')\n    except ValueError as error:\n"
        f"        raise KeyError('{message}'.split('DETAIL')[0]) from error\n"
        "except KeyError:\n    structlog.get_logger().exception('broke')"
    )
    assert "null value" in json.dumps(line)
    assert "Visitor" not in json.dumps(line)


@pytest.mark.parametrize(
    "text", ["no event\nVisitor", repr(ValueError("no event\nVisitor")), {"told": ["no event\nVisitor"]}]
)
def test_every_logged_value_is_cut_to_its_first_line(text: object) -> None:
    ours, theirs = lines(
        f"structlog.get_logger().error('no', said={text!r})\nlogging.getLogger('library').error({text!r})"
    )
    assert ["no event" in json.dumps(line) for line in (ours, theirs)] == [True, True]
    assert "Visitor" not in json.dumps([ours, theirs])
