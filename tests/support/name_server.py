"""A name server of the tests' own, on a real socket: it answers from a table, and all other names do not exist."""

import contextlib
import socketserver
import threading
from collections.abc import Iterator

import dns.flags
import dns.message
import dns.rcode
import dns.resolver
import dns.rrset
import pytest

Records = dict[tuple[str, str], list[str]]
"""What stands at a name, by its type: {("example.org", "MX"): ["10 mail.example.org."]}."""


@contextlib.contextmanager
def name_server(records: Records, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Answer the lookups of this process until the block ends."""

    class Lookup(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            question, socket = self.request
            socket.sendto(_answer(question, records), self.client_address)

    with socketserver.UDPServer(("127.0.0.1", 0), Lookup) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], server.server_address[1]
        monkeypatch.setattr(dns.resolver, "default_resolver", resolver)
        yield
        server.shutdown()
        thread.join()


def _answer(question: bytes, records: Records) -> bytes:
    query = dns.message.from_wire(question)
    [asked] = query.question
    name, kind = asked.name.to_text(omit_final_dot=True), dns.rdatatype.to_text(asked.rdtype)
    answer = dns.message.make_response(query, recursion_available=True)
    if values := records.get((name, kind)):
        answer.answer.append(dns.rrset.from_text(asked.name, 60, "IN", kind, *values))
    elif not any(each == name or each.endswith(f".{name}") for each, _ in records):
        answer.set_rcode(dns.rcode.NXDOMAIN)
    return answer.to_wire()
