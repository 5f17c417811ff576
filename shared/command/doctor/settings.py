"""Checks of the settings, by themselves: wrong ones, and right ones that are no good for the public."""

from collections.abc import Iterator
from difflib import get_close_matches
from email.utils import parseaddr
from urllib.parse import urlsplit

from shared.command.doctor.examination import Fault, Installation
from shared.command.orphans import MARK
from shared.config import Settings, wrong_settings

REQUIRED = {
    "SECRET_KEY": "set it to the output of `openssl rand -base64 48`, and keep it",
    "DATABASE_URL": "set it to postgresql://user:password@host/name",
    "REDIS_URL": "set it to redis://host:6379/0",
    "SMTP_URL": "set it to smtp://user:password@host:587?starttls=1",
    "MAIL_FROM": "set it to the sender, as in Events <events@example.org>",
    "BASE_URL": "set it to what people open, as in https://events.example.org",
}
OTHERS = "see the table of settings in docs/operating.md"
KNOWN = {name.upper() for name in Settings.model_fields}
FEWEST_LETTERS = 9
"""Different ones in a secret. Of 32 random hex digits, fewer are one in 370,000."""
COLLECTORS = ("mailpit", "mailhog", "mailcatcher")
"""Names of programs that collect emails and send none."""


def variables(installation: Installation) -> Iterator[Fault]:
    """Find settings that are missing or wrong, and variables that are almost the name of one."""
    for line in wrong_settings(installation.environment):
        yield Fault(line, REQUIRED.get(line.partition(" ")[0].rstrip(":"), OTHERS))
    for name in sorted(installation.environment):
        if name.startswith("TURNOUT_") and name not in KNOWN | {MARK}:
            yield from _misspelt(name)


def _misspelt(name: str) -> Iterator[Fault]:
    for meant in get_close_matches(name, KNOWN, n=1, cutoff=0.85):
        yield Fault(f"{name} is no setting", f"write {meant}")


def secret(installation: Installation) -> Iterator[Fault]:
    """Find a secret that can be guessed."""
    for key in installation.settings.secrets:
        if len(set(key)) < FEWEST_LETTERS:
            yield Fault(f"SECRET_KEY can be guessed, it has {len(set(key))} different letters", REQUIRED["SECRET_KEY"])


def public(installation: Installation) -> Iterator[Fault]:
    """Find settings that are for one machine, on an installation that is for others."""
    if installation.is_trial:
        return
    settings = installation.settings
    if settings.is_local:
        yield Fault(f"BASE_URL is {settings.base_url}, which only this machine opens", REQUIRED["BASE_URL"])
    elif settings.base_url.startswith("http:"):
        wrong = "BASE_URL is http, and phones give the camera to https only"
        yield Fault(wrong, "put a proxy with TLS in front, and write https")
    if settings.turnout_mailbox:
        yield Fault("TURNOUT_MAILBOX is set, which is for `turnout up`", "unset it")
    if settings.turnout_rate_limits == "off":
        yield Fault("TURNOUT_RATE_LIMITS is off, so programs guess passwords and flood mailboxes", "set it to on")
    if settings.turnout_log_level == "debug":
        yield Fault("TURNOUT_LOG_LEVEL is debug, which writes 170,000 more lines a day", "set it to info")


def sender(installation: Installation) -> Iterator[Fault]:
    """Find a sender or an email server that is for trying out."""
    if installation.is_trial:
        return
    domain = parseaddr(installation.settings.mail_from)[1].rpartition("@")[2]
    if "." not in domain:
        yield Fault(f"MAIL_FROM ends in @{domain}, which email servers refuse", REQUIRED["MAIL_FROM"])
    host = urlsplit(installation.settings.smtp_url).hostname
    if host in COLLECTORS:
        yield Fault(f"SMTP_URL names {host}, which collects emails and sends none", "name your email server")
