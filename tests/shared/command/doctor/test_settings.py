"""The doctor's checks of settings by themselves."""

import secrets

import pytest

from shared.command.doctor import settings as checks
from shared.command.doctor.examination import Installation
from shared.config import Settings
from tests.support.doctor import faults, make_installation

PUBLIC = {"BASE_URL": "https://events.example.org", "TURNOUT_RATE_LIMITS": "on"}


def test_good_settings_have_no_fault(settings: Settings) -> None:
    installation = make_installation(settings, **PUBLIC, SECRET_KEY=secrets.token_hex(16))
    assert [fault for check in (checks.variables, checks.secret, checks.public) for fault in check(installation)] == []


def test_all_that_is_wrong_is_named_with_what_to_write() -> None:
    installation = Installation(
        {"SECRET_KEY": "short", "SMTP_URL": "smtp://mail.example.org:99999", "DATABASE_URL": "postgresql://h/n"}
    )
    assert faults(checks.variables, installation) == [
        "REDIS_URL is not set: set it to redis://host:6379/0",
        "SMTP_URL: host or port cannot be read; in a password write / ? # @ as %2F %3F %23 %40: "
        "set it to smtp://user:password@host:587?starttls=1",
        "MAIL_FROM is not set: set it to the sender, as in Events <events@example.org>",
        "SECRET_KEY: each key must have at least 32 characters: "
        "set it to the output of `openssl rand -base64 48`, and keep it",
        "BASE_URL is not set: set it to what people open, as in https://events.example.org",
    ]


def test_a_variable_that_is_almost_a_setting_is_named(settings: Settings) -> None:
    installation = make_installation(settings, TURNOUT_TRUSTED_PROXY="1", TURNOUT_UP="/srv", TURNOUT_TESTS="all")
    assert faults(checks.variables, installation) == [
        "TURNOUT_TRUSTED_PROXY is no setting: write TURNOUT_TRUSTED_PROXIES"
    ]


def test_a_secret_of_few_letters_can_be_guessed(settings: Settings) -> None:
    installation = make_installation(settings, SECRET_KEY=f"{secrets.token_hex(16)},{'changeme' * 4}")
    assert faults(checks.secret, installation) == [
        "SECRET_KEY can be guessed, it has 7 different letters: "
        "set it to the output of `openssl rand -base64 48`, and keep it"
    ]


@pytest.mark.parametrize(
    ("variables", "line"),
    [
        ({"BASE_URL": "http://localhost:8000"}, "BASE_URL is http://localhost:8000, which only this machine opens"),
        ({"BASE_URL": "http://events.example.org"}, "BASE_URL is http, and phones give the camera to https only"),
        ({"TURNOUT_MAILBOX": "/srv/mailbox"}, "TURNOUT_MAILBOX is set, which is for `turnout up`: unset it"),
        ({"TURNOUT_RATE_LIMITS": "off"}, "TURNOUT_RATE_LIMITS is off, so programs guess passwords"),
        ({"TURNOUT_LOG_LEVEL": "debug"}, "TURNOUT_LOG_LEVEL is debug"),
    ],
)
def test_what_is_for_one_machine_is_a_fault_in_public(
    settings: Settings, tmp_path, variables: dict[str, str], line: str
) -> None:
    [fault] = faults(checks.public, make_installation(settings, **PUBLIC | variables))
    assert fault.startswith(line)
    assert faults(checks.public, make_installation(settings, tmp_path, **PUBLIC | variables)) == []


def test_a_sender_and_an_email_server_for_trying_out_are_faults(settings: Settings, tmp_path) -> None:
    variables = {"MAIL_FROM": "Turnout <turnout@localhost>", "SMTP_URL": "smtp://mailpit:1025"}
    assert faults(checks.sender, make_installation(settings, **variables)) == [
        "MAIL_FROM ends in @localhost, which email servers refuse: "
        "set it to the sender, as in Events <events@example.org>",
        "SMTP_URL names mailpit, which collects emails and sends none: name your email server",
    ]
    assert faults(checks.sender, make_installation(settings, tmp_path, **variables)) == []
