"""Settings: a missing or wrong one stops the start with one line that names it."""

import pytest

from shared.config import read_settings, wrong_settings
from shared.errors import SettingsError

GOOD = {
    "DATABASE_URL": "postgresql://turnout@localhost/turnout",
    "REDIS_URL": "redis://localhost:6379/0",
    "SMTP_URL": "smtp://localhost:25",
    "MAIL_FROM": "Turnout <turnout@example.org>",
    "SECRET_KEY": "x" * 32,
    "BASE_URL": "https://turnout.example",
}


@pytest.mark.parametrize("name", GOOD)
def test_a_missing_setting_is_named(name: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name} is not set$"):
        read_settings({**GOOD, name: ""})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "sqlite:///turnout.db"),
        ("REDIS_URL", "http://localhost"),
        ("REDIS_URL", "sentinel://localhost:26379"),
        ("DATABASE_URL", "postgresql://turnout@localhost:port/turnout"),
        ("DATABASE_URL", "postgresql://turnout@localhost/turnout?prepare_threshold=0"),
        ("REDIS_URL", "redis+socket:///run/redis.sock"),
        ("REDIS_URL", "redis://localhost:99999/0"),
        ("SMTP_URL", "localhost"),
        ("SMTP_URL", "smtp://localhost:99999"),
        ("SMTP_URL", "smtp://localhost:0"),
        ("BASE_URL", "https://[::1"),
        ("MAIL_FROM", "nobody"),
        ("MAIL_FROM", "Turnout\nBcc: all@example.org <a@b.example>"),
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "x" * 32 + ",short"),
        ("BASE_URL", "turnout.example"),
        ("BASE_URL", "https://turnout.example/path"),
        ("TURNOUT_RATE_LIMITS", "perhaps"),
        ("TURNOUT_POOL", "0"),
        ("TURNOUT_PGBOUNCER", "transaction"),
    ],
)
def test_a_wrong_setting_is_one_line_that_names_it(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name}: ") as refusal:
        read_settings({**GOOD, name: value})
    assert "\n" not in str(refusal.value)


def test_a_password_that_splits_an_address_is_not_repeated() -> None:
    with pytest.raises(SettingsError, match="in a password write / ") as refusal:
        read_settings({**GOOD, "DATABASE_URL": "postgresql://turnout:se/cret@localhost/turnout"})
    assert "se" not in str(refusal.value).replace("password", "")


def test_all_wrong_settings_are_listed_for_who_asks_for_all() -> None:
    assert wrong_settings(GOOD) == []
    assert wrong_settings({**GOOD, "SECRET_KEY": "", "TURNOUT_POOL": "0"}) == [
        "SECRET_KEY is not set",
        "TURNOUT_POOL: Input should be greater than or equal to 1",
    ]


def test_secrets_are_newest_first() -> None:
    settings = read_settings({**GOOD, "SECRET_KEY": "n" * 32 + ", " + "o" * 32})
    assert settings.secrets == (b"n" * 32, b"o" * 32)


@pytest.mark.parametrize(
    ("base_url", "local"),
    [
        ("http://127.0.0.1:8000", True),
        ("http://localhost", True),
        ("http://[::1]:8000", True),
        ("https://192.168.1.20:8000", False),
        ("https://turnout.example", False),
        ("https://8.8.8.8", False),
    ],
)
def test_only_this_machine_is_local(base_url: str, local: bool) -> None:
    assert read_settings({**GOOD, "BASE_URL": base_url}).is_local is local
