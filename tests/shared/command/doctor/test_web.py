"""The doctor's look at the web tier from outside: its address, its certificate, its mailbox page."""

import socket
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine

from shared import clock
from shared.command import certificate
from shared.command.certificate import certificate_for
from shared.command.doctor import web
from shared.command.home import free_port, lan_address
from shared.config import Settings
from tests.support.doctor import faults, make_installation
from tests.support.stand_in_web import ALIVE, TURNOUT, stand_in


def test_turnout_that_answers_has_no_fault(settings: Settings) -> None:
    with stand_in() as port:
        assert faults(web.answers, make_installation(settings, BASE_URL=f"http://127.0.0.1:{port}")) == []


def test_an_address_at_which_nothing_listens_is_a_fault(settings: Settings) -> None:
    port = free_port()
    assert faults(web.answers, make_installation(settings, BASE_URL=f"http://127.0.0.1:{port}")) == [
        f"http://127.0.0.1:{port} does not answer this machine (Connection refused): "
        f"start `turnout web`, since nothing answers at port {port} here either"
    ]


def test_a_server_that_says_nothing_is_a_fault(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "PATIENCE", 0.1)
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        port = silent.getsockname()[1]
        [fault] = faults(web.answers, make_installation(settings, BASE_URL=f"http://127.0.0.1:{port}"))
    assert fault.startswith(f"http://127.0.0.1:{port} does not answer this machine (timed out): ")


def test_a_name_that_leads_nowhere_is_a_fault_with_the_cause(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    installation = make_installation(settings, BASE_URL="http://events.invalid")
    with stand_in() as port:
        monkeypatch.setattr(web, "OURS", port)
        [fault] = faults(web.answers, installation)
    assert fault.startswith("http://events.invalid does not answer this machine (")
    assert fault.endswith(f"): correct its DNS record or the proxy, since `turnout web` answers at port {port} here")
    with stand_in({"/healthz": (200, "<h1>It works!")}) as port:
        monkeypatch.setattr(web, "OURS", port)
        [fault] = faults(web.answers, installation)
    assert fault.endswith(f": stop the other program at port {port}, or choose another with --port")


def test_another_program_at_the_port_is_a_fault(settings: Settings) -> None:
    with stand_in({"/healthz": (404, "not here")}) as port:
        address = f"http://127.0.0.1:{port}"
        assert faults(web.answers, make_installation(settings, BASE_URL=address)) == [
            f"another program answers at {address}: "
            f"stop the other program at port {port}, or choose another with --port"
        ]


def test_a_port_without_https_is_a_fault(settings: Settings) -> None:
    with stand_in() as port:
        address = f"https://127.0.0.1:{port}"
        assert faults(web.certificate, make_installation(settings, BASE_URL=address))[0].startswith(
            "127.0.0.1 does not speak https ("
        )


def test_a_proxy_that_is_not_declared_or_hides_the_name_is_a_fault(settings: Settings) -> None:
    with stand_in(server="nginx") as port:
        address = f"http://127.0.0.1:{port}"
        assert faults(web.answers, make_installation(settings, BASE_URL=address)) == [
            "a proxy (nginx) stands in front, so all visitors share one rate limit: set TURNOUT_TRUSTED_PROXIES=1"
        ]
        assert faults(web.answers, make_installation(settings, BASE_URL=address, TURNOUT_TRUSTED_PROXIES="1")) == []
    with stand_in({"/healthz": ALIVE, "/": (421, "")}) as port:
        address = f"http://127.0.0.1:{port}"
        assert faults(web.answers, make_installation(settings, BASE_URL=address)) == [
            f"the proxy at {address} hides the requested name: let it pass `Host` on"
        ]


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with a certificate of 127.0.0.1 that this process trusts."""
    certificate_for(tmp_path, "127.0.0.1")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
    return tmp_path


def test_a_good_certificate_has_no_fault(settings: Settings, trusted: Path) -> None:
    with stand_in(TURNOUT, certificate=trusted) as port:
        installation = make_installation(settings, BASE_URL=f"https://127.0.0.1:{port}")
        assert [*faults(web.answers, installation), *faults(web.certificate, installation)] == []
        # Of a clock that is ahead: the certificate still lives for browsers here.
        with time_machine.travel(clock.now() + certificate.LIFE - timedelta(days=3)):
            [fault] = faults(web.certificate, installation)
    assert fault.startswith("the certificate of 127.0.0.1 ends on 20")
    assert fault.endswith(": renew it, and find out why nothing did")


def test_a_certificate_that_has_ended_is_a_fault(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with time_machine.travel(clock.now() - certificate.LIFE - timedelta(days=3)):
        certificate_for(tmp_path, "127.0.0.1")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
    with stand_in(certificate=tmp_path) as port:
        installation = make_installation(settings, BASE_URL=f"https://127.0.0.1:{port}")
        assert faults(web.certificate, installation) == [
            "browsers refuse the certificate of 127.0.0.1 (certificate has expired): renew it"
        ]
        assert faults(web.answers, installation) == []


def test_a_certificate_of_another_name_or_of_no_authority_is_a_fault(
    settings: Settings, trusted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with stand_in(certificate=trusted, host="0.0.0.0") as port:
        [fault] = faults(web.certificate, make_installation(settings, BASE_URL=f"https://127.0.0.2:{port}"))
        assert "IP address mismatch" in fault
        monkeypatch.delenv("SSL_CERT_FILE")
        installation = make_installation(settings, BASE_URL=f"https://127.0.0.1:{port}")
        assert faults(web.certificate, installation) == [
            "browsers refuse the certificate of 127.0.0.1 (self-signed certificate): renew it"
        ]
        # `turnout up --lan` made it itself, and browsers warn once.
        installation = make_installation(settings, trusted, BASE_URL=f"https://127.0.0.1:{port}")
        assert [*faults(web.answers, installation), *faults(web.certificate, installation)] == []


def test_a_mailbox_that_is_open_to_the_network_is_a_fault(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with stand_in({"/mailbox/": (200, "all emails")}, host="0.0.0.0") as port:
        installation = make_installation(
            settings, tmp_path, TURNOUT_MAILBOX=str(tmp_path), BASE_URL=f"http://127.0.0.1:{port}"
        )
        monkeypatch.setattr(web, "lan_address", _address_of_the_network)
        assert faults(web.mailbox, installation) == [
            "everyone in this network reads all emails at /mailbox/: unset TURNOUT_MAILBOX, or listen on 127.0.0.1 only"
        ]
    with stand_in({"/mailbox/": (200, "all emails")}) as port:
        installation = make_installation(
            settings, tmp_path, TURNOUT_MAILBOX=str(tmp_path), BASE_URL=f"http://127.0.0.1:{port}"
        )
        assert faults(web.mailbox, installation) == []


def _address_of_the_network() -> str:
    """Return this machine's address in its network, or one that only the first server listens at where it has none."""
    try:
        return lan_address()
    except Exception:
        return "127.0.0.3"
