"""Redis over TLS: web and worker verify its certificate, and use none that they cannot."""

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from kombu import Connection
from kombu.exceptions import OperationalError

from shared.command.certificate import certificate_for
from shared.config import Settings
from tests.factories import SECRET
from tests.support.tls import tls_before
from web.limits import Limiter
from worker.configuration import broker_url

AT_ONCE = {"max_retries": 1, "interval_start": 0, "interval_step": 0}


def of_web(url: str) -> bool:
    return Limiter(url, SECRET).is_connected()


def of_worker(url: str) -> bool:
    with Connection(broker_url(url), transport_options=AT_ONCE) as connection:
        try:
            return connection.default_channel is not None
        except OperationalError:
            return False


@pytest.fixture
def redis(settings: Settings, tmp_path: Path) -> Iterator[str]:
    """Return the address of a Redis over TLS, whose certificate is of 127.0.0.1 and of no public authority."""
    certificate_for(tmp_path, "127.0.0.1")
    path = unquote(urlsplit(settings.redis_url).path)
    with tls_before(path, tmp_path / "certificate.pem", tmp_path / "key.pem") as port:
        yield f"rediss://127.0.0.1:{port}/0"


@pytest.mark.parametrize("connects", [of_web, of_worker])
def test_an_own_authority_is_named_in_the_address(redis: str, tmp_path: Path, connects: Callable[[str], bool]) -> None:
    assert connects(f"{redis}?ssl_ca_certs={tmp_path / 'certificate.pem'}")


@pytest.mark.parametrize("connects", [of_web, of_worker])
def test_a_certificate_that_no_one_vouches_for_is_refused(redis: str, connects: Callable[[str], bool]) -> None:
    assert not connects(redis)


@pytest.mark.parametrize("connects", [of_web, of_worker])
def test_a_certificate_of_another_name_is_refused(redis: str, tmp_path: Path, connects: Callable[[str], bool]) -> None:
    other = redis.replace("127.0.0.1", "127.0.0.2")
    assert not connects(f"{other}?ssl_ca_certs={tmp_path / 'certificate.pem'}")
