"""Settings: read once from the environment; a wrong one prevents the start with a single line."""

import os
from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated
from urllib.parse import SplitResult, parse_qs, urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator

from shared.errors import SettingsError

LANGUAGES = ("en", "ru", "tg")
# psycopg takes these as values of Python, and fails on text at the first statement.
_OF_PYTHON = {"cursor_factory", "prepare_threshold", "row_factory"}


def _postgresql(url: str) -> str:
    scheme, _, rest = url.partition("://")
    if scheme not in {"postgresql", "postgres", "postgresql+psycopg"} or not rest:
        raise ValueError("must start with postgresql://")
    if unfit := _OF_PYTHON & parse_qs(_split(url).query).keys():
        raise ValueError(f"{min(unfit)} cannot be set in an address")
    return f"postgresql+psycopg://{rest}"


def _redis(url: str) -> str:
    if _split(url).scheme not in {"redis", "rediss", "unix"}:
        raise ValueError("must start with redis://, rediss:// or unix://")
    return url


def _smtp(url: str) -> str:
    parts = _split(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ValueError("must look like smtp://user:pass@host:587?starttls=1")
    return url


def _base(url: str) -> str:
    parts = _split(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError("must be scheme, host and optional port, without a path")
    return f"{parts.scheme}://{parts.netloc}"


def _split(url: str) -> SplitResult:
    """Split an address; raise ValueError for one whose host or port cannot be read."""
    with suppress(ValueError):  # whose own words repeat a part of the address, which may be one of the password
        parts = urlsplit(url)
        if parts.port != 0:
            return parts
    raise ValueError("host or port cannot be read; in a password write / ? # @ as %2F %3F %23 %40")


class Settings(BaseModel):
    """Every setting of the environment. Field names are the variables' names in lower case."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    database_url: Annotated[str, AfterValidator(_postgresql)]
    redis_url: Annotated[str, AfterValidator(_redis)]
    smtp_url: Annotated[str, AfterValidator(_smtp)]
    mail_from: Annotated[str, Field(pattern=r"^[^\r\n]*[^@\s<]+@[^@\s>]+>?$")]
    secret_key: Annotated[str, Field(description="several allowed, newest first, separated by commas")]
    base_url: Annotated[str, AfterValidator(_base)]
    turnout_mailbox: Path | None = None
    turnout_demo: bool = False
    turnout_trusted_proxies: Annotated[int, Field(ge=0, le=9)] = 0
    turnout_front: Annotated[bool, Field(description="set by `turnout web`, whose front is one proxy more")] = False
    turnout_rate_limits: Annotated[str, Field(pattern="^(on|off)$")] = "on"
    turnout_alive: Annotated[Path | None, Field(description="a socket; set by `turnout web`")] = None
    turnout_processes: Annotated[int, Field(ge=1, le=100, description="of the web tier; set by `turnout web`")] = 2
    prometheus_multiproc_dir: Annotated[Path | None, Field(description="set by `turnout web`")] = None
    turnout_metrics_token: Annotated[
        str, Field(pattern="^(.{16,})?$", description="opens /metrics to other machines")
    ] = ""
    turnout_log_level: Annotated[str, Field(pattern="^(debug|info|warning|error)$")] = "info"
    turnout_pool: Annotated[int, Field(ge=1, le=100, description="database connections of one process")] = 8
    turnout_pgbouncer: Annotated[str, Field(pattern="^(on|off)$", description="DATABASE_URL is PgBouncer's")] = "off"

    @field_validator("secret_key")
    @classmethod
    def _long_enough(cls, value: str) -> str:
        if any(len(key.strip()) < 32 for key in value.split(",")):
            raise ValueError("each key must have at least 32 characters")
        return value

    @cached_property
    def secrets(self) -> tuple[bytes, ...]:
        """Return the secrets, newest first: the first signs, all verify."""
        return tuple(key.strip().encode() for key in self.secret_key.split(","))

    @property
    def postgresql_url(self) -> str:
        """Return the database's address as PostgreSQL itself spells it."""
        return self.database_url.replace("+psycopg", "", 1)

    @property
    def is_local(self) -> bool:
        """Return whether only this machine reaches the installation: there demo sign-in and mailbox page exist."""
        return is_loopback(urlsplit(self.base_url).hostname or "")


def is_loopback(host: str) -> bool:
    """Return whether a name or address is this machine's own."""
    if host == "localhost":
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from the environment.

    Raises SettingsError with one line that names the first variable that is missing or wrong.
    """
    try:
        return _validate(os.environ if environment is None else environment)
    except ValidationError as error:
        raise SettingsError(_lines(error)[0]) from None


def wrong_settings(environment: Mapping[str, str]) -> list[str]:
    """Return a line for each variable that is missing or wrong."""
    try:
        _validate(environment)
    except ValidationError as error:
        return _lines(error)
    return []


def _validate(environment: Mapping[str, str]) -> Settings:
    values = {name: environment[name.upper()] for name in Settings.model_fields if environment.get(name.upper())}
    return Settings.model_validate(values)


def _lines(error: ValidationError) -> list[str]:
    return [_line(str(each["loc"][0]).upper(), each["type"], each["msg"]) for each in error.errors()]


def _line(name: str, kind: str, message: str) -> str:
    return f"{name} is not set" if kind == "missing" else f"{name}: {message.removeprefix('Value error, ')}"
