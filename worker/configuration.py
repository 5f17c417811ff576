"""What worker and scheduler have in common: settings, Celery's configuration, the log.

It names tasks and imports none, since the scheduler needs neither them nor the models that they import: half of its
memory.
"""

import logging
import sys
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from celery.signals import setup_logging

from shared import logs
from shared.config import Settings, read_settings
from shared.errors import SettingsError
from worker.schedule import beat_schedule


@cache
def settings() -> Settings:
    """Return the settings of this process; print one line on stderr and exit with status 2 when they are wrong."""
    try:
        return read_settings()
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)


def broker_url(redis_url: str) -> str:
    """Return the Redis address in Celery's spelling, which has one of its own for sockets: unix:///path?db=1.

    Over TLS, Celery alone would believe any certificate.
    """
    url = urlsplit(redis_url)
    options = parse_qs(url.query)
    if url.scheme == "rediss":
        query = urlencode({"ssl_cert_reqs": ["required"], **options}, doseq=True)
        return url._replace(query=query).geturl()
    if url.scheme != "unix":
        return redis_url
    database = options.get("db", ["0"])[0]
    return f"redis+socket://{url.netloc}{url.path}?virtual_host={database}"


def configuration() -> dict[str, Any]:
    """Return Celery's settings; read when first needed, so that importing a task needs no environment."""
    return {
        "broker_url": broker_url(settings().redis_url),
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,  # without limit: Redis may be away for a night
        "broker_transport_options": {
            # Short, so that a Redis that vanished silently is noticed; longer than its blocking read of 1 s.
            "socket_timeout": 5,
            "socket_connect_timeout": 2,
            "socket_keepalive": True,
            "health_check_interval": 10,
            # No unacknowledged tick is worth redelivering: by then it has expired.
            "visibility_timeout": 300,
        },
        "beat_schedule": beat_schedule(),
        "enable_utc": True,
        "timezone": "UTC",
        "task_ignore_result": True,
        "task_acks_late": False,
        "task_default_queue": "turnout",
        # 20 s of emails and at most one more, whose deadlines are 30 s of database and 60 s of SMTP.
        "task_soft_time_limit": 112,
        "task_time_limit": 118,
        "worker_concurrency": 4,
        # A tick is fetched once a process is free, by the number of running ticks, not of unacknowledged ones. While
        # Redis is away, Celery only logs that it cannot acknowledge, would count such a tick forever, and soon fetch
        # none.
        "worker_disable_prefetch": True,
        "worker_prefetch_multiplier": 0,
        # Nothing is acknowledged late, so this cancels nothing; unset, each reconnection warns about its default.
        "worker_cancel_long_running_tasks_on_connection_loss": True,
        "worker_enable_remote_control": False,
        "worker_redirect_stdouts": False,
    }


@setup_logging.connect
def _log_json(**_: object) -> None:
    logs.configure(settings())
    if settings().turnout_log_level != "debug":
        # Two useless lines for every ring of the doorbell, 170,000 a day.
        for name in ("celery.beat", "celery.worker.strategy", "celery.app.trace"):
            logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("celery.beat").addFilter(_keep_first_line)


def _keep_first_line(record: logging.LogRecord) -> bool:
    # While Redis is away, the scheduler adds 10 kB of its own stack to each tick that it cannot send.
    record.msg, record.args, record.exc_info = record.getMessage().partition("\n")[0], (), None
    return True
