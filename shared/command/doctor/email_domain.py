"""Checks of the sender's domain by DNS: what receivers look up before they believe an email.

SPF is RFC 7208, DKIM RFC 6376, DMARC RFC 7489.
"""

from collections.abc import Iterator
from email.utils import parseaddr

import dns.exception
import dns.resolver
from dns.rdatatype import MX, TXT
from email_validator import EmailNotValidError, validate_email

from shared.command.doctor.examination import Fault, Installation

PATIENCE = 5
SELECTORS = (
    *("default", "mail", "dkim", "email", "smtp", "mx", "key1", "s1", "s2", "k1", "k2", "k3"),
    *("google", "selector1", "selector2", "fm1", "zoho", "brevo1", "brevo2", "mailjet", "mandrill", "pm"),
)
"""Names of DKIM keys that email servers and providers use unless told otherwise."""


def exists(installation: Installation) -> Iterator[Fault]:
    """Find a domain that does not exist or takes no emails, so that no answer reaches the sender."""
    domain = parseaddr(installation.settings.mail_from)[1].rpartition("@")[2]
    try:
        servers = dns.resolver.resolve(_domain(installation), MX, lifetime=PATIENCE)
    except EmailNotValidError:
        yield Fault(f"MAIL_FROM ends in @{domain}, which is no domain", "name an address of your own domain")
    except dns.resolver.NXDOMAIN:
        yield Fault(f"the domain {domain} does not exist, so email servers refuse its emails", "correct MAIL_FROM")
    except dns.resolver.NoAnswer:
        yield Fault(f"{domain} has no MX record, so no one can answer an email", "add one, or correct MAIL_FROM")
    except dns.exception.DNSException as error:
        yield Fault(f"the name server does not answer ({type(error).__name__})", "correct this machine's resolv.conf")
    else:
        if any(str(server.exchange) == "." for server in servers):  # RFC 7505
            yield Fault(f"the MX record of {domain} says that it takes no emails", "let MAIL_FROM name another domain")


def spf(installation: Installation) -> Iterator[Fault]:
    """Find a domain that does not say which servers send its emails."""
    domain = _domain(installation)
    records = [text for text in _texts(domain) if text.lower().split()[:1] == ["v=spf1"]]
    if not records:
        act = "add the TXT record v=spf1 ... -all, which names your email server as its provider says"
        yield Fault(f"{domain} has no SPF record", act)
    elif len(records) > 1:
        yield Fault(f"{domain} has {len(records)} SPF records, which is as bad as none", "make one of them")
    elif not _refuses_others(records[0]):
        yield Fault(f"the SPF record of {domain} lets everyone send", "end it with -all or ~all")


def _refuses_others(record: str) -> bool:
    terms = record.lower().split()
    return any(term in {"-all", "~all"} or term.startswith("redirect=") for term in terms)


def dkim(installation: Installation) -> Iterator[Fault]:
    """Find a domain without a key that signs its emails.

    Keys cannot be listed, so the usual names are tried unless the operator gives one. A key of another name shows in
    that there is anything at all below _domainkey (RFC 8020).
    """
    parent = f"_domainkey.{_domain(installation)}"
    names = (installation.selector,) if installation.selector else SELECTORS
    texts = [text for name in names for text in _texts(f"{name}.{parent}")]
    keys = [key for text in texts if (key := _tags(text).get("p")) is not None]
    if any(keys):
        return
    if keys:
        yield Fault(f"the DKIM key of {_domain(installation)} is revoked", "add the record of the present one")
    elif installation.selector or not _is_name(parent):
        where = f"{installation.selector or '<name>'}.{parent}"
        yield Fault(f"there is no DKIM key at {where}", "turn on DKIM at the email server, and add its record")


def dmarc(installation: Installation) -> Iterator[Fault]:
    """Find a domain that does not say what to do with forged emails; a parent's record counts."""
    domain = _domain(installation)
    labels = domain.split(".")
    parents = (".".join(labels[number:]) for number in range(max(1, len(labels) - 1)))
    for parent in parents:
        records = [text for text in _texts(f"_dmarc.{parent}") if _tags(text).get("v") == "DMARC1"]
        if records:
            yield from _dmarc_faults(parent, records)
            return
    yield Fault(f"{domain} has no DMARC record", f"add the TXT record v=DMARC1; p=none at _dmarc.{domain}")


def _dmarc_faults(domain: str, records: list[str]) -> Iterator[Fault]:
    if len(records) > 1:
        yield Fault(f"{domain} has {len(records)} DMARC records, which is as bad as none", "keep one of them")
    elif _tags(records[0]).get("p") not in {"none", "quarantine", "reject"}:
        yield Fault(f"the DMARC record of {domain} has no valid p=", "add p=none, p=quarantine or p=reject to it")


def _domain(installation: Installation) -> str:
    sender = parseaddr(installation.settings.mail_from)[1]
    return validate_email(sender, check_deliverability=False, test_environment=True).ascii_domain


def _texts(name: str) -> list[str]:
    """Return the TXT records of a name; none where it does not exist."""
    try:
        answer = dns.resolver.resolve(name, TXT, lifetime=PATIENCE)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    return [b"".join(record.strings).decode(errors="replace") for record in answer]


def _is_name(name: str) -> bool:
    """Return whether there is anything at a name, or below it."""
    try:
        dns.resolver.resolve(name, TXT, lifetime=PATIENCE, raise_on_no_answer=False)
    except dns.resolver.NXDOMAIN:
        return False
    return True


def _tags(record: str) -> dict[str, str]:
    """Return the tags of a DKIM or DMARC record: `v=DMARC1; p=none`."""
    pairs = (tag.partition("=") for tag in record.split(";"))
    return {name.strip().lower(): value.strip() for name, _, value in pairs}
