"""Every check, in the order in which an operator mends what they find: settings, then what they name."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from dns.exception import DNSException
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from shared.command.doctor import database, email_domain, email_server, files, redis, settings, tables, web
from shared.command.doctor.examination import Check, Fault, Installation
from shared.command.processes import CannotStart

WITH_SETTINGS = ("settings",)
WITH_DATABASE = ("settings", "database")
WITH_TABLES = ("settings", "database", "tables")
WITH_REDIS = ("settings", "Redis")
WITH_DOMAIN = ("settings", "sender's domain")

CHECKS = (
    Check("settings", settings.variables),
    Check("secret", settings.secret, WITH_SETTINGS),
    Check("public settings", settings.public, WITH_SETTINGS),
    Check("sender", settings.sender, WITH_SETTINGS),
    Check("database", database.answers, WITH_SETTINGS),
    Check("pooler", database.pooler, WITH_DATABASE),
    Check("PostgreSQL's version", database.version, WITH_DATABASE),
    Check("durability", database.durability, WITH_DATABASE),
    Check("transactions", database.transactions, WITH_DATABASE),
    Check("connections", database.connections, WITH_DATABASE),
    Check("PostgreSQL's log", database.log, WITH_DATABASE),
    Check("tables", tables.version, WITH_DATABASE),
    Check("keys", tables.keys, WITH_TABLES),
    Check("clock", tables.clocks, WITH_DATABASE),
    Check("Redis", redis.answers, WITH_SETTINGS),
    Check("Redis writes", redis.writes, WITH_REDIS),
    Check("Redis memory", redis.memory, WITH_REDIS),
    Check("Redis disk", redis.persistence, WITH_REDIS),
    Check("scheduler", tables.scheduler, WITH_TABLES),
    Check("worker", tables.worker, WITH_TABLES),
    Check("emails", tables.emails, (*WITH_TABLES, "worker")),
    Check("email server", email_server.answers, WITH_SETTINGS),
    Check("disk", files.disk),
    Check("PostgreSQL's disk", files.database_disk, WITH_DATABASE),
    Check("scanner", files.scanner),
    Check("web", web.answers, WITH_SETTINGS),
    Check("certificate", web.certificate, WITH_SETTINGS),
    Check("mailbox", web.mailbox, WITH_SETTINGS),
)
OF_DOMAIN = (
    Check("sender's domain", email_domain.exists, WITH_SETTINGS),
    Check("SPF", email_domain.spf, WITH_DOMAIN),
    Check("DKIM", email_domain.dkim, WITH_DOMAIN),
    Check("DMARC", email_domain.dmarc, WITH_DOMAIN),
)


@dataclass(frozen=True)
class Outcome:
    """The faults that a check found; or the check that has to be well before it, or the error that ended it."""

    name: str
    faults: list[Fault] = field(default_factory=list)
    needs: str = ""
    error: str = ""

    @property
    def is_well(self) -> bool:
        """Return whether the check was made and found nothing."""
        return not (self.faults or self.needs or self.error)


def examine(installation: Installation, checks: Iterable[Check]) -> Iterator[Outcome]:
    """Make each check whose needs are met, and return what it found."""
    unwell: set[str] = set()
    for check in checks:
        outcome = _make(installation, check, unwell)
        if not outcome.is_well:
            unwell.add(check.name)
        yield outcome


def _make(installation: Installation, check: Check, unwell: set[str]) -> Outcome:
    if missing := [name for name in check.needs if name in unwell]:
        return Outcome(check.name, needs=missing[0])
    try:
        return Outcome(check.name, list(check.find(installation)))
    except (CannotStart, SQLAlchemyError, RedisError, DNSException, OSError, UnicodeError) as error:
        # What was there a moment ago is gone, or our user may not look.
        return Outcome(check.name, error=str(error).partition("\n")[0])
