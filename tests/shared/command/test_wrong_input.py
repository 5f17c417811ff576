"""Wrong input to any command of `turnout`, and a database that is away, are one line and status 2."""

import itertools
import re
from collections.abc import Iterator, Sequence

import click
import pytest
from click.testing import CliRunner, Result

from shared.command import COMMANDS, main
from shared.command.home import free_port
from tests.conftest import Committed
from tests.support.processes import environment

NO_NUMBER, TOO_SMALL, TOO_LARGE = "many", "0", "99999"
NOT_THERE = "/nowhere/at/all"
ANSWERS_WITHOUT_A_DATABASE = {"up", "web", "worker", "scheduler", "doctor"}
"""`up` brings its own, the servers wait for theirs, and to the doctor it is a fault among others."""
VALUES = {"email": "zarina@example.org", "owner": "zarina@example.org", "password": "a good password"}
CREATE = ("account", "create", "zarina@example.org", "--name", "Зарина", "--organization", "Пешрафт")


def commands() -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Return every command with the words that call it, those of groups too."""
    context = click.Context(main)
    assert main.list_commands(context) == list(COMMANDS)
    for name in COMMANDS:
        command = main.get_command(context, name)
        assert command is not None
        yield (name,), command
        if isinstance(command, click.Group):
            yield from (((name, each), below) for each, below in command.commands.items())


ALL = dict(commands())


def wrong_options(command: click.Command) -> Iterator[Sequence[str]]:
    """Return arguments that the command's own table of options refuses."""
    yield ["--no-such-option"]
    yield ["one"] * 9
    for option in command.params:
        for value in wrong_values(option):
            yield [option.opts[0], value]


def wrong_values(option: click.Parameter) -> Sequence[str]:
    """Return values that an option refuses by its type."""
    if isinstance(option.type, click.IntRange):
        return NO_NUMBER, TOO_SMALL, TOO_LARGE
    if isinstance(option.type, click.types.IntParamType):
        pytest.fail(f"{option.name} takes any number")
    if isinstance(option.type, click.Choice):
        return ("none of them",)
    is_file = isinstance(option.type, click.Path) and option.type.exists
    return (NOT_THERE,) if is_file else ()


def filled(words: Sequence[str], command: click.Command) -> list[str]:
    """Return a command with a value for each argument, and for each option that it would ask for."""
    asked = [option for option in command.params if isinstance(option, click.Option) and option.prompt]
    options = itertools.chain.from_iterable((option.opts[0], VALUES.get(str(option.name), "Дониш")) for option in asked)
    arguments = [VALUES.get(str(each.name), "Дониш") for each in command.params if isinstance(each, click.Argument)]
    return [*words, *arguments, *options]


@pytest.fixture
def turnout(settings, monkeypatch: pytest.MonkeyPatch):
    """Return a function that runs a command, with the settings of a database that may be another one."""

    def run(words: Sequence[str], database_url: str = settings.database_url, **variables: str) -> Result:
        for name, value in {**environment(settings), "DATABASE_URL": database_url, **variables}.items():
            monkeypatch.setenv(name, value)
        return CliRunner().invoke(main, list(words), prog_name="turnout")

    return run


def assert_one_line(result: Result) -> str:
    """Fail unless a command answered with one line and status 2; click adds how it is used. Return the line."""
    lines = [line for line in result.stderr.splitlines() if line and not re.match("Usage: |Try '", line)]
    assert isinstance(result.exception, SystemExit), result.exception
    assert (result.exit_code, len(lines)) == (2, 1), result.output
    return lines[0]


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_a_wrong_option_is_one_line(turnout, words: tuple[str, ...]) -> None:
    for arguments in wrong_options(ALL[words]):
        assert_one_line(turnout([*filled(words, ALL[words]), *arguments]))


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["web", "--certificate", __file__], "Error: --certificate and --key go together"),
        (["web", "--certificate", __file__, "--key", __file__], "Error: --certificate and --key are not PEM files"),
        (["web", "--host", "127.0.0.999"], "Error: --host 127.0.0.999: "),
        (["up", "--data", "/dev/null/data"], "/dev/null/data cannot be written: choose another folder with --data"),
        (["account", "create", "zarina", *CREATE[3:], "--password", "12345678"], "this is not an email address"),
        ([*CREATE, "--password", "short"], "a password has 8 to 200 characters"),
        ([*CREATE, "--password", "password1"], "many people use this password"),
        ([*CREATE, "--password", "Пешрафт1"], "this password is a name"),
        ([*CREATE, "--zone", "Europe", "--password", "a good password"], "there is no such time zone"),
        ([*CREATE[:-1], " ", "--password", "a good password"], "a name has 1 to 100 letters"),
        (["account", "without-second-step", "nobody@example.org"], "there is no account of nobody@example.org"),
        (["account", "without-second-step", "nobody"], "this is not an email address"),
        (["organization", "create", "Дониш", "--owner", "nobody@example.org"], "there is no account of nobody@"),
        (["organization", "create", "", "--owner", "nobody@example.org"], "a name has 1 to 100 letters"),
        (["demo", "--reset", "evening"], "Error: give --reset alone"),
        (["demo", "evening"], "the demo is not loaded"),
        (["demo", "--data", "/dev/null/data"], "no Turnout runs on /dev/null/data"),
    ],
)
def test_input_that_cannot_be_used_is_one_line(turnout, words: list[str], line: str) -> None:
    assert line in assert_one_line(turnout(words))


@pytest.mark.parametrize("words", [words for words in ALL if words[0] not in ANSWERS_WITHOUT_A_DATABASE], ids=" ".join)
def test_a_database_that_is_away_is_one_line(turnout, words: tuple[str, ...]) -> None:
    command = ALL[words]
    if isinstance(command, click.Group) and not command.invoke_without_command:
        return
    away = f"postgresql://turnout@127.0.0.1:{free_port()}/turnout"
    assert_one_line(turnout(filled(words, command), away))


def test_the_line_about_a_database_that_is_away_says_what_psycopg_says(turnout) -> None:
    away = f"postgresql://turnout@127.0.0.1:{free_port()}/turnout"
    line = assert_one_line(turnout([*CREATE, "--password", "a good password"], away))
    assert line.startswith("turnout: the database says: connection failed: ")


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_a_wrong_setting_is_one_line(turnout, words: tuple[str, ...]) -> None:
    command = ALL[words]
    if words in {("up",), ("doctor",)} or (isinstance(command, click.Group) and not command.invoke_without_command):
        return
    assert_one_line(turnout(filled(words, command), SECRET_KEY="short"))


def test_tables_of_another_version_are_one_line(turnout, committed: Committed) -> None:
    with committed.sessions.begin() as db:
        db.connection().exec_driver_sql("ALTER TABLE account RENAME COLUMN language TO tongue")
    refused = turnout([*CREATE, "--password", "a good password"], committed.settings.database_url)
    assert assert_one_line(refused).endswith("not of this version: run `turnout migrate`")
