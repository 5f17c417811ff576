"""The doctor's lookups of the sender's domain, at a name server of the tests' own."""

import pytest

from shared.command.doctor import email_domain
from shared.config import Settings
from tests.support.doctor import faults, make_installation
from tests.support.name_server import Records, name_server

GOOD: dict[tuple[str, str], list[str]] = {
    ("example.org", "MX"): ["10 mail.example.org."],
    ("example.org", "TXT"): ['"google-site-verification=x"', '"v=spf1 a:mail.example.org " "-all"'],
    ("mail._domainkey.example.org", "TXT"): ['"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="'],
    ("_dmarc.example.org", "TXT"): ['"v=DMARC1; p=none; rua=mailto:dmarc@example.org"'],
}
SPF, DMARC = ("example.org", "TXT"), ("_dmarc.example.org", "TXT")
OF_KEY = ("mail._domainkey.example.org", "TXT")
OTHERS = (email_domain.spf, email_domain.dkim, email_domain.dmarc)


@pytest.fixture
def said(settings: Settings, monkeypatch: pytest.MonkeyPatch):
    """Return a function that says what is wrong with the domain of a sender."""

    def ask(records: Records, sender: str = "turnout@example.org", selector: str = "") -> list[str]:
        installation = make_installation(settings, selector=selector, MAIL_FROM=f"Events <{sender}>")
        with name_server(records, monkeypatch):
            return faults(email_domain.exists, installation) or [
                line for check in OTHERS for line in faults(check, installation)
            ]

    return ask


def moved(domain: str) -> Records:
    """Return the good records as those of another domain."""
    return {(name.replace("example.org", domain), kind): values for (name, kind), values in GOOD.items()}


def without(*keys: tuple[str, str]) -> Records:
    """Return the good records without some."""
    return {key: values for key, values in GOOD.items() if key not in keys}


def test_a_domain_with_all_three_has_no_fault(said) -> None:
    assert said(GOOD) == []
    assert said(GOOD, selector="mail") == []
    assert said(moved("xn--e1aybc.example"), "turnout@тест.example") == []


@pytest.mark.parametrize(
    ("records", "line"),
    [
        (
            without(SPF),
            "example.org has no SPF record: add the TXT record v=spf1 ... -all, which",
        ),
        (GOOD | {SPF: ['"v=spf1 -all"', '"v=spf1 mx -all"']}, "example.org has 2 SPF records, which is as bad as none"),
        (GOOD | {SPF: ['"v=spf1 mx +all"']}, "the SPF record of example.org lets everyone send: end it with -all"),
        (without(OF_KEY), "there is no DKIM key at <name>._domainkey.example.org: turn on DKIM at the email server"),
        (GOOD | {OF_KEY: ['"v=DKIM1; p="']}, "the DKIM key of example.org is revoked"),
        (without(DMARC), "example.org has no DMARC record: add the TXT record v=DMARC1; p=none at _dmarc.example.org"),
        (GOOD | {DMARC: ['"v=DMARC1"']}, "the DMARC record of example.org has no valid p="),
        (GOOD | {DMARC: [*GOOD[DMARC], '"v=DMARC1; p=reject"']}, "example.org has 2 DMARC records"),
        (without(("example.org", "MX")), "example.org has no MX record"),
        (GOOD | {("example.org", "MX"): ["0 ."]}, "the MX record of example.org says that it takes no emails"),
    ],
)
def test_what_is_missing_is_named(said, records: Records, line: str) -> None:
    [fault] = said(records)
    assert fault.startswith(line)


def test_a_domain_that_does_not_exist_is_a_fault(said) -> None:
    assert said({}, "turnout@example.net") == [
        "the domain example.net does not exist, so email servers refuse its emails: correct MAIL_FROM"
    ]
    assert said(GOOD, "turnout@localhost") == [
        "MAIL_FROM ends in @localhost, which is no domain: name an address of your own domain"
    ]


def test_a_key_of_another_name_counts_unless_one_is_named(said) -> None:
    records = without(OF_KEY) | {("2026._domainkey.example.org", "TXT"): GOOD[OF_KEY]}
    assert said(records) == said(records, selector="2026") == []
    [fault] = said(records, selector="mail")
    assert fault.startswith("there is no DKIM key at mail._domainkey.example.org")


def test_the_dmarc_record_of_a_parent_counts(said) -> None:
    records = {key: values for key, values in moved("news.example.org").items() if "_dmarc" not in key[0]}
    [fault] = said(records, "turnout@news.example.org")
    assert fault.startswith("news.example.org has no DMARC record")
    assert said({**records, DMARC: GOOD[DMARC]}, "turnout@news.example.org") == []
